/* What the files of the SIP message index share: the start line, and the row of a header name. */
#ifndef DISSECTORS_SIP_INDEX_H
#define DISSECTORS_SIP_INDEX_H

#include "base/hash.h"
#include "dissectors/sip.h"

enum { SIP_NAME_SLOTS = 256 };

/* The start of a header line in its usual spelling, "Name:", as one 16-byte comparison. */
struct sip_name {
    char text[24];
    uint32_t mask; /* a bit for each of the bytes that must be equal; 0 for names too long to be found so */
    uint8_t len;   /* of the name */
    uint8_t next;  /* another name that begins with the same four bytes; 0: none */
    uint8_t unused[2];
};

enum { SIP_QUICK_SLOTS = 128 };

extern const struct sip_name sip_names[SIP_HEADER_COUNT];
extern const uint8_t sip_quick_slots[SIP_QUICK_SLOTS];

/* A perfect hash of the first four bytes of "Name: " (read little-endian) for names of at most 15 letters. */
static inline unsigned sip_quick_slot(const uint8_t *line)
{
    uint32_t word;
    memcpy(&word, line, sizeof word);
    return (word * UINT32_C(0x97f2a703)) >> 25;
}

extern const uint8_t sip_name_slots[SIP_NAME_SLOTS];

/* A perfect hash of all names, without case, by length, first and last letter: one probe, one comparison. len >=
   1. */
static inline unsigned sip_name_slot(const uint8_t *name, size_t len)
{
    return ((unsigned)len + (name[0] | 0x20u) * 30 + (name[len - 1] | 0x20u) * 6) % SIP_NAME_SLOTS;
}

/* The row of a header name of len >= 1 bytes, in its long or compact form, without case. */
enum sip_header_id sip_header_find(const uint8_t *name, size_t len);

/* The parts of a start line; empty where absent. Refs: borrows. */
struct sip_start {
    size_t at;     /* where it begins in the payload */
    size_t next;   /* where the line after it begins */
    struct slice line;
    struct slice method, uri, version, status, reason;
    uint8_t line_end; /* '\n', or '\r' in a payload that has no LF at all */
    bool request;
    bool bare;     /* ends with LF or CR alone */
    bool junk;     /* other bytes than CRLFs stand before it */
};

/* Finds and splits the first line. False when it is no SIP start line. */
bool sip_start_find(struct slice payload, struct sip_start *start);

#endif
