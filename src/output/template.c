/* A brace without its partner is a character like any other. */
#include "output/template.h"

static struct slice value_of(struct slice name, const struct template_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(name, values[i].name))
            return values[i].value;
    return SLICE_NONE;
}

bool template_fill(struct text *out, struct slice template, const struct template_value *values, size_t count)
{
    bool whole = template.len > 0;
    while (template.len > 0) {
        size_t open = slice_find(template, 0, '{'), close = slice_find(template, open, '}');
        if (close == template.len) {
            text_slice(out, template);
            break;
        }
        struct slice value = value_of(slice_cut(template, open + 1, close), values, count);
        text_slice(out, slice_cut(template, 0, open));
        text_slice(out, value);
        whole = whole && value.len > 0;
        template = slice_after(template, close + 1);
    }
    return whole;
}
