/* Figures over all calls that are shown: states, methods, codes, times, quality. */
#ifndef UI_STATISTICS_H
#define UI_STATISTICS_H

#include "ui/call_store.h"
#include "ui/course.h"
#include "ui/text_view.h"

/* Sections of lines, and the calls' course over time; last_ns: see course_note. value is scratch. Time: a walk over all calls, and sorts
   of their times. */
void statistics_write(struct text_view *view, struct text *value, const struct call_store *store, int64_t last_ns, struct course *course);

#endif
