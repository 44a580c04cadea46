/* A rule that fired: what a finding is made of. */
#ifndef RECORD_FIRING_H
#define RECORD_FIRING_H

#include "record/record.h"
#include "record/sighting.h"

/* Refs: borrowed for the call. */
struct firing {
    const struct rule *rule;
    const struct sighting *sighting; /* of the message or packet; src is the sender */
    struct slice subject, text;
    uint64_t stream;                 /* a stream's id; NUMBER_NONE: about none */
};

#endif
