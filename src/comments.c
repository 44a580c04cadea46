/* Built when the summary is: a capture has few. */
#include "comments.h"

#include <stdio.h>
#include <stdlib.h>

struct text_list comments_list(const struct merge *merge)
{
    size_t count = 0, at = 0;
    for (size_t i = 0; i < merge_count(merge); i++)
        count += merge_source(merge, i)->comment_count;
    struct slice *items = count == 0 ? NULL : calloc(count, sizeof *items);
    for (size_t i = 0; i < merge_count(merge) && items != NULL; i++) {
        const struct source *source = merge_source(merge, i);
        for (size_t c = 0; c < source->comment_count; c++) {
            char *line = NULL;
            int length = source->comments[c].number == 0
                             ? asprintf(&line, "%s: %s", source->name, source->comments[c].text)
                             : asprintf(&line, "%s, packet %llu: %s", source->name,
                                        (unsigned long long)source->comments[c].number, source->comments[c].text);
            if (length >= 0)
                items[at++] = slice_of(line, (size_t)length);
        }
    }
    return (struct text_list){items, at};
}

void comments_free(struct text_list comments)
{
    for (size_t i = 0; i < comments.count; i++)
        free((void *)(uintptr_t)comments.items[i].data);
    free((void *)(uintptr_t)comments.items);
}
