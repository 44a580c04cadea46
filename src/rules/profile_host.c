/* The trunk's host names as a regular expression. Profiles name the group that is the connector: "(?<connector>...)". POSIX has no
   names: the group becomes a plain one, and its number is kept. */
#include <stdio.h>
#include <stdlib.h>

#include "rules/profile.h"
#include "rules/profile_takers.h"

#define CONNECTOR "?<connector>"

/* How many bytes belong together: an escape, a bracket expression (a ] that stands first in it, or ends a [:class:], does not end
   it), or one byte. */
static size_t token_length(const char *text)
{
    if (text[0] == '\\')
        return text[1] == '\0' ? 1 : 2;
    if (text[0] != '[')
        return 1;
    size_t at = text[1] == '^' ? 2 : 1;
    if (text[at] == ']')
        at++;
    while (text[at] != '\0' && text[at] != ']') {
        const char *end = text[at] == '[' && text[at + 1] == ':' ? strstr(text + at + 2, ":]") : NULL;
        at = end != NULL ? (size_t)(end - text) + 2 : at + 1;
    }
    return text[at] == ']' ? at + 1 : at;
}

/* Writes the expression without the group's name: out has room for the original. False where there is another "(?". */
static bool names_drop(const char *text, char *out, unsigned *connector)
{
    unsigned groups = 0;
    *connector = 0;
    while (*text != '\0') {
        size_t length = token_length(text);
        memcpy(out, text, length);
        out += length;
        groups += *text == '(';
        bool named = text[0] == '(' && text[1] == '?';
        text += length;
        if (!named)
            continue;
        if (strncmp(text, CONNECTOR, sizeof CONNECTOR - 1) != 0 || *connector != 0)
            return false;
        *connector = groups;
        text += sizeof CONNECTOR - 1;
    }
    *out = '\0';
    return true;
}

/* The letter or digit before a "$" is one that is looked for, unless it is part of something else. */
static uint8_t last_byte(const char *text)
{
    size_t len = strlen(text);
    if (len < 2 || text[len - 1] != '$' || strchr(text, '|') != NULL || (len > 2 && text[len - 3] == '\\'))
        return 0;
    uint8_t c = ascii_lower((uint8_t)text[len - 2]);
    return ascii_digit(c) || (c >= 'a' && c <= 'z') ? c : 0;
}

bool profile_take_host(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                       const struct json *value, void *owner)
{
    struct profile *profile = owner;
    struct slice text = json_text(value);
    char *copy = strndup((const char *)text.data, text.len), *plain = malloc(text.len + 1);
    char words[200] = "a regular expression (POSIX extended) in which at most one group is named: (?<connector>...)";
    bool right = copy != NULL && plain != NULL && text.len > 0 && names_drop(copy, plain, &profile->connector_group);
    (void)row;
    if (right) {
        int failed = regcomp(&profile->host, plain, REG_EXTENDED | REG_ICASE);
        size_t used = (size_t)snprintf(words, sizeof words, "a regular expression (POSIX extended): ");
        if (failed != 0)
            regerror(failed, &profile->host, words + used, sizeof words - used);
        profile->has_host = right = failed == 0;
        profile->host_end = last_byte(plain);
    }
    free(copy);
    free(plain);
    return right || key_wrong(reading, place, words);
}
