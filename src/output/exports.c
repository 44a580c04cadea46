/* Each kind of record is known by a member that only it has. A media minute names only the service's own id of
   its call: the CDR or a SIP message that has both ids says whose it is, whichever is read first. */
#include "output/exports.h"

#include <errno.h>
#include <fts.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/json.h"

void exports_fini(struct exports *exports)
{
    free(exports->calls);
    table_fini(&exports->by_call_id);
    table_fini(&exports->by_transaction);
    arena_fini(&exports->arena);
    *exports = (struct exports){0};
}

static uint32_t find(const struct exports *exports, struct slice text, bool transaction)
{
    const struct table *table = transaction ? &exports->by_transaction : &exports->by_call_id;
    uint32_t cursor = 0, number = TABLE_NONE;
    while (text.len > 0 && (number = table_next(table, hash_bytes(0, text), &cursor)) != TABLE_NONE) {
        const struct export_call *call = &exports->calls[number];
        if (slice_equal(transaction ? call->transaction : call->call_id, text))
            return number;
    }
    return TABLE_NONE;
}

struct export_call *exports_find(const struct exports *exports, struct slice call_id)
{
    uint32_t number = find(exports, call_id, false);
    return number == TABLE_NONE ? NULL : &exports->calls[number];
}

/* The call of the two ids, of which one may be empty; made where it is not there. NULL without memory. */
static struct export_call *call_of(struct exports *exports, struct slice call_id, struct slice transaction)
{
    uint32_t number = find(exports, transaction, true);
    if (number == TABLE_NONE)
        number = find(exports, call_id, false);
    if (number == TABLE_NONE) {
        if (exports->count == exports->room) {
            size_t room = exports->room == 0 ? 256 : exports->room * 2;
            struct export_call *calls = realloc(exports->calls, room * sizeof *calls);
            if (calls == NULL)
                return NULL;
            exports->calls = calls;
            exports->room = room;
        }
        number = (uint32_t)exports->count++;
        exports->calls[number] = (struct export_call){.billable_s = NAN, .start_s = NAN, .end_s = NAN, .to_trunk_lost = NAN,
                                                      .to_customer_lost = NAN, .mos = NAN};
    }
    struct export_call *call = &exports->calls[number];
    if (call->call_id.len == 0 && call_id.len > 0) {
        call->call_id = arena_copy(&exports->arena, call_id);
        (void)table_add(&exports->by_call_id, hash_bytes(0, call->call_id), number);
    }
    if (call->transaction.len == 0 && transaction.len > 0) {
        call->transaction = arena_copy(&exports->arena, transaction);
        (void)table_add(&exports->by_transaction, hash_bytes(0, call->transaction), number);
    }
    return call;
}

static struct slice text_of(const struct json *record, const char *name)
{
    const struct json *value = json_find(record, name);
    return value != NULL && json_kind(value) == JSON_TEXT ? json_text(value) : SLICE_NONE;
}

/* Numbers stand in quotes in some versions of the schema. */
static double number_of(const struct json *record, const char *name)
{
    const struct json *value = json_find(record, name);
    char *end;
    if (value != NULL && json_kind(value) == JSON_NUMBER)
        return json_number(value);
    struct slice text = value != NULL && json_kind(value) == JSON_TEXT ? json_text(value) : SLICE_NONE;
    double number = text.len > 0 ? strtod((const char *)text.data, &end) : (double)NAN; /* a JSON text ends in NUL */
    return text.len > 0 && *end == '\0' ? number : (double)NAN;
}

/* The Call-ID header of a message's text, or its compact form. */
static struct slice message_call_id(struct slice message)
{
    while (message.len > 0) {
        size_t end = slice_find(message, 0, '\n');
        struct slice line = slice_cut(message, 0, end), name = slice_trim(slice_cut(line, 0, slice_find(line, 0, ':')));
        if (slice_is_nocase(name, "Call-ID") || slice_is_nocase(name, "i"))
            return slice_trim(slice_after(line, slice_find(line, 0, ':') + 1));
        message = slice_after(message, end + 1);
    }
    return SLICE_NONE;
}

static bool record_take(struct exports *exports, const struct json *record)
{
    struct slice message = text_of(record, "sip_message"), id = text_of(record, "call_id");
    bool media = json_find(record, "cust2vc_rtp_packets") != NULL || json_find(record, "vc2cust_rtp_packets") != NULL;
    bool bill = json_find(record, "CallId") != NULL && json_find(record, "Status") != NULL && !slice_is(text_of(record, "SchemaVersion"), "1.0");
    if (message.len == 0 && !media && !bill)
        return false;
    struct export_call *call = bill ? call_of(exports, text_of(record, "CallId"), text_of(record, "TransactionId"))
                                    : call_of(exports, message_call_id(message), id);
    if (call == NULL)
        return false;
    exports->records++;
    if (bill) {
        call->status = arena_copy(&exports->arena, text_of(record, "Status"));
        call->billable_s = number_of(record, "BillableDurationSeconds");
        call->start_s = number_of(record, "StartTimeEpochSeconds");
        call->end_s = number_of(record, "EndTimeEpochSeconds");
    } else if (message.len > 0) {
        call->messages++;
    } else {
        call->minutes++;
        call->to_trunk_lost = fmax(call->to_trunk_lost, number_of(record, "cust2vc_packets_lost")); /* cumulative: files in any order */
        call->to_customer_lost = fmax(call->to_customer_lost, number_of(record, "vc2cust_packets_lost"));
        call->mos = fmin(call->mos, number_of(record, "mos_btwn_vc_and_cust"));
    }
    return true;
}

static bool text_take(struct exports *exports, struct slice text)
{
    struct error ignored;
    struct json *json = json_read(text, "line", &ignored);
    bool taken = json != NULL && record_take(exports, json);
    json_free(json);
    return taken;
}

/* {"events": [{"message": "..."}]}, as the command line of the service prints it. */
static bool events_take(struct exports *exports, const struct json *document)
{
    const struct json *events = json_find(document, "events");
    if (events == NULL || json_kind(events) != JSON_LIST)
        return false;
    for (const struct json *event = json_first(events); event != NULL; event = json_next(event))
        exports->unread += !text_take(exports, text_of(event, "message"));
    return true;
}

/* A line may have the time of its event before the object, as exports to a bucket do. */
static void lines_take(struct exports *exports, FILE *file)
{
    char *line = NULL;
    size_t room = 0;
    for (ssize_t n; (n = getline(&line, &room, file)) >= 0;) {
        struct slice text = slice_trim(slice_of(line, (size_t)n));
        if (text.len > 0)
            exports->unread += !text_take(exports, slice_after(text, slice_find(text, 0, '{')));
    }
    free(line);
}

static void file_take(struct exports *exports, const char *path)
{
    struct error ignored;
    struct json *json = json_read_file(path, &ignored);
    exports->files++;
    if (json != NULL) {
        exports->unread += !record_take(exports, json) && !events_take(exports, json);
        json_free(json);
        return;
    }
    FILE *file = fopen(path, "r");
    if (file != NULL)
        lines_take(exports, file);
    else
        exports->unread++;
    if (file != NULL)
        fclose(file);
}

bool exports_read(struct exports *exports, const char *folder, struct error *error)
{
    char *const paths[] = {(char *)(uintptr_t)folder, NULL};
    FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    int trouble = walk == NULL ? errno : 0;
    for (const FTSENT *entry; walk != NULL && (entry = fts_read(walk)) != NULL;) {
        if (entry->fts_info == FTS_F)
            file_take(exports, entry->fts_accpath);
        else if (entry->fts_level == 0 && entry->fts_errno != 0)
            trouble = entry->fts_errno;
    }
    if (walk != NULL)
        fts_close(walk);
    return trouble == 0 || error_set(error, "%s: %s", folder, strerror(trouble));
}
