/* Saving from the screens: an output of its own, written at once. */
#ifndef SAVE_H
#define SAVE_H

#include <stdbool.h>

#include "inputs.h"
#include "ui/saving.h"

/* True when both names are of one file. */
bool same_file(const char *a, const char *b);

/* Writes the file, calls by its name's end as .json, .jsonl, .pcap, .pcapng or text. False with a message; an input is refused. Thread: any; it shares nothing with the outputs of the run, and of the inputs what inputs.h allows. */
bool save_file(const struct inputs *inputs, const struct option_list *files, const char *path, const struct saving *saving, struct error *error);

#endif
