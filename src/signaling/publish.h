/* A call as records: how what was tracked leaves signaling. */
#ifndef SIGNALING_PUBLISH_H
#define SIGNALING_PUBLISH_H

#include "signaling/call.h"

/* Gives the call's record, its findings and its kept messages to config.publish, unless config.wanted refuses it. */
void publish_call(struct calls *calls, struct call *call);

/* The lists that a call's record borrows. */
struct publish_room {
    struct slice agents[CALL_AGENTS_MAX], codecs[CALL_CODECS_MAX];
    struct related_call related[CALL_RELATED_MAX];
};

/* The record of the call as it is now, without findings and what other trackers know. */
void publish_record(const struct calls *calls, const struct call *call, struct publish_room *room, struct call_record *record);

/* given.c: calls_watch gave the record as it is now, and the query wanted it. */
bool publish_given(const struct calls *calls, const struct call *call);

/* given.c: likewise, and time does not change it any more. */
bool given_for_good(const struct calls *calls, const struct call *call);

/* given.c: notes that the call was given as it is now, or that the query refused it. */
void given_note(const struct calls *calls, struct call *call, bool wanted);

/* given.c: a call in that state was packed; it is whole again, or its last record is made. */
void given_packed(struct calls *calls, enum call_state state);
void given_unpacked(struct calls *calls, struct call *call);

/* given.c: the call, which is in that state, did not change since then; the query refused it then. */
bool given_same(const struct call *call, enum call_state state);
bool given_refused(const struct call *call);

/* The call's findings in order. */
void publish_findings(const struct call *call, record_reader *read, void *context);

#endif
