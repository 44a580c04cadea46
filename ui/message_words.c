/* Findings name what they are about: a header of that name is marked. */
#include "ui/message_words.h"

#include <stdlib.h>

#include "analyzer/reading.h"
#include "ui/words.h"

enum { LINES_MAX = 1000 };

void message_place(struct text *out, const struct message_store *store, const struct aliases *aliases,
                   const struct kept_message *message)
{
    const struct hop *hop = message_store_hop(store, message);
    text_format(out, "frame %llu  ", (unsigned long long)message->frame);
    words_time_of_day(out, message->at);
    text_str(out, "  ");
    aliases_hop(out, aliases, &hop->src, &hop->dst);
    text_put(out, ' ');
    text_str(out, transport_name((enum transport)hop->transport));
    if (message->flags & KEPT_AGAIN)
        text_str(out, ", sent again");
    if (message->flags & KEPT_COPY)
        text_str(out, ", captured again");
    if (message->flags & KEPT_DECRYPTED)
        text_str(out, ", decrypted");
    if (message->flags & KEPT_TRUNCATED)
        text_str(out, ", cut by the capture");
}

static bool finding_is_on(const struct finding_record *finding, const struct kept_message *message)
{
    return finding->frame == message->frame && finding->stream == NUMBER_NONE;
}

void message_findings(struct text_view *view, const struct call_copy *call, const struct kept_message *message)
{
    struct text words = {0};
    for (size_t i = 0; call != NULL && i < call->finding_count; i++) {
        const struct finding_record *finding = call->findings[i];
        if (!finding_is_on(finding, message))
            continue;
        text_reset(&words);
        text_plain(&words, finding->severity);
        text_str(&words, ": ");
        text_plain(&words, finding->text);
        text_view_paragraph(view, 0, words_severity_role(finding->severity), slice_of(words.data, words.len));
    }
    text_fini(&words);
}

/* What a line of the message looks like: the header that a finding is about stands out. */
static enum role line_role(const struct reading_line *line, const struct call_copy *call, const struct kept_message *message)
{
    for (size_t i = 0; call != NULL && line->header && i < call->finding_count; i++) {
        const struct finding_record *finding = call->findings[i];
        bool meant = (line->name != NULL && slice_is_nocase(finding->subject, line->name)) ||
                     (finding->subject.len > 3 && line->value.len >= finding->subject.len &&
                      memmem(line->value.data, line->value.len, finding->subject.data, finding->subject.len) != NULL);
        if (meant && finding_is_on(finding, message))
            return words_severity_role(finding->severity) == ROLE_TEXT ? ROLE_WARNING : words_severity_role(finding->severity);
    }
    return ROLE_TEXT;
}

/* By its full name, a folded value on one line. */
static void header_decoded(struct text_view *view, const struct reading_line *line, enum role role)
{
    struct text name = {0}, value = {0};
    text_plain(&name, line->name != NULL ? slice_str(line->name)
                                         : slice_trim(slice_cut(line->text, 0, slice_find(line->text, 0, ':'))));
    text_put(&name, '\0');
    for (size_t i = 0; i < line->value.len; i++)
        if (line->value.data[i] != '\r' && line->value.data[i] != '\n')
            text_put(&value, (char)line->value.data[i]);
    if (!name.failed)
        text_view_pair(view, name.data, role, slice_of(value.data, value.len));
    text_fini(&name);
    text_fini(&value);
}

/* As it stands: each line of a folded header by itself. */
static void line_raw(struct text_view *view, const struct reading_line *line, enum role role)
{
    size_t labelled = line->header ? slice_find(line->text, 0, ':') : 0;
    for (size_t at = 0; at == 0 || at < line->text.len;) {
        size_t end = slice_find(line->text, at, '\n');
        size_t last = end > at && end < line->text.len && line->text.data[end - 1] == '\r' ? end - 1 : end;
        text_view_named(view, at == 0 ? labelled : 0, role, slice_cut(line->text, at, last));
        at = end + 1;
    }
}

void message_write(struct text_view *view, struct text *text, const struct message_store *store, const struct kept_message *message,
                   const struct call_copy *call, enum message_form form)
{
    struct error error = {""};
    bool there = message_store_text(store, message, text, &error);
    struct reading_line *lines = calloc(LINES_MAX, sizeof *lines);
    size_t count = there && lines != NULL ? reading_lines(slice_of(text->data, text->len), lines, LINES_MAX) : 0;
    message_findings(view, call, message);
    if (!there)
        text_view_paragraph(view, 0, ROLE_WARNING, slice_str(error.text));
    for (size_t i = 0; i < count && i < LINES_MAX; i++) {
        enum role role = line_role(&lines[i], call, message);
        if (lines[i].header && form == MESSAGE_DECODED)
            header_decoded(view, &lines[i], role);
        else
            line_raw(view, &lines[i], i == 0 ? ROLE_GOOD : role);
    }
    if (count > LINES_MAX)
        text_view_line(view, ROLE_DIM, "%zu lines more", count - LINES_MAX);
    free(lines);
}
