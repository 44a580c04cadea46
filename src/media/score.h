/* The E-model score of a stream, with all that it rests on. Private to media/. */
#ifndef MEDIA_SCORE_H
#define MEDIA_SCORE_H

#include "media/mos.h"
#include "media/state.h"

/* Fills in the record; its texts live as long as the program, but for buffer_name. */
struct score {
    struct stream_mos mos;
    char buffer_name[40];
};
void score_stream(const struct media *media, uint32_t number, const struct loss_figures *losses, struct score *score);

struct window;

/* MOS-LQ of each window in hundredths, with the stream's BurstR; 0 for one without packets. Returns how many: none where the stream
   has no MOS. */
size_t score_windows(const struct media *media, uint32_t number, double burst_r, const struct window *windows, size_t count,
                     uint64_t *out);

/* What the stream's speech is scored by, without loss; false where it cannot be. */
bool score_input(const struct media *media, uint32_t number, struct mos_input *input);

/* MOS-LQ alone, for what only needs the worst stream; NAN. */
double score_lq(const struct media *media, uint32_t number);

#endif
