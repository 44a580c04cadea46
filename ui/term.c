/* ncurses, wide; the only file that knows it, but for terminfo.c. It installs handlers for SIGWINCH and SIGTSTP where nobody else did, and has its own globals; nothing here adds
   any. */
#define _XOPEN_SOURCE_EXTENDED 1
#include "ui/term.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <curses.h>

#include "ui/terminfo.h"

enum { ESCAPE_WAIT_MS = 25 }; /* how long after Esc the rest of a key's sequence may come */

struct term {
    FILE *in, *out;
    SCREEN *screen;
    cchar_t *line; /* one row, for show */
    int line_room;
    bool ascii, colours, mono;
    enum theme theme;
    bool mouse;
};

/* What a role looks like: without colours, with 8, with 256. Colour -1 is the terminal's own, so that the screens stay readable on
   dark and on light ones. */
struct look {
    attr_t plain;
    short ink, paper;
    attr_t with;
    short ink256, paper256;
    attr_t with256;
};

static const struct look looks[ROLE_COUNT] = {
    [ROLE_TEXT] = {A_NORMAL, -1, -1, A_NORMAL, -1, -1, A_NORMAL},
    [ROLE_DIM] = {A_DIM, -1, -1, A_DIM, 244, -1, A_NORMAL},
    [ROLE_BAR] = {A_REVERSE, COLOR_WHITE, COLOR_BLUE, A_NORMAL, 253, 24, A_NORMAL},
    [ROLE_KEY] = {A_REVERSE | A_BOLD, COLOR_YELLOW, COLOR_BLUE, A_BOLD, 222, 24, A_BOLD},
    [ROLE_HEADING] = {A_BOLD | A_UNDERLINE, COLOR_BLACK, COLOR_CYAN, A_NORMAL, 16, 73, A_NORMAL},
    [ROLE_SELECTED] = {A_REVERSE | A_BOLD, -1, -1, A_REVERSE, -1, -1, A_REVERSE},
    [ROLE_GOOD] = {A_NORMAL, COLOR_GREEN, -1, A_NORMAL, 34, -1, A_NORMAL},
    [ROLE_WARNING] = {A_BOLD, COLOR_YELLOW, -1, A_NORMAL, 172, -1, A_NORMAL},
    [ROLE_ERROR] = {A_BOLD, COLOR_RED, -1, A_BOLD, 160, -1, A_BOLD},
    [ROLE_LABEL] = {A_NORMAL, COLOR_CYAN, -1, A_NORMAL, 31, -1, A_NORMAL},
};

/* The same with 256 colours on a background that is known to be dark or light. */
static const struct ink {
    short dark, light, paper_dark, paper_light;
} inks[ROLE_COUNT] = {
    [ROLE_TEXT] = {-1, -1, -1, -1},      [ROLE_DIM] = {246, 242, -1, -1},      [ROLE_BAR] = {253, 16, 24, 153},
    [ROLE_KEY] = {222, 88, 24, 153},     [ROLE_HEADING] = {16, 16, 73, 250},   [ROLE_SELECTED] = {-1, -1, -1, -1},
    [ROLE_GOOD] = {77, 22, -1, -1},      [ROLE_WARNING] = {214, 130, -1, -1},  [ROLE_ERROR] = {203, 124, -1, -1},
    [ROLE_LABEL] = {80, 24, -1, -1},
};

/* https://no-color.org: set and not empty. */
static bool colours_wanted(void)
{
    const char *refused = getenv("NO_COLOR");
    return (refused == NULL || refused[0] == '\0') && has_colors();
}

static void looks_begin(struct term *term)
{
    if (!colours_wanted() || start_color() != OK || COLORS < 8 || COLOR_PAIRS <= ROLE_COUNT)
        return;
    term->colours = true;
    bool own = use_default_colors() == OK;
    for (short role = 0; role < ROLE_COUNT; role++) {
        bool many = COLORS >= 256, dark = term->theme == THEME_DARK, light = term->theme == THEME_LIGHT;
        short ink = !many ? looks[role].ink : dark ? inks[role].dark : light ? inks[role].light : looks[role].ink256;
        short paper = !many   ? looks[role].paper
                      : dark  ? inks[role].paper_dark
                      : light ? inks[role].paper_light
                              : looks[role].paper256;
        init_pair((short)(role + 1), ink < 0 && !own ? COLOR_WHITE : ink, paper < 0 && !own ? COLOR_BLACK : paper);
    }
}

void term_settle(struct term *term, enum theme theme, bool mouse)
{
    if (theme != term->theme) {
        term->theme = theme;
        term->mono = theme == THEME_MONO;
        looks_begin(term);
    }
    if (mouse != term->mouse) {
        term->mouse = mouse;
        mousemask(mouse ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
        mouseinterval(0); /* a press is a press: waiting for a second one would make clicks slow */
    }
}

static bool screen_begin(struct term *term, struct error *error)
{
    const char *type = getenv("TERM");
    if (!terminfo_able(type == NULL ? "" : type, fileno(term->out), error))
        return false;
    term->screen = newterm(type, term->out, term->in);
    if (term->screen == NULL)
        return error_set(error, "the terminal cannot be used");
    set_escdelay(ESCAPE_WAIT_MS);
    cbreak();
    noecho();
    nonl();
    intrflush(stdscr, FALSE);
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    curs_set(0);
    looks_begin(term);
    return true;
}

struct term *term_open(struct error *error)
{
    struct term *term = calloc(1, sizeof *term);
    if (term == NULL) {
        error_set(error, "out of memory");
        return NULL;
    }
    setlocale(LC_CTYPE, "");
    term->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
    term->in = fopen("/dev/tty", "re");
    term->out = fopen("/dev/tty", "we");
    if (term->in == NULL || term->out == NULL)
        error_set(error, "no terminal to show screens on: %s", strerror(errno));
    else if (screen_begin(term, error))
        return term;
    term_close(term);
    return NULL;
}

void term_close(struct term *term)
{
    if (term == NULL)
        return;
    if (term->screen != NULL) {
        endwin();
        delscreen(term->screen);
    }
    if (term->in != NULL)
        fclose(term->in);
    if (term->out != NULL)
        fclose(term->out);
    free(term->line);
    free(term);
}

bool term_ascii(const struct term *term)
{
    return term->ascii;
}

void term_size(const struct term *term, unsigned *rows, unsigned *columns)
{
    (void)term;
    *rows = LINES > 0 ? (unsigned)LINES : 0;
    *columns = COLS > 0 ? (unsigned)COLS : 0;
}

static uint32_t key_press(wint_t key)
{
    static const struct {
        wint_t key;
        uint32_t press;
    } keys[] = {{KEY_UP, PRESS_UP},       {KEY_DOWN, PRESS_DOWN},           {KEY_LEFT, PRESS_LEFT}, {KEY_RIGHT, PRESS_RIGHT},
                {KEY_PPAGE, PRESS_PAGE_UP}, {KEY_NPAGE, PRESS_PAGE_DOWN},   {KEY_HOME, PRESS_HOME}, {KEY_END, PRESS_END},
                {KEY_ENTER, PRESS_ENTER},   {KEY_BACKSPACE, PRESS_BACKSPACE}, {KEY_RESIZE, PRESS_RESIZE}, {KEY_IC, PRESS_INSERT},
                {KEY_DC, PRESS_DELETE},     {KEY_BTAB, PRESS_SHIFT_TAB}};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (keys[i].key == key)
            return keys[i].press;
    if (key >= (wint_t)KEY_F(1) && key <= (wint_t)KEY_F(12))
        return PRESS_F1 + (key - (wint_t)KEY_F(1));
    return PRESS_NONE;
}

/* A click, where it was; the wheel. */
static uint32_t mouse_press(void)
{
    MEVENT event;
    if (getmouse(&event) != OK)
        return PRESS_NONE;
    if (event.bstate & BUTTON4_PRESSED)
        return PRESS_WHEEL_UP;
    if (event.bstate & BUTTON5_PRESSED)
        return PRESS_WHEEL_DOWN;
    return (event.bstate & BUTTON1_PRESSED) != 0 && event.x >= 0 && event.y >= 0
               ? press_click((unsigned)event.y, (unsigned)event.x)
               : PRESS_NONE;
}

uint32_t term_press(struct term *term)
{
    (void)term;
    for (;;) {
        wint_t key;
        int kind = get_wch(&key);
        if (kind == ERR)
            return PRESS_NONE;
        uint32_t press = kind == KEY_CODE_YES ? (key == KEY_MOUSE ? mouse_press() : key_press(key))
                         : key == '\r'        ? PRESS_ENTER
                         : key == 0x7f        ? PRESS_BACKSPACE
                                              : (uint32_t)key;
        if (press != PRESS_NONE) /* else a key that means nothing here, and more may wait behind it */
            return press;
    }
}

static attr_t look_of(const struct term *term, unsigned role, short *pair)
{
    bool colours = term->colours && !term->mono;
    *pair = colours ? (short)(role + 1) : 0;
    if (!colours)
        return looks[role].plain;
    return COLORS >= 256 ? looks[role].with256 : looks[role].with;
}

/* The row as ncurses' characters; returns how many. */
static int line_make(struct term *term, const struct cell *cells, unsigned columns)
{
    int count = 0;
    for (unsigned i = 0; i < columns; i++) {
        const struct cell *cell = &cells[i];
        if (cell->width == 0)
            continue; /* the left half shows it */
        wchar_t wide[CELL_MARKS + 2] = {(wchar_t)cell->base};
        short pair;
        attr_t attributes = look_of(term, cell->role, &pair);
        for (int m = 0; m < CELL_MARKS; m++)
            wide[m + 1] = (wchar_t)cell->marks[m];
        if (setcchar(&term->line[count], wide, attributes, pair, NULL) == OK)
            count++;
    }
    return count;
}

void term_show(struct term *term, const struct canvas *canvas, bool again)
{
    if (term->line_room < (int)canvas->columns) {
        cchar_t *line = realloc(term->line, canvas->columns * sizeof *line);
        if (line == NULL)
            return;
        term->line = line;
        term->line_room = (int)canvas->columns;
    }
    if (again)
        clearok(stdscr, TRUE);
    for (unsigned row = 0; row < canvas->rows; row++) {
        int count = line_make(term, canvas->cells + (size_t)row * canvas->columns, canvas->columns);
        mvadd_wchnstr((int)row, 0, term->line, count);
    }
    refresh();
}

int term_descriptor(const struct term *term)
{
    return fileno(term->in);
}
