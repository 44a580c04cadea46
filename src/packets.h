/* Saving calls as packets: the capture is read a second time, and what belongs to them goes into an output. */
#ifndef PACKETS_H
#define PACKETS_H

#include <stdatomic.h>

#include "inputs.h"
#include "output/sink.h"

struct analyzer;
struct analyzer_config;

/* Into a sink that needs SINK_NEEDS_PACKETS and got the calls' records. analyzer: where the secrets are that the sink is to have; NULL: nowhere.
   stop: set by another thread, it ends the reading; NULL. False with a message; *note: what is not there though nothing failed, to be said; empty. */
bool packets_save(struct sink *sink, const struct inputs *inputs, const struct analyzer *analyzer, const atomic_bool *stop, struct error *note,
                  struct error *error);

/* The same for a sink that needs SINK_NEEDS_AUDIO: what is said is told by an analyzer of its own, as `analyzer` was told by config. */
bool audio_save(struct sink *sink, const struct inputs *inputs, const struct analyzer_config *config, const struct analyzer *analyzer,
                struct error *note, struct error *error);

#endif
