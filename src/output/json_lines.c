/* -o json: one record a line, printed from the field tables, so that a field that is in the table is in the output. */
#include <stdio.h>
#include <stdlib.h>

#include "output/sink.h"

/* `,"name":` in a slot of fixed size, which a copy of two registers writes. The sink's state is one for each field. */
struct key {
    char text[31];
    uint8_t length;
};

static const struct field_table *const tables[RECORD_KINDS] = {[RECORD_CALL] = &call_fields,
                                                         [RECORD_STREAM] = &stream_fields,
                                                         [RECORD_FINDING] = &finding_fields,
                                                         [RECORD_MESSAGE] = &message_fields,
                                                         [RECORD_CONNECTION] = &connection_fields,
                                                         [RECORD_MINUTE] = &minute_fields,
                                                         [RECORD_SUMMARY] = &summary_fields};

/* Where the keys of a table begin: behind those of the tables before it. */
static size_t keys_before(size_t table)
{
    size_t count = 0;
    for (size_t i = 0; i < table; i++)
        count += tables[i]->count;
    return count;
}

static bool json_open(struct sink *sink)
{
    struct key *key = sink->state = calloc(keys_before(RECORD_KINDS), sizeof *key);
    if (key == NULL)
        return false;
    for (size_t i = 0; i < RECORD_KINDS; i++)
        for (size_t field = 0; field < tables[i]->count; field++, key++) {
            (void)snprintf(key->text, sizeof key->text, ",\"%s\":", tables[i]->fields[field].name);
            key->length = (uint8_t)strlen(key->text);
        }
    return true;
}

static void json_close(struct sink *sink)
{
    free(sink->state);
}

static inline void key_put(struct text *out, const struct key *key)
{
    if (!text_reserve(out, sizeof *key))
        return;
    memcpy(out->data + out->len, key, sizeof *key);
    out->len += key->length;
}

static void time_put(struct text *out, int64_t time)
{
    if (!text_reserve(out, CLOCK_ISO_SIZE + 2))
        return;
    char *at = out->data + out->len;
    size_t n = clock_format_iso(time, at + 1);
    at[0] = at[n + 1] = '"';
    out->len += n + 2;
}

static void endpoint_put(struct text *out, const struct endpoint *endpoint)
{
    if (!text_reserve(out, ENDPOINT_TEXT_SIZE + 2))
        return;
    char *at = out->data + out->len;
    size_t n = endpoint_format(endpoint, at + 1);
    at[0] = at[n + 1] = '"';
    out->len += n + 2;
}

static void texts_put(struct text *out, const struct text_list *list)
{
    text_put(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            text_put(out, ',');
        text_json(out, list->items[i]);
    }
    text_put(out, ']');
}

static void related_put(struct text *out, const struct related_call *related, size_t count)
{
    text_put(out, '[');
    for (size_t i = 0; i < count; i++) {
        text_str(out, i > 0 ? ",{\"id\":" : "{\"id\":");
        text_uint(out, related[i].id);
        text_str(out, ",\"score\":");
        text_uint(out, related[i].score);
        text_str(out, ",\"why\":");
        text_json(out, slice_str(related[i].why));
        text_put(out, '}');
    }
    text_put(out, ']');
}

static void name_put(struct text *out, char mark, const char *name)
{
    text_put(out, mark);
    text_json(out, slice_str(name));
    text_put(out, ':');
}

/* {"name":count,...} of the names whose count is not zero, or of all. */
static void counts_put(struct text *out, const char *const *names, const uint64_t *counts, size_t count, bool zeros)
{
    char mark = '{';
    for (size_t i = 0; i < count; i++) {
        if (counts[i] == 0 && !zeros)
            continue;
        name_put(out, mark, names[i]);
        text_uint(out, counts[i]);
        mark = ',';
    }
    if (mark == '{')
        text_put(out, '{');
    text_put(out, '}');
}

static void numbers_put(struct text *out, const struct number_list *list)
{
    text_put(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            text_put(out, ',');
        text_uint(out, list->items[i]);
    }
    text_put(out, ']');
}

enum { REAL_DECIMALS = 4 };

/* The values that stand inside objects too; false where the value is absent. */
static bool value_put(struct text *out, const struct field *field, const void *member)
{
    switch (field->kind) {
    case FIELD_TEXT:
        text_json(out, *(const struct slice *)member);
        break;
    case FIELD_NUMBER:
        text_uint(out, *(const uint64_t *)member);
        break;
    case FIELD_SIGNED:
        text_int(out, *(const int64_t *)member);
        break;
    case FIELD_TIME:
        time_put(out, *(const int64_t *)member);
        break;
    case FIELD_MS:
        text_ms(out, *(const int64_t *)member);
        break;
    case FIELD_REAL:
    case FIELD_SCORE:
        if (isnan(*(const double *)member))
            text_str(out, "null");
        else
            text_real(out, *(const double *)member, REAL_DECIMALS);
        break;
    case FIELD_FLAG:
        text_str(out, *(const bool *)member ? "true" : "false");
        break;
    case FIELD_NUMBERS:
        numbers_put(out, member);
        break;
    case FIELD_TEXTS:
        texts_put(out, member);
        break;
    default:
        return false;
    }
    return true;
}

static bool value_absent(const struct field *field, const void *member)
{
    switch (field->kind) {
    case FIELD_TEXT:
        return ((const struct slice *)member)->len == 0;
    case FIELD_NUMBER:
        return *(const uint64_t *)member == NUMBER_NONE;
    case FIELD_SIGNED:
    case FIELD_TIME:
    case FIELD_MS:
        return *(const int64_t *)member == CLOCK_NONE;
    case FIELD_REAL:
        return isnan(*(const double *)member);
    case FIELD_NUMBERS:
        return ((const struct number_list *)member)->count == 0;
    case FIELD_TEXTS:
        return ((const struct text_list *)member)->count == 0;
    case FIELD_OBJECT:
        return *(const void *const *)member == NULL;
    default:
        return false;
    }
}

/* An object's fields; objects hold values and at most one more level of objects. */
static void object_put(struct text *out, const struct field_table *table, const void *object)
{
    char mark = '{';
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        const void *member = (const char *)object + field->offset;
        if (value_absent(field, member))
            continue;
        text_put(out, mark);
        text_put(out, '"');
        text_bytes(out, field->name, field->name_len);
        text_bytes(out, "\":", 2);
        if (!value_put(out, field, member))
            object_put(out, field->object, *(const void *const *)member);
        mark = ',';
    }
    if (mark == '{')
        text_put(out, '{');
    text_put(out, '}');
}

static void objects_put(struct text *out, const struct field *field, const void *member)
{
    const char *item = *(const char *const *)member;
    size_t count;
    memcpy(&count, (const char *)member + sizeof item, sizeof count);
    for (size_t i = 0; i < count; i++) {
        text_put(out, i == 0 ? '[' : ',');
        object_put(out, field->object, item + i * field->object->size);
    }
    text_put(out, ']');
}

/* Absent values leave their key out. */
static void field_put(struct text *out, const struct field *field, const struct key *key, const void *record)
{
    const void *member = (const char *)record + field->offset;
    if (value_absent(field, member))
        return;
    switch (field->kind) {
    case FIELD_ENDPOINT:
        if (((const struct endpoint *)member)->family != 0) {
            key_put(out, key);
            endpoint_put(out, member);
        }
        break;
    case FIELD_KNOWN:
        if (*(const int8_t *)member >= 0) {
            key_put(out, key);
            text_str(out, *(const int8_t *)member ? "true" : "false");
        }
        break;
    case FIELD_RELATED: {
        const struct call_record *call = record;
        if (call->related_count > 0) {
            key_put(out, key);
            related_put(out, call->related, call->related_count);
        }
        break;
    }
    case FIELD_FINDINGS:
        key_put(out, key);
        counts_put(out, severity_names, member, SEVERITY_COUNT, true);
        break;
    case FIELD_STATES:
        key_put(out, key);
        counts_put(out, call_state_names, member, CALL_STATE_COUNT, false);
        break;
    case FIELD_OBJECT:
        key_put(out, key);
        object_put(out, field->object, *(const void *const *)member);
        break;
    case FIELD_OBJECTS:
        if (*(const void *const *)member != NULL) {
            key_put(out, key);
            objects_put(out, field, member);
        }
        break;
    default:
        key_put(out, key);
        (void)value_put(out, field, member);
        break;
    }
}

/* The anomaly groups of the summary, each with its kinds; and the counters that interface users ask for by name. */
static void anomalies_put(struct text *out, const struct anomalies *anomalies)
{
    static const char *const groups[ANOMALY_GROUPS] = {"truncated", "malformed", "undecoded", "lost"};
    for (int group = 0; group < ANOMALY_GROUPS; group++) {
        const char *names[ANOMALY_COUNT];
        uint64_t counts[ANOMALY_COUNT];
        size_t count = 0;
        for (int i = 0; i < ANOMALY_COUNT; i++)
            if ((int)anomaly_rows[i].group == group && anomalies->count[i] > 0) {
                names[count] = anomaly_rows[i].name;
                counts[count++] = anomalies->count[i];
            }
        name_put(out, ',', groups[group]);
        if (group == ANOMALY_TRUNCATED)
            text_uint(out, anomalies->count[ANOMALY_SNAPLEN]);
        else
            counts_put(out, names, counts, count, true);
    }
    static const struct {
        const char *name;
        enum anomaly anomaly;
    } named[] = {{"fragments_incomplete", ANOMALY_FRAGMENT_INCOMPLETE},
                 {"tcp_gaps", ANOMALY_TCP_GAP},
                 {"tls_undecrypted", ANOMALY_TLS_UNDECRYPTED}};
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        name_put(out, ',', named[i].name);
        text_uint(out, anomalies->count[named[i].anomaly]);
    }
}

static void json_write(struct sink *sink, const struct record *record)
{
    const struct field_table *table = tables[record->kind];
    const struct key *keys = (const struct key *)sink->state + keys_before(record->kind);
    struct text *out = &sink->out;
    text_str(out, "{\"record\":\"");
    text_str(out, table->record);
    text_str(out, "\",\"schema\":1");
    for (size_t i = 0; i < table->count; i++) /* each member of the union points to the struct of its table */
        field_put(out, &table->fields[i], &keys[i], record->call);
    if (record->kind == RECORD_SUMMARY)
        anomalies_put(out, &record->summary->anomalies);
    text_str(out, "}\n");
}

const struct sink_kind sink_kind_json = {
    .name = "json",
    .help = "one JSON record a line: calls, findings, messages (--messages), TLS connections, summary",
    .messages = true,
    .open = json_open,
    .write = json_write,
    .close = json_close};
