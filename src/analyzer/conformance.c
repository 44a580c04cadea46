/* When to check a message's grammar: always would cost more than everything else together. The first thousands are all checked,
   so that a file of ordinary size is complete; after that only messages that look wrong already, or of a shape (kind, headers and
   their order) that its sender did not show before; of a shape that hundreds of senders have, those of the first hundreds. The
   summary says how many were checked. */
#include "analyzer/pipeline.h"
#include "dissectors/sip_strict.h"

_Static_assert(sizeof(struct sip_header) == offsetof(struct sip_header, name_len) + sizeof(uint32_t), "read as one word");

enum { CHECK_ALL_FIRST = 4096, SHAPES_MAX = 1 << 16 };

struct shape conformance_shape(const struct analyzer *analyzer, const struct sip_message *message, const struct sighting *sighting)
{
    uint64_t sum = (uint64_t)message->method << 32 | message->status << 8 | (message->body.len > 0);
    for (unsigned i = 0; i < message->header_count; i++) {
        uint32_t kind; /* name_len, id and compact, which stand together */
        memcpy(&kind, &message->headers[i].name_len, sizeof kind);
        sum = sum * UINT64_C(0x9e3779b97f4a7c15) + kind;
    }
    struct shape shape = {.anywhere = hash_word(analyzer->config.hash_seed, sum)};
    shape.here = hash_bytes(shape.anywhere, slice_of(sighting->src.address, sizeof sighting->src.address));
    table_prefetch(&analyzer->conformance.shapes, shape.here);
    return shape;
}

/* True when the shape is new; remembers it. */
static bool shape_is_new(struct conformance *conformance, uint64_t shape)
{
    uint32_t cursor = 0, low = (uint32_t)shape >> 1, there; /* the slot holds the upper half: 63 bits tell shapes apart */
    while ((there = table_next(&conformance->shapes, shape, &cursor)) != TABLE_NONE)
        if (there == low)
            return false;
    if (conformance->shapes.count < SHAPES_MAX)
        (void)table_add(&conformance->shapes, shape, low);
    return true;
}

/* Phones by the thousand, all of one make, say nothing new. */
static bool sender_counts(struct conformance *conformance, struct shape shape)
{
    uint8_t *senders = &conformance->senders[shape.anywhere % CONFORMANCE_SHAPES];
    *senders = (uint8_t)(*senders + (*senders < UINT8_MAX));
    return *senders < UINT8_MAX;
}

bool conformance_check(struct analyzer *analyzer, const struct sip_message *message, const struct sighting *sighting,
                       struct shape shape, bool stream, bool *strict_refuses)
{
    enum { SUSPICIOUS = SIP_INDEX_TRUNCATED | SIP_INDEX_BODY_SHORT | SIP_INDEX_BAD_LENGTH | SIP_INDEX_NO_COLON | SIP_INDEX_NUL };
    struct conformance *conformance = &analyzer->conformance;
    bool new_here = shape_is_new(conformance, shape.here), counts = new_here && sender_counts(conformance, shape);
    bool new_anywhere = new_here && shape_is_new(conformance, shape.anywhere);
    *strict_refuses = false;
    if (!counts && !new_anywhere && conformance->checked >= CHECK_ALL_FIRST && (message->flags & SUSPICIOUS) == 0 && message->has_cseq)
        return false;
    sip_grammar_check(message, stream, sighting->truncated, &analyzer->verdict);
    conformance->checked++;
    conformance->malformed += !analyzer->verdict.well_formed;
    if (new_anywhere && analyzer->verdict.well_formed && !sighting->truncated)
        *strict_refuses = !sip_strict_accepts(message->bytes);
    return true;
}
