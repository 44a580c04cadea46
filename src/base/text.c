/* Text appends; JSON escaping (RFC 8259 section 7) and the terminal-safe form of wire bytes. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digits.h"
#include "base/run.h"

void text_fini(struct text *text)
{
    if (!text->lent)
        free(text->data);
    *text = (struct text){0};
}

bool text_grow(struct text *text, size_t n)
{
    if (text->failed)
        return false;
    if (text->room - text->len >= n)
        return true;
    size_t room = text->room < 128 ? 256 : text->room * 2;
    while (room - text->len < n && room < SIZE_MAX / 2)
        room *= 2;
    char *data = room - text->len < n ? NULL : realloc(text->lent ? NULL : text->data, room);
    if (data == NULL) {
        text->failed = true;
        return false;
    }
    if (text->lent)
        memcpy(data, text->data, text->len);
    text->lent = false;
    text->data = data;
    text->room = room;
    return true;
}

void text_uint(struct text *text, uint64_t value)
{
    if (text_reserve(text, DIGITS_MAX))
        text->len = (size_t)(digits_uint(text->data + text->len, value) - text->data);
}

void text_int(struct text *text, int64_t value)
{
    if (value < 0)
        text_put(text, '-');
    text_uint(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void text_ms(struct text *text, int64_t ns)
{
    uint64_t us = (ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns) / 1000;
    if (ns < 0 && us > 0)
        text_put(text, '-');
    text_uint(text, us / 1000);
    unsigned rest = (unsigned)(us % 1000);
    if (rest == 0 || !text_reserve(text, 4))
        return;
    char *at = text->data + text->len;
    at[0] = '.';
    at[1] = (char)('0' + rest / 100);
    digits_pair(at + 2, rest % 100);
    text->len += rest % 10 ? 4 : rest % 100 ? 3 : 2;
}

void text_real(struct text *text, double value, unsigned decimals)
{
    uint64_t scale = 1;
    for (unsigned i = 0; i < decimals; i++)
        scale *= 10;
    double scaled = value < 0 ? -value * (double)scale + 0.5 : value * (double)scale + 0.5;
    uint64_t whole = scaled < 1.8e19 ? (uint64_t)scaled : scaled >= 1.8e19 ? UINT64_MAX : 0; /* NAN compares false twice */
    if (value < 0 && whole > 0)
        text_put(text, '-');
    text_uint(text, whole / scale);
    uint64_t rest = whole % scale;
    if (rest > 0)
        text_put(text, '.');
    while (rest > 0) {
        scale /= 10;
        text_put(text, (char)('0' + rest / scale));
        rest %= scale;
    }
}

void text_format(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char line[1024];
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof line) {
        text_bytes(text, line, (size_t)n);
        return;
    }
    if (n < 0 || !text_reserve(text, (size_t)n + 1))
        return;
    va_start(args, format);
    (void)vsnprintf(text->data + text->len, (size_t)n + 1, format, args);
    va_end(args);
    text->len += (size_t)n;
}

size_t utf8_length(struct slice s, size_t at)
{
    size_t left = s.len - at;
    const uint8_t *b = s.data + at;
    size_t n = b[0] < 0x80 ? 1 : b[0] >= 0xc2 && b[0] < 0xe0 ? 2 : (b[0] & 0xf0) == 0xe0 ? 3 : b[0] >= 0xf0 && b[0] < 0xf5 ? 4 : 0;
    if (n == 0 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((b[i] & 0xc0) != 0x80)
            return 0;
    if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f) || /* overlong; surrogates */
        (b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f))   /* overlong; past U+10FFFF */
        return 0;
    return n;
}

/* Writes one escaped byte below 0x20, quote or backslash. */
static void json_escape(struct text *text, uint8_t c)
{
    static const char hex[] = "0123456789abcdef";
    const char *named = strchr("\"\"\\\\\bb\ff\nn\rr\tt", c);
    text_put(text, '\\');
    if (c != 0 && named != NULL) {
        text_put(text, c == '"' || c == '\\' ? (char)c : named[1]);
    } else {
        text_bytes(text, "u00", 3);
        text_put(text, hex[c >> 4]);
        text_put(text, hex[c & 15]);
    }
}

static inline bool word_plain(uint64_t word, bool json)
{
    return eight_stops(word, json) == 0;
}

/* Copies a text that goes out as it came in; false (and any bytes in `to`) where it is not such a text. */
static inline bool plain_copy(char *to, struct slice s, bool json)
{
    uint64_t word;
    uint32_t low, up;
    if (s.len >= sizeof word) {
        for (size_t at = 0;; at = s.len - at >= 16 ? at + 8 : s.len - 8) { /* the last word overlaps the one before */
            memcpy(&word, s.data + at, sizeof word);
            memcpy(to + at, &word, sizeof word);
            if (!word_plain(word, json))
                return false;
            if (at + 8 == s.len)
                return true;
        }
    }
    if (s.len >= sizeof low) {
        memcpy(&low, s.data, sizeof low);
        memcpy(&up, s.data + s.len - 4, sizeof up);
        memcpy(to, &low, sizeof low);
        memcpy(to + s.len - 4, &up, sizeof up);
        return word_plain((uint64_t)up << 32 | low, json);
    }
    word = UINT64_C(0x2020202020202020);
    for (size_t at = 0; at < s.len; at++) {
        to[at] = (char)s.data[at];
        word = word << 8 | s.data[at];
    }
    return word_plain(word, json);
}

/* Apart, so that the usual way has few registers to save. */
static __attribute__((noinline)) bool json_escaped(struct text *text, struct slice s)
{
    bool valid = true;
    for (size_t at = 0, n; at < s.len; at += n == 0 ? 1 : n) {
        uint64_t word;
        if (s.len - at >= (n = sizeof word)) {
            memcpy(&word, s.data + at, sizeof word);
            if (word_plain(word, true)) {
                text_bytes(text, s.data + at, sizeof word);
                continue;
            }
        }
        uint8_t c = s.data[at];
        n = utf8_length(s, at);
        valid = valid && n > 0;
        if (c < 0x20 || c == '"' || c == '\\')
            json_escape(text, c);
        else if (c == 0x7f)
            text_bytes(text, "\\u007f", 6);
        else if (n == 0)
            text_bytes(text, "\xef\xbf\xbd", 3);
        else
            text_bytes(text, s.data + at, n);
    }
    return valid;
}

bool text_json_part(struct text *text, struct slice s)
{
    if (!text_reserve(text, s.len))
        return true;
    if (!plain_copy(text->data + text->len, s, true))
        return json_escaped(text, s);
    text->len += s.len;
    return true;
}

void text_json(struct text *text, struct slice s)
{
    if (!text_reserve(text, s.len + 2))
        return;
    char *at = text->data + text->len;
    if (plain_copy(at + 1, s, true)) {
        at[0] = at[s.len + 1] = '"';
        text->len += s.len + 2;
        return;
    }
    text_put(text, '"');
    (void)json_escaped(text, s);
    text_put(text, '"');
}

/* Code points that move, hide or reorder text: C1 controls, bidirectional marks and overrides, line separators, BOM. */
static bool code_point_unsafe(const uint8_t *b, size_t n)
{
    if (n == 2)
        return b[0] == 0xc2 && b[1] < 0xa0;
    if (n == 3 && b[0] == 0xe2)
        return (b[1] == 0x80 && ((b[2] >= 0x8b && b[2] <= 0x8f) || (b[2] >= 0xa8 && b[2] <= 0xae))) ||
               (b[1] == 0x81 && b[2] >= 0xa0 && b[2] <= 0xaf);
    return n == 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf;
}

static __attribute__((noinline)) void plain_dotted(struct text *text, struct slice s)
{
    for (size_t at = 0, n; at < s.len; at += n == 0 ? 1 : n) {
        n = utf8_length(s, at);
        if (n == 0 || s.data[at] < 0x20 || s.data[at] == 0x7f || code_point_unsafe(s.data + at, n))
            text_put(text, '.');
        else
            text_bytes(text, s.data + at, n);
    }
}

char *text_plain_at(char *to, struct slice s)
{
    if (plain_copy(to, s, false))
        return to + s.len;
    struct text text = {.data = to, .room = s.len}; /* never more than there was */
    plain_dotted(&text, s);
    return to + text.len;
}

void text_plain(struct text *text, struct slice s)
{
    if (text_reserve(text, s.len))
        text->len = (size_t)(text_plain_at(text->data + text->len, s) - text->data);
}
