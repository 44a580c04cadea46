/* Lines as of sngrep's manual: "alias 192.0.2.1 sbc" (older ones: "set alias.192.0.2.1 sbc"), "set cl.column0 index",
   "set displayalias off". */
#include "ui/sngreprc.h"

#include <stdio.h>
#include <stdlib.h>

#include "ui/call_columns.h"

enum { LINE_BYTES = 400, LINES_MOST = 5000, PLACES = 20 };

void sngreprc_locate(char path[SETTINGS_PATH])
{
    const char *file = getenv("SNGREPRC"), *home = getenv("HOME");
    int length = file != NULL                          ? snprintf(path, SETTINGS_PATH, "%s", file)
                 : home != NULL && home[0] == '/'      ? snprintf(path, SETTINGS_PATH, "%s/.sngreprc", home)
                                                       : -1;
    if (length < 0 || length >= SETTINGS_PATH)
        path[0] = '\0';
}

/* The next word of a line: advances it. Empty at its end, and where a comment begins. */
static struct slice word_next(struct slice *line)
{
    *line = slice_trim(*line);
    if (line->len > 0 && line->data[0] == '#')
        *line = SLICE_NONE;
    size_t end = 0;
    while (end < line->len && line->data[end] != ' ' && line->data[end] != '\t')
        end++;
    struct slice word = slice_cut(*line, 0, end);
    *line = slice_after(*line, end);
    return word;
}

/* What sngrep calls a column, and ours. */
static const char *column_name(struct slice name)
{
    static const char *const names[][2] = {{"index", "id"},
                                           {"sipfrom", "header:From"},
                                           {"sipfromuser", "from_user"},
                                           {"sipto", "header:To"},
                                           {"siptouser", "to_user"},
                                           {"src", "src"},
                                           {"dst", "dst"},
                                           {"callid", "call_id"},
                                           {"xcallid", "header:X-Call-ID"},
                                           {"date", "start"},
                                           {"time", "start"},
                                           {"method", "method"},
                                           {"transport", "transport"},
                                           {"msgcnt", "messages"},
                                           {"state", "state"},
                                           {"convdur", "duration_ms"},
                                           {"reason", "header:Reason"},
                                           {"warning", "header:Warning"},
                                           {"contact", "header:Contact"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_is(name, names[i][0]))
            return names[i][1];
    return NULL;
}

/* "cl.column3": 3; PLACES: it is no such name. */
static size_t column_place(struct slice name)
{
    static const char prefix[] = "cl.column";
    struct slice digits = slice_starts(name, prefix) ? slice_after(name, sizeof prefix - 1) : SLICE_NONE;
    size_t place = digits.len == 0 || digits.len > 2 ? PLACES : 0;
    for (size_t i = 0; i < digits.len && place < PLACES; i++)
        place = digits.data[i] >= '0' && digits.data[i] <= '9' ? place * 10 + digits.data[i] - '0' : PLACES;
    return place < PLACES ? place : PLACES;
}

static void line_take(struct settings *settings, struct slice line, const char *columns[PLACES])
{
    static const char alias[] = "alias.";
    const char *why;
    struct slice verb = word_next(&line), name = word_next(&line);
    if (slice_is(verb, "alias"))
        (void)aliases_add(&settings->aliases, name, word_next(&line), true, &why);
    if (!slice_is(verb, "set"))
        return;
    size_t place = column_place(name);
    struct slice value = word_next(&line);
    if (slice_starts(name, alias))
        (void)aliases_add(&settings->aliases, slice_after(name, sizeof alias - 1), value, true, &why);
    else if (slice_is(name, "displayalias"))
        settings->aliases.off = slice_is(value, "off");
    else if (place < PLACES)
        columns[place] = column_name(value);
}

void sngreprc_read(struct settings *settings, const char *path)
{
    static const char *const ours[] = {"mos", "findings", "verdict"};
    char words[LINE_BYTES];
    const char *columns[PLACES + sizeof ours / sizeof ours[0]] = {NULL};
    FILE *file = path[0] == '\0' ? NULL : fopen(path, "re");
    bool chosen = settings->column_count > 0;
    if (file == NULL)
        return;
    for (int i = 0; i < LINES_MOST && fgets(words, sizeof words, file) != NULL; i++)
        line_take(settings, slice_str(words), columns);
    fclose(file);
    bool any = false;
    for (size_t i = 0; i < PLACES; i++)
        any = any || columns[i] != NULL;
    memcpy(columns + PLACES, ours, sizeof ours);
    for (size_t i = 0; any && !chosen && i < sizeof columns / sizeof columns[0]; i++)
        if (columns[i] != NULL)
            settings_choose(settings, columns[i]);
}
