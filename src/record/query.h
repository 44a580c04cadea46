/* The query language of -w and of the filter bar: `state = rejected and (pdd_ms > 3000 or not answer)`, over call records. */
#ifndef RECORD_QUERY_H
#define RECORD_QUERY_H

#include "base/error.h"
#include "record/record.h"

/* Grammar: or-expr = and-expr {"or" and-expr}; and-expr = not-expr {"and" not-expr}; not-expr = ["not"] ( "(" or-expr ")" | test );
   test = field [ ("=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~") value ]. A bare field is true when it is present. A value is a
   word or a "quoted text"; ~ takes an extended regular expression, without case. Texts compare without case; a list or an
   endpoint matches when any of its parts does. A comparison with an absent field is false, whatever the operator. */
struct query;

/* NULL with a message that shows the place where the text is wrong. */
struct query *query_new(const char *text, struct error *error);
void query_free(struct query *query);

bool query_matches(const struct query *query, const struct call_record *call);

#endif
