/* Checks a JSON object against a table of its keys and keeps each value where its row says; whatever is wrong is refused with the
   file, the path in it and what is expected. */
#ifndef RULES_KEY_TABLE_H
#define RULES_KEY_TABLE_H

#include "base/json.h"
#include "rules/rules.h"

enum { KEY_PATH_SIZE = 192 };

struct key_reading {
    const char *name; /* of the document, for messages */
    const struct rules *rules;
    struct error *error;
};

/* Where in the document: a member, or an item of a list. NULL is the document itself. */
struct key_place {
    const struct key_place *up;
    struct slice name; /* empty: an item */
    size_t index;
};

struct key_row;
struct key_table;

/* Keeps a value in owner; false with the error set. Texts borrow the document. */
typedef bool key_taker(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                       const struct json *value, void *owner);

/* A word that a text may be, and what it stands for. */
struct key_choice {
    const char *word;
    int value;
};

struct key_row {
    const char *name;
    enum json_kind kind;
    key_taker *take;
    size_t offset;                    /* of the value in its owner */
    const char *wants;                /* "must be ..."; NULL: the kind, or the choices */
    bool required;
    double least, most;               /* numbers */
    const struct key_choice *choices; /* a NULL word ends them */
    const struct key_table *table;    /* objects, and the items of lists */
    size_t count_offset;              /* lists: how many */
};

struct key_table {
    const struct key_row *rows;
    size_t count;
    size_t size;       /* of an item */
    const void *blank; /* an item before its keys are taken; NULL: zeroes */
};

/* Takes the members of an object: unknown keys, keys that stand twice, wrong kinds and missing ones are refused. null is as if the key
   were not there. "name+=" is the list `name`. */
bool keys_take(const struct key_reading *reading, const struct key_place *place, const struct json *object,
               const struct key_table *table, void *owner);

/* "FILE: PATH must be WANTS"; false. */
bool key_wrong(const struct key_reading *reading, const struct key_place *place, const char *wants);
void key_path(const struct key_place *place, char out[KEY_PATH_SIZE]);

/* Room for the items of a list (zeroed, at least one); what was there is freed. NULL with the error set without memory. */
void *key_room(const struct key_reading *reading, const struct json *list, size_t size, void *owner, size_t offset);

key_taker key_take_text;   /* struct slice, not empty */
key_taker key_take_texts;  /* struct slice *, and how many */
key_taker key_take_number; /* double, least to most */
key_taker key_take_whole;  /* unsigned, least to most */
key_taker key_take_flag;   /* bool */
key_taker key_take_denial; /* bool, the other way round */
key_taker key_take_choice; /* an enum or int: the choice's value */
key_taker key_take_mark;   /* bool: the text is the one word that is allowed */
key_taker key_take_marks;  /* a list of words; a choice's value is the offset of its bool in owner */
key_taker key_take_object; /* an object whose keys belong to the same owner */
key_taker key_take_list;   /* an array of items, and how many */

#endif
