/* What is left of a SIP datagram of which a fragment never came: no message, but evidence for its call. */
#include "analyzer/pipeline.h"

#include "base/text.h"

enum { UDP_HEADER = 8 };

void fragment_path_lost(void *context, const struct lost_datagram *lost)
{
    struct analyzer *analyzer = context;
    struct sip_message *message = &analyzer->ahead[0].message;
    struct slice payload = slice_after(lost->begin, UDP_HEADER);
    sip_path_flush(analyzer);
    if (lost->protocol != IP_UDP || payload.len == 0 || !sip_claim(payload) || !sip_parse(payload, message))
        return; /* another protocol's, or the first fragment is the missing one: nothing tells whose it was */
    struct sighting sighting = {.time_ns = lost->time_ns, .frame = lost->frame, .src = lost->src, .dst = lost->dst, .truncated = true};
    sighting.src.port = (uint16_t)(lost->begin.data[0] << 8 | lost->begin.data[1]);
    sighting.dst.port = (uint16_t)(lost->begin.data[2] << 8 | lost->begin.data[3]);
    /* A Call-ID that runs up to the end may be a piece of a longer one. */
    bool whole = message->call_id.len > 0 && message->call_id.data + message->call_id.len < payload.data + payload.len;
    struct call *call = whole ? calls_find_by_id(analyzer->calls, message->call_id) : NULL;
    char src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];
    endpoint_format(&sighting.src, src);
    endpoint_format(&sighting.dst, dst);
    struct text text = {0};
    text_slice(&text, slice_cut(message->start_line, 0, 80));
    text_format(&text, ": of its datagram from %s to %s %u fragment%s came, up to byte %u, and a part never did", src, dst, lost->fragments,
                lost->fragments == 1 ? "" : "s", lost->reach);
    finding_add(analyzer, call,
                &(struct firing){.rule = rules_at(analyzer->rules, RULE_FRAGMENT_LOST), .sighting = &sighting, .subject = slice_str("fragments"),
                                 .text = slice_of(text.data, text.len), .stream = NUMBER_NONE});
    text_fini(&text);
}
