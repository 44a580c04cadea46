/* Offers and answers (RFC 3264, RFC 6337): which body is which, and what the two sides agreed on. */
#include "signaling/call.h"

#include "dissectors/mime.h"

/* The codecs of an answer are the agreed ones (RFC 3264 6.1); media with port 0 was refused. */
static void codecs_take(struct calls *calls, struct call *call, const struct sdp *sdp)
{
    unsigned count = 0;
    memset(call->codecs, 0, sizeof call->codecs);
    for (unsigned m = 0; m < sdp->media_count; m++) {
        const struct sdp_media *media = &sdp->media[m];
        for (unsigned f = 0; f < media->format_count && media->endpoint.port != 0; f++) {
            struct slice name = media->formats[f].encoding.len > 0 ? media->formats[f].encoding : media->formats[f].text;
            uint16_t number = intern_number(&calls->intern, name);
            bool known = number == INTERN_NONE;
            for (unsigned i = 0; i < count && !known; i++)
                known = call->codecs[i] == number;
            if (!known && count < CALL_CODECS_MAX)
                call->codecs[count++] = number;
        }
    }
}

/* An ACK answers the offer of a 2xx, a PRACK that of a reliable 18x; every other request with SDP offers. A response answers
   the offer of its request, else it offers (RFC 3261 13.2.1, RFC 3262 5). */
static bool body_is_answer(const struct call *call, const struct sip_message *message)
{
    if (!call->offered)
        return false;
    if (message->request)
        return call->offered_late && (message->method == SIP_ACK || message->method == SIP_PRACK);
    return message->cseq == call->offer_cseq;
}

static bool part_is_sdp(const struct mime_part *part)
{
    return slice_is_nocase(part->type, "application/sdp") || (part->type.len == 0 && slice_starts(part->body, "v=0"));
}

/* The body's session description: itself, or a part of a multipart. SLICE_NONE where there is none. */
static struct slice body_sdp(const struct sip_message *message)
{
    struct slice type = sip_header_value(message, SIP_HEADER_CONTENT_TYPE);
    struct mime_part parts[MIME_PARTS_MAX];
    if (slice_is_nocase(type, "application/sdp"))
        return message->body;
    size_t count = mime_split(type, message->body, parts);
    for (size_t i = 0; i < count; i++)
        if (part_is_sdp(&parts[i]))
            return parts[i].body; /* one session description a message (RFC 5621 8.2) */
    return SLICE_NONE;
}

static void session_tell(struct calls *calls, struct call *call, const struct sighting *sighting, const struct sip_message *message,
                         struct message_tags *tags, bool answer)
{
    const struct session_follower *follower = &calls->config.follower;
    if (follower->context == NULL)
        return;
    /* From names the sender of a request, and of what a response answers. */
    bool from_caller = slice_equal(tags_from(tags), call->from_tag);
    struct session_description description = {.call = call->id,
                                              .sighting = sighting,
                                              .sdp = &calls->sdp->sdp,
                                              .by_caller = message->request ? from_caller : !from_caller,
                                              .answer = answer};
    call->session = follower->described(follower->context, call->session, &description);
}

enum description offer_answer_update(struct calls *calls, struct call *call, uint32_t number, const struct sighting *sighting,
                         const struct sip_message *message, struct message_tags *tags)
{
    if (message->body.len == 0 || call->method != SIP_INVITE)
        return DESCRIPTION_NONE;
    struct slice text = body_sdp(message);
    if (text.len == 0 || !sdp_parse_again(text, calls->sdp))
        return DESCRIPTION_NONE;
    const struct sdp *sdp = &calls->sdp->sdp;
    correlate_expect_origin(calls, sdp);
    bool answer = body_is_answer(call, message);
    session_tell(calls, call, sighting, message, tags, answer);
    correlate_origin(calls, call, number, sdp);
    if (answer) {
        codecs_take(calls, call, sdp);
        /* A 18x and the 2xx of one INVITE repeat the answer: the offer stays answered by its CSeq. */
        call->offered = !message->request;
    } else {
        call->offered = true;
        call->offered_late = !message->request;
        call->offer_cseq = message->cseq;
    }
    return answer ? DESCRIPTION_ANSWER : DESCRIPTION_OFFER;
}
