/* All outputs of a run: opened together, written together. */
#ifndef OUTPUTS_H
#define OUTPUTS_H

#include "inputs.h"
#include "options.h"
#include "output/sink.h"

struct analyzer;
struct analyzer_config;

/* Owns the sinks. The settings are set before outputs_open. */
struct outputs {
    struct sink_settings settings;
    struct sink **sinks;
    size_t count;
    bool input_failed;     /* the folder of --reconcile: an input, though it is opened with the outputs */
    bool windows;          /* asked for: else streams are written without them */
    uint64_t lost_said;    /* lines that logs lost, as said last */
    int64_t lost_said_ns;  /* monotonic */
};

/* What the options ask for; a text report where they ask for nothing and no screens are shown. False with a message; *usage: the command line is wrong. What was
   opened stays for outputs_close_first. */
bool outputs_open(struct outputs *outputs, const struct options *options, bool screens, bool *usage, struct error *error);

/* What they need of the analyzer, as enum sink_need bits. */
unsigned outputs_need(const struct outputs *outputs);

/* True when one of them is a file that grows for a shipper. */
bool outputs_follow(const struct outputs *outputs);

void outputs_write(struct outputs *outputs, const struct record *record);

/* Live: capture time has reached now_ns. */
void outputs_pass(struct outputs *outputs, int64_t now_ns);
void outputs_flush(struct outputs *outputs);

/* Somebody renamed files: what was written so far goes into the old ones. */
void outputs_reopen(struct outputs *outputs);

/* True with a sentence where logs lost more lines since that was said last: now and then, not once a line. */
bool outputs_losses(struct outputs *outputs, int64_t now_ns, struct error *lost);

/* Packets before this one cannot be read a second time any more. */
void outputs_forget(struct outputs *outputs, uint64_t frame, int64_t time_ns);

/* All records are written: the outputs that save packets or audio read the inputs a second time; config: how the first time was analysed. What cannot be done complain is told; then false. */
bool outputs_packets(struct outputs *outputs, const struct inputs *inputs, const struct analyzer_config *config, const struct analyzer *analyzer,
                     void (*complain)(const char *what, const char *why));

/* Closes the first of them; false with what it lost. */
bool outputs_close_first(struct outputs *outputs, struct error *error);

#endif
