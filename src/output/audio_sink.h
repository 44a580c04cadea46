/* The output audio: each stream of the calls as a WAV file. It gathers from records which streams these are, and takes their packets from whoever
   reads the capture a second time. */
#ifndef OUTPUT_AUDIO_SINK_H
#define OUTPUT_AUDIO_SINK_H

#include "output/sink.h"
#include "record/audio.h"
#include "record/selection.h"

/* Which streams it wants; only of kinds that need SINK_NEEDS_AUDIO. */
struct selection *audio_sink_selection(struct sink *sink);

/* One packet of any stream; what is of none of them is passed over. False where the sink takes no more. */
bool audio_sink_packet(struct sink *sink, const struct audio_packet *packet);

/* Behind the last one: completes the files. *note: what could not be heard, one sentence; empty. */
void audio_sink_end(struct sink *sink, struct error *note);

#endif
