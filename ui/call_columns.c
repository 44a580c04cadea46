/* The table of columns: to add one, write its cell and its row. */
#include "ui/call_columns.h"

#include "ui/words.h"

static void cell_id(struct text *out, const void *record)
{
    const struct call_record *call = record;
    text_uint(out, call->id);
}

static void cell_start(struct text *out, const void *record)
{
    const struct call_record *call = record;
    words_time_of_day(out, call->start);
}

static void cell_method(struct text *out, const void *record)
{
    const struct call_record *call = record;
    text_slice(out, call->method);
}

static void cell_state(struct text *out, const void *record)
{
    const struct call_record *call = record;
    text_slice(out, call->state);
}

static void cell_answer(struct text *out, const void *record)
{
    const struct call_record *call = record;
    if (call->status != NUMBER_NONE)
        text_uint(out, call->status);
}

static void cell_reason(struct text *out, const void *record)
{
    const struct call_record *call = record;
    text_slice(out, call->reason);
}

static void cell_from(struct text *out, const void *record)
{
    const struct call_record *call = record;
    text_slice(out, call->from_user);
}

static void cell_to(struct text *out, const void *record)
{
    const struct call_record *call = record;
    text_slice(out, call->to_user);
}

static void cell_src(struct text *out, const void *record)
{
    const struct call_record *call = record;
    words_endpoint(out, &call->src);
}

static void cell_dst(struct text *out, const void *record)
{
    const struct call_record *call = record;
    words_endpoint(out, &call->dst);
}

static void cell_pdd(struct text *out, const void *record)
{
    const struct call_record *call = record;
    if (call->pdd != CLOCK_NONE)
        words_span(out, call->pdd);
}

static void cell_talk(struct text *out, const void *record)
{
    const struct call_record *call = record;
    if (call->duration != CLOCK_NONE)
        words_span(out, call->duration);
}

static void cell_messages(struct text *out, const void *record)
{
    const struct call_record *call = record;
    text_uint(out, call->messages);
}

static void cell_mos(struct text *out, const void *record)
{
    const struct call_record *call = record;
    if (!isnan(call->mos))
        text_real(out, call->mos, 2);
}

static void cell_loss(struct text *out, const void *record)
{
    const struct call_record *call = record;
    if (!isnan(call->loss_pct))
        words_percent(out, call->loss_pct);
}

static void cell_verdict(struct text *out, const void *record)
{
    const struct call_record *call = record;
    if (call->verdict != NULL)
        text_slice(out, call->verdict->code);
}

static void cell_findings(struct text *out, const void *record)
{
    const struct call_record *call = record;
    words_findings(out, call->findings);
}

static enum role role_state(const void *record)
{
    const struct call_record *call = record;
    static const struct {
        enum call_state state;
        enum role role;
    } rows[] = {{CALL_IN_CALL, ROLE_GOOD},    {CALL_COMPLETED, ROLE_GOOD},     {CALL_DONE, ROLE_GOOD},
                {CALL_BUSY, ROLE_WARNING},    {CALL_CANCELLED, ROLE_WARNING},  {CALL_REDIRECTED, ROLE_WARNING},
                {CALL_REJECTED, ROLE_ERROR},  {CALL_TIMEOUT, ROLE_ERROR},      {CALL_PARTIAL, ROLE_DIM}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (slice_is(call->state, call_state_names[rows[i].state]))
            return rows[i].role;
    return ROLE_TEXT;
}

static enum role role_findings(const void *record)
{
    const struct call_record *call = record;
    return call->findings[SEVERITY_ERROR] > 0 ? ROLE_ERROR : call->findings[SEVERITY_WARNING] > 0 ? ROLE_WARNING : ROLE_DIM;
}

static enum role role_mos(const void *record)
{
    const struct call_record *call = record;
    return words_mos_role(call->mos);
}

static enum role role_verdict(const void *record)
{
    const struct call_record *call = record;
    return call->verdict == NULL ? ROLE_TEXT : words_verdict_role(call->verdict->code);
}

static struct column_key key_endpoint(const struct endpoint *endpoint)
{
    struct column_key key = {0, 0};
    for (size_t i = 0; i < 8; i++) {
        key.high = key.high << 8 | endpoint->address[i];
        key.low = key.low << 8 | endpoint->address[i + 8];
    }
    if (endpoint->family == 4)
        key.low = endpoint->port;
    return key;
}

static struct column_key key_id(const void *record)
{
    const struct call_record *call = record;
    return column_key_number(call->id);
}

static struct column_key key_start(const void *record)
{
    const struct call_record *call = record;
    return column_key_signed(call->start);
}

static struct column_key key_method(const void *record)
{
    const struct call_record *call = record;
    return column_key_text(call->method);
}

static struct column_key key_state(const void *record)
{
    const struct call_record *call = record;
    return column_key_text(call->state);
}

static struct column_key key_answer(const void *record)
{
    const struct call_record *call = record;
    return column_key_number(call->status);
}

static struct column_key key_reason(const void *record)
{
    const struct call_record *call = record;
    return column_key_text(call->reason);
}

static struct column_key key_from(const void *record)
{
    const struct call_record *call = record;
    return column_key_text(call->from_user);
}

static struct column_key key_to(const void *record)
{
    const struct call_record *call = record;
    return column_key_text(call->to_user);
}

static struct column_key key_src(const void *record)
{
    const struct call_record *call = record;
    return key_endpoint(&call->src);
}

static struct column_key key_dst(const void *record)
{
    const struct call_record *call = record;
    return key_endpoint(&call->dst);
}

static struct column_key key_pdd(const void *record)
{
    const struct call_record *call = record;
    return column_key_signed(call->pdd);
}

static struct column_key key_talk(const void *record)
{
    const struct call_record *call = record;
    return column_key_signed(call->duration);
}

static struct column_key key_loss(const void *record)
{
    const struct call_record *call = record;
    return column_key_real(call->loss_pct);
}

static struct column_key key_mos(const void *record)
{
    const struct call_record *call = record;
    return column_key_real(call->mos);
}

static struct column_key key_messages(const void *record)
{
    const struct call_record *call = record;
    return column_key_number(call->messages);
}

static struct column_key key_findings(const void *record)
{
    const struct call_record *call = record;
    return (struct column_key){call->findings[SEVERITY_ERROR] << 32 | (call->findings[SEVERITY_WARNING] & UINT32_MAX), call->findings[SEVERITY_INFO]};
}

static struct column_key key_verdict(const void *record)
{
    const struct call_record *call = record;
    return column_key_text(call->verdict == NULL ? SLICE_NONE : call->verdict->code);
}

const struct column call_columns[] = {
    {"#", 4, 4, 7, 4, true, cell_id, NULL, true, key_id, false},
    {"Start", 12, 12, 12, 11, false, cell_start, NULL, false, key_start, false},
    {"Method", 8, 8, 10, 9, false, cell_method, NULL, false, key_method, false},
    {"State", 9, 9, 10, 0, false, cell_state, role_state, false, key_state, false},
    {"Ans", 3, 3, 3, 8, false, cell_answer, NULL, false, key_answer, false},
    {"Reason", 9, 14, 22, 15, false, cell_reason, NULL, false, key_reason, false},
    {"From", 13, 13, 24, 3, false, cell_from, NULL, false, key_from, false},
    {"To", 13, 13, 24, 5, false, cell_to, NULL, false, key_to, false},
    {"Src", 17, 17, 26, 13, false, cell_src, NULL, false, key_src, false},
    {"Dst", 17, 17, 26, 12, false, cell_dst, NULL, false, key_dst, false},
    {"PDD", 6, 6, 7, 10, true, cell_pdd, NULL, false, key_pdd, false},
    {"Talk", 6, 6, 8, 7, true, cell_talk, NULL, false, key_talk, false},
    {"Loss", 5, 5, 6, 14, true, cell_loss, NULL, false, key_loss, false},
    {"MOS", 4, 4, 4, 2, true, cell_mos, role_mos, false, key_mos, false},
    {"Msgs", 4, 4, 6, 16, true, cell_messages, NULL, false, key_messages, false},
    {"Found", 5, 5, 9, 6, false, cell_findings, role_findings, false, key_findings, false},
    {"Verdict", 13, 13, 22, 1, false, cell_verdict, role_verdict, false, key_verdict, false},
};

const size_t call_column_count = sizeof call_columns / sizeof call_columns[0];
