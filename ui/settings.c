/* One JSON object; unknown keys and values are said, with their place, and never silently dropped: a file with such is not written over. */
#include "ui/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "ui/call_columns.h"

const char *const theme_names[THEMES] = {
    [THEME_AUTO] = "auto", [THEME_DARK] = "dark", [THEME_LIGHT] = "light", [THEME_MONO] = "mono"};

void settings_locate(char path[SETTINGS_PATH])
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int length = 0;
    path[0] = '\0';
    if (config != NULL && config[0] == '/')
        length = snprintf(path, SETTINGS_PATH, "%s/sipvet/config.json", config);
    else if (home != NULL && home[0] == '/')
        length = snprintf(path, SETTINGS_PATH, "%s/.config/sipvet/config.json", home);
    if (length < 0 || length >= SETTINGS_PATH)
        path[0] = '\0';
}

/* ---- reading ---- */

#define HEADER_PREFIX "header:" /* of a column that is a SIP header, in the file */

static bool column_on(const struct settings *settings, size_t at)
{
    bool on = false;
    for (size_t i = 0; i < settings->column_count; i++)
        on = on || settings->columns[i] == at;
    return on;
}

/* RFC 3261 25.1: a token. */
static bool header_named(struct slice name)
{
    bool token = name.len > 0 && name.len < HEADER_NAME_BYTES;
    for (size_t i = 0; i < name.len; i++)
        token = token && name.data[i] != '\0' &&
                strchr("abcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~", ascii_lower(name.data[i])) != NULL;
    return token;
}

bool settings_header(struct settings *settings, struct slice name, uint8_t *at, struct error *error)
{
    size_t place = 0;
    if (!header_named(name))
        return error_set(error, "that is no header's name");
    while (place < settings->header_count && !slice_is_nocase(name, settings->headers[place]))
        place++;
    for (size_t i = 0; place == HEADER_COLUMNS && i < HEADER_COLUMNS; i++)
        if (!column_on(settings, call_column_count + i))
            place = i; /* one that is not shown makes room */
    if (place == HEADER_COLUMNS)
        return error_set(error, "there are %d columns of headers already", HEADER_COLUMNS);
    settings->header_count = place < settings->header_count ? settings->header_count : place + 1;
    snprintf(settings->headers[place], HEADER_NAME_BYTES, "%.*s", (int)name.len, (const char *)name.data);
    *at = (uint8_t)(call_column_count + place);
    return true;
}

/* What stands in the list of columns; false with why. */
static bool column_find(struct settings *settings, struct slice name, uint8_t *at, struct error *error)
{
    size_t found = 0;
    if (slice_starts(name, HEADER_PREFIX))
        return settings_header(settings, slice_after(name, sizeof HEADER_PREFIX - 1), at, error);
    while (found < call_column_count && !slice_is(name, call_columns[found].name))
        found++;
    *at = (uint8_t)found;
    return found < call_column_count || error_set(error, "there is no such column");
}

void settings_choose(struct settings *settings, const char *name)
{
    struct error error;
    uint8_t at;
    if (column_find(settings, slice_str(name), &at, &error) && !column_on(settings, at))
        settings->columns[settings->column_count++] = at;
}

static void columns_take(struct settings *settings, const struct json *json)
{
    size_t place = 0;
    if (json_kind(json) != JSON_LIST) {
        problems_say(&settings->problems, "columns: is %s, a list of names is expected", json_kind_name(json_kind(json)));
        return;
    }
    for (const struct json *item = json_first(json); item != NULL; item = json_next(item), place++) {
        struct error error = {"there is no such column"};
        uint8_t at = 0;
        if (json_kind(item) != JSON_TEXT || !column_find(settings, json_text(item), &at, &error))
            problems_say(&settings->problems, "columns[%zu]: %s", place, error.text);
        else if (column_on(settings, at))
            problems_say(&settings->problems, "columns[%zu]: stands there before", place);
        else
            settings->columns[settings->column_count++] = at;
    }
}

static void theme_take(struct settings *settings, const struct json *json)
{
    for (int i = 0; i < THEMES; i++)
        if (json_kind(json) == JSON_TEXT && slice_is(json_text(json), theme_names[i])) {
            settings->theme = (enum theme)i;
            return;
        }
    problems_say(&settings->problems, "theme: auto, dark, light or mono is expected");
}

static void mouse_take(struct settings *settings, const struct json *json)
{
    if (json_kind(json) == JSON_BOOL)
        settings->no_mouse = !json_bool(json);
    else
        problems_say(&settings->problems, "mouse: is %s, true or false is expected", json_kind_name(json_kind(json)));
}

static void bindings_take(struct settings *settings, const struct json *json)
{
    keys_read(&settings->keys, json, &settings->problems);
}

static void names_take(struct settings *settings, const struct json *json)
{
    aliases_read(&settings->aliases, json, &settings->problems);
}

static const struct {
    const char *name;
    void (*take)(struct settings *settings, const struct json *json);
} members[] = {{"columns", columns_take}, {"theme", theme_take}, {"mouse", mouse_take}, {"keys", bindings_take},
             {"aliases", names_take}};

enum { MEMBERS = sizeof members / sizeof members[0] };

static void member_take(struct settings *settings, const struct json *member)
{
    struct slice name = json_name(member);
    for (size_t i = 0; i < MEMBERS; i++)
        if (slice_is(name, members[i].name)) {
            members[i].take(settings, member);
            return;
        }
    problems_say(&settings->problems, "%.*s: there is no such setting", (int)(name.len < 60 ? name.len : 60), (const char *)name.data);
}

void settings_read(struct settings *settings, const char *path)
{
    struct error error;
    *settings = (struct settings){0};
    snprintf(settings->path, sizeof settings->path, "%s", path);
    if (path[0] == '\0' || access(path, F_OK) != 0)
        return;
    struct json *json = json_read_file(path, &error);
    if (json == NULL)
        problems_say(&settings->problems, "%s", error.text);
    else if (json_kind(json) != JSON_OBJECT)
        problems_say(&settings->problems, "an object is expected");
    for (const struct json *member = json == NULL ? NULL : json_first(json); member != NULL && json_kind(json) == JSON_OBJECT;
         member = json_next(member))
        member_take(settings, member);
    json_free(json);
}

/* ---- writing ---- */

size_t settings_columns(const struct settings *settings, uint8_t columns[COLUMNS_MAX])
{
    size_t count = settings->column_count;
    memcpy(columns, settings->columns, count);
    for (size_t i = 0; settings->column_count == 0 && i < call_column_count; i++)
        if (!call_columns[i].extra)
            columns[count++] = (uint8_t)i;
    return count;
}

size_t settings_column_count(const struct settings *settings)
{
    return call_column_count + settings->header_count;
}

struct column settings_column(const struct settings *settings, size_t at)
{
    return at < call_column_count ? call_columns[at] : call_column_header(settings->headers[at - call_column_count]);
}

static void column_put(struct text *out, const struct settings *settings, size_t at)
{
    if (at < call_column_count)
        text_str(out, call_columns[at].name);
    else
        text_format(out, HEADER_PREFIX "%s", settings->headers[at - call_column_count]);
}

static bool folders_make(const char *path)
{
    char folder[SETTINGS_PATH];
    snprintf(folder, sizeof folder, "%s", path);
    for (char *at = folder + 1; (at = strchr(at, '/')) != NULL; *at++ = '/') {
        *at = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST)
            return false;
    }
    return true;
}

static void settings_put(struct text *out, const struct settings *settings)
{
    uint8_t columns[COLUMNS_MAX];
    size_t count = settings_columns(settings, columns);
    text_str(out, "{\n");
    if (settings->column_count > 0) {
        text_str(out, "  \"columns\": [");
        for (size_t i = 0; i < count; i++) {
            text_str(out, i == 0 ? "\"" : ", \"");
            column_put(out, settings, columns[i]); /* names of columns and headers have nothing to escape */
            text_put(out, '"');
        }
        text_str(out, "],\n");
    }
    if (settings->keys.count > 0) {
        text_str(out, "  \"keys\": ");
        keys_put(out, &settings->keys);
        text_str(out, ",\n");
    }
    size_t begin = out->len;
    text_str(out, "  \"aliases\": ");
    if (aliases_put(out, &settings->aliases))
        text_str(out, ",\n");
    else
        out->len = begin;
    text_format(out, "  \"theme\": \"%s\",\n  \"mouse\": %s\n}\n", theme_names[settings->theme],
                settings->no_mouse ? "false" : "true");
}

bool settings_write(const struct settings *settings, struct error *error)
{
    struct text text = {0};
    char fresh[SETTINGS_PATH + 8];
    if (settings->path[0] == '\0')
        return error_set(error, "neither HOME nor XDG_CONFIG_HOME says where settings are kept");
    if (settings->problems.text[0] != '\0')
        return error_set(error, "not written over, for it has what is not understood here: %s", settings->path);
    settings_put(&text, settings);
    snprintf(fresh, sizeof fresh, "%s.new", settings->path); /* the old one stays whole until the new one is */
    FILE *file = folders_make(settings->path) ? fopen(fresh, "w") : NULL;
    bool written = file != NULL && fwrite(text.data, 1, text.len, file) == text.len;
    if (file != NULL && fclose(file) != 0)
        written = false;
    if (!written || rename(fresh, settings->path) != 0) {
        error_set(error, "%s: %s", settings->path, strerror(errno));
        written = false;
    }
    text_fini(&text);
    return written;
}
