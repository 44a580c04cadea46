/* SCTP (RFC 9260): the user messages of a packet's DATA chunks, also those split over several chunks. */
#ifndef NET_SCTP_H
#define NET_SCTP_H

#include "base/anomaly.h"
#include "net/packet.h"

struct sctp;

/* memory_limit: most bytes that unfinished user messages may hold. NULL when memory is exhausted. */
struct sctp *sctp_new(uint64_t hash_seed, size_t memory_limit, struct anomalies *anomalies);
void sctp_free(struct sctp *sctp);

/* Walks one SCTP packet (protocol == IP_SCTP; payload begins after the 12-byte common header, ports are in the
   endpoints). Calls message for each user message that is now whole, in order; its bytes are borrowed for the call.
   ppid: the payload protocol identifier. Duplicate TSNs are given once. */
void sctp_packet(struct sctp *sctp, const struct packet *packet,
                 void (*message)(void *context, const struct packet *packet, struct slice bytes, uint32_t ppid),
                 void *context);

/* At the end of the input: counts the user messages that never became whole. */
void sctp_finish(struct sctp *sctp);

#endif
