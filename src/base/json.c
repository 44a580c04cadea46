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
