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

const struct column call_columns[] = {
    {"#", 4, 4, 7, 4, true, cell_id, NULL, true},
    {"Start", 12, 12, 12, 11, false, cell_start, NULL, false},
    {"Method", 8, 8, 10, 9, false, cell_method, NULL, false},
    {"State", 9, 9, 10, 0, false, cell_state, role_state, false},
    {"Ans", 3, 3, 3, 8, false, cell_answer, NULL, false},
    {"Reason", 9, 14, 22, 15, false, cell_reason, NULL, false},
    {"From", 13, 13, 24, 3, false, cell_from, NULL, false},
    {"To", 13, 13, 24, 5, false, cell_to, NULL, false},
    {"Src", 17, 17, 26, 13, false, cell_src, NULL, false},
    {"Dst", 17, 17, 26, 12, false, cell_dst, NULL, false},
    {"PDD", 6, 6, 7, 10, true, cell_pdd, NULL, false},
    {"Talk", 6, 6, 8, 7, true, cell_talk, NULL, false},
    {"Loss", 5, 5, 6, 14, true, cell_loss, NULL, false},
    {"MOS", 4, 4, 4, 2, true, cell_mos, role_mos, false},
    {"Msgs", 4, 4, 6, 16, true, cell_messages, NULL, false},
    {"Found", 5, 5, 9, 6, false, cell_findings, role_findings, false},
    {"Verdict", 13, 13, 22, 1, false, cell_verdict, role_verdict, false},
};

const size_t call_column_count = sizeof call_columns / sizeof call_columns[0];
