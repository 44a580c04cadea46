/* Paths are chains of places on the stack: nothing is formatted until something is wrong. */
#include "rules/key_table.h"

#include <stdio.h>
#include <stdlib.h>

enum { NAME_SHOWN = 48, WORDS_SIZE = 320 };

static void *at(void *owner, size_t offset)
{
    return (char *)owner + offset;
}

void key_path(const struct key_place *place, char out[KEY_PATH_SIZE])
{
    out[0] = '\0';
    if (place == NULL)
        return;
    key_path(place->up, out);
    size_t used = strlen(out);
    if (place->name.len == 0)
        snprintf(out + used, KEY_PATH_SIZE - used, "[%zu]", place->index);
    else
        snprintf(out + used, KEY_PATH_SIZE - used, "%s%.*s", used == 0 ? "" : ".",
                 (int)(place->name.len < NAME_SHOWN ? place->name.len : NAME_SHOWN), (const char *)place->name.data);
}

bool key_wrong(const struct key_reading *reading, const struct key_place *place, const char *wants)
{
    char path[KEY_PATH_SIZE];
    key_path(place, path);
    return error_set(reading->error, "%s: %s must be %s", reading->name, place == NULL ? "the document" : path, wants);
}

/* "a", "b" or "c" */
static const char *choices_words(const struct key_choice *choices, char out[WORDS_SIZE])
{
    size_t used = 0;
    for (size_t i = 0; choices[i].word != NULL && used < WORDS_SIZE; i++)
        used += (size_t)snprintf(out + used, WORDS_SIZE - used, "%s\"%s\"", i == 0 ? "" : choices[i + 1].word == NULL ? " or " : ", ",
                                 choices[i].word);
    return out;
}

static bool refuse(const struct key_reading *reading, const struct key_place *place, const char *why)
{
    char path[KEY_PATH_SIZE];
    key_path(place, path);
    return error_set(reading->error, "%s: %s %s", reading->name, path, why);
}

static bool row_wrong(const struct key_reading *reading, const struct key_place *place, const struct key_row *row)
{
    char words[WORDS_SIZE];
    bool list = row->kind == JSON_LIST && place->name.len > 0; /* the list itself, not one of its items */
    return key_wrong(reading, place, row->wants != NULL            ? row->wants
                                     : row->choices != NULL && !list ? choices_words(row->choices, words)
                                                                   : json_kind_name(row->kind));
}

static const struct key_choice *choice_find(const struct key_choice *choices, const struct json *value)
{
    struct slice text = json_kind(value) == JSON_TEXT ? json_text(value) : SLICE_NONE;
    while (choices->word != NULL && !slice_is(text, choices->word))
        choices++;
    return choices->word == NULL ? NULL : choices;
}

bool key_take_text(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                   const struct json *value, void *owner)
{
    struct slice text = json_text(value);
    if (text.len == 0)
        return key_wrong(reading, place, row->wants != NULL ? row->wants : "a text that is not empty");
    memcpy(at(owner, row->offset), &text, sizeof text);
    return true;
}

void *key_room(const struct key_reading *reading, const struct json *list, size_t size, void *owner, size_t offset)
{
    size_t count = 0;
    void *items;
    for (const struct json *item = json_first(list); item != NULL; item = json_next(item))
        count++;
    memcpy(&items, at(owner, offset), sizeof items);
    free(items);
    items = calloc(count + 1, size);
    memcpy(at(owner, offset), &items, sizeof items);
    if (items == NULL)
        error_set(reading->error, "out of memory");
    return items;
}

bool key_take_texts(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                    const struct json *value, void *owner)
{
    struct slice *texts = key_room(reading, value, sizeof *texts, owner, row->offset);
    size_t *count = at(owner, row->count_offset);
    *count = 0;
    for (const struct json *item = json_first(value); texts != NULL && item != NULL; item = json_next(item)) {
        struct key_place here = {.up = place, .index = *count};
        struct slice text = json_kind(item) == JSON_TEXT ? json_text(item) : SLICE_NONE;
        if (text.len == 0)
            return key_wrong(reading, &here, "a text that is not empty");
        texts[(*count)++] = text;
    }
    return texts != NULL;
}

bool key_take_number(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                     const struct json *value, void *owner)
{
    double number = json_number(value);
    if (!(number >= row->least && number <= row->most))
        return row_wrong(reading, place, row);
    memcpy(at(owner, row->offset), &number, sizeof number);
    return true;
}

bool key_take_whole(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                    const struct json *value, void *owner)
{
    double number = json_number(value);
    if (!(number >= row->least && number <= row->most) || number > (double)(unsigned)number)
        return row_wrong(reading, place, row);
    unsigned whole = (unsigned)number;
    memcpy(at(owner, row->offset), &whole, sizeof whole);
    return true;
}

static bool flag_put(void *owner, size_t offset, bool flag)
{
    memcpy(at(owner, offset), &flag, sizeof flag);
    return true;
}

bool key_take_flag(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                   const struct json *value, void *owner)
{
    (void)reading;
    (void)place;
    return flag_put(owner, row->offset, json_bool(value));
}

bool key_take_denial(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                     const struct json *value, void *owner)
{
    (void)reading;
    (void)place;
    return flag_put(owner, row->offset, !json_bool(value));
}

bool key_take_choice(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                     const struct json *value, void *owner)
{
    const struct key_choice *choice = choice_find(row->choices, value);
    if (choice == NULL)
        return row_wrong(reading, place, row);
    memcpy(at(owner, row->offset), &choice->value, sizeof choice->value);
    return true;
}

bool key_take_mark(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                   const struct json *value, void *owner)
{
    return choice_find(row->choices, value) != NULL ? flag_put(owner, row->offset, true) : row_wrong(reading, place, row);
}

bool key_take_marks(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                    const struct json *value, void *owner)
{
    struct key_place here = {.up = place};
    for (const struct json *item = json_first(value); item != NULL; item = json_next(item), here.index++) {
        const struct key_choice *choice = choice_find(row->choices, item);
        if (choice == NULL)
            return row_wrong(reading, &here, row);
        flag_put(owner, (size_t)choice->value, true);
    }
    return true;
}

bool key_take_object(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                     const struct json *value, void *owner)
{
    return keys_take(reading, place, value, row->table, owner);
}

bool key_take_list(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                   const struct json *value, void *owner)
{
    const struct key_table *table = row->table;
    char *items = key_room(reading, value, table->size, owner, row->offset);
    size_t *count = at(owner, row->count_offset);
    *count = 0;
    for (const struct json *item = json_first(value); items != NULL && item != NULL; item = json_next(item)) {
        struct key_place here = {.up = place, .index = *count};
        char *to = items + table->size * (*count)++;
        if (json_kind(item) != JSON_OBJECT)
            return key_wrong(reading, &here, json_kind_name(JSON_OBJECT));
        if (table->blank != NULL)
            memcpy(to, table->blank, table->size);
        if (!keys_take(reading, &here, item, table, to))
            return false;
    }
    return items != NULL;
}

/* The name without its "+=". */
static struct slice plain_name(const struct json *member)
{
    struct slice name = json_name(member);
    return json_appends(member) ? slice_cut(name, 0, name.len - 2) : name;
}

static const struct key_row *row_find(const struct key_table *table, struct slice name)
{
    for (size_t i = 0; i < table->count; i++)
        if (slice_is(name, table->rows[i].name))
            return &table->rows[i];
    return NULL;
}

static bool no_such_key(const struct key_reading *reading, const struct key_place *place, const struct key_table *table)
{
    char path[KEY_PATH_SIZE], words[WORDS_SIZE] = "";
    size_t used = 0;
    key_path(place, path);
    for (size_t i = 0; i < table->count && used < WORDS_SIZE; i++)
        used += (size_t)snprintf(words + used, WORDS_SIZE - used, "%s%s", i == 0 ? "" : ", ", table->rows[i].name);
    return error_set(reading->error, "%s: there is no key %s; the keys here are %s", reading->name, path, words);
}

/* Items of lists are never merged: nothing in them has a list to be added to. */
static bool place_is_in_item(const struct key_place *place)
{
    while (place != NULL && place->name.len > 0)
        place = place->up;
    return place != NULL;
}

static bool member_take(const struct key_reading *reading, const struct key_place *place, const struct json *object,
                        const struct json *member, const struct key_table *table, void *owner)
{
    struct slice name = plain_name(member);
    const struct key_row *row = row_find(table, name);
    const struct json *other = json_first(object);
    if (row == NULL)
        return no_such_key(reading, place, table);
    while (other != member && !slice_equal(plain_name(other), name))
        other = json_next(other);
    if (other != member)
        return refuse(reading, place, "stands twice");
    if (json_appends(member) && (row->kind != JSON_LIST || place_is_in_item(place)))
        return refuse(reading, place, "adds to no list that could be inherited");
    if (json_kind(member) == JSON_NULL && !json_appends(member))
        return true;
    return json_kind(member) == row->kind ? row->take(reading, place, row, member, owner) : row_wrong(reading, place, row);
}

bool keys_take(const struct key_reading *reading, const struct key_place *place, const struct json *object,
               const struct key_table *table, void *owner)
{
    for (const struct json *member = json_first(object); member != NULL; member = json_next(member)) {
        struct key_place here = {.up = place, .name = json_name(member)};
        if (here.name.len == 0)
            here.name = slice_str("\"\"");
        if (!member_take(reading, &here, object, member, table, owner))
            return false;
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct key_row *row = &table->rows[i];
        const struct json *member = json_find(object, row->name);
        struct key_place here = {.up = place, .name = slice_str(row->name)};
        if (row->required && (member == NULL || json_kind(member) == JSON_NULL))
            return refuse(reading, &here, "is missing");
    }
    return true;
}
