/* A SIP message's text made readable for screens: what an arrow says, its session description, its headers by name. */
#ifndef ANALYZER_READING_H
#define ANALYZER_READING_H

#include "base/text.h"

/* "INVITE", "183 Session Progress": what stands in the start line, of wire text; nothing where the text is no SIP message. */
void reading_label(struct text *out, struct slice message);

/* The CSeq header's value; empty. Borrows. */
struct slice reading_cseq(struct slice message);

/* The session description in a line: "audio 192.0.2.1:4000 PCMU PCMA telephone-event sendrecv; ..."; nothing where there is none. */
void reading_sdp(struct text *out, struct slice message);

/* The values of the header of that name, whatever its case and form ("Call-ID" finds "i"), in the order of their lines with commas
   between them. False where the message has none. */
bool reading_header(struct text *out, struct slice message, const char *name);

/* One header field, or a line of the start or body. */
struct reading_line {
    struct slice text;   /* the whole line as it stands in the message, without its line end */
    const char *name;    /* a header's full name, whatever its form ("Call-ID" for "i"); NULL: unknown header, or none */
    struct slice value;  /* a header's value; folded lines are still inside */
    bool header;
};

/* The message line by line: start line, headers (folded lines as one), the empty line, the body's lines. Returns how many there are;
   at most `room` are filled in. Borrows. */
size_t reading_lines(struct slice message, struct reading_line *lines, size_t room);

#endif
