/* Telephone events: a new timestamp is a new event, whatever the marker says; repeats and updates of it carry the same one. */
#include "media/digits.h"

#include <stdlib.h>

#include "dissectors/telephone_event.h"
#include "media/decrypt.h"

/* The same digit by another way or another stream at nearly the same time is the same press. */
#define TOGETHER_NS (150 * NS_PER_MS)

/* A broken sender that gives each packet its own timestamp: packets of one event follow one another within this time, and their
   durations only grow. */
#define BROKEN_NS (80 * NS_PER_MS)

bool digits_payload(const struct rtp_header *header)
{
    struct telephone_event event;
    struct slice rest = header->payload;
    return header->payload_type >= 96 && header->payload.len == 4 && telephone_event_next(&rest, &event) && !event.reserved &&
           event.event <= 16 && event.volume <= 63;
}

void digits_free(struct media *media, struct events *events)
{
    if (events == NULL)
        return;
    media->heap_bytes -= sizeof *events + events->room * sizeof *events->items;
    free(events->items);
    free(events);
}

static struct event *event_add(struct media *media, struct detail *detail)
{
    struct events *events = detail->events;
    if (events == NULL) {
        events = detail->events = calloc(1, sizeof *events);
        if (events == NULL)
            return NULL;
        media->heap_bytes += sizeof *events;
    }
    events->left_out += events->count >= EVENTS_KEPT;
    if (events->count > EVENTS_KEPT)
        return &events->items[EVENTS_KEPT];
    if (events->count == events->room) {
        unsigned room = events->room == 0 ? 4 : events->room == EVENTS_KEPT ? EVENTS_KEPT + 1 : events->room * 2u;
        struct event *grown = realloc(events->items, room * sizeof *grown);
        if (grown == NULL)
            return NULL;
        media->heap_bytes += (room - events->room) * sizeof *grown;
        events->items = grown;
        events->room = (uint16_t)room;
    }
    return &events->items[events->count++];
}

/* A longer event than 16 bits of duration hold goes on in a new segment, whose timestamp is where the last one ended (RFC 4733 2.5.1.3).
   The one packet that said so, of the full duration, may be lost. */
static bool event_goes_on(const struct event *event, const struct telephone_event *now, uint32_t timestamp)
{
    return event->code == now->event && !event->ended && timestamp == event->timestamp + UINT16_MAX;
}

/* The packet is another one of the event, by its timestamp; or by all else, where the sender moves the timestamp on. */
static bool event_is(const struct event *event, const struct telephone_event *now, uint32_t timestamp, int64_t time_ns)
{
    if (event->code != now->event)
        return false;
    if (event->timestamp == timestamp)
        return true;
    uint32_t ahead = timestamp - event->timestamp;
    bool drifts = ahead <= event->clock_hz && time_ns - event->newest_ns < BROKEN_NS;
    if (!drifts)
        return false;
    return now->duration >= event->duration && (now->end || !event->ended);
}

static int64_t event_ns(const struct event *event)
{
    return (int64_t)(event->before + event->duration) * NS_PER_SECOND / (event->clock_hz == 0 ? 8000 : event->clock_hz);
}

static void event_update(struct event *event, const struct telephone_event *now, uint32_t timestamp, int64_t time_ns)
{
    event->newest_ns = time_ns;
    if (event->timestamp == timestamp && now->duration < event->duration && event->duration > 64000)
        event->before += 0x10000; /* senders that let the duration run over instead of beginning a segment */
    if (event->timestamp != timestamp || now->duration > event->duration || event->duration > 64000)
        event->duration = now->duration;
    event->timestamp = timestamp;
    event->ended |= now->end;
    event->volume = now->volume;
}

static void event_see(struct media *media, uint32_t number, const struct media_packet *packet, const struct rtp_header *header,
                      const struct telephone_event *now)
{
    struct detail *detail = detail_at(media, number);
    struct event *event = detail->events == NULL || detail->events->count == 0 ? NULL : &detail->events->items[detail->events->count - 1];
    if (event != NULL && event_goes_on(event, now, header->timestamp)) {
        event->before += UINT16_MAX;
        event->timestamp = header->timestamp;
        event->duration = 0;
    }
    if (event == NULL || !event_is(event, now, header->timestamp, packet->time_ns)) {
        /* A repeat of the event before, which the network overtook. */
        if (event != NULL && detail->events->count > 1 && event[-1].timestamp == header->timestamp && event[-1].code == now->event) {
            event[-1].ended |= now->end;
            event[-1].duration = now->duration > event[-1].duration ? now->duration : event[-1].duration;
            return;
        }
        const struct format *format = format_of(media, detail, header->payload_type);
        event = event_add(media, detail);
        if (event == NULL)
            return;
        *event = (struct event){.at_ns = packet->time_ns, .timestamp = header->timestamp, .code = now->event,
                                .payload_type = header->payload_type,
                                .clock_hz = format != NULL && format->clock_hz != 0 ? format->clock_hz
                                            : detail->clock_hz != 0                 ? detail->clock_hz
                                                                                    : 8000};
    }
    event_update(event, now, header->timestamp, packet->time_ns);
}

/* By its description, or by its looks. */
static bool is_event(const struct media *media, const struct detail *detail, const struct rtp_header *header)
{
    const struct format *format = format_of(media, detail, header->payload_type);
    return (format != NULL && slice_is_nocase(intern_text(&media->intern, format->name), "telephone-event")) || digits_payload(header);
}

/* Encrypted, with a tag behind it (RFC 3711 3.1), and not opened. */
static bool is_hidden(const struct media *media, const struct detail *detail, const struct rtp_header *header)
{
    return !decrypt_read(media, detail, header) && (header->payload.len != 4 || decrypt_on(media, detail));
}

uint32_t digits_ticks(const struct media *media, const struct detail *detail, const struct rtp_header *header)
{
    struct slice rest = header->payload;
    struct telephone_event event;
    if (!is_event(media, detail, header))
        return 0;
    return !is_hidden(media, detail, header) && telephone_event_next(&rest, &event) ? event.duration : DIGITS_UNREAD;
}

void digits_see(struct media *media, uint32_t number, const struct media_packet *packet, const struct rtp_header *header)
{
    const struct detail *detail = detail_at(media, number);
    struct slice rest = header->payload;
    struct telephone_event event;
    if (!is_event(media, detail, header) || is_hidden(media, detail, header))
        return;
    while (telephone_event_next(&rest, &event))
        event_see(media, number, packet, header, &event);
}

void digits_describe(const struct event *event, char text[2], struct stream_digit *digit)
{
    const char *name = telephone_event_name(event->code);
    text[0] = telephone_event_digit(event->code);
    text[1] = '\0';
    *digit = (struct stream_digit){.digit = text[0] != '\0' ? slice_of(text, 1) : name != NULL ? slice_str(name) : slice_str("?"),
                                   .at = event->at_ns,
                                   .duration = event_ns(event),
                                   .volume = -(int64_t)event->volume,
                                   .ended = event->ended};
}

static int by_time(const void *a, const void *b)
{
    const struct pressed *left = a, *right = b;
    return left->at_ns < right->at_ns ? -1 : left->at_ns > right->at_ns;
}

/* Another way of the same press: near in time, from the same side, but not of the same stream (or by INFO twice). */
static bool press_repeats(const struct pressed *all, size_t at)
{
    for (size_t i = at; i > 0; i--) {
        const struct pressed *other = &all[i - 1];
        if (all[at].at_ns - other->end_ns > TOGETHER_NS && all[at].at_ns - other->at_ns > 2 * NS_PER_SECOND)
            return false;
        bool other_way = other->way != all[at].way || (other->way == DIGIT_EVENT && other->stream != all[at].stream);
        if (other_way && other->digit == all[at].digit && other->by == all[at].by && all[at].at_ns - other->end_ns <= TOGETHER_NS)
            return true;
    }
    return false;
}

/* All presses of the call, in no order. */
static size_t presses_collect(const struct media *media, const struct session *session, struct pressed *all)
{
    size_t count = session->digit_count;
    if (count > 0)
        memcpy(all, session->digits, count * sizeof *all);
    for (uint32_t at = session->streams; at != POOL_NONE; at = detail_at(media, at)->links[LIST_SESSION].next) {
        const struct detail *detail = detail_at(media, at);
        for (unsigned i = 0; i < events_kept(detail->events); i++) {
            const struct event *event = &detail->events->items[i];
            char digit = telephone_event_digit(event->code);
            if (digit != '\0')
                all[count++] = (struct pressed){.at_ns = event->at_ns, .end_ns = event->at_ns + event_ns(event), .digit = digit,
                                                .way = DIGIT_EVENT, .by = (uint8_t)!detail->toward, .stream = at};
        }
    }
    return count;
}

static bool scratch_reserve(struct media *media, size_t count)
{
    if (count <= media->digits_room)
        return true;
    char *grown = realloc(media->digits_scratch, count);
    if (grown == NULL)
        return false;
    media->digits_scratch = grown;
    media->digits_room = count;
    return true;
}

struct slice digits_text(struct media *media, const struct session *session)
{
    size_t count = session->digit_count, length = 0;
    for (uint32_t at = session->streams; at != POOL_NONE; at = detail_at(media, at)->links[LIST_SESSION].next)
        count += events_kept(detail_at(media, at)->events);
    struct pressed *all = count == 0 || !scratch_reserve(media, count) ? NULL : malloc(count * sizeof *all);
    if (all == NULL)
        return SLICE_NONE;
    count = presses_collect(media, session, all);
    qsort(all, count, sizeof *all, by_time);
    for (size_t i = 0; i < count; i++)
        if (!press_repeats(all, i))
            media->digits_scratch[length++] = all[i].digit;
    free(all);
    return slice_of(media->digits_scratch, length);
}
