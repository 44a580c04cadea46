/* Values as people read them: counts with separators, spans, times of day, the fields of records. */
#ifndef UI_WORDS_H
#define UI_WORDS_H

#include "base/text.h"
#include "record/record.h"
#include "ui/canvas.h"

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

/* "4.66%", "<0.01%", "0%". */
void words_percent(struct text *out, double percent);

/* "3.6" for 3.6 ms. */
void words_ms(struct text *out, int64_t ns);

/* How good a MOS is (G.107 annex B: from 4.03 on users are satisfied, below 3.6 many are not); text where there is none. */
enum role words_mos_role(double mos);

enum role words_severity_role(struct slice severity);

/* Of a verdict's code. */
enum role words_verdict_role(struct slice code);

/* The members of an object that are known, as "lq 3.28, r 63.2, model G.107". */
void words_members(struct text *out, const struct field_table *table, const void *object);

/* The field's value as --list-fields means it; writes nothing where it is absent, or a list of records. */
void words_field(struct text *out, const struct field *field, const void *record);

#endif
