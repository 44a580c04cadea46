/* A call's messages lie close together, behind its first frame; of a long call the last ones may be far away. So each drawing goes a
   bounded way, and the next one goes on where it stopped. */
#include "ui/header_values.h"

#include <stdlib.h>

#include "analyzer/reading.h"

/* BEFORE: TCP may deliver a message behind messages of later frames. END_NS: retransmissions of the last ones may come so late. */
enum { WALK_MOST = 400000, READS_MOST = 400, BEFORE = 4096 };

#define END_NS (64 * NS_PER_SECOND)

void header_values_fini(struct header_values *values)
{
    free(values->places);
    text_fini(&values->message);
    text_fini(&values->value);
    *values = (struct header_values){0};
}

void header_values_begin(struct header_values *values)
{
    values->drawing++;
    values->walk = WALK_MOST;
    values->reads = READS_MOST;
    values->unfinished = false;
}

static uint64_t name_hash(const char *name)
{
    uint64_t hash = 1;
    for (; *name != '\0'; name++)
        hash = hash_word(hash, ascii_lower((uint8_t)*name));
    return hash | 1;
}

/* The place of the header, or the one that was asked for longest ago. NULL without memory. */
static struct header_value *place_of(struct header_values *values, uint64_t call, uint64_t name)
{
    if (values->places == NULL)
        values->places = calloc(HEADER_VALUES, sizeof *values->places);
    struct header_value *oldest = values->places;
    for (size_t i = 0; i < HEADER_VALUES && values->places != NULL; i++) {
        struct header_value *place = &values->places[i];
        if (place->call == call && place->name == name)
            return place;
        oldest = place->drawn < oldest->drawn ? place : oldest;
    }
    return oldest;
}

static void place_begin(struct header_value *place, const struct message_store *store, const struct call_record *call, uint64_t name)
{
    size_t at = message_store_from(store, call->frame);
    *place = (struct header_value){.call = call->id, .name = name, .next = message_store_gone(store) + (at > BEFORE ? at - BEFORE : 0)};
}

/* True where the request has the header. */
static bool value_take(struct header_values *values, const struct message_store *store, const struct kept_message *message,
                       const char *name, struct header_value *place)
{
    struct error error;
    text_reset(&values->value);
    if (message->code != 0 || !message_store_text(store, message, &values->message, &error) ||
        !reading_header(&values->value, slice_of(values->message.data, values->message.len), name))
        return false;
    struct slice value = slice_cut(slice_of(values->value.data, values->value.len), 0, HEADER_VALUE_BYTES);
    place->len = (uint8_t)value.len;
    if (value.len > 0)
        memcpy(place->text, value.data, value.len);
    return true;
}

/* Goes on looking; false when this drawing has looked enough. */
static bool place_search(struct header_values *values, const struct message_store *store, const struct call_record *call,
                         const char *name, struct header_value *place)
{
    uint64_t gone = message_store_gone(store);
    place->next = place->next < gone ? gone : place->next;
    for (; place->next < gone + store->count && place->seen < call->messages && !place->found; place->next++) {
        const struct kept_message *message = &store->messages[place->next - gone];
        bool own = message->call == (call->id & UINT32_MAX);
        if (values->walk == 0 || (own && values->reads == 0))
            return false;
        values->walk--;
        values->reads -= own;
        if (own && value_take(values, store, message, name, place))
            place->found = true;
        else if (!own && call->end != CLOCK_NONE && message->at > call->end + END_NS)
            place->seen = call->messages; /* nothing of it comes any more */
        place->seen += own;
    }
    return true;
}

struct slice header_values_find(struct header_values *values, const struct message_store *store, const struct call_record *call,
                                const char *name)
{
    uint64_t hash = name_hash(name);
    struct header_value *place = place_of(values, call->id, hash);
    if (place == NULL)
        return SLICE_NONE;
    if (place->call != call->id || place->name != hash)
        place_begin(place, store, call, hash);
    place->drawn = values->drawing;
    if (place_search(values, store, call, name, place))
        return slice_of(place->text, place->len);
    values->unfinished = true;
    return slice_str("...");
}
