/* What a user chose to see: columns, colours, the mouse. Kept in ~/.config/sipvet/config.json. */
#ifndef UI_SETTINGS_H
#define UI_SETTINGS_H

#include "base/error.h"
#include "ui/columns.h"
#include "ui/theme.h"

enum { SETTINGS_PATH = 512, SETTINGS_PROBLEMS = 600 };

/* Zeroed memory is valid: the usual columns, the terminal's colours, the mouse is used. */
struct settings {
    uint8_t columns[COLUMNS_MAX]; /* indices into call_columns, in order */
    size_t column_count;          /* 0: the usual ones */
    enum theme theme;
    bool no_mouse;
    char path[SETTINGS_PATH];     /* of the file; "": there is none */
    char problems[SETTINGS_PROBLEMS]; /* a line for each thing in it that was not understood; then it is not written over */
};

/* $XDG_CONFIG_HOME/sipvet/config.json, else ~/.config/sipvet/config.json; "" where neither is known. */
void settings_locate(char path[SETTINGS_PATH]);

/* Reads the file; none is no problem. What is wrong is said with its place, and the rest is taken. */
void settings_read(struct settings *settings, const char *path);

/* Writes the file, and makes its folder. */
bool settings_write(const struct settings *settings, struct error *error);

/* The columns that are chosen, in order, as indices into call_columns. Returns how many. */
size_t settings_columns(const struct settings *settings, uint8_t columns[COLUMNS_MAX]);

#endif
