/* Which checks look at a message. A capture has few kinds of messages: the rows that are for one are picked out when the first such
   message comes, and kept. */
#include "rules/check_plan.h"

#include <stdlib.h>
#include <string.h>

#include "rules/checking.h"

enum { PLANS_MAX = 100, ROWS_MAX = 96 }; /* 40 kinds are seen in captures with all sorts of traffic */

struct check_plan {
    unsigned count;
    void (*looks[ROWS_MAX])(struct checking *checking);
};

struct check_plans {
    uint8_t kinds[WHEN_ALL + 1]; /* by what a message is: the number of its plan, from 1; 0: none yet */
    unsigned count;
    struct check_plan plans[PLANS_MAX];
};

static const struct check_list *const lists[] = {&address_checks, &method_checks, &header_checks, &number_checks,
                                                 &size_checks,    &digest_checks, &sdp_checks,    &crypto_checks};

struct check_plans *check_plans_new(void)
{
    size_t rows = 0;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        rows += lists[i]->count;
    return rows > ROWS_MAX ? NULL : calloc(1, sizeof(struct check_plans)); /* none is ever left out */
}

static void plan_make(struct check_plans *plans, unsigned when)
{
    if (plans->count == PLANS_MAX) {
        memset(plans->kinds, 0, sizeof plans->kinds);
        plans->count = 0;
    }
    struct check_plan *plan = &plans->plans[plans->count++];
    plans->kinds[when] = (uint8_t)plans->count;
    plan->count = 0;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (size_t k = 0; k < lists[i]->count; k++)
            if ((lists[i]->rows[k].when & ~when) == 0)
                plan->looks[plan->count++] = lists[i]->rows[k].look;
}

void check_plans_run(struct check_plans *plans, struct checking *checking)
{
    if (plans->kinds[checking->when] == 0)
        plan_make(plans, checking->when);
    const struct check_plan *plan = &plans->plans[plans->kinds[checking->when] - 1];
    for (unsigned i = 0; i < plan->count; i++)
        plan->looks[i](checking);
}
