/* Ids grow with the calls' beginnings, so new calls go to the end and known ones are found by halving. */
#include "ui/call_store.h"

#include <stdlib.h>

/* Records out of their blocks, each in its place until another one needs it. */
struct call_reader {
    const uint8_t *blocks[CALLS_READ];
    struct unpacked places[CALLS_READ]; /* what stands in each of them */
    unsigned next;
};

static void reader_free(struct call_reader *reader)
{
    for (int i = 0; reader != NULL && i < CALLS_READ; i++)
        unpacked_fini(&reader->places[i]);
    free(reader);
}

/* Who goes through all calls needs these next: their memory comes meanwhile. */
static void blocks_fetch(const struct call_store *store, const struct call_copy *copy)
{
    enum { AHEAD = 6, LINE = 64, LINES = 4 };
    if (copy < store->calls || (size_t)(copy - store->calls) + AHEAD >= store->count)
        return;
    for (int line = 0; line < LINES; line++)
        __builtin_prefetch(copy[AHEAD].packed + (ptrdiff_t)line * LINE);
}

const struct call_record *call_store_record(const struct call_store *store, const struct call_copy *copy)
{
    static const struct call_record nothing = {.status = NUMBER_NONE, .q850 = NUMBER_NONE, .start = CLOCK_NONE, .answer = CLOCK_NONE,
                                               .end = CLOCK_NONE, .pdd = CLOCK_NONE, .ring = CLOCK_NONE, .setup = CLOCK_NONE,
                                               .duration = CLOCK_NONE, .jitter = CLOCK_NONE};
    struct call_reader *reader = store->reader;
    if (reader == NULL)
        return &nothing;
    for (int i = 0; i < CALLS_READ; i++)
        if (reader->blocks[i] == copy->packed)
            return &reader->places[i].record.call;
    blocks_fetch(store, copy);
    unsigned at = reader->next;
    reader->next = (at + 1) % CALLS_READ;
    bool open = packed_open(&call_fields, copy->packed, store->words, &reader->places[at]);
    reader->blocks[at] = open ? copy->packed : NULL;
    return open ? &reader->places[at].record.call : &nothing;
}

void call_store_fini(struct call_store *store)
{
    reader_free(store->reader);
    for (size_t i = 0; i < store->count; i++)
        call_copy_fini(&store->calls[i]);
    call_copy_fini(&store->loose);
    free(store->calls);
    free(store->changed);
    *store = (struct call_store){0};
}

/* The first row whose id is not below. */
static size_t row_from(const struct call_store *store, uint64_t id)
{
    size_t low = 0, high = store->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (store->calls[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t call_store_find(const struct call_store *store, uint64_t id)
{
    size_t row = row_from(store, id);
    return row < store->count && store->calls[row].id == id ? row : store->count;
}

const struct stream_record *call_store_stream(const struct call_store *store, uint64_t call, uint64_t stream)
{
    size_t row = call == NUMBER_NONE ? 0 : call_store_find(store, call);
    const struct call_copy *copy = call == NUMBER_NONE ? &store->loose : row == store->count ? NULL : &store->calls[row];
    for (size_t i = 0; copy != NULL && i < copy->stream_count; i++)
        if (copy->streams[i]->id == stream)
            return copy->streams[i];
    return NULL;
}

static void changed_add(struct call_store *store, size_t row)
{
    if (store->changed_count == store->changed_room) {
        size_t room = store->changed_room == 0 ? 64 : store->changed_room * 2;
        size_t *changed = realloc(store->changed, room * sizeof *changed);
        if (changed == NULL) {
            store->moved = true; /* all are looked at again */
            return;
        }
        store->changed = changed;
        store->changed_room = room;
    }
    store->changed[store->changed_count++] = row;
}

/* Room for a row at `row`; false without memory. */
static bool row_open(struct call_store *store, size_t row)
{
    if (store->count == store->room) {
        size_t room = store->room == 0 ? 256 : store->room * 2;
        struct call_copy *calls = realloc(store->calls, room * sizeof *calls);
        if (calls == NULL)
            return false;
        store->calls = calls;
        store->room = room;
    }
    if (row < store->count) { /* a call that -w refused before */
        memmove(store->calls + row + 1, store->calls + row, (store->count - row) * sizeof *store->calls);
        store->moved = true;
    }
    store->count++;
    return true;
}

/* ---- what belongs to no call ---- */

enum { LOOSE_MAX = 20000 }; /* of each kind: a live run goes on for weeks */

/* The first loose stream whose id is not below. */
static size_t loose_from(const struct call_copy *loose, uint64_t id)
{
    size_t low = 0, high = loose->stream_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (loose->streams[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A stream that was of no call, and is of this one now. */
static void loose_drop(struct call_store *store, const struct call_copy *call)
{
    struct call_copy *loose = &store->loose;
    for (size_t i = 0; i < call->stream_count && loose->stream_count > 0; i++) {
        size_t at = loose_from(loose, call->streams[i]->id);
        if (at == loose->stream_count || loose->streams[at]->id != call->streams[i]->id)
            continue;
        free(loose->streams[at]);
        loose->stream_count--;
        memmove(loose->streams + at, loose->streams + at + 1, (loose->stream_count - at) * sizeof(struct stream_record *));
    }
}

/* Takes one over, or frees it; false without memory. */
static bool loose_stream_take(struct call_copy *loose, struct stream_record *stream)
{
    size_t at = loose_from(loose, stream->id);
    if (at < loose->stream_count && loose->streams[at]->id == stream->id) {
        free(loose->streams[at]);
        loose->streams[at] = stream;
        return true;
    }
    struct stream_record **streams = realloc(loose->streams, (loose->stream_count + 1) * sizeof *streams);
    if (streams == NULL) {
        free(stream);
        return false;
    }
    memmove(streams + at + 1, streams + at, (loose->stream_count - at) * sizeof *streams);
    streams[at] = stream;
    loose->streams = streams;
    loose->stream_count++;
    return true;
}

/* Gives up a quarter, the oldest, when there are too many. */
static void loose_bound(struct call_store *store)
{
    struct call_copy *loose = &store->loose;
    uint32_t findings = loose->finding_count > LOOSE_MAX ? loose->finding_count / 4 : 0;
    uint32_t streams = loose->stream_count > LOOSE_MAX ? loose->stream_count / 4 : 0;
    for (size_t i = 0; i < findings; i++)
        free(loose->findings[i]);
    for (size_t i = 0; i < streams; i++)
        free(loose->streams[i]);
    loose->finding_count -= findings;
    loose->stream_count -= streams;
    if (findings > 0)
        memmove(loose->findings, loose->findings + findings, loose->finding_count * sizeof *loose->findings);
    if (streams > 0)
        memmove(loose->streams, loose->streams + streams, loose->stream_count * sizeof *loose->streams);
    store->forgotten_loose += findings + streams;
}

static void loose_take(struct call_store *store, struct call_copy *from)
{
    struct call_copy *loose = &store->loose;
    for (size_t i = 0; i < from->stream_count; i++)
        store->lost += !loose_stream_take(loose, from->streams[i]);
    uint32_t count = loose->finding_count + from->finding_count;
    struct finding_record **findings = from->finding_count == 0 ? NULL : realloc(loose->findings, count * sizeof *findings);
    if (findings != NULL) {
        memcpy(findings + loose->finding_count, from->findings, from->finding_count * sizeof *findings);
        loose->findings = findings;
        loose->finding_count = count;
        from->finding_count = 0;
    }
    store->lost += from->finding_count;
    from->stream_count = 0;
    loose_bound(store);
}

/* ---- calls ---- */

/* Takes the copy over. */
static void call_take(struct call_store *store, struct call_copy *copy)
{
    size_t row = row_from(store, copy->id);
    bool known = row < store->count && store->calls[row].id == copy->id;
    if (copy->id <= store->forgotten_id || (!known && !row_open(store, row))) {
        store->lost += copy->id > store->forgotten_id;
        call_copy_fini(copy);
        return;
    }
    if (known) {
        store->bytes -= store->calls[row].bytes;
        store->streams -= store->calls[row].stream_count;
        call_copy_fini(&store->calls[row]);
        changed_add(store, row);
    }
    loose_drop(store, copy);
    store->calls[row] = *copy;
    store->bytes += copy->bytes;
    store->streams += copy->stream_count;
}

/* Takes out the first rows. */
static void rows_forget(struct call_store *store, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        store->bytes -= store->calls[i].bytes;
        store->streams -= store->calls[i].stream_count;
        store->forgotten_id = store->calls[i].id;
        call_copy_fini(&store->calls[i]);
    }
    memmove(store->calls, store->calls + count, (store->count - count) * sizeof *store->calls);
    store->count -= count;
    store->forgotten += count;
    store->moved = true;
}

void call_store_clear(struct call_store *store)
{
    size_t count = store->count;
    rows_forget(store, count);
    store->forgotten -= count;
    store->cleared += count;
    call_copy_fini(&store->loose);
    store->changed_count = store->count_before = 0;
    store->moved = true;
}

/* Down to seven eighths of the budget, so that it is not done for each call. */
static void budget_keep(struct call_store *store)
{
    size_t count = 0, bytes = store->bytes;
    if (store->bytes_max == 0 || store->bytes <= store->bytes_max)
        return;
    while (count < store->count && bytes > store->bytes_max / 8 * 7)
        bytes -= store->calls[count++].bytes;
    rows_forget(store, count);
}

static int by_id(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Takes out the calls of these ids, in one walk. */
static void gone_drop(struct call_store *store, uint64_t *gone, size_t gone_count)
{
    size_t kept = 0, next = 0;
    if (gone_count == 0 || store->count == 0)
        return;
    qsort(gone, gone_count, sizeof *gone, by_id);
    for (size_t i = 0; i < store->count; i++) {
        uint64_t id = store->calls[i].id;
        while (next < gone_count && gone[next] < id)
            next++;
        if (next < gone_count && gone[next] == id) {
            store->bytes -= store->calls[i].bytes;
            store->streams -= store->calls[i].stream_count;
            call_copy_fini(&store->calls[i]);
            store->moved = true;
        } else {
            store->calls[kept++] = store->calls[i];
        }
    }
    store->count = kept;
}

void call_store_apply(struct call_store *store, struct snapshot *snapshot)
{
    if (store->reader == NULL)
        store->reader = calloc(1, sizeof *store->reader);
    for (int i = 0; store->reader != NULL && i < CALLS_READ; i++)
        store->reader->blocks[i] = NULL; /* another call may come to lie there */
    store->words = snapshot->words != NULL ? snapshot->words : store->words;
    store->moved = false;
    store->changed_count = 0;
    store->count_before = store->count;
    /* A call that was refused and is wanted again, or the other way round, between two snapshots: its newest record tells. The core
       names a call as gone only when it gives no record of it, and later records of it come in later. */
    gone_drop(store, snapshot->gone, snapshot->gone_count);
    for (size_t i = 0; i < snapshot->call_count; i++)
        call_take(store, &snapshot->calls[i]);
    snapshot->call_count = snapshot->gone_count = 0;
    loose_take(store, &snapshot->loose);
    store->lost += snapshot->lost;
    budget_keep(store);
}
