/* The checks that look at a message, by what it is. Private to rules/. */
#ifndef RULES_CHECK_PLAN_H
#define RULES_CHECK_PLAN_H

struct check_plans;
struct checking;

/* All kinds' plans, to be freed with free(); NULL without memory. */
struct check_plans *check_plans_new(void);

/* Runs the checks that are for messages of checking->when, in the order of their files' tables. */
void check_plans_run(struct check_plans *plans, struct checking *checking);

#endif
