/* The second look at a capture: which of its frames belong to a selection, in order, fragments of their datagrams included. */
#ifndef ANALYZER_PICKER_H
#define ANALYZER_PICKER_H

#include "base/frame.h"
#include "record/selection.h"

struct picker;

/* keep gets each frame that belongs to the closed selection, in the order of picker_look; false: it wants no more. NULL without memory. */
struct picker *picker_new(const struct selection *selection, uint64_t hash_seed, bool (*keep)(void *context, const struct frame *frame),
                          void *context);
void picker_free(struct picker *picker);

/* The next frame, numbered as the records number it. Borrowed for the call; a fragment whose datagram is not whole yet is copied, and
   what is kept behind it waits too, within a budget. False once keep wants no more. */
bool picker_look(struct picker *picker, const struct frame *frame);

/* No more frames. Returns how many fragments were left out because their datagrams never became whole or did not within the budget. */
uint64_t picker_finish(struct picker *picker);

#endif
