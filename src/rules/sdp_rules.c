/* Session descriptions: whether they read, which addresses, codecs and formats they name (RFC 3264, RFC 4566, RFC 4733). */
#include "rules/checking.h"

static bool is_audio(const struct sdp_media *media)
{
    return slice_is_nocase(media->kind, "audio") && media->endpoint.port != 0;
}

static bool is_event(const struct sdp_format *format)
{
    return format->encoding.len == 15 && slice_is_nocase(format->encoding, "telephone-event");
}

static bool is_comfort_noise(const struct sdp_format *format)
{
    return format->encoding.len == 2 && slice_is_nocase(format->encoding, "CN");
}

static bool codec_is(const struct profile_codec *codec, const struct sdp_format *format)
{
    return slice_equal_nocase(codec->name, format->encoding) &&
           (codec->clock_hz == 0 || format->clock_hz == 0 || codec->clock_hz == format->clock_hz);
}

static void syntax(struct checking *checking)
{
    const struct sdp *sdp = checking->seen->sdp;
    static const struct {
        unsigned flag;
        const char *words;
    } faults[] = {{SDP_NO_VERSION, "there is no v= line"},
                  {SDP_NO_ORIGIN, "there is no o= line"},
                  {SDP_BAD_LINE, "a line is not of the form x=value"},
                  {SDP_NO_ADDRESS, "a media line has no c=, and neither has the session"},
                  {SDP_BAD_MEDIA, "an m= line does not read"}};
    if (checking->sighting->truncated)
        return;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (sdp->flags & faults[i].flag)
            found(checking, RULE_SDP_SYNTAX, slice_str("SDP"), "%s", faults[i].words);
    if (!(sdp->flags & SDP_NO_VERSION) && sdp->session_name.data == NULL)
        found(checking, RULE_SDP_SYNTAX, slice_str("SDP"), "there is no s= line");
}

static void private_address(struct checking *checking)
{
    const struct sdp *sdp = checking->seen->sdp;
    char text[ENDPOINT_TEXT_SIZE], src[ENDPOINT_TEXT_SIZE];
    if (address_is_private(&checking->sighting->src))
        return; /* the hop is inside: a NAT may still come */
    for (unsigned m = 0; m < sdp->media_count; m++)
        if (sdp->media[m].endpoint.family != 0 && sdp->media[m].endpoint.port != 0 && address_is_private(&sdp->media[m].endpoint)) {
            endpoint_format(&sdp->media[m].endpoint, text);
            endpoint_format(&checking->sighting->src, src);
            found(checking, RULE_PRIVATE_ADDRESS, slice_str(text), "media is announced at %s, while the message comes from %s", text, src);
            return;
        }
}

/* By its first letters: most addresses need not be read. */
static bool may_be_private(struct slice address)
{
    static const char *const beginnings[] = {"10.", "192.168.", "172.", "100.", "169.254.", "127.", "fc", "fd", "fe8"};
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
        if (slice_starts_nocase(address, beginnings[i]))
            return true;
    return false;
}

/* Where requests of the dialog and responses are to go; a trunk that follows the packets' source does not mind. */
static void private_contact(struct checking *checking)
{
    struct sip_address contact;
    struct endpoint at;
    if (address_is_private(&checking->sighting->src) || !sip_address_parse(sip_header_value(checking->message, SIP_HEADER_CONTACT), &contact) ||
        !may_be_private(contact.uri.host) || !endpoint_parse_address(contact.uri.host, &at) || !address_is_private(&at))
        return;
    found_as(checking, RULE_PRIVATE_ADDRESS, SEVERITY_INFO, slice_str("Contact"), "Contact is at the private address %.*s", WORDS(contact.uri.host));
}

/* c= and o= of one sender agree, or one of them is a name; a helper on the way changes only some. */
static void alg(struct checking *checking)
{
    const struct sdp *sdp = checking->seen->sdp;
    struct endpoint origin;
    struct sip_address contact;
    struct endpoint contact_at;
    if (sdp->connection.family == 0 || address_is_private(&sdp->connection) || !may_be_private(sdp->origin_address) || !endpoint_parse_address(sdp->origin_address, &origin) ||
        !sip_address_parse(sip_header_value(checking->message, SIP_HEADER_CONTACT), &contact) ||
        !endpoint_parse_address(contact.uri.host, &contact_at))
        return;
    bool media_changed = address_is_private(&origin) && !address_is_private(&sdp->connection);
    bool length_off = checking->message->flags & (SIP_INDEX_BODY_SHORT | SIP_INDEX_BODY_LONG);
    if (media_changed && (length_off || address_is_private(&contact_at)))
        found(checking, RULE_SIP_ALG, slice_str("SDP"), "c= is public, o= still %.*s%s", WORDS(sdp->origin_address),
              length_off ? ", and Content-Length is off" : ", and so is Contact");
}

static void trunk_media(struct checking *checking)
{
    const struct sdp *sdp = checking->seen->sdp;
    const struct profile *profile = checking->profile;
    if (!checking->src->trunk && !checking->src->learned)
        return; /* an inner hop */
    char text[ENDPOINT_TEXT_SIZE];
    for (unsigned m = 0; m < sdp->media_count; m++) {
        const struct endpoint *media = &sdp->media[m].endpoint;
        bool any = false, inside = false, port = false, legacy = false;
        for (size_t r = 0; r < profile->region_count; r++)
            for (size_t i = 0; i < profile->regions[r].media_count; i++) {
                const struct profile_range *range = &profile->regions[r].media[i];
                any = true;
                inside = inside || network_has(&range->network, media);
                legacy = legacy || (range->legacy && range_has(range, media));
                port = port || (range_has(range, media) && !range->legacy);
            }
        if (!any || media->family == 0 || media->port == 0 || sdp->media[m].zero_address)
            continue;
        endpoint_format(media, text);
        if (!inside)
            found(checking, RULE_MEDIA_IP, slice_str(text), "the trunk announces media at %s, in no media range of %.*s", text, WORDS(profile->name));
        else if (!port && !legacy)
            found(checking, RULE_MEDIA_PORT, slice_str(text), "the trunk announces media at %s, a port outside the range of that address", text);
        else if (!port)
            found(checking, RULE_LEGACY_MEDIA, slice_str(text), "the trunk announces media at %s, of a range that is listed no longer", text);
    }
}

static const struct profile_codec *codec_find(const struct profile_codec *codecs, size_t count, const struct sdp_format *format)
{
    for (size_t i = 0; i < count; i++)
        if (codec_is(&codecs[i], format))
            return &codecs[i];
    return NULL;
}

static bool is_meeting(const struct checking *checking)
{
    struct sip_uri uri;
    if (checking->site == NULL || checking->site->meeting_numbers == NULL || !sip_uri_parse(checking->message->uri, &uri))
        return false;
    for (const struct json *item = json_first(checking->site->meeting_numbers); item != NULL; item = json_next(item))
        if (slice_equal(json_text(item), uri.user))
            return true;
    return false;
}

static void name_add(struct text *list, const struct sdp_format *format)
{
    text_str(list, list->len > 0 ? ", " : "");
    text_slice(list, slice_cut(format->encoding.len > 0 ? format->encoding : format->text, 0, 24));
    if (format->clock_hz != 0)
        text_format(list, "/%u", format->clock_hz);
}

/* The names of a line's codecs; extra: only of those that the trunk does not support. */
static void names_list(const struct profile *profile, const struct sdp_media *media, bool extra, struct text *list)
{
    for (unsigned f = 0; f < media->format_count; f++) {
        const struct sdp_format *format = &media->formats[f];
        bool known = codec_find(profile->codecs_allowed, profile->codecs_allowed_count, format) != NULL ||
                     codec_find(profile->codecs_required, profile->codecs_required_count, format) != NULL;
        if (!is_event(format) && !is_comfort_noise(format) && !(extra && known))
            name_add(list, format);
    }
}

/* What a line's codecs are to the trunk. */
struct codec_facts {
    bool any, required, meeting, extra;
    bool first_good;            /* the one that an answer chooses */
};

static struct codec_facts codec_facts_of(const struct profile *profile, const struct sdp_media *media)
{
    struct codec_facts facts = {.required = profile->codecs_required_count == 0};
    for (unsigned f = 0; f < media->format_count; f++) {
        const struct sdp_format *format = &media->formats[f];
        if (is_event(format) || is_comfort_noise(format))
            continue;
        const struct profile_codec *codec = codec_find(profile->codecs_allowed, profile->codecs_allowed_count, format);
        bool must = codec_find(profile->codecs_required, profile->codecs_required_count, format) != NULL;
        facts.first_good = facts.any ? facts.first_good : must || codec != NULL;
        facts.any = true;
        facts.required = facts.required || must;
        facts.meeting = facts.meeting || (codec != NULL && codec->meetings);
        facts.extra = facts.extra || (!must && codec == NULL);
    }
    return facts;
}

/* One audio line of an offer or answer with the trunk. */
static void codecs_compare(struct checking *checking, const struct sdp_media *media)
{
    const struct profile *profile = checking->profile;
    struct codec_facts facts = codec_facts_of(profile, media);
    bool answer = checking->seen->answer, lists = profile->codecs_allowed_count > 0;
    bool meeting = facts.meeting && is_meeting(checking), required = facts.required || meeting;
    bool wrong_answer = answer && lists && !facts.first_good;
    bool missing = !wrong_answer && !required && !(facts.meeting && answer);
    bool no_meeting = facts.meeting && !facts.required && checking->message->request && !meeting;
    bool extra = !answer && facts.extra && lists;
    if (!facts.any || !(wrong_answer || missing || no_meeting || extra))
        return;
    struct text all = {0}, more = {0};
    names_list(profile, media, false, &all);
    names_list(profile, media, true, &more);
    struct slice list = slice_of(all.data, all.len), rest = slice_of(more.data, more.len);
    if (wrong_answer)
        found(checking, RULE_CODEC_SELECTED, slice_str("SDP"), "the answer chooses %.*s", WORDS(list));
    if (missing)
        found(checking, RULE_CODEC_MISSING, slice_str("SDP"), "of the codecs that %.*s requires none is in %.*s", WORDS(profile->name), WORDS(list));
    if (no_meeting)
        found(checking, RULE_CODEC_MEETING, slice_str("SDP"), "%.*s, and the called number is no meeting dial-in of the site", WORDS(list));
    if (extra)
        found(checking, RULE_CODEC_EXTRA, slice_str("SDP"), "not supported: %.*s", WORDS(rest));
    text_fini(&all);
    text_fini(&more);
}

/* RTP, plain or encrypted: other audio is no matter of codecs. */
static bool is_rtp(const struct sdp_media *media)
{
    return slice_starts_nocase(media->protocol, "RTP/") || slice_starts_nocase(media->protocol, "UDP/TLS/");
}

static void codecs(struct checking *checking)
{
    const struct sdp *sdp = checking->seen->sdp;
    for (unsigned m = 0; m < sdp->media_count; m++)
        if (is_audio(&sdp->media[m]) && is_rtp(&sdp->media[m]))
            codecs_compare(checking, &sdp->media[m]);
}

/* RFC 4733 2.1: events are sent with the clock of the audio that they stand in for. */
static bool clocks_meet(const struct sdp_media *media)
{
    for (unsigned e = 0; e < media->format_count; e++)
        for (unsigned f = 0; f < media->format_count && is_event(&media->formats[e]); f++) {
            const struct sdp_format *format = &media->formats[f];
            if (!is_event(format) && !is_comfort_noise(format) && (format->clock_hz == media->formats[e].clock_hz || format->clock_hz == 0))
                return true;
        }
    return false;
}

static void events(struct checking *checking)
{
    const struct sdp *sdp = checking->seen->sdp;
    for (unsigned m = 0; m < sdp->media_count; m++) {
        const struct sdp_media *media = &sdp->media[m];
        const struct sdp_format *event = NULL, *audio = NULL;
        if (!is_audio(media) || media->format_count == 0)
            continue;
        for (unsigned f = 0; f < media->format_count; f++) {
            const struct sdp_format *format = &media->formats[f];
            event = event == NULL && is_event(format) ? format : event;
            audio = audio == NULL && !is_event(format) && !is_comfort_noise(format) ? format : audio;
        }
        if (event == NULL && checking->profile->dtmf_rfc4733 && (checking->when & (WHEN_FROM_CUSTOMER | WHEN_FROM_TRUNK)))
            found(checking, RULE_DTMF_MISSING, slice_str("SDP"), "the %s has no telephone-event: DTMF can only go in-band",
                  checking->seen->answer ? "answer" : "offer");
        if (event != NULL && audio != NULL && event->clock_hz != 0 && !clocks_meet(media))
            found(checking, RULE_DTMF_CLOCK, slice_str("SDP"), "telephone-event has %u Hz, the audio codec %u Hz", event->clock_hz, audio->clock_hz);
    }
}

static void ptime(struct checking *checking)
{
    const struct sdp *sdp = checking->seen->sdp;
    double wanted = checking->profile->ptime_ms;
    for (unsigned m = 0; m < sdp->media_count && !isnan(wanted); m++)
        if (is_audio(&sdp->media[m]) && sdp->media[m].ptime_ms != 0 && sdp->media[m].ptime_ms != (uint32_t)wanted)
            found(checking, RULE_PTIME, slice_str("ptime"), "ptime is %u ms; the trunk counts with %g", sdp->media[m].ptime_ms, wanted);
}

/* RFC 3362: image/t38 over udptl or TCP; audio/t38 over RTP (RFC 4612) is another thing, which trunks do not take. */
static void fax(struct checking *checking)
{
    const struct sdp *sdp = checking->seen->sdp;
    for (unsigned m = 0; m < sdp->media_count && checking->profile->fax_t38; m++) {
        const struct sdp_media *media = &sdp->media[m];
        bool t38 = false, carried = slice_is_nocase(media->protocol, "udptl") || slice_is_nocase(media->protocol, "tcp") ||
                                    slice_is_nocase(media->protocol, "TCP/TLS");
        for (unsigned f = 0; f < media->format_count; f++)
            t38 = t38 || slice_is_nocase(media->formats[f].text, "t38") || slice_is_nocase(media->formats[f].encoding, "t38");
        if (t38 && (!slice_is_nocase(media->kind, "image") || !carried))
            found(checking, RULE_FAX_LINE, slice_str("SDP"), "T.38 stands in an m=%.*s line with protocol %.*s", WORDS(media->kind), WORDS(media->protocol));
    }
}

static void fax_refused(struct checking *checking)
{
    bool refused = checking->message->status == 488 || checking->message->status == 415;
    if (refused && checking->vetted->fax && checking->vetted->answer_frame != 0)
        found(checking, RULE_FAX_REJECTED, checking->message->status_text, "the re-INVITE to T.38 is refused");
}

/* The fax went on in the audio, without T.38. */
static void fax_codec(struct checking *checking)
{
    const struct sdp *sdp = checking->seen->sdp;
    for (unsigned m = 0; m < sdp->media_count && checking->profile->fax_g711u && checking->vetted->fax && checking->seen->answer; m++) {
        const struct sdp_media *media = &sdp->media[m];
        if (is_audio(media) && media->format_count > 0 && slice_is_nocase(media->formats[0].encoding, "PCMA"))
            found(checking, RULE_FAX_ALAW, slice_str("SDP"), "after T.38 was offered, the answer goes on with PCMA; a fax in the audio has to be PCMU");
    }
}

static void audio_keep(struct described *side, const struct sdp_media *media)
{
    uint32_t mark = endpoint_mark(&media->endpoint);
    bool known = false;
    for (unsigned i = 0; i < side->announced_count; i++)
        known = known || side->announced[i] == mark;
    if (!known && side->announced_count < ANNOUNCED_KEPT)
        side->announced[side->announced_count++] = mark;
    side->seen = true;
    side->savp = slice_starts_nocase(media->protocol, "RTP/SAVP") || slice_starts_nocase(media->protocol, "UDP/TLS/RTP/SAVP");
    side->audio = media->endpoint;
    side->telephone_event = false;
    for (unsigned f = 0; f < media->format_count; f++) {
        side->telephone_event = side->telephone_event || is_event(&media->formats[f]);
        if (media->formats[f].payload_type < 128) /* kept across re-INVITEs: late packets of the old ones are no fault */
            side->types[media->formats[f].payload_type / 64] |= UINT64_C(1) << media->formats[f].payload_type % 64;
    }
}

/* What later messages and the streams are compared with. */
static void describe(struct checking *checking)
{
    const struct sdp *sdp = checking->seen->sdp;
    struct descriptions *both = descriptions_make(checking->vetting, checking->vetted);
    checking->vetted->offered = true;
    if (both == NULL)
        return;
    struct described *side = &both->sides[checking->seen->by_caller ? 0 : 1];
    bool audio = false;
    side->silent = true;
    for (unsigned m = 0; m < sdp->media_count; m++) {
        const struct sdp_media *media = &sdp->media[m];
        checking->vetted->fax = checking->vetted->fax || slice_is_nocase(media->kind, "image");
        if (!is_audio(media))
            continue;
        side->silent = side->silent && (media->direction == SDP_INACTIVE || media->zero_address);
        if (!audio)
            audio_keep(side, media);
        audio = true;
    }
}

static void delayed_offer(struct checking *checking)
{
    if (checking->profile->delayed_offer_refused && checking->message->body.len == 0)
        found(checking, RULE_DELAYED_OFFER, slice_str("SDP"), "there is no offer in it; %.*s takes none later", WORDS(checking->profile->name));
}

static const struct check rows[] = {
    {WHEN_SDP | WHEN_FRESH, syntax},
    {WHEN_SDP | WHEN_FRESH | WHEN_FROM_CUSTOMER, private_address},
    {WHEN_INVITE | WHEN_FRESH | WHEN_FROM_CUSTOMER, private_contact},
    {WHEN_SDP | WHEN_FRESH, alg},
    {WHEN_SDP | WHEN_FRESH | WHEN_FROM_TRUNK, trunk_media},
    {WHEN_SDP | WHEN_FRESH | WHEN_FROM_CUSTOMER, codecs},
    {WHEN_SDP | WHEN_FRESH | WHEN_FROM_TRUNK, codecs},
    {WHEN_SDP | WHEN_FRESH, events},
    {WHEN_SDP | WHEN_FRESH | WHEN_FROM_CUSTOMER, ptime},
    {WHEN_SDP | WHEN_FRESH | WHEN_FROM_CUSTOMER, fax},
    {WHEN_SDP | WHEN_FRESH | WHEN_FROM_TRUNK, fax},
    {WHEN_RESPONSE | WHEN_INVITE | WHEN_CALL | WHEN_FRESH, fax_refused},
    {WHEN_SDP | WHEN_FRESH | WHEN_CALL | WHEN_FROM_CUSTOMER, fax_codec},
    {WHEN_SDP | WHEN_FRESH | WHEN_CALL | WHEN_FROM_TRUNK, fax_codec},
    {WHEN_SDP | WHEN_FRESH | WHEN_CALL, describe},
    {WHEN_REQUEST | WHEN_INVITE | WHEN_INITIAL | WHEN_FROM_CUSTOMER | WHEN_FRESH | WHEN_WHOLE, delayed_offer},
};

const struct check_list sdp_checks = {rows, sizeof rows / sizeof rows[0]};
