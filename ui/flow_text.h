/* A call flow as text, for tickets: the ladder, then each message as it stands. */
#ifndef UI_FLOW_TEXT_H
#define UI_FLOW_TEXT_H

#include "base/text.h"
#include "ui/flow.h"

/* UTF-8, or ASCII alone; nothing of it can drive a terminal that it is shown on. */
void flow_text(struct text *out, const struct flow_choice *choice, bool ascii);

#endif
