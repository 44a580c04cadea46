/* TURN ChannelData (RFC 8656 12.4): media that a relay wraps. */
#ifndef DISSECTORS_TURN_H
#define DISSECTORS_TURN_H

#include "base/slice.h"

/* The data behind the channel header; false where it is none. Refs: borrows. */
bool turn_channel_parse(struct slice bytes, struct slice *payload);

/* The same for the table of dissectors. */
bool turn_channel_claim(struct slice bytes);

#endif
