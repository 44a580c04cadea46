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

static void look_src(struct text *out, const struct column *column, const void *record, void *context)
{
    const struct call_record *call = record;
    const struct call_cells *cells = context;
    (void)column;
    aliases_endpoint(out, cells->aliases, &call->src);
}

static void look_dst(struct text *out, const struct column *column, const void *record, void *context)
{
    const struct call_record *call = record;
    const struct call_cells *cells = context;
    (void)column;
    aliases_endpoint(out, cells->aliases, &call->dst);
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
    return (struct column_key){call->findings[SEVERITY_ERROR] << 32 | (call->findings[SEVERITY_WARNING] & UINT32_MAX),
                               call->findings[SEVERITY_INFO]};
}

static struct column_key key_verdict(const void *record)
{
    const struct call_record *call = record;
    return column_key_text(call->verdict == NULL ? SLICE_NONE : call->verdict->code);
}

/* What only those want who chose it. */
static void cell_call_id(struct text *out, const void *record)
{
    const struct call_record *call = record;
    text_slice(out, call->call_id);
}

static void cell_request_uri(struct text *out, const void *record)
{
    const struct call_record *call = record;
    text_slice(out, call->request_uri);
}

static void cell_direction(struct text *out, const void *record)
{
    const struct call_record *call = record;
    text_slice(out, call->direction);
}

static void cell_transport(struct text *out, const void *record)
{
    const struct call_record *call = record;
    text_slice(out, call->transport);
}

static void cell_ended_by(struct text *out, const void *record)
{
    const struct call_record *call = record;
    text_slice(out, call->ended_by);
}

static void cell_dtmf(struct text *out, const void *record)
{
    const struct call_record *call = record;
    text_slice(out, call->dtmf);
}

static void cell_q850(struct text *out, const void *record)
{
    const struct call_record *call = record;
    if (call->q850 != NUMBER_NONE)
        text_uint(out, call->q850);
}

static void cell_again(struct text *out, const void *record)
{
    const struct call_record *call = record;
    text_uint(out, call->retransmissions);
}

static void cell_setup(struct text *out, const void *record)
{
    const struct call_record *call = record;
    if (call->setup != CLOCK_NONE)
        words_span(out, call->setup);
}

static void cell_ring(struct text *out, const void *record)
{
    const struct call_record *call = record;
    if (call->ring != CLOCK_NONE)
        words_span(out, call->ring);
}

static void cell_jitter(struct text *out, const void *record)
{
    const struct call_record *call = record;
    if (call->jitter != CLOCK_NONE)
        words_ms(out, call->jitter);
}

static void list_put(struct text *out, const struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        text_str(out, i == 0 ? "" : ", ");
        text_slice(out, list->items[i]);
    }
}

static void cell_agents(struct text *out, const void *record)
{
    const struct call_record *call = record;
    list_put(out, &call->user_agents);
}

static void cell_codecs(struct text *out, const void *record)
{
    const struct call_record *call = record;
    list_put(out, &call->codecs);
}

static struct column_key key_call_id(const void *record)
{
    const struct call_record *call = record;
    return column_key_text(call->call_id);
}

static struct column_key key_request_uri(const void *record)
{
    const struct call_record *call = record;
    return column_key_text(call->request_uri);
}

static struct column_key key_direction(const void *record)
{
    const struct call_record *call = record;
    return column_key_text(call->direction);
}

static struct column_key key_transport(const void *record)
{
    const struct call_record *call = record;
    return column_key_text(call->transport);
}

static struct column_key key_ended_by(const void *record)
{
    const struct call_record *call = record;
    return column_key_text(call->ended_by);
}

static struct column_key key_dtmf(const void *record)
{
    const struct call_record *call = record;
    return column_key_text(call->dtmf);
}

static struct column_key key_q850(const void *record)
{
    const struct call_record *call = record;
    return column_key_number(call->q850);
}

static struct column_key key_again(const void *record)
{
    const struct call_record *call = record;
    return column_key_number(call->retransmissions);
}

static struct column_key key_setup(const void *record)
{
    const struct call_record *call = record;
    return column_key_signed(call->setup);
}

static struct column_key key_ring(const void *record)
{
    const struct call_record *call = record;
    return column_key_signed(call->ring);
}

static struct column_key key_jitter(const void *record)
{
    const struct call_record *call = record;
    return column_key_signed(call->jitter);
}

static struct column_key key_agents(const void *record)
{
    const struct call_record *call = record;
    return column_key_text(call->user_agents.count == 0 ? SLICE_NONE : call->user_agents.items[0]);
}

static struct column_key key_codecs(const void *record)
{
    const struct call_record *call = record;
    return column_key_text(call->codecs.count == 0 ? SLICE_NONE : call->codecs.items[0]);
}

static void look_header(struct text *out, const struct column *column, const void *record, void *context)
{
    const struct call_cells *cells = context;
    text_slice(out, header_values_find(cells->headers, cells->messages, record, column->title));
}

struct column call_column_header(const char *header)
{
    return (struct column){.name = "SIP header", .title = header, .least = 8, .fair = 18, .most = 40, .rank = 6, .extra = true,
                           .look = look_header};
}

const struct column call_columns[] = {
    {"id", "#", 4, 4, 7, 4, true, cell_id, NULL, true, key_id, false, NULL},
    {"start", "Start", 12, 12, 12, 11, false, cell_start, NULL, false, key_start, false, NULL},
    {"method", "Method", 8, 8, 10, 9, false, cell_method, NULL, false, key_method, false, NULL},
    {"state", "State", 9, 9, 10, 0, false, cell_state, role_state, false, key_state, false, NULL},
    {"status", "Ans", 3, 3, 3, 8, false, cell_answer, NULL, false, key_answer, false, NULL},
    {"reason", "Reason", 9, 14, 22, 15, false, cell_reason, NULL, false, key_reason, false, NULL},
    {"from_user", "From", 13, 13, 24, 3, false, cell_from, NULL, false, key_from, false, NULL},
    {"to_user", "To", 13, 13, 24, 5, false, cell_to, NULL, false, key_to, false, NULL},
    {"src", "Src", 17, 17, 26, 13, false, NULL, NULL, false, key_src, false, look_src},
    {"dst", "Dst", 17, 17, 26, 12, false, NULL, NULL, false, key_dst, false, look_dst},
    {"pdd_ms", "PDD", 6, 6, 7, 10, true, cell_pdd, NULL, false, key_pdd, false, NULL},
    {"duration_ms", "Talk", 6, 6, 8, 7, true, cell_talk, NULL, false, key_talk, false, NULL},
    {"loss_pct", "Loss", 5, 5, 6, 14, true, cell_loss, NULL, false, key_loss, false, NULL},
    {"mos", "MOS", 4, 4, 4, 2, true, cell_mos, role_mos, false, key_mos, false, NULL},
    {"messages", "Msgs", 4, 4, 6, 16, true, cell_messages, NULL, false, key_messages, false, NULL},
    {"findings", "Found", 5, 5, 9, 6, false, cell_findings, role_findings, false, key_findings, false, NULL},
    {"verdict", "Verdict", 13, 13, 22, 1, false, cell_verdict, role_verdict, false, key_verdict, false, NULL},
    {"call_id", "Call-ID", 12, 20, 40, 6, false, cell_call_id, NULL, false, key_call_id, true, NULL},
    {"request_uri", "Request-URI", 16, 24, 48, 6, false, cell_request_uri, NULL, false, key_request_uri, true, NULL},
    {"direction", "Direction", 9, 9, 9, 6, false, cell_direction, NULL, false, key_direction, true, NULL},
    {"transport", "Trsp", 4, 4, 4, 6, false, cell_transport, NULL, false, key_transport, true, NULL},
    {"ended_by", "Ended", 6, 6, 6, 6, false, cell_ended_by, NULL, false, key_ended_by, true, NULL},
    {"q850", "Q850", 4, 4, 4, 6, true, cell_q850, NULL, false, key_q850, true, NULL},
    {"setup_ms", "Set-up", 6, 6, 7, 6, true, cell_setup, NULL, false, key_setup, true, NULL},
    {"ring_ms", "Ring", 6, 6, 7, 6, true, cell_ring, NULL, false, key_ring, true, NULL},
    {"jitter_ms", "Jitter", 6, 6, 6, 6, true, cell_jitter, NULL, false, key_jitter, true, NULL},
    {"retransmissions", "Again", 5, 5, 5, 6, true, cell_again, NULL, false, key_again, true, NULL},
    {"dtmf", "DTMF", 4, 6, 16, 6, false, cell_dtmf, NULL, false, key_dtmf, true, NULL},
    {"codecs", "Codecs", 6, 10, 24, 6, false, cell_codecs, NULL, false, key_codecs, true, NULL},
    {"user_agents", "User agents", 12, 18, 40, 6, false, cell_agents, NULL, false, key_agents, true, NULL},
};

const size_t call_column_count = sizeof call_columns / sizeof call_columns[0];
