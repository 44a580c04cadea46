/* Line by line, but for what sip_copy.c takes at once. Secrets are looked for in the lines of the whole text,
   not only where SDP or a header is expected, so that no odd body (multipart, cut, unknown) carries a key out. */
#include "output/sip_text.h"

#include "output/sip_copy.h"

struct writing {
    struct text *out;
    const struct sip_text_rules *rules;
    size_t begin;        /* of the text in out */
    struct sip_text_fate fate;
    bool credentials;    /* the lines of an Authorization header go on */
};

static const struct slice stars = {(const uint8_t *)"***", 3};

/* Byte by byte, as far as they fit. */
static void part_squeeze(struct writing *writing, struct slice part)
{
    struct text *out = writing->out;
    for (size_t at = 0, n; at < part.len; at += n) {
        size_t before = out->len;
        bool invalid = utf8_length(part, at) == 0;
        n = invalid ? 1 : utf8_length(part, at);
        (void)text_json_part(out, slice_cut(part, at, at + n));
        if (out->len - writing->begin > writing->rules->room) {
            out->len = before;
            break;
        }
        writing->fate.invalid |= invalid;
    }
    writing->fate.truncated = true;
}

static void part_put(struct writing *writing, struct slice part)
{
    size_t before = writing->out->len;
    if (writing->fate.truncated)
        return;
    bool valid = text_json_part(writing->out, part);
    if (writing->out->len - writing->begin > writing->rules->room) {
        writing->out->len = before;
        part_squeeze(writing, part);
    } else {
        writing->fate.invalid |= !valid;
    }
}

/* A line end, escaped already. */
static void end_put(struct writing *writing, bool cr)
{
    size_t n = cr ? 4 : 2;
    if (writing->fate.truncated || writing->out->len - writing->begin + n > writing->rules->room) {
        writing->fate.truncated = true;
        return;
    }
    text_bytes(writing->out, cr ? "\\r\\n" : "\\n", n);
}

static size_t find_nocase(struct slice in, const char *what)
{
    size_t n = strlen(what);
    for (size_t at = 0; at + n <= in.len; at++)
        if (slice_starts_nocase(slice_after(in, at), what))
            return at;
    return in.len;
}

/* Puts `keep` bytes of the line, stars for what follows up to `end`, and returns what is left. */
static struct slice star_put(struct writing *writing, struct slice line, size_t keep, size_t end)
{
    part_put(writing, slice_cut(line, 0, keep));
    if (end > keep) {
        part_put(writing, stars);
        writing->fate.redacted = true;
    }
    return slice_after(line, end);
}

/* "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:KEY|2^20|1:4;inline:KEY": each key; lifetime and MKI stay. */
static void crypto_put(struct writing *writing, struct slice line)
{
    for (size_t at; (at = find_nocase(line, "inline:")) < line.len;) {
        size_t key = at + sizeof "inline:" - 1, end = key;
        while (end < line.len && line.data[end] != '|' && line.data[end] != ';' && !ascii_space(line.data[end]))
            end++;
        line = star_put(writing, line, key, end);
    }
    part_put(writing, line);
}

/* All behind the first colon. */
static void behind_put(struct writing *writing, struct slice line)
{
    size_t colon = slice_find(line, 0, ':');
    part_put(writing, star_put(writing, line, colon < line.len ? colon + 1 : line.len, line.len));
}

static bool is_token(uint8_t c)
{
    return c > ' ' && c != ',' && c != ';' && c != '=' && c != '"' && c != ':';
}

static bool is_secret(struct slice name)
{
    return slice_is_nocase(name, "response") || slice_is_nocase(name, "nonce") || slice_is_nocase(name, "cnonce");
}

/* name="value" or name=value, with white space anywhere. A quoted value ends at its quote; one that has none, with the line. */
static void credentials_put(struct writing *writing, struct slice line)
{
    size_t at = 0;
    while (at < line.len) {
        size_t name = at;
        while (at < line.len && is_token(line.data[at]))
            at++;
        bool secret = is_secret(slice_cut(line, name, at));
        while (at < line.len && (line.data[at] == ' ' || line.data[at] == '\t'))
            at++;
        if (at == line.len || line.data[at] != '=') {
            at += at < line.len && !is_token(line.data[at]);
            continue;
        }
        at++;
        while (at < line.len && (line.data[at] == ' ' || line.data[at] == '\t'))
            at++;
        size_t value = at;
        bool quoted = at < line.len && line.data[at] == '"';
        at += quoted;
        while (at < line.len && (quoted ? line.data[at] != '"' : is_token(line.data[at])))
            at += quoted && line.data[at] == '\\' && at + 1 < line.len ? 2 : 1;
        size_t end = at;
        at += quoted && at < line.len;
        if (!secret)
            continue;
        line = star_put(writing, line, value + quoted, end);
        at = at - end; /* the closing quote, in what is left */
    }
    part_put(writing, line);
}

static bool is_credentials(struct slice line)
{
    size_t colon = slice_find(line, 0, ':');
    struct slice name = slice_trim(slice_cut(line, 0, colon));
    return colon < line.len && (slice_is_nocase(name, "Authorization") || slice_is_nocase(name, "Proxy-Authorization"));
}

/* A line without its end. */
static void line_put(struct writing *writing, struct slice line)
{
    uint8_t first = line.len == 0 ? 0 : line.data[0];
    if (writing->rules->secrets_kept || line.len == 0) {
        part_put(writing, line);
        return;
    }
    bool folded = first == ' ' || first == '\t';
    struct slice text = folded ? slice_trim(line) : line;
    if (!folded)
        writing->credentials = (ascii_lower(first) == 'a' || ascii_lower(first) == 'p') && is_credentials(line);
    if (slice_starts_nocase(text, "a=crypto"))
        crypto_put(writing, line);
    else if (writing->credentials)
        credentials_put(writing, line);
    else if (slice_starts_nocase(text, "a=key-mgmt:") || slice_starts(text, "k="))
        behind_put(writing, line);
    else
        part_put(writing, line);
}

/* A lone CR ends no line in SIP, but for some readers of SDP it does. */
static void line_split_put(struct writing *writing, struct slice line)
{
    size_t cr;
    while ((cr = slice_find(line, 0, '\r')) < line.len) {
        line_put(writing, slice_cut(line, 0, cr));
        part_put(writing, slice_cut(line, cr, cr + 1));
        line = slice_after(line, cr + 1);
    }
    line_put(writing, line);
}

/* The rest of a line whose beginning was harmless. */
static void rest_put(struct writing *writing, struct slice rest)
{
    size_t cr = slice_find(rest, 0, '\r');
    part_put(writing, slice_cut(rest, 0, cr));
    if (cr == rest.len)
        return;
    part_put(writing, slice_cut(rest, cr, cr + 1));
    line_split_put(writing, slice_after(rest, cr + 1));
}

struct sip_text_fate sip_text_put(struct text *out, struct slice message, const struct sip_text_rules *rules)
{
    struct writing writing = {.out = out, .rules = rules, .begin = out->len};
    struct sip_copy_rules copied = {.line_ends_kept = rules->line_ends_kept, .secrets_kept = rules->secrets_kept};
    bool begins = true, roomy = SIP_COPY_ROOM(message.len) < rules->room;
    while (message.len > 0 && !writing.fate.truncated) {
        if (begins && roomy && (rules->secrets_kept || !sip_copy_stops(message)) && text_reserve(out, SIP_COPY_ROOM(message.len))) {
            size_t n = sip_copy(out, message, copied);
            writing.credentials = writing.credentials && n == 0 && message.data[0] == '\r'; /* nothing of a line yet */
            begins = n > 0 && message.data[n - 1] == '\n';
            message = slice_after(message, n);
            continue;
        }
        size_t end = slice_find(message, 0, '\n');
        bool ended = end < message.len, cr = ended && end > 0 && message.data[end - 1] == '\r';
        struct slice line = slice_cut(message, 0, cr ? end - 1 : end);
        writing.credentials = writing.credentials && line.len > 0; /* headers end there */
        if (begins)
            line_split_put(&writing, line);
        else
            rest_put(&writing, line);
        if (ended)
            end_put(&writing, cr && rules->line_ends_kept);
        begins = true;
        message = slice_after(message, end + 1);
    }
    return writing.fate;
}
