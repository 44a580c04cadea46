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

/* The member of that name, case and all; NULL where there is none, or where json is no object. */
const struct json *json_find(const struct json *json, const char *name);

/* A copy that stands alone. NULL without memory. Owned: json_free. */
struct json *json_copy(const struct json *json);

/* Lays an object over another: objects are merged member by member, whatever else is replaced; a member "name+=" appends its items
   to the list "name" that is there (and is that list where there is none). Keeps nothing of over. False without memory: base is
   then merged in part. */
bool json_merge(struct json *base, const struct json *over);

/* True for a member whose name ends in "+=". */
bool json_appends(const struct json *member);

/* The member's name; SLICE_NONE for items. Texts and names live as long as the document. */
struct slice json_name(const struct json *json);
struct slice json_text(const struct json *json);
double json_number(const struct json *json);
bool json_bool(const struct json *json);

#endif
