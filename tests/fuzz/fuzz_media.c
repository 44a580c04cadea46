/* Media from any bytes: RTP, RTCP, UDPTL, descriptions and ends in any order. What is published must hold together. */
#include <math.h>
#include <stdlib.h>

#include "base/reader.h"
#include "dissectors/claims.h"
#include "dissectors/sdp.h"
#include "media/media.h"

static void check(void *context, const struct record *record)
{
    (void)context;
    const struct stream_record *s = record->stream;
    if (s->lost > s->expected || s->duplicates + s->strays > s->packets || s->packets == 0 || !(s->loss_pct >= 0 && s->loss_pct <= 100))
        abort();
    if (s->mos == NULL || (isnan(s->mos->lq) && s->mos->why.len == 0) || s->mos->lq < 1 || s->mos->lq > 4.5 || s->mos->min > 4.5)
        abort();
    if (s->burst == NULL || !(s->burst->burst_r >= 1) || s->burst->burst_loss_pct > 100.001 || s->burst->gap_loss_pct > 100.001)
        abort();
    if (s->jitter != NULL && (s->jitter->mean < 0 || s->jitter->max < 0 || s->jitter->last < 0))
        abort();
}

static const char *const descriptions[] = {
    "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\nc=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n",
    "v=0\r\no=- 1 1 IN IP4 10.0.0.2\r\nc=IN IP4 10.0.0.2\r\nm=audio 4001 RTP/AVP 96 97\r\na=rtpmap:96 AMR-WB/16000\r\na=rtpmap:97 opus/48000/2\r\n",
    "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\nc=IN IP4 10.0.0.1\r\nm=image 4000 udptl t38\r\n",
    "v=0\r\nc=IN IP4 0.0.0.0\r\nm=audio 9 RTP/AVP 0\r\na=candidate:1 1 UDP 1 10.0.0.2 4001 typ host\r\na=inactive\r\n",
};

static struct endpoint endpoint_of(uint8_t number)
{
    return endpoint_ipv4((const uint8_t[]){10, 0, 0, (uint8_t)(1 + (number & 1))}, (uint16_t)(4000 + (number >> 1 & 3)));
}

static void release(struct media *media, uint32_t *session, uint32_t call)
{
    struct call_record record = {.id = call, .answer = 1, .end = CLOCK_NONE, .loss_pct = NAN, .mos = NAN, .jitter = CLOCK_NONE};
    struct media_one_way one_way;
    if (*session == SESSION_NONE)
        return;
    media_describe(media, *session, &record);
    (void)media_one_way(media, *session, &record, CLOCK_NONE, &one_way);
    media_release(media, *session, &record);
    *session = SESSION_NONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sdp sdp;
    struct reader r = reader_over(slice_of(data, size));
    struct media_config config = {.hash_seed = 1, .memory_limit = 1 << 20, .keep_to_end = true, .windows = true,
                                  .buffer = {(size & 1) ? BUFFER_ADAPTIVE : BUFFER_FIXED, 60 * NS_PER_MS},
                                  .one_way_delay_ns = CLOCK_NONE, .publish = check};
    struct media *media = media_new(&config);
    uint32_t sessions[2] = {SESSION_NONE, SESSION_NONE};
    struct sighting at = {.time_ns = NS_PER_SECOND, .frame = 1};
    while (media != NULL && reader_left(&r) > 0) {
        uint8_t kind = reader_u8(&r), ends = reader_u8(&r);
        uint32_t *session = &sessions[kind >> 7];
        at.time_ns += (int64_t)reader_be16(&r) << (kind >> 4 & 7) << 8;
        at.src = endpoint_of(ends);
        at.dst = endpoint_of(ends >> 4);
        at.frame++;
        size_t want = kind & 8 ? 64 : 20;
        struct slice bytes = reader_slice(&r, reader_left(&r) < want ? reader_left(&r) : want);
        struct media_packet packet = {.time_ns = at.time_ns, .frame = at.frame, .src = &at.src, .dst = &at.dst, .bytes = bytes.data,
                                      .len = (uint32_t)bytes.len, .wire_len = (uint32_t)bytes.len};
        switch (kind & 7) {
        case 0:
            if (sdp_parse(slice_str(descriptions[ends & 3]), &sdp))
                *session = media_described(media, *session, &(struct session_description){.call = 1 + (kind >> 7), .sighting = &at, .sdp = &sdp,
                                                                                          .by_caller = ends >> 7});
            break;
        case 1:
            media_rtcp(media, &at, bytes);
            break;
        case 2:
            (void)media_datagram(media, &at, bytes);
            break;
        case 3:
            media_ended(media, *session, at.time_ns);
            *session = media_digit(media, *session, 1 + (kind >> 7), &at,
                                   &(struct media_press){.digit = (char)('0' + ends % 10), .by_caller = ends & 1, .request = ends / 4});
            break;
        case 4:
            if ((ends & 15) == 0)
                release(media, session, 1 + (kind >> 7));
            media_expire(media, at.time_ns);
            break;
        default:
            if (bytes.len >= 12 && claim_rtp(bytes))
                media_rtp(media, &packet, 1);
            break;
        }
    }
    release(media, &sessions[0], 1);
    release(media, &sessions[1], 2);
    if (media != NULL)
        media_finish(media);
    media_free(media);
    return 0;
}
