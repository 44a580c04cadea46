/* The list follows what is typed as long as it is right; while it is not, it stays as it was, and the bar says what is wrong, and where. */
#include "ui/call_filter.h"

#include <stdio.h>
#include <string.h>

void call_filter_fini(struct call_filter *filter)
{
    query_free(filter->query);
    filter->query = NULL;
}

bool call_filter_active(const struct call_filter *filter)
{
    return filter->query != NULL || filter->words_len > 0;
}

/* ---- words ---- */

static bool contains(struct slice text, struct slice word)
{
    for (size_t at = 0; at + word.len <= text.len; at++) {
        size_t n = 0;
        while (n < word.len && ascii_lower(text.data[at + n]) == ascii_lower(word.data[n]))
            n++;
        if (n == word.len)
            return true;
    }
    return false;
}

static bool end_contains(const struct aliases *aliases, const struct endpoint *endpoint, struct slice word)
{
    char room[ENDPOINT_TEXT_SIZE + ALIAS_BYTES];
    struct text name = {.data = room, .room = sizeof room}; /* there is room for any */
    if (contains(slice_of(room, endpoint_format(endpoint, room)), word))
        return true;
    if (aliases == NULL || aliases->count == 0 || aliases->off)
        return false;
    aliases_endpoint(&name, aliases, endpoint);
    return contains(slice_of(name.data, name.len), word);
}

/* The word is somewhere in what identifies a call, whichever columns are shown. */
static bool call_contains(const struct call_filter *filter, const struct call_record *call, struct slice word)
{
    const struct slice texts[] = {call->from_user, call->to_user, call->state, call->method, call->reason, call->call_id,
                                  call->request_uri, call->verdict == NULL ? SLICE_NONE : call->verdict->code};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (contains(texts[i], word))
            return true;
    char status[24];
    if (end_contains(filter->aliases, &call->src, word) || end_contains(filter->aliases, &call->dst, word))
        return true;
    int length = call->status == NUMBER_NONE ? 0 : snprintf(status, sizeof status, "%llu", (unsigned long long)call->status);
    return contains(slice_of(status, (size_t)length), word);
}

static bool words_pass(const struct call_filter *filter, const struct call_record *call)
{
    struct slice rest = slice_of(filter->words, filter->words_len);
    while (rest.len > 0) {
        size_t end = slice_find(rest, 0, ' ');
        struct slice word = slice_cut(rest, 0, end);
        if (word.len > 0 && !call_contains(filter, call, word))
            return false;
        rest = slice_after(rest, end + 1);
    }
    return true;
}

bool call_filter_passes(const struct call_filter *filter, const struct call_record *call)
{
    return filter->query != NULL ? query_matches(filter->query, call) : words_pass(filter, call);
}

/* ---- what is typed ---- */

static bool means_query(struct slice text)
{
    text = slice_trim(text);
    for (size_t i = 0; i < text.len; i++)
        if (strchr("=<>~()", text.data[i]) != NULL)
            return true;
    return slice_starts_nocase(text, "not ");
}

/* query_new's message: what is wrong, the text, and a caret under the place, two blanks further right. */
static void wrong_take(struct call_filter *filter, const struct error *error)
{
    const char *end = strchr(error->text, '\n'), *caret = strrchr(error->text, '\n');
    int length = end == NULL ? (int)strlen(error->text) : (int)(end - error->text);
    snprintf(filter->wrong, sizeof filter->wrong, "%.*s", length, error->text);
    size_t blanks = caret == NULL ? 0 : strspn(caret + 1, " ");
    filter->wrong_at = blanks > 2 ? blanks - 2 : 0;
}

/* True when other calls may pass now. */
static bool text_take(struct call_filter *filter)
{
    struct error error;
    char text[PROMPT_BYTES + 1];
    filter->wrong[0] = '\0';
    if (!means_query(prompt_text(&filter->prompt))) {
        query_free(filter->query);
        filter->query = NULL;
        memcpy(filter->words, filter->prompt.text, filter->prompt.len);
        filter->words_len = filter->prompt.len;
        return true;
    }
    memcpy(text, filter->prompt.text, filter->prompt.len);
    text[filter->prompt.len] = '\0';
    struct query *query = query_new(text, &error);
    if (query == NULL) {
        wrong_take(filter, &error);
        return false;
    }
    query_free(filter->query);
    filter->query = query;
    filter->words_len = 0;
    return true;
}

static void text_set(struct call_filter *filter, const char *text)
{
    filter->prompt.len = strlen(text);
    memcpy(filter->prompt.text, text, filter->prompt.len);
}

/* ---- completion ---- */

static size_t common_length(const char *a, const char *b)
{
    size_t n = 0;
    while (a[n] != '\0' && a[n] == b[n])
        n++;
    return n;
}

static void hint_add(struct call_filter *filter, const char *name)
{
    size_t used = strlen(filter->hint);
    if (used + strlen(name) + 2 < sizeof filter->hint)
        snprintf(filter->hint + used, sizeof filter->hint - used, "%s%s", used > 0 ? " " : "", name);
}

/* Completes the field's name at the end of the text, as far as it is clear; else says which fields it may be. */
static bool field_complete(struct call_filter *filter)
{
    struct prompt *prompt = &filter->prompt;
    size_t begin = prompt->len, most = 0, matches = 0;
    const char *first = NULL;
    while (begin > 0 &&
           (ascii_lower((uint8_t)prompt->text[begin - 1]) >= 'a' || prompt->text[begin - 1] == '_' ||
            ascii_digit((uint8_t)prompt->text[begin - 1])) &&
           (uint8_t)prompt->text[begin - 1] < 0x80)
        begin--;
    size_t typed = prompt->len - begin;
    filter->hint[0] = '\0';
    for (size_t i = 0; i < call_fields.count; i++) {
        const char *name = call_fields.fields[i].name;
        if (strncmp(name, prompt->text + begin, typed) != 0)
            continue;
        most = matches++ == 0 ? strlen(name) : common_length(name, first) < most ? common_length(name, first) : most;
        first = first == NULL ? name : first;
        hint_add(filter, name);
    }
    if (matches == 0 || begin + most + 1 >= PROMPT_BYTES)
        return false;
    memcpy(prompt->text + begin, first, most);
    prompt->len = begin + most;
    if (matches == 1) {
        prompt->text[prompt->len++] = ' ';
        filter->hint[0] = '\0';
    }
    return true;
}

/* ---- history ---- */

static void history_add(struct call_filter *filter)
{
    char text[PROMPT_BYTES];
    size_t at = 0;
    if (filter->prompt.len == 0)
        return;
    snprintf(text, sizeof text, "%.*s", (int)filter->prompt.len, filter->prompt.text);
    while (at < filter->history_count && strcmp(filter->history[at], text) != 0)
        at++;
    if (at == filter->history_count && at < FILTER_HISTORY)
        filter->history_count++;
    at = at < FILTER_HISTORY ? at : FILTER_HISTORY - 1;
    memmove(filter->history[1], filter->history[0], at * sizeof filter->history[0]);
    memcpy(filter->history[0], text, sizeof text);
}

static bool history_go(struct call_filter *filter, bool older)
{
    if (older ? filter->history_at == filter->history_count : filter->history_at <= 1)
        return false;
    filter->history_at = older ? filter->history_at + 1 : filter->history_at - 1;
    text_set(filter, filter->history[filter->history_at - 1]);
    return true;
}

/* ---- the bar ---- */

void call_filter_begin(struct call_filter *filter)
{
    filter->prompt.typing = true;
    filter->history_at = 0;
    filter->hint[0] = '\0';
}

void call_filter_reset(struct call_filter *filter)
{
    filter->prompt.len = 0;
    (void)text_take(filter);
}

enum prompt_step call_filter_press(struct call_filter *filter, uint32_t press)
{
    bool changed = press == PRESS_UP     ? history_go(filter, true)
                   : press == PRESS_DOWN ? history_go(filter, false)
                   : press == PRESS_TAB  ? field_complete(filter)
                                         : false;
    if (press == PRESS_UP || press == PRESS_DOWN || press == PRESS_TAB) {
        if (changed)
            (void)text_take(filter);
        return PROMPT_CHANGED;
    }
    if (press == PRESS_ENTER && filter->wrong[0] != '\0')
        return PROMPT_CHANGED; /* it stays open until it is right, or left */
    enum prompt_step step = prompt_press(&filter->prompt, press);
    if (step == PROMPT_DONE)
        history_add(filter);
    if (step == PROMPT_CHANGED || step == PROMPT_LEFT) {
        filter->hint[0] = '\0';
        (void)text_take(filter);
    }
    return step;
}

void call_filter_draw(const struct call_filter *filter, struct canvas *canvas, struct area area)
{
    static const char title[] = " Filter: ";
    struct area line = area_row(area, 0), below = area_row(area, 1);
    struct slice text = prompt_text(&filter->prompt);
    canvas_fill(canvas, area, ROLE_TEXT);
    unsigned at = canvas_words(canvas, line, ROLE_KEY, title);
    unsigned width = canvas_width(canvas, text, PROMPT_BYTES), room = area.columns > at + 1 ? area.columns - at - 1 : 0;
    size_t skip = width > room ? canvas_fit(canvas, text, width - room) : 0; /* the end is what is being typed */
    unsigned used = canvas_text(canvas, area_left(area_right(line, at), room), ROLE_TEXT, slice_after(text, skip));
    canvas_words(canvas, area_right(line, at + used), ROLE_KEY, "_");
    if (filter->wrong[0] == '\0') {
        canvas_words(canvas, area_right(below, 1), ROLE_DIM,
                     filter->hint[0] != '\0'
                         ? filter->hint
                         : "words, or a query: mos < 3.6 and not answer   Tab: completes  Up: the last one");
        return;
    }
    size_t wrong_at = filter->wrong_at > skip ? filter->wrong_at : skip;
    unsigned caret = at + canvas_width(canvas, slice_cut(text, skip, wrong_at), room);
    unsigned length = (unsigned)strlen(filter->wrong) + 2;
    canvas_words(canvas, area_left(area_right(below, caret), 1), ROLE_ERROR, "^");
    if (caret + length < area.columns)
        canvas_words(canvas, area_right(below, caret + 2), ROLE_ERROR, filter->wrong);
    else /* left of it, where it is too far right */
        canvas_text_right(canvas, area_left(below, caret > 0 ? caret - 1 : 0), ROLE_ERROR, slice_str(filter->wrong));
}
