/* What the files of the SIP message index share: the start line, and the row of a header name. */
#ifndef DISSECTORS_SIP_INDEX_H
#define DISSECTORS_SIP_INDEX_H

#include "base/hash.h"
#include "dissectors/sip.h"

enum { SIP_NAME_SLOTS = 256 };

/* A mask that one comparison of 16 bytes cannot satisfy: of names that are longer, and of rows that hold no name. */
#define SIP_NAME_LONG UINT32_C(0x10000)
#define SIP_NAME_NEVER UINT32_C(0x20000)

/* How a header line or a method begins in its usual spelling, so that it can be known by one 16-byte comparison. */
struct sip_name {
    _Alignas(64) char text[24]; /* "Name: " or "METHOD " */
    struct sip_header header;   /* what a header of this name has; value is the length of text */
    uint32_t mask;              /* a bit for each of the first 16 bytes that must be equal */
    uint8_t len;                /* of the name */
    uint8_t next;               /* another name that begins with the same four bytes; 0: none */
};

enum { SIP_QUICK_SLOTS = 128, SIP_METHOD_SLOTS = 32 };

extern const struct sip_name sip_names[SIP_HEADER_COUNT];
extern const uint8_t sip_quick_slots[SIP_QUICK_SLOTS];
extern const struct sip_name sip_method_rows[SIP_METHOD_COUNT];
extern const uint8_t sip_method_slots[SIP_METHOD_SLOTS];

static inline uint32_t sip_four_bytes(const uint8_t *p)
{
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* A perfect hash of the first four bytes of "Name: " (read little-endian). */
static inline unsigned sip_quick_slot(const uint8_t *line)
{
    return (sip_four_bytes(line) * UINT32_C(0x7ad49fbd)) >> 25;
}

/* And of the first three bytes of a method: the multiplier shifts the fourth out. */
static inline unsigned sip_method_slot(const uint8_t *line)
{
    return (sip_four_bytes(line) * UINT32_C(0x09c1d700)) >> 27;
}

/* The row of a compact form, "v: "; NULL where the letter is none. */
const struct sip_name *sip_compact_name(uint8_t letter);

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
