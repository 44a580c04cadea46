/* Capture filters (BPF expressions, libpcap's language) that also see through fragments, tunnels and VLAN tags. */
#ifndef CAPTURE_FILTER_H
#define CAPTURE_FILTER_H

#include "base/error.h"
#include "base/frame.h"

struct filter;

/* NULL with a message where the expression does not compile. */
struct filter *filter_new(const char *expression, struct error *error);
void filter_free(struct filter *filter);

/* Does the frame itself match? False, too, for link types that the expression cannot be compiled for. */
bool filter_frame(struct filter *filter, const struct frame *frame);

/* Does this IP datagram (its header first; whole, or as far as captured) match? For what came out of fragments or tunnels. */
bool filter_datagram(struct filter *filter, struct slice datagram, uint32_t wire_len);

/* For live devices: installs the expression in the kernel, widened so that fragments and tunnels come through too; the program
   then asks filter_frame and filter_datagram as for a file. */
struct pcap;
bool filter_install(struct pcap *pcap, uint16_t link_type, const char *expression, struct error *error);

/* DLT_ and LINKTYPE_ numbers differ for a few types. */
int filter_link_type_of_dlt(int dlt);

#endif
