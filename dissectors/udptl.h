/* UDPTL (ITU-T T.38 clause 9): the transport of T.38 fax over UDP. */
#ifndef DISSECTORS_UDPTL_H
#define DISSECTORS_UDPTL_H

#include "base/slice.h"

/* One UDPTL packet. Refs: primary borrows. */
struct udptl {
    uint16_t sequence;
    struct slice primary;    /* the IFP packet */
    bool fec;                /* parity packets, else copies of the IFP packets before */
    uint8_t redundancy;      /* how many earlier packets it repeats; for FEC how many parity packets */
};

/* False where the lengths do not add up to the whole payload. */
bool udptl_parse(struct slice bytes, struct udptl *udptl);

/* What the IFP packet says (T.38 7.2): "CNG", "CED", "V.21 preamble", "V.17 14400 training", ... "data"; NULL for what is not known. */
const char *udptl_ifp_name(struct slice primary);

#endif
