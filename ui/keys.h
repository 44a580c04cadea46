/* What keys ask for: the tables that screens bring along, and what a user binds otherwise. */
#ifndef UI_KEYS_H
#define UI_KEYS_H

#include "ui/press.h"
#include "ui/problems.h"

/* X(id, name): what a key asks for; the name stands for it in the settings file. Which keys those are is the tables' affair. */
#define COMMANDS(X)                                                                                                 \
    X(UP, "up") X(DOWN, "down") X(PAGE_UP, "page-up") X(PAGE_DOWN, "page-down") X(HOME, "first") X(END, "last")     \
    X(OPEN, "open") X(BEFORE, "previous") X(NEXT, "next") X(SEARCH, "filter") X(SETTINGS, "settings") X(ADD, "add") \
    X(SAVE, "save") X(SUMMARY, "statistics") X(VERDICT, "verdict") X(STREAMS, "streams") X(FINDINGS, "findings")    \
    X(FLOW, "flow") X(FLOW_LEGS, "flow-legs") X(MARK, "mark") X(UNMARK, "unmark") X(ORDER_NEXT, "sort")             \
    X(ORDER_BEFORE, "sort-before") X(ORDER_TURN, "sort-turn") X(FOLLOW, "follow") X(SDP, "sdp") X(MEDIA, "media")   \
    X(LEGS, "legs") X(REPORTS, "rtcp") X(PANE, "text") X(COLUMNS, "ports") X(LEFT, "left") X(RIGHT, "right") X(RAW, "messages")        \
    X(FORM, "form") X(FIND, "find") X(FIND_NEXT, "find-next") X(FIND_BEFORE, "find-previous") X(HELP, "help")       \
    X(BACK, "back") X(REDRAW, "redraw") X(ALIASES, "aliases") X(PAUSE, "pause") X(CLEAR, "clear") X(QUIT, "quit")

enum command {
    COMMAND_NONE,
#define X(id, name) COMMAND_##id,
    COMMANDS(X)
#undef X
};

const char *command_name(enum command command);

enum { KEY_PRESSES = 3, KEYS_BOUND = 100 };

/* A command of a screen, and the keys that it usually has. */
struct key_row {
    enum command command;
    uint32_t presses[KEY_PRESSES];
    const char *bar;  /* a word for the key bar; NULL: it stands in the help only */
    const char *help;
};

struct key_table {
    const struct key_row *rows;
    size_t count;
};

/* The keys that a user gave to a command. */
struct key_binding {
    const struct key_row *row; /* of a table of the program's */
    uint32_t presses[KEY_PRESSES];
};

/* Zeroed memory is valid: all keys are the usual ones. */
struct keys {
    struct key_binding bound[KEYS_BOUND];
    size_t count;
};

struct json;
struct text;

/* Takes an object of screens ("common": all of them) with objects of commands with the name of a key, or a list of names. What is
   wrong is said with its place below "keys", and the rest is taken. */
void keys_read(struct keys *keys, const struct json *json, struct problems *problems);

/* The same as JSON, behind an indent of two blanks: {"calls": ...}. */
void keys_put(struct text *out, const struct keys *keys);

/* The keys of a row of the table, as they are now: those that were bound, else the usual ones that were given to no other row. */
void keys_presses(const struct keys *keys, const struct key_table *table, const struct key_row *row, uint32_t presses[KEY_PRESSES]);

/* "Enter Right l"; "" where the row has no key. over: a table that comes first, whose keys are left out; NULL. Returns the first one's
   press. */
enum { KEYS_NAMES = KEY_PRESSES * PRESS_NAME_SIZE };
uint32_t keys_names(const struct keys *keys, const struct key_table *table, const struct key_table *over, const struct key_row *row,
                    char out[KEYS_NAMES]);

struct screen;

/* The command of a press: by the screen's own rows, else the common ones. */
enum command keys_command(const struct keys *keys, const struct screen *screen, uint32_t press);

#endif
