/* Saving from the screens: an output of its own, written at once. */
#ifndef SAVE_H
#define SAVE_H

#include <stdbool.h>

#include "options.h"
#include "ui/saving.h"

/* True when both names are of one file. */
bool same_file(const char *a, const char *b);

/* Writes the file. False with a message; an input is refused. Thread: any; it shares nothing with the outputs of the run. */
bool save_file(const struct option_list *inputs, const char *path, const struct saving *saving, struct error *error);

#endif
