/* A call becomes a packed block; a finding or a stream one with the struct, then the arrays that its lists point to, then the bytes of
   its texts. The field tables say where those are, so that a new field of a known kind is copied too. */
#include "analyzer/snapshot.h"

#include <stdlib.h>

/* Where the next array and the next text go; without a block, only their sizes are summed up. */
struct block {
    char *arrays, *texts;
    size_t array_bytes, text_bytes;
};

static const void *array_copy(struct block *block, const void *items, size_t bytes)
{
    char *at = block->arrays == NULL ? NULL : block->arrays + block->array_bytes;
    block->array_bytes += (bytes + 7) / 8 * 8;
    if (at != NULL && bytes > 0)
        memcpy(at, items, bytes);
    return at;
}

static struct slice text_copy(struct block *block, struct slice text)
{
    char *at = block->texts == NULL ? NULL : block->texts + block->text_bytes;
    block->text_bytes += text.len;
    if (at == NULL || text.len == 0)
        return SLICE_NONE;
    memcpy(at, text.data, text.len);
    return slice_of(at, text.len);
}

static void texts_copy(struct block *block, struct text_list *list)
{
    const struct slice *from = list->items;
    struct slice *items = (struct slice *)(uintptr_t)array_copy(block, from, list->count * sizeof *from);
    for (size_t i = 0; i < list->count; i++) {
        struct slice text = text_copy(block, from[i]);
        if (items != NULL)
            items[i] = text;
    }
    list->items = items;
}

enum { OBJECT_MAX = 256 };

static void objects_copy(struct block *block, const struct field *field, void *member, size_t count);

/* Moves what the member borrows into the block. */
static void member_copy(struct block *block, const struct field *field, void *record)
{
    void *member = (char *)record + field->offset;
    if (field->kind == FIELD_TEXT) {
        struct slice *text = member;
        *text = text_copy(block, *text);
    } else if (field->kind == FIELD_TEXTS) {
        texts_copy(block, member);
    } else if (field->kind == FIELD_NUMBERS) {
        struct number_list *list = member;
        list->items = array_copy(block, list->items, list->count * sizeof *list->items);
    } else if (field->kind == FIELD_OBJECT) {
        objects_copy(block, field, member, 1);
    } else if (field->kind == FIELD_OBJECTS) { /* their number stands behind the pointer */
        size_t count;
        memcpy(&count, (const char *)member + sizeof(void *), sizeof count);
        objects_copy(block, field, member, count);
    }
}

static void objects_copy(struct block *block, const struct field *field, void *member, size_t count)
{
    const char **objects = member;
    const struct field_table *table = field->object;
    char scratch[OBJECT_MAX];
    if (*objects == NULL || table->size > sizeof scratch)
        return;
    const char *from = *objects;
    char *copies = (char *)(uintptr_t)array_copy(block, from, count * table->size);
    for (size_t n = 0; n < count; n++) {
        char *copy = copies == NULL ? scratch : copies + n * table->size;
        if (copies == NULL) /* only the sizes are asked for */
            memcpy(scratch, from + n * table->size, table->size);
        for (size_t i = 0; i < table->count; i++)
            member_copy(block, &table->fields[i], copy);
    }
    *objects = copies;
}

static void *record_copy(const struct field_table *table, const void *record, size_t *bytes)
{
    union {
        struct finding_record finding;
        struct stream_record stream;
    } scratch;
    struct block sizes = {0};
    memcpy(&scratch, record, table->size);
    for (size_t i = 0; i < table->count; i++)
        member_copy(&sizes, &table->fields[i], &scratch);
    size_t head = (table->size + 7) / 8 * 8, total = head + sizes.array_bytes + sizes.text_bytes;
    char *copy = malloc(total);
    if (copy == NULL)
        return NULL;
    memcpy(copy, record, table->size);
    struct block block = {.arrays = copy + head, .texts = copy + head + sizes.array_bytes};
    for (size_t i = 0; i < table->count; i++)
        member_copy(&block, &table->fields[i], copy);
    *bytes += total;
    return copy;
}

void call_copy_fini(struct call_copy *copy)
{
    for (size_t i = 0; i < copy->finding_count; i++)
        free(copy->findings[i]);
    for (size_t i = 0; i < copy->stream_count; i++)
        free(copy->streams[i]);
    free(copy->findings);
    free(copy->streams);
    free(copy->packed);
    *copy = (struct call_copy){0};
}

struct snapshot *snapshot_new(void)
{
    return calloc(1, sizeof(struct snapshot));
}

void snapshot_free(struct snapshot *snapshot)
{
    if (snapshot == NULL)
        return;
    for (size_t i = 0; i < snapshot->call_count; i++)
        call_copy_fini(&snapshot->calls[i]);
    call_copy_fini(&snapshot->loose);
    free(snapshot->calls);
    free(snapshot->gone);
    free(snapshot->messages);
    hops_fini(&snapshot->hops);
    packer_fini(&snapshot->packer);
    text_fini(&snapshot->spool);
    text_fini(&snapshot->problems);
    free(snapshot);
}

/* The array with room for one more item; NULL without memory, and the old one stays good. */
static void *array_grow(void *items, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return items;
    size_t more = *room == 0 ? 64 : *room * 2;
    void *grown = realloc(items, more * size);
    *room = grown == NULL ? *room : more;
    return grown;
}

static bool call_take(struct snapshot *snapshot, const struct call_record *call)
{
    struct call_copy copy = {0};
    struct call_copy *calls = array_grow(snapshot->calls, &snapshot->call_room, snapshot->call_count, sizeof copy);
    if (calls == NULL)
        return false;
    snapshot->calls = calls;
    uint32_t size;
    copy.id = call->id;
    copy.packed = packed_make(&snapshot->packer, &call_fields, call, &size);
    if (copy.packed == NULL)
        return false;
    copy.bytes = size;
    calls[snapshot->call_count++] = copy;
    return true;
}

/* The copy that a record of the call joins: the one that came last, or what belongs to none. NULL: the call was not given. */
static struct call_copy *copy_of(struct snapshot *snapshot, uint64_t call)
{
    if (call == NUMBER_NONE)
        return &snapshot->loose;
    struct call_copy *last = snapshot->call_count == 0 ? NULL : &snapshot->calls[snapshot->call_count - 1];
    return last == NULL || last->id != call ? NULL : last;
}

static bool finding_take(struct snapshot *snapshot, const struct finding_record *finding)
{
    struct call_copy *call = copy_of(snapshot, finding->call);
    if (call == NULL)
        return true;
    struct finding_record **findings = realloc(call->findings, (call->finding_count + 1) * sizeof *findings);
    if (findings == NULL)
        return false;
    call->findings = findings;
    findings[call->finding_count] = record_copy(&finding_fields, finding, &call->bytes);
    if (findings[call->finding_count] == NULL)
        return false;
    call->finding_count++;
    call->bytes += sizeof *findings;
    return true;
}

static bool stream_take(struct snapshot *snapshot, const struct stream_record *stream)
{
    struct call_copy *call = copy_of(snapshot, stream->call);
    if (call == NULL)
        return true;
    struct stream_record **streams = realloc(call->streams, (call->stream_count + 1) * sizeof *streams);
    if (streams == NULL)
        return false;
    call->streams = streams;
    streams[call->stream_count] = record_copy(&stream_fields, stream, &call->bytes);
    if (streams[call->stream_count] == NULL)
        return false;
    call->stream_count++;
    call->bytes += sizeof *streams;
    return true;
}

void snapshot_take(struct snapshot *snapshot, const struct record *record)
{
    bool taken = record->kind == RECORD_CALL      ? call_take(snapshot, record->call)
                 : record->kind == RECORD_FINDING ? finding_take(snapshot, record->finding)
                 : record->kind == RECORD_STREAM  ? stream_take(snapshot, record->stream)
                                                  : true;
    snapshot->lost += !taken;
}

/* ---- messages ---- */

void hops_fini(struct hops *hops)
{
    free(hops->items);
    table_fini(&hops->index);
    *hops = (struct hops){0};
}

static bool hop_equal(const struct hop *a, const struct hop *b)
{
    return a->transport == b->transport && endpoint_equal(&a->src, &b->src) && endpoint_equal(&a->dst, &b->dst);
}

uint32_t hops_number(struct hops *hops, const struct hop *hop)
{
    uint64_t seed = (uint64_t)(uintptr_t)hops; /* not known outside: the addresses are the traffic's choice */
    uint64_t hash = endpoint_hash(endpoint_hash(hash_word(seed, hop->transport), &hop->src), &hop->dst);
    uint32_t cursor = 0, number;
    while ((number = table_next(&hops->index, hash, &cursor)) != TABLE_NONE)
        if (hop_equal(&hops->items[number], hop))
            return number;
    if (hops->count == hops->room) {
        size_t room = hops->room == 0 ? 64 : hops->room * 2;
        struct hop *items = realloc(hops->items, room * sizeof *items);
        if (items == NULL)
            return HOPS_MOST;
        hops->items = items;
        hops->room = room;
    }
    if (hops->count == HOPS_MOST || !table_add(&hops->index, hash, (uint32_t)hops->count))
        return HOPS_MOST;
    hops->items[hops->count] = *hop;
    return (uint32_t)hops->count++;
}

static uint8_t transport_of(struct slice name)
{
    uint8_t transport = 0;
    while (transport + 1 < TRANSPORT_COUNT && !slice_is(name, transport_name((enum transport)transport)))
        transport++;
    return transport;
}

/* Bounds for a reader that does not fetch its snapshots for a while (Ctrl-Z): later messages are counted as lost. */
enum { MESSAGES_MOST = 2 << 20, SPOOL_MOST = 64 << 20 };

void snapshot_take_message(struct snapshot *snapshot, const struct message_record *message, struct slice bytes, unsigned source,
                           uint64_t offset)
{
    struct slice kept = slice_cut(bytes, 0, KEPT_SIZE_MAX);
    struct kept_message *copies = array_grow(snapshot->messages, &snapshot->message_room, snapshot->message_count, sizeof *copies);
    snapshot->messages = copies != NULL ? copies : snapshot->messages;
    if (copies == NULL || snapshot->message_count == MESSAGES_MOST || snapshot->spool.len > SPOOL_MOST) {
        snapshot->lost_messages++;
        return;
    }
    if (source == KEPT_SPOOL) {
        offset = snapshot->spool.len;
        text_slice(&snapshot->spool, kept);
    }
    unsigned flags = (message->retransmission ? KEPT_AGAIN : 0u) | (message->decrypted ? KEPT_DECRYPTED : 0u) |
                     (message->truncated ? KEPT_TRUNCATED : 0u) | (message->well_formed == 0 ? KEPT_BROKEN : 0u) | (message->copy > 0 ? KEPT_COPY : 0u);
    struct hop hop = {.src = message->src, .dst = message->dst, .transport = transport_of(message->transport)};
    copies[snapshot->message_count++] =
        (struct kept_message){.at = message->at,
                              .offset = offset & ((UINT64_C(1) << 44) - 1),
                              .source = source & KEPT_SPOOL,
                              .flags = flags & 0xff,
                              .frame = message->frame & ((UINT64_C(1) << 40) - 1),
                              .size = kept.len & KEPT_SIZE_MAX,
                              .call = message->call == NUMBER_NONE ? 0 : message->call & UINT32_MAX,
                              .hop = hops_number(&snapshot->hops, &hop) & HOPS_MOST,
                              .code = message->status == NUMBER_NONE ? 0 : message->status & 0xfff};
}

void snapshot_take_gone(struct snapshot *snapshot, uint64_t call)
{
    uint64_t *gone = array_grow(snapshot->gone, &snapshot->gone_room, snapshot->gone_count, sizeof *gone);
    if (gone == NULL) {
        snapshot->lost++;
        return;
    }
    snapshot->gone = gone;
    gone[snapshot->gone_count++] = call;
}
