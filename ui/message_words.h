/* A message's text as lines for screens: raw, or header by header, with what is wrong with it above and marked in it. */
#ifndef UI_MESSAGE_WORDS_H
#define UI_MESSAGE_WORDS_H

#include "ui/aliases.h"
#include "ui/call_store.h"
#include "ui/message_store.h"
#include "ui/text_view.h"

enum message_form { MESSAGE_RAW, MESSAGE_DECODED };

/* Writes the message into the view; call: its call, for the findings; NULL. text is scratch, and holds the message's bytes then. */
void message_write(struct text_view *view, struct text *text, const struct message_store *store, const struct kept_message *message,
                   const struct call_copy *call, enum message_form form);

/* The findings on the message, a paragraph each. */
void message_findings(struct text_view *view, const struct call_copy *call, const struct kept_message *message);

/* "frame 6  12:00:01.200  192.0.2.1:5060 > 192.0.2.2:5060 udp": where it was seen. */
void message_place(struct text *out, const struct message_store *store, const struct aliases *aliases,
                   const struct kept_message *message);

#endif
