/* The dissectors' view of one message, for those who may not include them. Nothing is kept. */
#include "analyzer/reading.h"

#include <stdlib.h>

#include "dissectors/mime.h"
#include "dissectors/sdp.h"
#include "dissectors/sip.h"

void reading_label(struct text *out, struct slice message)
{
    struct sip_message sip;
    if (!sip_parse(message, &sip))
        return;
    if (sip.request) {
        text_plain(out, slice_cut(sip.method_text, 0, 64));
        return;
    }
    text_plain(out, slice_cut(sip.status_text, 0, 16));
    text_put(out, ' ');
    text_plain(out, slice_cut(sip.reason, 0, 120));
}

struct slice reading_cseq(struct slice message)
{
    struct sip_message sip;
    return sip_parse(message, &sip) ? sip_header_value(&sip, SIP_HEADER_CSEQ) : SLICE_NONE;
}

static bool header_is(const struct sip_message *sip, const struct sip_header *header, const char *name)
{
    struct slice written = slice_cut(sip->bytes, header->name, (size_t)header->name + header->name_len);
    return slice_is_nocase(written, name) ||
           (header->id != SIP_HEADER_OTHER && slice_is_nocase(slice_str(sip_header_rows[header->id].name), name));
}

bool reading_header(struct text *out, struct slice message, const char *name)
{
    struct sip_message sip;
    bool found = false;
    if (!sip_parse(message, &sip))
        return false;
    for (unsigned i = 0; i < sip.header_count; i++) {
        const struct sip_header *header = &sip.headers[i];
        if (!header_is(&sip, header, name))
            continue;
        text_str(out, found ? ", " : "");
        text_slice(out, slice_cut(sip.bytes, header->value, (size_t)header->value + header->value_len));
        found = true;
    }
    return found;
}

static void media_put(struct text *out, const struct sdp_media *media)
{
    static const char *const directions[] = {[SDP_SENDRECV] = "sendrecv", [SDP_SENDONLY] = "sendonly", [SDP_RECVONLY] = "recvonly",
                                             [SDP_INACTIVE] = "inactive"};
    char address[ENDPOINT_TEXT_SIZE];
    text_plain(out, slice_cut(media->kind, 0, 32));
    text_put(out, ' ');
    if (media->endpoint.family != 0)
        text_bytes(out, address, endpoint_format(&media->endpoint, address));
    else
        text_str(out, "no address");
    if (media->endpoint.port == 0)
        text_str(out, " refused");
    for (unsigned i = 0; i < media->format_count; i++) {
        const struct sdp_format *format = &media->formats[i];
        text_put(out, ' ');
        text_plain(out, slice_cut(format->encoding.len > 0 ? format->encoding : format->text, 0, 32));
    }
    text_put(out, ' ');
    text_str(out, directions[media->direction]);
    if (media->crypto_count > 0 || media->fingerprint.len > 0)
        text_str(out, " encrypted");
}

void reading_sdp(struct text *out, struct slice message)
{
    struct sip_message sip;
    if (!sip_parse(message, &sip) || sip.body.len == 0)
        return;
    struct mime_part parts[MIME_PARTS_MAX];
    size_t count = mime_split(sip_header_value(&sip, SIP_HEADER_CONTENT_TYPE), sip.body, parts), begin = out->len;
    struct sdp *sdp = malloc(sizeof *sdp);
    for (size_t p = 0; p < count && sdp != NULL; p++) {
        bool described =
            (parts[p].type.len == 0 || slice_is_nocase(parts[p].type, "application/sdp")) && sdp_parse(parts[p].body, sdp);
        for (unsigned i = 0; described && i < sdp->media_count; i++) {
            text_str(out, out->len == begin ? "" : "; ");
            media_put(out, &sdp->media[i]);
        }
    }
    free(sdp);
}

/* The line that begins at `at`, without its end; *next: where the one behind it begins. */
static struct slice line_at(struct slice text, size_t at, size_t *next)
{
    size_t end = slice_find(text, at, '\n');
    *next = end < text.len ? end + 1 : text.len;
    size_t last = end > at && text.data[end - 1] == '\r' ? end - 1 : end;
    return slice_cut(text, at, last);
}

static const struct sip_header *header_at(const struct sip_message *sip, const uint8_t *begin, const uint8_t *end)
{
    for (unsigned i = 0; i < sip->header_count; i++) {
        const uint8_t *name = sip->bytes.data + sip->headers[i].name;
        if (name >= begin && name < end)
            return &sip->headers[i];
    }
    return NULL;
}

size_t reading_lines(struct slice message, struct reading_line *lines, size_t room)
{
    struct sip_message sip;
    bool parsed = sip_parse(message, &sip), body = false;
    size_t count = 0, next;
    for (size_t at = 0; at < message.len; at = next) {
        struct reading_line line = {.text = line_at(message, at, &next)};
        while (!body && count > 0 && line.text.len > 0 && next < message.len &&
               (message.data[next] == ' ' || message.data[next] == '\t')) {
            size_t begin = at;
            struct slice more = line_at(message, next, &next); /* RFC 3261 7.3.1: a folded line goes on */
            line.text = slice_of(message.data + begin, (size_t)(more.data + more.len - message.data) - begin);
        }
        const struct sip_header *header =
            parsed && !body && count > 0 ? header_at(&sip, line.text.data, line.text.data + line.text.len) : NULL;
        if (header != NULL) {
            line.header = true;
            line.name = header->id == SIP_HEADER_OTHER ? NULL : sip_header_rows[header->id].name;
            line.value = slice_cut(sip.bytes, header->value, (size_t)header->value + header->value_len);
        }
        body = body || line.text.len == 0;
        if (count < room)
            lines[count] = line;
        count++;
    }
    return count;
}
