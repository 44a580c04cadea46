/* The media of calls by the minute: what logs and metrics of a trunk count while calls go on. */
#ifndef ANALYZER_MINUTES_H
#define ANALYZER_MINUTES_H

#include "analyzer/trunk.h"
#include "media/media.h"
#include "rules/profile.h"

struct minutes;

struct minutes_config {
    struct media *media;
    struct trunk *trunk;
    bool keep;                /* minutes wait until somebody knows whether their call is wanted */
    record_reader *publish;
    void *publish_context;
};

/* A message of a call. */
struct minutes_sight {
    uint32_t call, session;
    int64_t at_ns;
    enum profile_direction direction;
    struct slice call_id;
    bool answer, bye;
};

/* NULL without memory. */
struct minutes *minutes_new(const struct minutes_config *config);
void minutes_free(struct minutes *minutes);

/* Begins, goes on with, or is about to end the call's minutes. Returns the time from which minutes_pass has something to do. */
int64_t minutes_see(struct minutes *minutes, const struct minutes_sight *seen);

/* Publishes the minutes that are over. Returns the same. */
int64_t minutes_pass(struct minutes *minutes, int64_t now_ns);

/* The call's record is made: what was not published yet is. */
void minutes_end(struct minutes *minutes, uint32_t call, uint32_t session, int64_t at_ns);

/* The call is forgotten; if it was wanted, minutes that were kept are published first. */
void minutes_forget(struct minutes *minutes, uint32_t call, bool wanted);

/* Bytes that calls hold here; forgetting them gives them back. */
size_t minutes_bytes(const struct minutes *minutes);

#endif
