/* One m= section of a session description: its line, its attributes, and what it inherits from the session level. */
#ifndef DISSECTORS_SDP_SECTION_H
#define DISSECTORS_SDP_SECTION_H

#include "dissectors/sdp.h"

/* Session-level lines that hold for each section that does not say otherwise. */
struct sdp_defaults {
    struct slice fingerprint, key_management, setup;
    enum sdp_direction direction;
    uint32_t ptime_ms, maxptime_ms, bandwidth_kbps;
    bool rtcp_mux;
};

/* The port of an m= line's port field; false where it does not read. */
bool sdp_port(struct slice text, uint16_t *port);

/* In sdp.c: the next word of *rest, and the address of a c= value. */
struct slice sdp_word(struct slice *rest);
bool sdp_address(struct slice value, struct endpoint *endpoint);

/* An a= line at the session level. */
void sdp_session_attribute(struct sdp_defaults *defaults, struct slice value);

/* Begins the section of an m= value; returns flags (enum sdp_flag). */
uint16_t sdp_section_open(struct sdp_media *media, const struct sdp_defaults *defaults, struct slice value);

/* An a= line of the section; returns flags. */
uint16_t sdp_section_attribute(struct sdp_media *media, struct slice value);

/* All lines were read: gives formats without rtpmap their static meaning. */
void sdp_section_close(struct sdp_media *media);

#endif
