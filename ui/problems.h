/* What was not understood in a settings file: a line for each. */
#ifndef UI_PROBLEMS_H
#define UI_PROBLEMS_H

enum { PROBLEMS_BYTES = 2000 };

/* Zeroed memory is valid and empty. */
struct problems {
    char text[PROBLEMS_BYTES];
};

/* Adds a line; what there is no room for is cut. */
void problems_say(struct problems *problems, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
