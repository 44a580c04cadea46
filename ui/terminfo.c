/* A file of its own, because term.h makes macros of words such as lines and columns. */
#include "ui/terminfo.h"

#include <curses.h>

#include <term.h>

bool terminfo_able(const char *type, int descriptor, struct error *error)
{
    int found;
    if (setupterm(type, descriptor, &found) != OK)
        return error_set(error, "there is no description of the terminal type \"%s\": set TERM, or use --no-tui", type);
    bool able = cursor_address != NULL;
    (void)del_curterm(cur_term);
    return able || error_set(error, "a terminal of type \"%s\" cannot show screens: use --no-tui", type);
}
