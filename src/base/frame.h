/* One captured frame, as the sources give it to the decoder. */
#ifndef BASE_FRAME_H
#define BASE_FRAME_H

#include "base/slice.h"

/* Link types by their LINKTYPE_ numbers, as pcap and pcapng files carry them. */
enum link_type {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_PPP = 9,
    LINK_RAW_BSD = 12, /* 12 and 14: raw IP as some systems write it */
    LINK_RAW_OPENBSD = 14,
    LINK_PPP_HDLC = 50,
    LINK_PPPOE = 51,
    LINK_RAW = 101,
    LINK_CHDLC = 104,
    LINK_LOOP = 108,
    LINK_SLL = 113,
    LINK_PPI = 192,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_NFLOG = 239,
    LINK_SLL2 = 276
};

/* Capture times are 0 or later and before this, in the year 2106: the difference of any two fits in 64 bits of nanoseconds. */
#define FRAME_SECONDS_MAX (UINT64_C(1) << 32)

/* Refs: bytes are borrowed until the source's next read. */
struct frame {
    int64_t time_ns;
    uint64_t number;    /* in the capture, from 1 */
    struct slice bytes; /* what was captured */
    uint32_t wire_len;  /* its length on the wire, >= bytes.len */
    uint16_t link_type; /* LINKTYPE_ value */
    uint16_t source;    /* which of the run's sources, from 0 */
    uint32_t interface; /* which interface of that source, from 0 */
};

#endif
