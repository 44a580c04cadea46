/* SDP: counts stay within their arrays, and every slice can be read. */
#include "dissectors/sdp.h"

#include <stdlib.h>

static volatile uint8_t sink;

static void touch(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        sink = (uint8_t)(sink ^ s.data[i]);
}

static void touch_media(const struct sdp_media *media)
{
    if (media->format_count > SDP_FORMATS_MAX || media->crypto_count > SDP_CRYPTO_MAX ||
        media->candidate_count > SDP_CANDIDATES_MAX || (unsigned)media->direction > SDP_INACTIVE)
        abort();
    struct slice all[] = {media->kind, media->protocol, media->mid, media->fingerprint, media->key_management, media->setup};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        touch(all[i]);
    for (unsigned i = 0; i < media->format_count; i++) {
        touch(media->formats[i].text);
        touch(media->formats[i].encoding);
        touch(media->formats[i].fmtp);
        if (media->formats[i].payload_type > 127 && media->formats[i].payload_type != 255)
            abort();
    }
    for (unsigned i = 0; i < media->crypto_count; i++) {
        touch(media->crypto[i].tag);
        touch(media->crypto[i].suite);
        touch(media->crypto[i].key_parameters);
        touch(media->crypto[i].session_parameters);
    }
    for (unsigned i = 0; i < media->candidate_count; i++)
        touch(media->candidates[i].kind);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sdp sdp;
    static struct sdp_memory memory; /* of all inputs so far */
    memset(&sdp, 0xa5, sizeof sdp);
    bool read = sdp_parse(slice_of(data, size), &sdp);
    if (sdp_parse_again(slice_of(data, size), &memory) != read || memory.sdp.flags != sdp.flags || memory.sdp.media_count != sdp.media_count)
        abort();
    for (unsigned i = 0; i < sdp.media_count; i++)
        touch_media(&memory.sdp.media[i]);
    if (sdp.media_count > SDP_MEDIA_MAX)
        abort();
    struct slice all[] = {sdp.origin_user, sdp.origin_id, sdp.origin_version, sdp.origin_address, sdp.session_name};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        touch(all[i]);
    for (unsigned i = 0; i < sdp.media_count; i++)
        touch_media(&sdp.media[i]);
    return 0;
}
