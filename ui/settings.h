/* What a user chose to see: columns, colours, the mouse. Kept in ~/.config/sipvet/config.json. */
#ifndef UI_SETTINGS_H
#define UI_SETTINGS_H

#include "base/error.h"
#include "ui/aliases.h"
#include "ui/columns.h"
#include "ui/keys.h"
#include "ui/theme.h"

enum { SETTINGS_PATH = 512, HEADER_COLUMNS = 8, HEADER_NAME_BYTES = 41 };

/* Zeroed memory is valid: the usual columns, the terminal's colours, the mouse is used. */
struct settings {
    uint8_t columns[COLUMNS_MAX]; /* indices into call_columns, in order; behind its last one: of headers */
    size_t column_count;          /* 0: the usual ones */
    char headers[HEADER_COLUMNS][HEADER_NAME_BYTES]; /* names of SIP headers that are columns */
    size_t header_count;
    enum theme theme;
    bool no_mouse;
    struct keys keys;
    struct aliases aliases;
    char path[SETTINGS_PATH];     /* of the file; "": there is none */
    struct problems problems;     /* what in it was not understood; then it is not written over */
};

/* $XDG_CONFIG_HOME/sipvet/config.json, else ~/.config/sipvet/config.json; "" where neither is known. */
void settings_locate(char path[SETTINGS_PATH]);

/* Reads the file; none is no problem. What is wrong is said with its place, and the rest is taken. */
void settings_read(struct settings *settings, const char *path);

/* Writes the file, and makes its folder. */
bool settings_write(const struct settings *settings, struct error *error);

/* The columns that are chosen, in order, as indices for settings_column. Returns how many. */
size_t settings_columns(const struct settings *settings, uint8_t columns[COLUMNS_MAX]);

/* How many columns there are to choose from, and each of them; it borrows a header's name. */
size_t settings_column_count(const struct settings *settings);
struct column settings_column(const struct settings *settings, size_t at);

/* Puts a column behind those that are chosen, by its name in the file; a name that means nothing, or is chosen, changes nothing. */
void settings_choose(struct settings *settings, const char *name);

/* Makes a column of a SIP header, or finds it; *at: which. False with why: that is no header's name, or there are too many. */
bool settings_header(struct settings *settings, struct slice name, uint8_t *at, struct error *error);

#endif
