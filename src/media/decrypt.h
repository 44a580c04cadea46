/* SRTP with keys of session descriptions: which key a stream is sealed with is found by trying, and every packet of it is checked.
   Loss, jitter and MOS need none of this. Private to media/. */
#ifndef MEDIA_DECRYPT_H
#define MEDIA_DECRYPT_H

#include "dissectors/rtp.h"
#include "media/state.h"

struct keyring;  /* the keys of a session; wiped when it is freed */
struct unsealed; /* what is known of a stream's seal */

/* A description of the side carries keys for what it will send (RFC 4568 6.1). */
void keyring_take(struct media *media, struct session *session, uint8_t side, const struct sdp_media *line);
void keyring_free(struct media *media, struct keyring *keyring);

/* True when packets of the stream are checked: its call's descriptions carried keys. */
bool decrypt_on(const struct media *media, const struct detail *detail);

/* Checks the packet, and opens it where somebody wants to read it: header->payload is then its plain text, good until the next call, and
   decrypt_read is true for it. Else header->payload stays or becomes shorter by the tag. */
void decrypt_rtp(struct media *media, uint32_t number, const struct media_packet *packet, struct rtp_header *header, bool wanted);

/* A packet of a stream that no description explains (yet): kept for a moment, for its key may come. Costs a copy. */
void decrypt_keep(struct media *media, uint32_t number, const struct media_packet *packet);

/* If the newest packet that is kept is the stream's: it is not needed, for it is looked at now. */
void decrypt_drop_newest(struct media *media, uint32_t number);

/* The same for a stream's first packet, once it is tied to its call: it was counted before. */
void decrypt_first(struct media *media, uint32_t number, const struct media_packet *packet, struct rtp_header *header);

/* True when the payload can be read: it is not encrypted, or was opened. */
bool decrypt_read(const struct media *media, const struct detail *detail, const struct rtp_header *header);

/* A packet that is no RTCP in the clear, opened; empty: no key of a session that its endpoints belong to is right. Good until the next call. */
struct slice decrypt_rtcp(struct media *media, const struct sighting *sighting, struct slice bytes);

/* The record's part. */
void decrypt_describe(const struct media *media, const struct detail *detail, struct stream_srtp *srtp);

/* The plain text of the newest packet is wiped and given back. */
void decrypt_forget(struct media *media);

void decrypt_free(struct media *media, struct unsealed *unsealed);

#endif
