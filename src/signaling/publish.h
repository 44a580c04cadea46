/* A call as records: how what was tracked leaves signaling. */
#ifndef SIGNALING_PUBLISH_H
#define SIGNALING_PUBLISH_H

#include "signaling/call.h"

/* Gives the call's record, its findings and its kept messages to config.publish, unless config.wanted refuses it. */
void publish_call(struct calls *calls, struct call *call);

#endif
