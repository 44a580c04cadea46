/* A growing byte string for output: appends numbers and text without printf on the hot paths; escapes for JSON and terminals. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/slice.h"

/* Owns its bytes (not NUL-terminated). Zeroed memory is valid and empty. When memory is exhausted, `failed` is set and
   appends do nothing, so that it is checked once, where the text is used. */
struct text {
    char *data;
    size_t len, room;
    bool failed;
    bool lent;      /* the memory is somebody else's: what does not fit is copied out of it */
};

void text_fini(struct text *text);

/* Empties it and keeps its memory. */
static inline void text_reset(struct text *text)
{
    text->len = 0;
    text->failed = false;
}

/* The slow half of text_reserve. */
bool text_grow(struct text *text, size_t n);

/* Makes room for n more bytes; false (and failed) when memory is exhausted. */
static inline bool text_reserve(struct text *text, size_t n)
{
    return (text->room - text->len >= n && !text->failed) || text_grow(text, n);
}

static inline void text_put(struct text *text, char c)
{
    if (text->len < text->room || text_reserve(text, 1))
        text->data[text->len++] = c;
}

static inline void text_bytes(struct text *text, const void *data, size_t len)
{
    if (len > 0 && (text->room - text->len >= len || text_reserve(text, len))) {
        memcpy(text->data + text->len, data, len);
        text->len += len;
    }
}

static inline void text_slice(struct text *text, struct slice s)
{
    text_bytes(text, s.data, s.len);
}

static inline void text_str(struct text *text, const char *s)
{
    text_bytes(text, s, strlen(s));
}

void text_uint(struct text *text, uint64_t value);
void text_int(struct text *text, int64_t value);

/* Nanoseconds as milliseconds with up to three decimals ("1234.567", "20", "0.5"). */
void text_ms(struct text *text, int64_t ns);

/* A real number with at most `decimals` (0 to 6) decimals, rounded, without trailing zeros; "0" for NAN. Whatever the locale is. */
void text_real(struct text *text, double value, unsigned decimals);

/* printf, for places that are not hot. */
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A JSON string with its quotes: control bytes escaped, each byte that is not part of valid UTF-8 becomes U+FFFD. */
void text_json(struct text *text, struct slice s);

/* The same without the quotes, for strings that are put together from parts. False where something was not valid UTF-8. */
bool text_json_part(struct text *text, struct slice s);

/* For people and terminals: control bytes, DEL, C1 controls, bidirectional overrides and invalid UTF-8 become '.', so that
   nothing from the wire can drive the terminal. */
void text_plain(struct text *text, struct slice s);

/* The same to where there is room for s.len bytes; returns its end. */
char *text_plain_at(char *to, struct slice s);

/* Length in bytes of the valid UTF-8 sequence at s.data[at] (1 to 4); 0 where there is none. */
size_t utf8_length(struct slice s, size_t at);

#endif
