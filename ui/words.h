/* Values as people read them: counts with separators, spans, times of day, the fields of records. */
#ifndef UI_WORDS_H
#define UI_WORDS_H

#include "base/text.h"
#include "record/record.h"

/* "1,234,567" */
void words_count(struct text *out, uint64_t count);

/* "1 call", "2 calls": with the plural's own word. */
void words_counted(struct text *out, uint64_t count, const char *one, const char *many);

/* "312 ms", "4.2 s", "2:05", "1:02:05"; "-" for CLOCK_NONE. */
void words_span(struct text *out, int64_t ns);

/* "12:00:01.200", UTC. */
void words_time_of_day(struct text *out, int64_t time_ns);

void words_endpoint(struct text *out, const struct endpoint *endpoint);

/* "2 E 1 W": errors, warnings and infos that there are; nothing where there are none. */
void words_findings(struct text *out, const uint64_t findings[SEVERITY_COUNT]);

/* The field's value as --list-fields means it; writes nothing where it is absent, or a list of records. */
void words_field(struct text *out, const struct field *field, const void *record);

#endif
