/* Bindings lie over the tables: a key that was given to one command of a screen is taken from the others there. */
#include "ui/keys.h"

#include <stdio.h>

#include "base/json.h"
#include "base/text.h"
#include "ui/screen.h"

enum { PATH_BYTES = 120 };

static const char common_name[] = "common";

const char *command_name(enum command command)
{
    static const char *const names[] = {
        "",
#define X(id, name) name,
        COMMANDS(X)
#undef X
    };
    return names[command];
}

/* ---- looking up ---- */

static const struct key_binding *binding_of(const struct keys *keys, const struct key_row *row)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->bound[i].row == row)
            return &keys->bound[i];
    return NULL;
}

static bool table_has(const struct key_table *table, const struct key_row *row)
{
    for (size_t i = 0; i < table->count; i++)
        if (&table->rows[i] == row)
            return true;
    return false;
}

static bool presses_have(const uint32_t presses[KEY_PRESSES], uint32_t press)
{
    for (int k = 0; k < KEY_PRESSES; k++)
        if (presses[k] == press)
            return true;
    return false;
}

/* A row of the table that the press was bound to. */
static bool bound_in(const struct keys *keys, const struct key_table *table, uint32_t press)
{
    for (size_t i = 0; i < keys->count; i++)
        if (presses_have(keys->bound[i].presses, press) && table_has(table, keys->bound[i].row))
            return true;
    return false;
}

void keys_presses(const struct keys *keys, const struct key_table *table, const struct key_row *row, uint32_t presses[KEY_PRESSES])
{
    const struct key_binding *binding = binding_of(keys, row);
    size_t count = 0;
    memcpy(presses, binding == NULL ? (const uint32_t[KEY_PRESSES]){0} : binding->presses, sizeof binding->presses);
    for (int k = 0; k < KEY_PRESSES && binding == NULL; k++)
        if (row->presses[k] != PRESS_NONE && !bound_in(keys, table, row->presses[k]))
            presses[count++] = row->presses[k];
}

static const struct key_row *table_row(const struct keys *keys, const struct key_table *table, uint32_t press)
{
    uint32_t presses[KEY_PRESSES];
    for (size_t i = 0; i < table->count; i++) {
        keys_presses(keys, table, &table->rows[i], presses);
        if (presses_have(presses, press))
            return &table->rows[i];
    }
    return NULL;
}

uint32_t keys_names(const struct keys *keys, const struct key_table *table, const struct key_table *over, const struct key_row *row,
                    char out[KEYS_NAMES])
{
    uint32_t presses[KEY_PRESSES], first = PRESS_NONE;
    char name[PRESS_NAME_SIZE];
    size_t length = 0;
    keys_presses(keys, table, row, presses);
    out[0] = '\0';
    for (int k = 0; k < KEY_PRESSES && presses[k] != PRESS_NONE; k++) {
        if (over != NULL && table_row(keys, over, presses[k]) != NULL)
            continue;
        (void)press_format(presses[k], name);
        length += (size_t)snprintf(out + length, KEYS_NAMES - length, "%s%s", first == PRESS_NONE ? "" : " ", name);
        first = first == PRESS_NONE ? presses[k] : first;
    }
    return first;
}

enum command keys_command(const struct keys *keys, const struct screen *screen, uint32_t press)
{
    if (press == PRESS_NONE)
        return COMMAND_NONE;
    const struct key_row *row = table_row(keys, &screen->keys, press);
    row = row != NULL ? row : table_row(keys, &screen_common_keys, press);
    return row == NULL ? COMMAND_NONE : row->command;
}

/* ---- taking ---- */

static const struct key_table *table_find(struct slice name)
{
    for (size_t i = 0; i < screen_count; i++)
        if (slice_is(name, screens[i]->name))
            return &screens[i]->keys;
    return slice_is(name, common_name) ? &screen_common_keys : NULL;
}

static const char *table_name(const struct key_table *table)
{
    for (size_t i = 0; i < screen_count; i++)
        if (table == &screens[i]->keys)
            return screens[i]->name;
    return common_name;
}

static const struct key_row *row_find(const struct key_table *table, struct slice name)
{
    for (size_t i = 0; i < table->count; i++)
        if (slice_is(name, command_name(table->rows[i].command)))
            return &table->rows[i];
    return NULL;
}

/* One key of a command; place: which of a list, -1: it stands alone. */
static void press_take(const struct keys *keys, const struct key_table *table, struct key_binding *binding, const struct json *json,
                       int place, struct problems *problems)
{
    char path[PATH_BYTES], at[16] = "", name[PRESS_NAME_SIZE];
    uint32_t press = json_kind(json) == JSON_TEXT ? press_parse(json_text(json)) : PRESS_NONE;
    int free_at = 0;
    if (place >= 0)
        snprintf(at, sizeof at, "[%d]", place);
    snprintf(path, sizeof path, "keys.%s.%s%s", table_name(table), command_name(binding->row->command), at);
    while (free_at < KEY_PRESSES && binding->presses[free_at] != PRESS_NONE)
        free_at++;
    const struct key_row *taken = bound_in(keys, table, press) ? table_row(keys, table, press) : NULL;
    if (press == PRESS_NONE)
        problems_say(problems, "%s: there is no such key", path);
    else if (press >= PRESS_RESIZE)
        problems_say(problems, "%s: that cannot be bound", path);
    else if (taken != NULL && press_format(press, name) > 0)
        problems_say(problems, "%s: %s is bound to %s already", path, name, command_name(taken->command));
    else if (free_at == KEY_PRESSES)
        problems_say(problems, "%s: a command has %d keys at most", path, KEY_PRESSES);
    else
        binding->presses[free_at] = press;
}

static void row_take(struct keys *keys, const struct key_table *table, const struct key_row *row, const struct json *json,
                     struct problems *problems)
{
    if (binding_of(keys, row) != NULL || keys->count == KEYS_BOUND) {
        problems_say(problems, "keys.%s.%s: %s", table_name(table), command_name(row->command),
                     keys->count == KEYS_BOUND ? "too many are bound" : "stands there before");
        return;
    }
    struct key_binding *binding = &keys->bound[keys->count++];
    *binding = (struct key_binding){.row = row};
    if (json_kind(json) != JSON_LIST) {
        press_take(keys, table, binding, json, -1, problems);
        return;
    }
    int place = 0;
    for (const struct json *item = json_first(json); item != NULL; item = json_next(item))
        press_take(keys, table, binding, item, place++, problems);
}

static void table_take(struct keys *keys, const struct key_table *table, const struct json *json, struct problems *problems)
{
    if (json_kind(json) != JSON_OBJECT) {
        problems_say(problems, "keys.%s: is %s, an object of actions is expected", table_name(table), json_kind_name(json_kind(json)));
        return;
    }
    for (const struct json *member = json_first(json); member != NULL; member = json_next(member)) {
        struct slice name = slice_cut(json_name(member), 0, 40);
        const struct key_row *row = row_find(table, name);
        if (row == NULL)
            problems_say(problems, "keys.%s.%.*s: there is no such action", table_name(table), (int)name.len, (const char *)name.data);
        else
            row_take(keys, table, row, member, problems);
    }
}

/* ---- conflicts ---- */

/* Commands that lost their last key to a binding; one that was bound to no key ([]) has none on purpose. */
static void lost_say(const struct keys *keys, const struct key_table *table, struct problems *problems)
{
    uint32_t presses[KEY_PRESSES];
    for (size_t i = 0; i < table->count; i++) {
        keys_presses(keys, table, &table->rows[i], presses);
        if (presses[0] == PRESS_NONE && binding_of(keys, &table->rows[i]) == NULL)
            problems_say(problems, "keys.%s.%s: has no key any more ([] if it needs none)", table_name(table),
                         command_name(table->rows[i].command));
    }
}

/* Keys of all screens that mean something else on this one, where one of both was bound. */
static void hidden_say(const struct keys *keys, const struct screen *screen, struct problems *problems)
{
    uint32_t presses[KEY_PRESSES];
    char name[PRESS_NAME_SIZE];
    for (size_t i = 0; i < screen_common_keys.count; i++) {
        const struct key_row *row = &screen_common_keys.rows[i], *over = NULL;
        bool bound = binding_of(keys, row) != NULL, hidden = true, otherwise = false;
        keys_presses(keys, &screen_common_keys, row, presses);
        for (int k = 0; k < KEY_PRESSES && presses[k] != PRESS_NONE; k++) {
            over = table_row(keys, &screen->keys, presses[k]);
            hidden = hidden && over != NULL;
            otherwise = otherwise || (over != NULL && binding_of(keys, over) != NULL);
            if (over != NULL && bound && press_format(presses[k], name) > 0)
                problems_say(problems, "keys.%s.%s: %s means %s on the screen %s", common_name, command_name(row->command), name,
                             command_name(over->command), screen->name);
        }
        if (hidden && otherwise && !bound)
            problems_say(problems, "keys.%s.%s: leaves no key for %s there", screen->name, command_name(over->command),
                         command_name(row->command));
    }
}

void keys_read(struct keys *keys, const struct json *json, struct problems *problems)
{
    if (json_kind(json) != JSON_OBJECT) {
        problems_say(problems, "keys: is %s, an object of screens is expected", json_kind_name(json_kind(json)));
        return;
    }
    for (const struct json *member = json_first(json); member != NULL; member = json_next(member)) {
        struct slice name = slice_cut(json_name(member), 0, 40);
        const struct key_table *table = table_find(name);
        if (table == NULL)
            problems_say(problems, "keys.%.*s: there is no such screen", (int)name.len, (const char *)name.data);
        else
            table_take(keys, table, member, problems);
    }
    lost_say(keys, &screen_common_keys, problems);
    for (size_t i = 0; i < screen_count; i++) {
        lost_say(keys, &screens[i]->keys, problems);
        hidden_say(keys, screens[i], problems);
    }
}

/* ---- giving ---- */

static void binding_put(struct text *out, const struct key_binding *binding)
{
    char name[PRESS_NAME_SIZE];
    text_format(out, "\"%s\": [", command_name(binding->row->command));
    for (int k = 0; k < KEY_PRESSES && binding->presses[k] != PRESS_NONE; k++) {
        text_str(out, k == 0 ? "" : ", ");
        text_json(out, slice_of(name, press_format(binding->presses[k], name)));
    }
    text_put(out, ']');
}

static void table_put(struct text *out, const struct keys *keys, const struct key_table *table, bool *begun)
{
    const char *mark = NULL;
    for (size_t i = 0; i < keys->count; i++) {
        if (!table_has(table, keys->bound[i].row))
            continue;
        if (mark == NULL)
            text_format(out, "%s\n    \"%s\": {", *begun ? "," : "", table_name(table));
        text_str(out, mark == NULL ? "" : mark);
        binding_put(out, &keys->bound[i]);
        mark = ", ";
    }
    if (mark != NULL)
        text_put(out, '}');
    *begun = *begun || mark != NULL;
}

void keys_put(struct text *out, const struct keys *keys)
{
    bool begun = false;
    text_put(out, '{');
    table_put(out, keys, &screen_common_keys, &begun);
    for (size_t i = 0; i < screen_count; i++)
        table_put(out, keys, &screens[i]->keys, &begun);
    text_str(out, "\n  }");
}
