/* cJSON keeps numbers as doubles: whole numbers up to 2^53 are exact, which is more than any file here needs. */
#include "base/json.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_MAX = 64 << 20 };

static const cJSON *value_of(const struct json *json)
{
    return (const cJSON *)json;
}

/* Line and column, from 1, of a byte of the text. */
static void place_of(struct slice text, size_t at, unsigned *line, unsigned *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < at && i < text.len; i++) {
        *column = text.data[i] == '\n' ? 1 : *column + 1;
        *line += text.data[i] == '\n';
    }
}

struct json *json_read(struct slice text, const char *name, struct error *error)
{
    const char *end = NULL;
    cJSON *value = cJSON_ParseWithLengthOpts((const char *)text.data, text.len, &end, false);
    size_t at = value == NULL && end == NULL ? 0 : (size_t)(end - (const char *)text.data);
    struct slice rest = slice_trim(slice_after(text, at));
    if (value != NULL && (rest.len == 0 || (rest.len == 1 && rest.data[0] == '\0')))
        return (struct json *)value;
    unsigned line, column;
    place_of(text, at, &line, &column);
    cJSON_Delete(value);
    error_set(error, "%s: no JSON at line %u, column %u", name, line, column);
    return NULL;
}

static char *file_read(const char *path, size_t *size, struct error *error)
{
    FILE *file = fopen(path, "rb");
    char *text = file == NULL ? NULL : malloc(FILE_MAX + 1);
    if (text == NULL) {
        error_set(error, "%s: %s", path, strerror(file == NULL ? errno : ENOMEM));
    } else {
        *size = fread(text, 1, FILE_MAX + 1, file);
        if (ferror(file) || *size > FILE_MAX) {
            error_set(error, "%s: %s", path, ferror(file) ? strerror(errno) : "larger than 64 MiB");
            free(text);
            text = NULL;
        }
    }
    if (file != NULL)
        fclose(file);
    return text;
}

struct json *json_read_file(const char *path, struct error *error)
{
    size_t size = 0;
    char *text = file_read(path, &size, error);
    struct json *json = text == NULL ? NULL : json_read(slice_of(text, size), path, error);
    free(text);
    return json;
}

void json_free(struct json *json)
{
    cJSON_Delete((cJSON *)json);
}

enum json_kind json_kind(const struct json *json)
{
    const cJSON *value = value_of(json);
    return cJSON_IsBool(value)     ? JSON_BOOL
           : cJSON_IsNumber(value) ? JSON_NUMBER
           : cJSON_IsString(value) ? JSON_TEXT
           : cJSON_IsArray(value)  ? JSON_LIST
           : cJSON_IsObject(value) ? JSON_OBJECT
                                   : JSON_NULL;
}

const char *json_kind_name(enum json_kind kind)
{
    static const char *const names[] = {"null", "true or false", "a number", "a text", "a list", "an object"};
    return names[kind];
}

const struct json *json_first(const struct json *json)
{
    return (const struct json *)value_of(json)->child;
}

const struct json *json_next(const struct json *json)
{
    return (const struct json *)value_of(json)->next;
}

const struct json *json_find(const struct json *json, const char *name)
{
    return (const struct json *)cJSON_GetObjectItemCaseSensitive(value_of(json), name);
}

struct json *json_copy(const struct json *json)
{
    return (struct json *)cJSON_Duplicate(value_of(json), true);
}

/* Puts a copy of the value where the member was, or behind the last one. */
static bool member_put(cJSON *object, const char *name, const cJSON *value)
{
    cJSON *copy = cJSON_Duplicate(value, true), *old = cJSON_GetObjectItemCaseSensitive(object, name);
    if (copy == NULL)
        return false;
    if (old != NULL ? cJSON_ReplaceItemInObjectCaseSensitive(object, name, copy) : cJSON_AddItemToObject(object, name, copy))
        return true;
    cJSON_Delete(copy);
    return false;
}

static bool items_append(cJSON *list, const cJSON *from)
{
    for (const cJSON *item = from->child; item != NULL; item = item->next) {
        cJSON *copy = cJSON_Duplicate(item, true);
        if (copy == NULL || !cJSON_AddItemToArray(list, copy)) {
            cJSON_Delete(copy);
            return false;
        }
    }
    return true;
}

/* "name+=": what the list of that name gets. */
static bool member_append(cJSON *object, const cJSON *member)
{
    char *name = strndup(member->string, strlen(member->string) - 2);
    cJSON *list = name == NULL ? NULL : cJSON_GetObjectItemCaseSensitive(object, name);
    bool right = name != NULL && (cJSON_IsArray(list) && cJSON_IsArray(member) ? items_append(list, member)
                                                                              : member_put(object, name, member));
    free(name);
    return right;
}

static bool member_merge(cJSON *base, const cJSON *member)
{
    if (json_appends((const struct json *)member))
        return member_append(base, member);
    if (!cJSON_IsObject(member))
        return member_put(base, member->string, member);
    cJSON *inner = cJSON_GetObjectItemCaseSensitive(base, member->string);
    if (!cJSON_IsObject(inner)) { /* merged into nothing, so that its own "name+=" become lists */
        cJSON_DeleteItemFromObjectCaseSensitive(base, member->string);
        inner = cJSON_AddObjectToObject(base, member->string);
    }
    return inner != NULL && json_merge((struct json *)inner, (const struct json *)member);
}

bool json_merge(struct json *base, const struct json *over)
{
    for (const cJSON *member = value_of(over)->child; member != NULL; member = member->next)
        if (!member_merge((cJSON *)base, member))
            return false;
    return true;
}

bool json_appends(const struct json *member)
{
    struct slice name = json_name(member);
    return name.len > 2 && slice_is(slice_after(name, name.len - 2), "+=");
}

struct slice json_name(const struct json *json)
{
    const char *name = value_of(json)->string;
    return name == NULL ? SLICE_NONE : slice_str(name);
}

struct slice json_text(const struct json *json)
{
    const char *text = value_of(json)->valuestring;
    return text == NULL ? SLICE_NONE : slice_str(text);
}

double json_number(const struct json *json)
{
    return value_of(json)->valuedouble;
}

bool json_bool(const struct json *json)
{
    return cJSON_IsTrue(value_of(json));
}
