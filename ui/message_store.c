/* A message of a file is read again where it stands, so that it costs 32 bytes; those of devices, pipes, compressed files and TCP
   segments that were put together are kept in a ring of bytes, in which the newest overwrite the oldest. */
#include "ui/message_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SPOOL_FIRST = 1 << 20 };

void message_store_fini(struct message_store *store)
{
    free(store->messages);
    free(store->spool);
    hops_fini(&store->hops);
    *store = (struct message_store){0};
}

const struct hop *message_store_hop(const struct message_store *store, const struct kept_message *message)
{
    static const struct hop unknown;
    return message->hop < store->hops.count ? &store->hops.items[message->hop] : &unknown;
}

/* ---- the spool ---- */

/* Grows to its full size before it is a ring. False: it is. */
static bool spool_grow(struct message_store *store, size_t more)
{
    size_t need = (size_t)store->spool_end + more, room = store->spool_room == 0 ? SPOOL_FIRST : store->spool_room;
    while (room < need)
        room *= 2;
    if (store->spool_most > 0 && room > store->spool_most)
        room = store->spool_most;
    if (room <= store->spool_room || store->spool_end > store->spool_room)
        return false;
    uint8_t *spool = realloc(store->spool, room);
    if (spool == NULL)
        return false;
    store->spool = spool;
    store->spool_room = room;
    return true;
}

static void spool_put(struct message_store *store, const char *bytes, size_t len)
{
    if (store->spool_end + len > store->spool_room)
        (void)spool_grow(store, len);
    if (store->spool_room == 0)
        return;
    for (size_t done = 0; done < len;) {
        size_t at = (size_t)(store->spool_end % store->spool_room), room = store->spool_room - at;
        size_t part = len - done < room ? len - done : room;
        memcpy(store->spool + at, bytes + done, part);
        done += part;
        store->spool_end += part;
    }
}

static bool spool_get(const struct message_store *store, uint64_t offset, size_t len, struct text *out)
{
    if (store->spool_end - offset > store->spool_room || len > store->spool_room)
        return false;
    for (size_t done = 0; done < len;) {
        size_t at = (size_t)((offset + done) % store->spool_room), room = store->spool_room - at;
        size_t part = len - done < room ? len - done : room;
        text_bytes(out, store->spool + at, part);
        done += part;
    }
    return !out->failed;
}

/* ---- messages ---- */

static bool messages_reserve(struct message_store *store, size_t more)
{
    if (store->count + more <= store->room)
        return true;
    size_t room = store->room == 0 ? 1024 : store->room;
    while (room < store->count + more)
        room *= 2;
    struct kept_message *messages = realloc(store->messages, room * sizeof *messages);
    if (messages == NULL)
        return false;
    store->messages = messages;
    store->room = room;
    return true;
}

static void budget_keep(struct message_store *store)
{
    if (store->count_most == 0 || store->count <= store->count_most)
        return;
    size_t gone = store->count - store->count_most / 4 * 3;
    memmove(store->messages, store->messages + gone, (store->count - gone) * sizeof *store->messages);
    store->count -= gone;
    store->forgotten += gone;
}

void message_store_clear(struct message_store *store)
{
    store->cleared += store->count;
    store->count = 0;
}

void message_store_apply(struct message_store *store, struct snapshot *snapshot)
{
    store->lost += snapshot->lost_messages;
    if (!messages_reserve(store, snapshot->message_count)) {
        store->lost += snapshot->message_count;
        snapshot->message_count = 0;
        return;
    }
    uint64_t begin = store->spool_end;
    spool_put(store, snapshot->spool.data, snapshot->spool.len);
    uint32_t *numbers = malloc((snapshot->hops.count + 1) * sizeof *numbers); /* ours, of the snapshot's hops */
    for (size_t i = 0; i < snapshot->hops.count && numbers != NULL; i++)
        numbers[i] = hops_number(&store->hops, &snapshot->hops.items[i]);
    for (size_t i = 0; i < snapshot->message_count; i++) {
        struct kept_message kept = snapshot->messages[i];
        if (kept.source == KEPT_SPOOL)
            kept.offset = (begin + kept.offset) & ((UINT64_C(1) << 44) - 1);
        kept.hop = numbers == NULL || kept.hop >= snapshot->hops.count ? HOPS_MOST : numbers[kept.hop] & HOPS_MOST;
        store->messages[store->count++] = kept;
    }
    free(numbers);
    snapshot->message_count = 0;
    budget_keep(store);
}

size_t message_store_from(const struct message_store *store, uint64_t frame)
{
    size_t low = 0, high = store->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (store->messages[middle].frame < frame)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A file that was written over since holds something else there. */
static bool text_fits(const struct kept_message *message, struct slice text)
{
    static const char version[] = "SIP/";
    char code[8];
    bool response = slice_starts_nocase(text, version);
    if (message->code == 0)
        return !response;
    int length = snprintf(code, sizeof code, "%u", (unsigned)message->code);
    struct slice begin = slice_cut(text, 0, 24);
    return response && memmem(begin.data, begin.len, code, (size_t)length) != NULL;
}

bool message_store_text(const struct message_store *store, const struct kept_message *message, struct text *out,
                        struct error *error)
{
    text_reset(out);
    if (message->source == KEPT_SPOOL)
        return spool_get(store, message->offset, message->size, out) ||
               error_set(error, "The text of this message was given up: newer ones needed its memory (--memory).");
    int file = message->source < store->file_count ? store->files[message->source] : -1;
    if (file < 0 || !text_reserve(out, message->size))
        return error_set(error, "The text of this message cannot be read again.");
    while (out->len < message->size) {
        ssize_t got = pread(file, out->data + out->len, message->size - out->len, (off_t)(message->offset + out->len));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return error_set(error, "The text of this message cannot be read again: %s.",
                             got < 0 ? strerror(errno) : "the file has become shorter");
        out->len += (size_t)got;
    }
    return text_fits(message, slice_of(out->data, out->len)) ||
           error_set(error, "The file has changed since it was read: this message does not stand in it any more.");
}
