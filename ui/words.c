/* Small formats that several screens share. */
#include "ui/words.h"

void words_count(struct text *out, uint64_t count)
{
    if (count >= 1000) {
        words_count(out, count / 1000);
        text_format(out, ",%03u", (unsigned)(count % 1000));
    } else {
        text_uint(out, count);
    }
}

void words_counted(struct text *out, uint64_t count, const char *one, const char *many)
{
    words_count(out, count);
    text_put(out, ' ');
    text_str(out, count == 1 ? one : many);
}

void words_span(struct text *out, int64_t ns)
{
    long long s = ns / NS_PER_SECOND;
    if (ns == CLOCK_NONE)
        text_put(out, '-');
    else if (ns < NS_PER_SECOND)
        text_format(out, "%lld ms", (long long)(ns / NS_PER_MS));
    else if (s < 60)
        text_format(out, "%lld.%lld s", s, (long long)(ns / (NS_PER_SECOND / 10) % 10));
    else if (s < 3600)
        text_format(out, "%lld:%02lld", s / 60, s % 60);
    else
        text_format(out, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
}

void words_time_of_day(struct text *out, int64_t time_ns)
{
    enum { TIME_AT = 11, TIME_LENGTH = 12 }; /* of 2026-01-31T12:00:01.200000Z */
    char iso[CLOCK_ISO_SIZE];
    if (time_ns == CLOCK_NONE || clock_format_iso(time_ns, iso) < TIME_AT + TIME_LENGTH)
        text_put(out, '-');
    else
        text_bytes(out, iso + TIME_AT, TIME_LENGTH);
}

void words_endpoint(struct text *out, const struct endpoint *endpoint)
{
    if (text_reserve(out, ENDPOINT_TEXT_SIZE))
        out->len += endpoint_format(endpoint, out->data + out->len);
}

void words_findings(struct text *out, const uint64_t findings[SEVERITY_COUNT])
{
    static const char letters[SEVERITY_COUNT] = {'E', 'W', 'I'};
    const char *mark = "";
    for (int i = 0; i < SEVERITY_COUNT; i++)
        if (findings[i] > 0) {
            text_format(out, "%s%llu%c", mark, (unsigned long long)findings[i], letters[i]);
            mark = " ";
        }
}

void words_percent(struct text *out, double percent)
{
    if (percent > 0 && percent < 0.01)
        text_str(out, "<0.01");
    else
        text_real(out, percent, percent < 10 ? 2 : 1);
    text_put(out, '%');
}

void words_ms(struct text *out, int64_t ns)
{
    text_real(out, (double)ns / (double)NS_PER_MS, 1);
}

enum role words_mos_role(double mos)
{
    return isnan(mos) ? ROLE_TEXT : mos >= 4.03 ? ROLE_GOOD : mos >= 3.6 ? ROLE_WARNING : ROLE_ERROR;
}

enum role words_severity_role(struct slice severity)
{
    return slice_is(severity, severity_names[SEVERITY_ERROR])     ? ROLE_ERROR
           : slice_is(severity, severity_names[SEVERITY_WARNING]) ? ROLE_WARNING
                                                                  : ROLE_TEXT;
}

enum role words_verdict_role(struct slice code)
{
    return slice_is(code, "ok")                                             ? ROLE_GOOD
           : slice_is(code, "partial") || slice_is(code, "no-response-yet") ? ROLE_DIM
                                                                            : ROLE_ERROR;
}

static void words_list(struct text *out, const struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            text_str(out, ", ");
        text_plain(out, list->items[i]);
    }
}

static void words_numbers(struct text *out, const struct number_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            text_str(out, ", ");
        text_uint(out, list->items[i]);
    }
}

static void words_states(struct text *out, const uint64_t *states)
{
    const char *mark = "";
    for (int i = 0; i < CALL_STATE_COUNT; i++)
        if (states[i] > 0) {
            text_str(out, mark);
            words_count(out, states[i]);
            text_put(out, ' ');
            text_str(out, call_state_names[i]);
            mark = ", ";
        }
}

static void words_time(struct text *out, int64_t time_ns)
{
    char iso[CLOCK_ISO_SIZE];
    if (time_ns == CLOCK_NONE)
        return;
    size_t length = clock_format_iso(time_ns, iso);
    iso[10] = ' '; /* of 2026-01-31T12:00:01.200000Z */
    text_bytes(out, iso, length - 1);
    text_str(out, " UTC");
}

/* The texts of an object, as "rejected: why". */
static void words_object(struct text *out, const struct field_table *table, const void *object)
{
    const char *mark = "";
    for (size_t i = 0; object != NULL && i < table->count; i++) {
        if (table->fields[i].kind != FIELD_TEXT)
            continue;
        text_str(out, mark);
        text_plain(out, *(const struct slice *)(const void *)((const char *)object + table->fields[i].offset));
        mark = ": ";
    }
}

void words_field(struct text *out, const struct field *field, const void *record)
{
    const void *member = (const char *)record + field->offset;
    switch (field->kind) {
    case FIELD_TEXT:
        text_plain(out, *(const struct slice *)member);
        break;
    case FIELD_NUMBER:
        if (*(const uint64_t *)member != NUMBER_NONE)
            text_uint(out, *(const uint64_t *)member);
        break;
    case FIELD_SIGNED:
        if (*(const int64_t *)member != CLOCK_NONE)
            text_int(out, *(const int64_t *)member);
        break;
    case FIELD_TIME:
        words_time(out, *(const int64_t *)member);
        break;
    case FIELD_MS:
        if (*(const int64_t *)member != CLOCK_NONE) {
            text_ms(out, *(const int64_t *)member);
            text_str(out, " ms");
        }
        break;
    case FIELD_REAL:
    case FIELD_SCORE:
        if (!isnan(*(const double *)member))
            text_real(out, *(const double *)member, 4);
        break;
    case FIELD_ENDPOINT:
        words_endpoint(out, member);
        break;
    case FIELD_FLAG:
        text_str(out, *(const bool *)member ? "yes" : "no");
        break;
    case FIELD_KNOWN:
        text_str(out, *(const int8_t *)member > 0 ? "yes" : *(const int8_t *)member == 0 ? "no" : "");
        break;
    case FIELD_TEXTS:
        words_list(out, member);
        break;
    case FIELD_NUMBERS:
        words_numbers(out, member);
        break;
    case FIELD_FINDINGS:
        words_findings(out, member);
        break;
    case FIELD_STATES:
        words_states(out, member);
        break;
    case FIELD_OBJECT:
        words_object(out, field->object, *(const void *const *)member);
        break;
    case FIELD_RELATED:
    case FIELD_OBJECTS:
        break;
    }
}

void words_members(struct text *out, const struct field_table *table, const void *object)
{
    bool begun = false;
    for (size_t i = 0; i < table->count; i++) {
        size_t before = out->len;
        text_str(out, begun ? ", " : "");
        text_str(out, table->fields[i].name);
        text_put(out, ' ');
        size_t named = out->len;
        words_field(out, &table->fields[i], object);
        if (out->len == named)
            out->len = before; /* not known */
        else
            begun = true;
    }
}
