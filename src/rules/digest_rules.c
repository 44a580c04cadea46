/* Digest authentication (RFC 3261 22, RFC 2617, RFC 8760) between a challenge and the credentials that answer it. */
#include "base/hash.h"
#include "base/message_digest.h"
#include "rules/checking.h"

enum { LOOP = 3 }; /* challenges in a row that no stale nonce explains */

/* The parameters of a challenge or of credentials, without quotes; empty where missing. */
struct digest {
    struct slice username, realm, nonce, uri, response, qop, nc, cnonce, opaque, stale, algorithm;
};

#define PARAMETER(name) {#name, sizeof #name - 1, offsetof(struct digest, name)}

static const struct {
    const char *name;
    size_t len, offset;
} parameters[] = {PARAMETER(username), PARAMETER(realm), PARAMETER(nonce),  PARAMETER(uri),   PARAMETER(response), PARAMETER(qop),
                  PARAMETER(nc),       PARAMETER(cnonce), PARAMETER(opaque), PARAMETER(stale), PARAMETER(algorithm)};

static void parameter_take(struct digest *digest, struct slice name, struct slice value)
{
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
        if (name.len == parameters[i].len && slice_equal_nocase(name, slice_of(parameters[i].name, name.len))) {
            *(struct slice *)(void *)((char *)digest + parameters[i].offset) = value;
            return;
        }
}

/* The closing quote of what begins at `at`; beyond the text's end where there is none. */
static size_t quote_close(struct slice text, size_t at)
{
    size_t end = slice_find(text, at, '"');
    if (slice_find(slice_cut(text, 0, end), at, '\\') == end)
        return end;
    for (end = at; end < text.len && text.data[end] != '"';)
        end += text.data[end] == '\\' ? 2 : 1;
    return end;
}

/* name=value or name="value", separated by commas (RFC 3261 25.1), behind the scheme. */
static struct digest digest_read(struct slice text)
{
    struct digest digest = {0};
    size_t at = slice_find(text, 0, ' ');
    while (at < text.len) {
        while (at < text.len && (ascii_space(text.data[at]) || text.data[at] == ','))
            at++;
        size_t equals = slice_find(text, at, '=');
        struct slice name = slice_trim(slice_cut(text, at, equals));
        at = equals + 1;
        while (at < text.len && ascii_space(text.data[at]))
            at++;
        bool quoted = at < text.len && text.data[at] == '"';
        size_t end = quoted ? quote_close(text, at + 1) : slice_find(text, at, ',');
        struct slice value = quoted ? slice_cut(text, at + 1, end) : slice_trim(slice_cut(text, at, end));
        if (name.len > 0)
            parameter_take(&digest, name, value);
        at = quoted ? slice_find(text, end, ',') : end;
    }
    return digest;
}

static uint32_t text_hash(const struct checking *checking, struct slice text)
{
    return text.len == 0 ? 0 : (uint32_t)(hash_bytes(checking->vetting->config.hash_seed, text) >> 32) | 1;
}

/* Schemes and algorithms are compared without case. */
static uint32_t token_hash(const struct checking *checking, struct slice token)
{
    uint8_t lower[32];
    size_t len = token.len < sizeof lower ? token.len : sizeof lower;
    for (size_t i = 0; i < len; i++)
        lower[i] = ascii_lower(token.data[i]);
    return text_hash(checking, slice_of(lower, len));
}

static struct slice scheme_of(struct slice text)
{
    return slice_cut(text, 0, slice_find(text, 0, ' '));
}

static struct slice line_value(const struct sip_message *message, const struct sip_header *line)
{
    return slice_cut(message->bytes, line->value, (size_t)line->value + line->value_len);
}

/* A challenge of the same realm and kind replaces the one before. */
static void offer_keep(struct checking *checking, struct digest_state *state, struct slice text, const struct digest *digest, bool proxy)
{
    struct challenge offer = {.realm = text_hash(checking, digest->realm),
                              .nonce = text_hash(checking, digest->nonce),
                              .opaque = text_hash(checking, digest->opaque),
                              .scheme = token_hash(checking, scheme_of(text)),
                              .algorithm = token_hash(checking, digest->algorithm),
                              .proxy = proxy};
    for (unsigned i = 0; i < state->offer_count; i++)
        if (state->offers[i].proxy == proxy && state->offers[i].realm == offer.realm && state->offers[i].algorithm == offer.algorithm &&
            state->offers[i].scheme == offer.scheme) {
            state->offers[i] = offer;
            return;
        }
    if (state->offer_count < OFFERS_KEPT)
        state->offers[state->offer_count++] = offer;
    else
        state->overflow = true;
}

static bool offered_nonce(const struct digest_state *state, uint32_t nonce)
{
    for (unsigned i = 0; i < state->offer_count; i++)
        if (state->offers[i].nonce == nonce)
            return true;
    return false;
}

static void challenge(struct checking *checking)
{
    const struct sip_message *message = checking->message;
    bool proxy = message->status == 407, stale = false, known = true;
    enum sip_header_id id = proxy ? SIP_HEADER_PROXY_AUTHENTICATE : SIP_HEADER_WWW_AUTHENTICATE;
    if (message->method == SIP_ACK || message->method == SIP_CANCEL) {
        found(checking, RULE_DIGEST_ACK_CANCEL, message->cseq_method, "%.*s is challenged; it cannot be tried again", WORDS(message->cseq_method));
        return;
    }
    struct digest_state *state = message->first[id] == 0 ? NULL : digest_make(checking->vetting, checking->vetted);
    if (state == NULL)
        return;
    for (unsigned i = 0; i < message->header_count; i++)
        if (message->headers[i].id == id) {
            struct digest digest = digest_read(line_value(message, &message->headers[i]));
            known = known && offered_nonce(state, text_hash(checking, digest.nonce));
            stale = stale || slice_is_nocase(digest.stale, "true");
            offer_keep(checking, state, line_value(message, &message->headers[i]), &digest, proxy);
        }
    if (state->open && state->cseq == message->cseq && known)
        return; /* the same one on another hop */
    bool again = state->credentials && state->credentials_cseq == message->cseq; /* a request that already had credentials */
    state->challenges = stale || !again ? 1 : (uint8_t)(state->challenges + (state->challenges < UINT8_MAX));
    state->open = true;
    state->status = (uint16_t)message->status;
    state->cseq = message->cseq;
    state->frame = checking->sighting->frame;
    state->at_ns = checking->sighting->time_ns;
    if (state->challenges == LOOP)
        found(checking, RULE_DIGEST_LOOP, message->status_text, "it is the third challenge in a row; the credentials are refused");
}

static void counter_check(struct checking *checking, struct digest_state *state, const char *header, const struct digest *digest)
{
    struct slice nc = digest->nc;
    if (digest->qop.len == 0)
        return;
    if (nc.len == 0 || digest->cnonce.len == 0) {
        found(checking, RULE_DIGEST_NC, slice_str(header), "%s uses qop without %s", header, nc.len == 0 ? "nc" : "cnonce");
        return;
    }
    uint32_t count = 0;
    for (size_t i = 0; i < nc.len && i < 8; i++) {
        uint8_t c = ascii_lower(nc.data[i]);
        count = count << 4 | (uint32_t)(ascii_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0);
    }
    uint32_t nonce = text_hash(checking, digest->nonce);
    if (nonce == state->nc_nonce && count <= state->nc)
        found(checking, RULE_DIGEST_NC, slice_str(header), "nc %.*s was used before for this nonce", WORDS(nc));
    state->nc_nonce = nonce;
    state->nc = count;
}

/* The credentials against the challenges of their kind: one must be theirs. */
static void offers_compare(struct checking *checking, const struct digest_state *state, const char *header, const struct digest *digest, bool proxy)
{
    uint32_t realm = text_hash(checking, digest->realm), nonce = text_hash(checking, digest->nonce);
    uint32_t algorithm = token_hash(checking, digest->algorithm);
    bool any = false, same_realm = false, same_nonce = false, same_algorithm = false, same_opaque = false;
    for (unsigned i = 0; i < state->offer_count; i++) {
        const struct challenge *offer = &state->offers[i];
        any = any || offer->proxy == proxy;
        if (offer->proxy != proxy || offer->realm != realm)
            continue;
        same_realm = true;
        same_nonce = same_nonce || offer->nonce == nonce;
        same_algorithm = same_algorithm || algorithm == 0 || offer->algorithm == algorithm || offer->algorithm == 0;
        same_opaque = same_opaque || offer->opaque == 0 || offer->opaque == text_hash(checking, digest->opaque);
    }
    if (!any || state->overflow)
        return; /* of a challenge that is not in the capture */
    if (!same_realm)
        found(checking, RULE_DIGEST_PARAMS, slice_str(header), "realm of %s is not the challenge's (%.*s)", header, WORDS(digest->realm));
    else if (!same_nonce)
        found(checking, RULE_DIGEST_PARAMS, slice_str(header), "nonce of %s is not the challenge's (%.*s)", header, WORDS(digest->nonce));
    else if (!same_opaque)
        found(checking, RULE_DIGEST_PARAMS, slice_str(header), "%s does not bring opaque back as it was sent", header);
    if (same_realm && !same_algorithm)
        found(checking, RULE_DIGEST_ALGORITHM, slice_str(header), "%s uses algorithm %.*s, which the challenge does not offer", header,
              WORDS(digest->algorithm));
}

/* RFC 7616 3.4: the algorithm's digest, and whether it is of a session; false for one that is not known. */
static bool algorithm_of(struct slice name, enum message_digest *kind, bool *session)
{
    static const struct {
        const char *name;
        enum message_digest kind;
        bool session;
    } algorithms[] = {{"", MESSAGE_DIGEST_MD5, false},           {"MD5", MESSAGE_DIGEST_MD5, false},
                      {"MD5-sess", MESSAGE_DIGEST_MD5, true},    {"SHA-256", MESSAGE_DIGEST_SHA256, false},
                      {"SHA-256-sess", MESSAGE_DIGEST_SHA256, true}, {"SHA-512-256", MESSAGE_DIGEST_SHA512_256, false},
                      {"SHA-512-256-sess", MESSAGE_DIGEST_SHA512_256, true}};
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
        if (slice_is_nocase(name, algorithms[i].name)) {
            *kind = algorithms[i].kind;
            *session = algorithms[i].session;
            return true;
        }
    return false;
}

/* RFC 7616 3.4.1 and 3.4.3: what the response has to be. False where it cannot be said. */
static bool response_of(const struct sip_message *message, const struct digest *digest, struct slice ha1, char out[MESSAGE_DIGEST_TEXT])
{
    enum message_digest kind;
    bool session, whole_body = slice_is_nocase(digest->qop, "auth-int");
    char first[MESSAGE_DIGEST_TEXT] = "", second[MESSAGE_DIGEST_TEXT], body[MESSAGE_DIGEST_TEXT];
    if (!algorithm_of(digest->algorithm, &kind, &session) || ha1.len != (kind == MESSAGE_DIGEST_MD5 ? 32 : 64))
        return false;
    for (size_t i = 0; i < ha1.len; i++)
        first[i] = (char)ascii_lower(ha1.data[i]);
    const struct slice of_session[] = {slice_of(first, ha1.len), digest->nonce, digest->cnonce};
    if (session && !message_digest_hex(kind, of_session, 3, first))
        return false;
    if (whole_body && !message_digest_hex(kind, &message->body, 1, body))
        return false;
    const struct slice of_request[] = {message->method_text, digest->uri, slice_str(whole_body ? body : "")};
    if (!message_digest_hex(kind, of_request, whole_body ? 3 : 2, second))
        return false;
    const struct slice plain[] = {slice_of(first, ha1.len), digest->nonce, slice_of(second, ha1.len)};
    const struct slice counted[] = {plain[0], digest->nonce, digest->nc, digest->cnonce, digest->qop, plain[2]};
    return digest->qop.len == 0 ? message_digest_hex(kind, plain, 3, out) : message_digest_hex(kind, counted, 6, out);
}

static struct slice ha1_of(const struct site *site, struct slice user)
{
    const struct json *item = site == NULL || site->digest == NULL ? NULL : json_first(site->digest);
    while (item != NULL && !slice_equal(json_name(item), user))
        item = json_next(item);
    return item == NULL ? SLICE_NONE : json_text(item);
}

/* Only for users whose HA1 the site file has. Neither it nor the right response is told. */
static void response_check(struct checking *checking, const char *header, const struct digest *digest)
{
    char wanted[MESSAGE_DIGEST_TEXT];
    struct slice ha1 = ha1_of(checking->site, digest->username);
    if (ha1.len == 0 || !response_of(checking->message, digest, ha1, wanted) || slice_is_nocase(digest->response, wanted))
        return;
    found(checking, RULE_DIGEST_RESPONSE, slice_str(header), "the response of user %.*s does not follow from the HA1 in the site file: another password, user or realm (%.*s)",
          WORDS(digest->username), WORDS(digest->realm));
}

static bool scheme_offered(const struct checking *checking, const struct digest_state *state, struct slice scheme)
{
    uint32_t hash = token_hash(checking, scheme);
    for (unsigned i = 0; i < state->offer_count; i++)
        if (state->offers[i].scheme == hash)
            return true;
    return false;
}

/* A proxy that passes a request on may give it another Request-URI; the digest is of the first. */
static bool was_forwarded(const struct sip_message *message)
{
    unsigned vias = 0;
    for (unsigned i = 0; i < message->header_count; i++)
        vias += message->headers[i].id == SIP_HEADER_VIA;
    struct slice rest = sip_header_value(message, SIP_HEADER_VIA), value;
    (void)sip_list_next(&rest, &value);
    return vias > 1 || sip_list_next(&rest, &value);
}

static void credentials_read(struct checking *checking, struct digest_state *state, enum sip_header_id id, struct slice text)
{
    const char *header = sip_header_rows[id].name;
    struct slice scheme = scheme_of(text);
    if (!slice_is_nocase(scheme, "Digest")) {
        if (!scheme_offered(checking, state, scheme))
            found(checking, RULE_DIGEST_ALGORITHM, slice_str(header), "%s is of scheme %.*s, which was not offered", header, WORDS(scheme));
        return;
    }
    struct digest digest = digest_read(text);
    if (digest.nonce.len == 0 && !state->open)
        return; /* nothing was asked for yet: IMS clients name their user only (3GPP TS 24.229 5.1.1.2) */
    const struct slice needed[] = {digest.username, digest.realm, digest.nonce, digest.uri, digest.response};
    static const char *const names[] = {"username", "realm", "nonce", "uri", "response"};
    bool whole = true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (needed[i].len == 0) {
            found(checking, RULE_DIGEST_PARAMS, slice_str(header), "%s has no %s", header, names[i]);
            whole = false;
        }
    if (digest.uri.len > 0 && !slice_equal_nocase(digest.uri, checking->message->uri) && !was_forwarded(checking->message))
        found(checking, RULE_DIGEST_URI, slice_str(header), "uri is %.*s, the Request-URI %.*s", WORDS(digest.uri), WORDS(checking->message->uri));
    counter_check(checking, state, header, &digest);
    if (whole)
        response_check(checking, header, &digest);
    if (whole && state->open)
        offers_compare(checking, state, header, &digest, id == SIP_HEADER_PROXY_AUTHORIZATION);
}

static void credentials(struct checking *checking)
{
    static const enum sip_header_id ids[] = {SIP_HEADER_AUTHORIZATION, SIP_HEADER_PROXY_AUTHORIZATION};
    const struct sip_message *message = checking->message;
    if (message->method == SIP_ACK || message->method == SIP_CANCEL)
        return; /* they repeat those of the INVITE (RFC 3261 22.1) */
    struct digest_state *state = digest_make(checking->vetting, checking->vetted);
    if (state == NULL || (state->credentials && state->credentials_cseq == message->cseq && !state->open))
        return; /* the same request on another hop */
    for (unsigned i = 0; i < message->header_count; i++)
        for (size_t k = 0; k < 2; k++)
            if (message->headers[i].id == ids[k])
                credentials_read(checking, state, ids[k], line_value(message, &message->headers[i]));
    if (state->open && message->first[state->status == 407 ? SIP_HEADER_PROXY_AUTHORIZATION : SIP_HEADER_AUTHORIZATION] == 0) {
        const char *header = state->status == 407 ? "Authorization" : "Proxy-Authorization";
        found(checking, RULE_DIGEST_PAIRING, slice_str(header), "%u is answered with %s", state->status, header);
    }
    if (state->open && message->cseq == state->cseq)
        found(checking, RULE_DIGEST_CSEQ, slice_str("CSeq"), "CSeq stays %u after the challenge", message->cseq);
    state->open = false;
    state->credentials = true;
    state->credentials_cseq = message->cseq;
}

static void accepted(struct checking *checking)
{
    struct digest_state *state = digest_of(checking->vetting, checking->vetted);
    if (state != NULL && checking->message->status >= 180 && checking->message->status < 300)
        state->challenges = 0;
}

static const struct check rows[] = {
    {WHEN_RESPONSE | WHEN_CHALLENGE | WHEN_CALL | WHEN_FRESH | WHEN_WHOLE, challenge},
    {WHEN_REQUEST | WHEN_CREDENTIALS | WHEN_CALL | WHEN_FRESH | WHEN_WHOLE, credentials},
    {WHEN_RESPONSE | WHEN_CALL | WHEN_FRESH, accepted},
};

const struct check_list digest_checks = {rows, sizeof rows / sizeof rows[0]};
