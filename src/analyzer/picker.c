/* Frames are decoded as in the first look. What a fragment belongs to only its last one tells: until then it waits in a queue, and so
   that the order stays, everything behind it. */
#include "analyzer/picker.h"

#include <stdlib.h>

#include "dissectors/hep.h"
#include "net/decode.h"

enum { WAITING_BYTES_MAX = 16 << 20, FRAGMENT_BYTES_MAX = 32 << 20, DECIDED = 64 };

/* Longer than the decoder waits for the rest of a datagram. */
#define WAIT_NS (31 * NS_PER_SECOND)

enum choice { CHOICE_KEEP, CHOICE_OPEN, CHOICE_DROP };

/* Owns its bytes. */
struct waiting {
    struct frame frame;
    uint64_t datagram; /* 0: no fragment */
    enum choice choice;
    struct waiting *next;
};

struct picker {
    const struct selection *selection;
    bool (*keep)(void *context, const struct frame *frame);
    void *context;
    struct decoder decoder;
    struct waiting *first, **end;
    size_t waiting_bytes;
    uint64_t datagram;              /* of the frame that is looked at; 0 */
    uint64_t decided[DECIDED];      /* the newest datagrams that are kept: copies of their fragments may follow */
    unsigned decided_next;
    uint64_t left_out;
    bool over;
};

/* What a whole datagram carries in a tunnel may be a fragment itself: then its own fragments share that one's fate. */
static void fragment_seen(void *context, uint64_t datagram)
{
    struct picker *picker = context;
    for (struct waiting *at = picker->first; at != NULL && picker->datagram != 0; at = at->next)
        if (at->datagram == picker->datagram)
            at->datagram = datagram;
    picker->datagram = datagram;
}

struct picker *picker_new(const struct selection *selection, uint64_t hash_seed, bool (*keep)(void *context, const struct frame *frame),
                          void *context)
{
    struct picker *picker = calloc(1, sizeof *picker);
    if (picker == NULL || !decoder_init(&picker->decoder, hash_seed, FRAGMENT_BYTES_MAX)) {
        free(picker);
        return NULL;
    }
    picker->selection = selection;
    picker->keep = keep;
    picker->context = context;
    picker->end = &picker->first;
    decoder_follow(&picker->decoder, fragment_seen, picker);
    return picker;
}

static void give(struct picker *picker, const struct frame *frame)
{
    if (!picker->over)
        picker->over = !picker->keep(picker->context, frame);
}

static void first_leave(struct picker *picker)
{
    struct waiting *first = picker->first;
    picker->first = first->next;
    if (picker->first == NULL)
        picker->end = &picker->first;
    picker->waiting_bytes -= sizeof *first + first->frame.bytes.len;
    if (first->choice == CHOICE_KEEP)
        give(picker, &first->frame);
    picker->left_out += first->choice == CHOICE_OPEN;
    free(first);
}

/* Gives what is decided, up to the first that is not. */
static void queue_advance(struct picker *picker, int64_t now_ns)
{
    while (picker->first != NULL && (picker->first->choice != CHOICE_OPEN || picker->waiting_bytes > WAITING_BYTES_MAX ||
                                     now_ns - picker->first->frame.time_ns > WAIT_NS))
        first_leave(picker);
}

void picker_free(struct picker *picker)
{
    if (picker == NULL)
        return;
    picker->over = true;
    while (picker->first != NULL)
        first_leave(picker);
    decoder_fini(&picker->decoder);
    free(picker);
}

static void queue_add(struct picker *picker, const struct frame *frame, enum choice choice)
{
    struct waiting *waiting = malloc(sizeof *waiting + frame->bytes.len);
    if (waiting == NULL) {
        picker->left_out++;
        return;
    }
    *waiting = (struct waiting){.frame = *frame, .datagram = picker->datagram, .choice = choice};
    if (frame->bytes.len > 0)
        memcpy(waiting + 1, frame->bytes.data, frame->bytes.len);
    waiting->frame.bytes.data = (const uint8_t *)(waiting + 1);
    picker->waiting_bytes += sizeof *waiting + frame->bytes.len;
    *picker->end = waiting;
    picker->end = &waiting->next;
}

static bool datagram_decided(const struct picker *picker)
{
    for (unsigned i = 0; i < DECIDED && picker->datagram != 0; i++)
        if (picker->decided[i] == picker->datagram)
            return true;
    return false;
}

/* The fragments that came before share the choice. */
static void datagram_decide(struct picker *picker, bool keep)
{
    for (struct waiting *at = picker->first; at != NULL; at = at->next)
        if (at->datagram == picker->datagram && at->choice == CHOICE_OPEN)
            at->choice = keep ? CHOICE_KEEP : CHOICE_DROP;
    if (keep)
        picker->decided[picker->decided_next++ % DECIDED] = picker->datagram;
}

/* Media that an agent captured elsewhere and sent on counts by its own addresses. */
static bool inner_chosen(const struct picker *picker, const struct packet *packet)
{
    struct hep hep;
    struct slice payload = packet_payload(packet);
    if (packet->protocol != IP_UDP || !hep_claim(payload) || !hep_parse(payload, &hep))
        return false;
    return selection_packet(picker->selection, &(struct selection_packet){.time_ns = hep.time_ns == CLOCK_NONE ? packet->time_ns : hep.time_ns,
                                                                          .src = &hep.src, .dst = &hep.dst, .payload = hep.payload});
}

static bool packet_chosen(const struct picker *picker, const struct packet *packet)
{
    struct selection_packet asked = {.time_ns = packet->time_ns, .src = &packet->src, .dst = &packet->dst,
                                     .payload = packet_payload(packet),
                                     .stream = packet->protocol == IP_TCP || packet->protocol == IP_SCTP,
                                     .quoted = (packet->flags & PACKET_QUOTED) != 0};
    return selection_packet(picker->selection, &asked) || inner_chosen(picker, packet);
}

bool picker_look(struct picker *picker, const struct frame *frame)
{
    struct packet packet;
    picker->datagram = 0;
    bool whole = decode_frame_slow(&picker->decoder, frame, &packet);
    bool chosen = selection_frame(picker->selection, frame->number) || (whole && packet_chosen(picker, &packet)) || datagram_decided(picker);
    bool open = picker->datagram != 0 && !whole && !chosen;
    if (picker->datagram != 0 && !open)
        datagram_decide(picker, chosen);
    queue_advance(picker, frame->time_ns);
    if (chosen && picker->first == NULL)
        give(picker, frame);
    else if (chosen || open)
        queue_add(picker, frame, chosen ? CHOICE_KEEP : CHOICE_OPEN);
    return !picker->over;
}

uint64_t picker_finish(struct picker *picker)
{
    while (picker->first != NULL)
        first_leave(picker);
    return picker->left_out;
}
