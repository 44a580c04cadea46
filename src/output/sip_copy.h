/* The usual lines of a SIP message into a JSON string, many bytes at once: what needs a second look is left to sip_text.c. */
#ifndef OUTPUT_SIP_COPY_H
#define OUTPUT_SIP_COPY_H

#include "base/text.h"

/* How much room the copy of a text of this length may take. */
#define SIP_COPY_ROOM(len) ((len) * 2 + 32)

struct sip_copy_rules {
    bool line_ends_kept; /* else CRLF becomes LF */
    bool secrets_kept;   /* else it stops before each line in which one may be */
};

/* True where the line that begins here may have a secret in it, or may belong to the one before. */
bool sip_copy_stops(struct slice line);

/* Copies printable ASCII, quotes and line ends from the beginning of a line on, and returns how many bytes it took: it stops at any
   other byte, at a CR without LF, and before a line that stops it. There is room for SIP_COPY_ROOM(text.len) bytes. */
size_t sip_copy(struct text *out, struct slice text, struct sip_copy_rules rules);

#endif
