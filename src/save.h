/* Saving from the screens: an output of its own, written at once; packets by a thread of their own, because the inputs are read again. */
#ifndef SAVE_H
#define SAVE_H

#include <pthread.h>
#include <stdatomic.h>

#include "inputs.h"
#include "output/settings.h"
#include "ui/saving.h"

struct sink;

/* Packets that are being saved. Zeroed memory: none. Thread: all but what save.c says is the drawing thread's. */
struct save_job {
    pthread_t thread;
    bool begun;
    atomic_bool over, stop;
    const struct inputs *inputs;
    struct sink_settings settings;
    struct sink *sink;
    struct error error; /* once over: empty where all is there */
};

/* True when both names are of one file. */
bool same_file(const char *a, const char *b);

/* Writes the file: calls by its name's end as .json, .jsonl, .pcap, .pcapng or text. False with a message; an input is refused. Packets are
   still being written when it returns true and *saving->goes_on is set: save_over tells when they are there. Thread: the drawing one; it
   shares nothing with the outputs of the run, and of the inputs what inputs.h allows. */
bool save_file(struct save_job *job, const struct inputs *inputs, const struct option_list *files, const char *path, const struct saving *saving,
               struct error *error);

/* True when nothing is being saved any more; *error: empty where all is there, else why not. */
bool save_over(struct save_job *job, struct error *error);

/* Ends what is being saved, as it is. */
void save_stop(struct save_job *job);

#endif
