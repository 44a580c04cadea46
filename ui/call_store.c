/* Ids grow with the calls' beginnings, so new calls go to the end and known ones are found by halving. */
#include "ui/call_store.h"

#include <stdlib.h>

void call_store_fini(struct call_store *store)
{
    for (size_t i = 0; i < store->count; i++)
        call_copy_fini(&store->calls[i]);
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
        if (store->calls[middle].record->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t call_store_find(const struct call_store *store, uint64_t id)
{
    size_t row = row_from(store, id);
    return row < store->count && store->calls[row].record->id == id ? row : store->count;
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

/* Takes the copy over. */
static void call_take(struct call_store *store, struct call_copy *copy)
{
    size_t row = row_from(store, copy->record->id);
    bool known = row < store->count && store->calls[row].record->id == copy->record->id;
    if (copy->record->id <= store->forgotten_id || (!known && !row_open(store, row))) {
        store->lost += copy->record->id > store->forgotten_id;
        call_copy_fini(copy);
        return;
    }
    if (known) {
        store->bytes -= store->calls[row].bytes;
        call_copy_fini(&store->calls[row]);
        changed_add(store, row);
    }
    store->calls[row] = *copy;
    store->bytes += copy->bytes;
}

/* Takes out the first rows. */
static void rows_forget(struct call_store *store, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        store->bytes -= store->calls[i].bytes;
        store->forgotten_id = store->calls[i].record->id;
        call_copy_fini(&store->calls[i]);
    }
    memmove(store->calls, store->calls + count, (store->count - count) * sizeof *store->calls);
    store->count -= count;
    store->forgotten += count;
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
        uint64_t id = store->calls[i].record->id;
        while (next < gone_count && gone[next] < id)
            next++;
        if (next < gone_count && gone[next] == id) {
            store->bytes -= store->calls[i].bytes;
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
    store->moved = false;
    store->changed_count = 0;
    store->count_before = store->count;
    /* A call that was refused and is wanted again, or the other way round, between two snapshots: its newest record tells. The core
       names a call as gone only when it gives no record of it, and later records of it come in later. */
    gone_drop(store, snapshot->gone, snapshot->gone_count);
    for (size_t i = 0; i < snapshot->call_count; i++)
        call_take(store, &snapshot->calls[i]);
    snapshot->call_count = snapshot->gone_count = 0;
    store->lost += snapshot->lost;
    budget_keep(store);
}
