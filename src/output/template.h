/* Texts with {names} in them, as profiles have them. */
#ifndef OUTPUT_TEMPLATE_H
#define OUTPUT_TEMPLATE_H

#include "base/text.h"

struct template_value {
    const char *name;
    struct slice value;
};

/* Appends the template with the values in place of {name}; false where it is empty, or a name in it has no value: what was appended is
   then of no use. */
bool template_fill(struct text *out, struct slice template, const struct template_value *values, size_t count);

#endif
