/* One key press: a Unicode code point, or one of the names below. What the terminal library calls them stays in term.c. */
#ifndef UI_PRESS_H
#define UI_PRESS_H

#include "base/slice.h"

/* X(id, value, name): the keys that are no letters; control letters keep their codes. Above all code points: those without one. */
#define PRESSES(X)                                                                                                             \
    X(CTRL_A, 1, "^A") X(CTRL_B, 2, "^B") X(CTRL_D, 4, "^D") X(CTRL_E, 5, "^E") X(CTRL_F, 6, "^F")                             \
    X(BACKSPACE, 8, "Backspace") X(TAB, 9, "Tab") X(ENTER, 10, "Enter") X(CTRL_L, 12, "^L") X(CTRL_U, 21, "^U")                \
    X(CTRL_W, 23, "^W") X(ESCAPE, 27, "Esc") X(SPACE, ' ', "Space") X(UP, 0x110000, "Up") X(DOWN, 0x110001, "Down")            \
    X(LEFT, 0x110002, "Left") X(RIGHT, 0x110003, "Right") X(PAGE_UP, 0x110004, "PgUp") X(PAGE_DOWN, 0x110005, "PgDn")          \
    X(HOME, 0x110006, "Home") X(END, 0x110007, "End") X(INSERT, 0x110008, "Insert") X(DELETE, 0x110009, "Delete")              \
    X(SHIFT_TAB, 0x11000a, "BackTab") X(F1, 0x110101, "F1") X(F2, 0x110102, "F2") X(F3, 0x110103, "F3")                        \
    X(F4, 0x110104, "F4") X(F5, 0x110105, "F5") X(F6, 0x110106, "F6") X(F7, 0x110107, "F7") X(F8, 0x110108, "F8")              \
    X(F9, 0x110109, "F9") X(F10, 0x11010a, "F10") X(F11, 0x11010b, "F11") X(F12, 0x11010c, "F12")                              \
    X(RESIZE, 0x110200, "Resize") X(WHEEL_UP, 0x110300, "WheelUp") X(WHEEL_DOWN, 0x110301, "WheelDown")

enum press {
    PRESS_NONE = 0,
#define X(id, value, name) PRESS_##id = (value),
    PRESSES(X)
#undef X
};

enum { PRESS_NAME_SIZE = 16 };

/* A click on a cell is a press too. */
#define PRESS_CLICKS 0x1000000u

static inline uint32_t press_click(unsigned row, unsigned column)
{
    return PRESS_CLICKS | (row & 0xfff) << 12 | (column & 0xfff);
}

static inline unsigned press_row(uint32_t click)
{
    return click >> 12 & 0xfff;
}

static inline unsigned press_column(uint32_t click)
{
    return click & 0xfff;
}

/* "Up", "^L", "q", "U+20AC" for what is no ASCII: what stands on the key; NUL-terminated. Returns the length. */
size_t press_format(uint32_t press, char out[PRESS_NAME_SIZE]);

/* The press that a name stands for; PRESS_NONE for what is no name. */
uint32_t press_parse(struct slice name);

#endif
