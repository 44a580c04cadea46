/* Digest authentication (RFC 3261 22, RFC 2617, RFC 8760) between a challenge and the credentials that answer it. */
#include "base/hash.h"
#include "rules/checking.h"

enum { LOOP = 3 }; /* challenges in a row that no stale nonce explains */

/* The parameters of a challenge or of credentials, without quotes; empty where missing. */
struct digest {
    struct slice username, realm, nonce, uri, response, qop, nc, cnonce, opaque, stale;
};

static const struct {
    const char *name;
    size_t offset;
} parameters[] = {
    {"username", offsetof(struct digest, username)}, {"realm", offsetof(struct digest, realm)},
    {"nonce", offsetof(struct digest, nonce)},       {"uri", offsetof(struct digest, uri)},
    {"response", offsetof(struct digest, response)}, {"qop", offsetof(struct digest, qop)},
    {"nc", offsetof(struct digest, nc)},             {"cnonce", offsetof(struct digest, cnonce)},
    {"opaque", offsetof(struct digest, opaque)},     {"stale", offsetof(struct digest, stale)},
};

static void parameter_take(struct digest *digest, struct slice name, struct slice value)
{
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
        if (ascii_lower(name.data[0]) == (uint8_t)parameters[i].name[0] && slice_is_nocase(name, parameters[i].name)) {
            *(struct slice *)(void *)((char *)digest + parameters[i].offset) = value;
            return;
        }
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
        size_t end = quoted ? at + 1 : slice_find(text, at, ',');
        while (quoted && end < text.len && text.data[end] != '"')
            end += text.data[end] == '\\' ? 2 : 1;
        struct slice value = quoted ? slice_cut(text, at + 1, end) : slice_trim(slice_cut(text, at, end));
        if (name.len > 0)
            parameter_take(&digest, name, value);
        at = quoted ? slice_find(text, end, ',') : end;
    }
    return digest;
}

static uint64_t text_hash(const struct checking *checking, struct slice text)
{
    return text.len == 0 ? 0 : hash_bytes(checking->vetting->config.hash_seed, text) | 1;
}

static bool is_digest(struct slice text)
{
    return slice_starts_nocase(text, "Digest ");
}

static void challenge(struct checking *checking)
{
    const struct sip_message *message = checking->message;
    struct slice text = sip_header_value(message, message->status == 401 ? SIP_HEADER_WWW_AUTHENTICATE : SIP_HEADER_PROXY_AUTHENTICATE);
    if (message->method == SIP_ACK || message->method == SIP_CANCEL)
        found(checking, RULE_DIGEST_ACK_CANCEL, message->cseq_method, "%.*s is challenged; it cannot be tried again", WORDS(message->cseq_method));
    struct digest_state *state = text.len == 0 ? NULL : digest_make(checking->vetting, checking->vetted);
    if (state == NULL)
        return;
    struct digest digest = digest_read(text);
    uint64_t nonce = text_hash(checking, digest.nonce);
    if (state->open && state->cseq == message->cseq && state->nonce == nonce)
        return; /* the same one on another hop */
    bool stale = slice_is_nocase(digest.stale, "true");
    bool again = state->credentials && state->credentials_cseq == message->cseq; /* a request that already had credentials */
    state->challenges = stale || !again ? 1 : (uint8_t)(state->challenges + (state->challenges < UINT8_MAX));
    state->open = true;
    state->status = (uint16_t)message->status;
    state->cseq = message->cseq;
    state->frame = checking->sighting->frame;
    state->at_ns = checking->sighting->time_ns;
    state->nonce = nonce;
    state->realm = text_hash(checking, digest.realm);
    state->opaque = text_hash(checking, digest.opaque);
    if (state->challenges == LOOP)
        found(checking, RULE_DIGEST_LOOP, message->status_text, "it is the third challenge in a row; the credentials are refused");
}

/* One of the parameters that must come back as the challenge had it. */
static void echo_check(struct checking *checking, const char *header, struct slice value, const char *name, uint64_t sent)
{
    if (value.len == 0 && sent != 0)
        found(checking, RULE_DIGEST_PARAMS, slice_str(header), "%s has no %s", header, name);
    else if (sent != 0 && text_hash(checking, value) != sent)
        found(checking, RULE_DIGEST_PARAMS, slice_str(header), "%s of %s is not the challenge's (%.*s)", name, header, WORDS(value));
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
    uint64_t nonce = text_hash(checking, digest->nonce);
    if (nonce == state->nc_nonce && count <= state->nc)
        found(checking, RULE_DIGEST_NC, slice_str(header), "nc %.*s was used before for this nonce", WORDS(nc));
    state->nc_nonce = nonce;
    state->nc = count;
}

static void credentials_read(struct checking *checking, struct digest_state *state, enum sip_header_id id)
{
    struct slice text = sip_header_value(checking->message, id);
    const char *header = sip_header_rows[id].name;
    if (!is_digest(text)) {
        found(checking, RULE_DIGEST_ALGORITHM, slice_str(header), "%s is of scheme %.*s, not Digest", header,
              WORDS(slice_cut(text, 0, slice_find(text, 0, ' '))));
        return;
    }
    struct digest digest = digest_read(text);
    if (digest.nonce.len == 0 && !state->open)
        return; /* nothing was asked for yet: IMS clients name their user only (3GPP TS 24.229 5.1.1.2) */
    const struct slice needed[] = {digest.username, digest.uri, digest.response};
    static const char *const names[] = {"username", "uri", "response"};
    for (size_t i = 0; i < 3; i++)
        if (needed[i].len == 0)
            found(checking, RULE_DIGEST_PARAMS, slice_str(header), "%s has no %s", header, names[i]);
    if (digest.uri.len > 0 && !slice_equal_nocase(digest.uri, checking->message->uri))
        found(checking, RULE_DIGEST_URI, slice_str(header), "uri is %.*s, the Request-URI %.*s", WORDS(digest.uri), WORDS(checking->message->uri));
    counter_check(checking, state, header, &digest);
    if (!state->open)
        return;
    if ((state->status == 401) != (id == SIP_HEADER_AUTHORIZATION)) {
        found(checking, RULE_DIGEST_PAIRING, slice_str(header), "%u is answered with %s", state->status, header);
        return;
    }
    echo_check(checking, header, digest.realm, "realm", state->realm);
    echo_check(checking, header, digest.nonce, "nonce", state->nonce);
    echo_check(checking, header, digest.opaque, "opaque", state->opaque);
    if (checking->message->cseq == state->cseq)
        found(checking, RULE_DIGEST_CSEQ, slice_str("CSeq"), "CSeq stays %u after the challenge", checking->message->cseq);
}

static void credentials(struct checking *checking)
{
    const struct sip_message *message = checking->message;
    struct digest_state *state = digest_make(checking->vetting, checking->vetted);
    if (message->method == SIP_ACK || message->method == SIP_CANCEL || state == NULL)
        return; /* they repeat those of the INVITE (RFC 3261 22.1) */
    if (state->credentials && state->credentials_cseq == message->cseq && !state->open)
        return; /* the same request on another hop */
    if (message->first[SIP_HEADER_AUTHORIZATION] != 0)
        credentials_read(checking, state, SIP_HEADER_AUTHORIZATION);
    if (message->first[SIP_HEADER_PROXY_AUTHORIZATION] != 0)
        credentials_read(checking, state, SIP_HEADER_PROXY_AUTHORIZATION);
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
    {WHEN_RESPONSE | WHEN_CHALLENGE | WHEN_CALL | WHEN_FRESH, challenge},
    {WHEN_REQUEST | WHEN_CREDENTIALS | WHEN_CALL | WHEN_FRESH, credentials},
    {WHEN_RESPONSE | WHEN_CALL | WHEN_FRESH, accepted},
};

const struct check_list digest_checks = {rows, sizeof rows / sizeof rows[0]};
