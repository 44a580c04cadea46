/* The comments that the captures carry, for the summary. */
#ifndef COMMENTS_H
#define COMMENTS_H

#include "capture/merge.h"
#include "record/record.h"

/* As "file, packet 12: text". Each with its own memory, freed by comments_free. */
struct text_list comments_list(const struct merge *merge);
void comments_free(struct text_list comments);

#endif
