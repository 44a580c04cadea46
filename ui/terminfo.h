/* Whether a type of terminal can show screens, asked before ncurses takes it. */
#ifndef UI_TERMINFO_H
#define UI_TERMINFO_H

#include "base/error.h"

/* False with a message: its description is not there, or it cannot move its cursor. newterm would lose memory over the one and
   begin all the same with the other. */
bool terminfo_able(const char *type, int descriptor, struct error *error);

#endif
