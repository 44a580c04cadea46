/* JSON documents that are read whole: configuration, profiles, exports. A thin face over cJSON, the only file that includes it. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/error.h"
#include "base/slice.h"

struct json; /* one value of a document */

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_TEXT, JSON_LIST, JSON_OBJECT };

/* The document of a file; NULL with a message that names the file and the place. Owned: json_free. */
struct json *json_read_file(const char *path, struct error *error);

/* The same of text in memory; name stands for it in messages. */
struct json *json_read(struct slice text, const char *name, struct error *error);
void json_free(struct json *json);

enum json_kind json_kind(const struct json *json);
const char *json_kind_name(enum json_kind kind);

/* Members of an object and items of a list, in order; NULL at the end. */
const struct json *json_first(const struct json *json);
const struct json *json_next(const struct json *json);

/* The member's name; SLICE_NONE for items. Texts and names live as long as the document. */
struct slice json_name(const struct json *json);
struct slice json_text(const struct json *json);
double json_number(const struct json *json);
bool json_bool(const struct json *json);

#endif
