/* The rules beyond a single message's grammar, one row each: X(ID, id, severity, title, source, fix). The documents are those that
   the profiles name; "whitepaper" is the Voice Connector SIP trunking whitepaper. */
#ifndef RULES_RULE_ROWS_H
#define RULES_RULE_ROWS_H

#include "record/record.h"

#define RULE_ROWS(X)                                                                                                       \
    /* the capture */                                                                                                      \
    X(ICMP_ERROR, "icmp-error", ERROR, "An ICMP error came back for a SIP message", "RFC 792, RFC 4443; RFC 3261 18.4",    \
      "See that the receiver listens on that address and port and that no firewall on the way refuses it.")                \
    X(TRUNCATED, "capture-truncated", INFO, "The capture holds only the beginning of a SIP message",                       \
      "the capture's snap length", "Capture again with a snap length of 262144 (tcpdump -s 0).")                           \
    X(STRICT_PARSER, "sip-strict-parser", INFO,                                                                            \
      "A widely used strict parser (GNU osip2) refuses a message in which sipvet sees no defect", "libosip2", NULL)        \
    X(ONE_WAY, "one-way-media", ERROR, "An answered call has media in one direction only", "RFC 3264 5.1 and 6.1",         \
      "See that the receiver announces an address that its peer can reach, and that no firewall or NAT on the way drops "  \
      "RTP to it.")                                                                                                        \
    /* addresses and ports */                                                                                              \
    X(SIGNALING_IP, "signaling-ip", ERROR, "SIP goes to or comes from an address that is not the trunk's",                 \
      "Voice Connector whitepaper, appendix B, Signaling", "Send to the trunk's host name and let DNS choose the address.")                \
    X(SIGNALING_PORT, "signaling-port", ERROR, "SIP goes to a port of the trunk that it does not serve",                   \
      "Voice Connector whitepaper, appendix B, Signaling", "Use a port and transport that the trunk publishes.")                           \
    X(UDP_ON_TLS_PORT, "udp-on-tls-port", ERROR, "SIP over UDP goes to a port that is for TLS over TCP only",              \
      "Voice Connector whitepaper, appendix B, Signaling", "Use UDP 5060, or TLS over TCP on that port.")                                  \
    X(CLEARTEXT_ON_TLS_PORT, "cleartext-on-tls-port", ERROR, "SIP in the clear on the trunk's TLS port",                   \
      "Voice Connector whitepaper, appendix B, Call Encryption", "Start TLS on that connection, or use the port for TCP without TLS.")     \
    X(TLS_ON_CLEAR_PORT, "tls-on-clear-port", WARNING, "TLS goes to a port of the trunk that is for TCP in the clear",      \
      "Voice Connector whitepaper, appendix B, Signaling", "Use the trunk's port for TLS.")                                                \
    X(SIGNALING_REGION, "signaling-region-mismatch", WARNING, "The trunk's address is of another region than the site's",  \
      "network configuration, Voice Connector", "Use the host name of the connector in the configured region.")            \
    X(SOURCE_NOT_LISTED, "signaling-source-not-listed", WARNING,                                                           \
      "A request to the trunk comes from an address that is not on the site's allow list",                                 \
      "Voice Connector whitepaper, IP Whitelisting and Call Authentication", "Add the address to the connector's allowed hosts.")          \
    X(UNKNOWN_SOURCE, "unknown-source-inbound", WARNING, "A request from outside comes from no address of the trunk",      \
      "Voice Connector whitepaper, appendix B, Signaling", "Let the firewall accept SIP from the trunk's ranges only.")                    \
    X(MEDIA_IP, "media-ip", ERROR, "The trunk's media address is outside its published ranges",                            \
      "Voice Connector whitepaper, appendix B, Media", "Ask the carrier: media must come from its published ranges.")                      \
    X(MEDIA_PORT, "media-port", ERROR, "The trunk's media port is outside the range published for its address",            \
      "Voice Connector whitepaper, appendix B, Media", "Open the firewall for the published range; ask the carrier about other ports.")    \
    X(LEGACY_MEDIA, "legacy-media-range", WARNING, "The trunk's media comes from a range that is listed no longer",        \
      "network configuration, Voice Connector", "Keep the old range open until no call uses it any more.")                 \
    X(MEDIA_FLOW, "media-flow-mismatch", WARNING, "RTP comes from another endpoint than its sender's description names",   \
      "Voice Connector whitepaper, appendix B, Media; RFC 4961", "Use one port for both directions, and a NAT that keeps it.")             \
    X(PRIVATE_ADDRESS, "private-address-in-sdp", WARNING,                                                                  \
      "A private address is announced to the trunk, which cannot reach it",                                                \
      "RFC 1918, RFC 6598; Voice Connector whitepaper, appendix C", "Configure the public address as media and signaling address.")        \
    /* methods */                                                                                                          \
    X(UNSUPPORTED_METHOD, "unsupported-method", ERROR, "A method that the trunk does not support",                         \
      "Voice Connector whitepaper, appendix B, Unsupported SIP Methods", "Switch the feature that sends it off for this trunk.")           \
    X(METHOD_NOT_LISTED, "method-not-listed", WARNING, "A method that the trunk does not list as supported",               \
      "Voice Connector whitepaper, appendix B, Supported SIP Methods", "Do not send it to this trunk.")                                    \
    X(TRUNK_UNSUPPORTED, "trunk-sent-unsupported", INFO, "The trunk itself sends a method that it calls unsupported",      \
      "Voice Connector whitepaper, appendix B, Unsupported SIP Methods", NULL)                                                             \
    X(ALLOW_UNSUPPORTED, "allow-advertises-unsupported", INFO, "Allow lists methods that the trunk does not support",      \
      "Voice Connector whitepaper, appendix B, Unsupported SIP Methods", "Take them out of Allow for this trunk.")                         \
    X(REQUIRE_UNSUPPORTED, "require-needs-unsupported", ERROR, "Require asks for what needs an unsupported method",        \
      "Voice Connector whitepaper, appendix B, Unsupported SIP Methods", "Move the option tag to Supported, or drop it.")                  \
    X(REFRESH_UPDATE, "session-refresh-update", ERROR, "The session is refreshed by UPDATE, which the trunk does not take",\
      "Voice Connector whitepaper, appendix B, Unsupported SIP Methods; RFC 4028 9", "Refresh by re-INVITE.")                              \
    X(DTMF_INFO, "dtmf-via-info", ERROR, "DTMF is sent by SIP INFO, which the trunk does not take",                        \
      "Voice Connector whitepaper, appendix B, DTMF", "Send DTMF as telephone-event (RFC 4733).")                                          \
    X(METHOD_REFUSED, "unsupported-method-response", INFO, "The trunk refused a method that it does not support",          \
      "Voice Connector whitepaper, appendix B, Unsupported SIP Methods", NULL)                                                             \
    X(DNS_FAILURE, "dns-failure", ERROR, "A name of the trunk was not found by DNS", "RFC 1035 4.1.1; network guide, name resolution",       \
      "Correct the name, or let the resolver ask the trunk's name servers.")                                               \
    /* headers */                                                                                                          \
    X(MISSING_HEADER, "missing-header", ERROR, "A header that the trunk requires is missing",                              \
      "Voice Connector whitepaper, appendix B, Required SIP Headers", "Send the header.")                                                  \
    X(FORBIDDEN_HEADER, "forbidden-header", ERROR, "A header that the trunk refuses", "the profile's header rules",        \
      "Take the header out.")                                                                                              \
    X(HEADER_CONSTRAINT, "header-constraint", ERROR, "A header's address is not what the trunk asks for",                  \
      "the profile's header rules", "Configure the host name that the trunk knows.")                                       \
    X(TO_TAG_MISSING, "to-tag-missing-in-dialog", ERROR, "A request inside a dialog has no To tag", "RFC 3261 12.2.1.1",   \
      "Copy the dialog's remote tag to To.")                                                                               \
    X(VIA_TRANSPORT, "via-transport-mismatch", WARNING, "Via names another transport than the message came over",          \
      "RFC 3261 18.1.1", "Write the transport that is used into the top Via.")                                             \
    X(MAX_FORWARDS_LOW, "max-forwards-low", WARNING, "Max-Forwards is out of its sensible range", "RFC 3261 8.1.1.6, 16.3",\
      "Send 70.")                                                                                                          \
    X(CONTACT_INVALID, "contact-uri-invalid", ERROR, "Contact of an INVITE is not one SIP URI", "RFC 3261 8.1.1.8",        \
      "Send one Contact with the address at which requests of the dialog are to arrive.")                                  \
    /* Request-URI and numbers */                                                                                          \
    X(OPTIONS_HOST, "options-ruri-host", ERROR, "OPTIONS does not name the trunk's host in its Request-URI",               \
      "Voice Connector whitepaper, appendix B, SIP OPTIONS Requirements", "Send OPTIONS to the connector's host name.")                    \
    X(OPTIONS_CONNECTOR, "options-ruri-connector", WARNING, "A request names another connector than the site's",             \
      "Voice Connector whitepaper, appendix B, SIP OPTIONS Requirements", "Use the host name of your own connector.")                      \
    X(SIPREC_HOST, "siprec-ruri-host", ERROR, "A SIPREC INVITE does not name the trunk's host in its Request-URI",         \
      "Voice Connector whitepaper, appendix B, SIPREC INVITE", "Send it to the connector's host name.")                                    \
    X(SIPREC_FROM, "siprec-from-e164", ERROR, "From of a SIPREC INVITE is no E.164 number",                                \
      "Voice Connector whitepaper, appendix B, SIPREC INVITE", "Put the caller's number with + and country code into From.")               \
    X(INVITE_HOST, "invite-ruri-host", WARNING, "INVITE does not name the trunk's host in its Request-URI",                \
      "Voice Connector whitepaper, appendix B, Dialed Number", "Send INVITE to the connector's host name.")                                \
    X(RURI_E164, "ruri-not-e164", ERROR, "The dialed number is not of the form that the trunk takes",                      \
      "Voice Connector whitepaper, appendix B, Dialed Number; E.164 6", "Dial + and country code, digits only.")                           \
    X(RURI_TEL, "ruri-tel-uri", WARNING, "The Request-URI is a tel: URI", "Voice Connector whitepaper, appendix B, Dialed Number",         \
      "Send a sip: URI with the number as its user part.")                                                                 \
    X(DIALED_INVALID, "dialed-number-invalid", WARNING, "The dialed number is of no country, or cannot have that length",  \
      "E.164; Voice Connector whitepaper, appendix B, Dialed Number", "Check the number.")                                                 \
    X(NOT_IN_PLAN, "destination-not-in-plan", ERROR, "The dialed country is not in the site's calling plan",               \
      "Voice Connector whitepaper, appendix B, Dialed Number", "Allow the country in the connector's calling plan.")                       \
    X(REJECT_EXPLAINED, "reject-403-explained", INFO, "What the trunk's refusal probably means",                           \
      "Voice Connector whitepaper, appendix B, Dialed Number", NULL)                                                                       \
    X(INBOUND_E164, "inbound-ruri-e164", WARNING, "The number that the trunk dials is not E.164",                          \
      "Voice Connector whitepaper, appendix B, Dialed Number", NULL)                                                                       \
    X(CALLERID_E164, "callerid-not-e164", ERROR, "The caller id is not of the form that the trunk takes",                  \
      "Voice Connector whitepaper, appendix B, Caller ID", "Send + and country code in the header that the trunk reads first.")            \
    X(PAI_SHADOWS, "pai-shadows-from", ERROR, "P-Asserted-Identity is invalid and hides a valid From",                     \
      "Voice Connector whitepaper, appendix B, Caller ID", "Correct P-Asserted-Identity or take it out.")                                  \
    X(PAI_DIFFERS, "pai-from-differ", INFO, "P-Asserted-Identity and From carry different numbers",                        \
      "Voice Connector whitepaper, appendix B, Caller ID", NULL)                                                                           \
    X(CALLERID_OWNED, "callerid-not-owned", WARNING, "The caller id is none of the site's numbers",                        \
      "trunking sample guide; site file, owned_numbers", "Send a number that the connector owns.")                         \
    X(INBOUND_CALLERID, "inbound-callerid-e164", WARNING, "The caller id that the trunk sends is not E.164",               \
      "Voice Connector whitepaper, appendix B, Caller ID", NULL)                                                                           \
    X(INBOUND_NO_PAI, "inbound-identity-missing", INFO, "The trunk sends no P-Asserted-Identity",                          \
      "Voice Connector whitepaper, appendix B, Caller ID", NULL)                                                                           \
    X(INBOUND_DISPLAY, "inbound-display-name", INFO, "The trunk sends a display name, though it documents none",           \
      "Voice Connector whitepaper, appendix B, Caller ID Name", NULL)                                                                      \
    X(DISPLAY_IGNORED, "display-name-ignored", INFO, "The display name is not what the called party sees",                 \
      "Voice Connector whitepaper, appendix B, Caller ID Name", "Set the name with the carrier (CNAM).")                                   \
    /* size */                                                                                                             \
    X(UDP_SIZE, "udp-size-1300", WARNING, "A request over UDP is larger than 1300 bytes", "RFC 3261 18.1.1",               \
      "Use TCP, or send fewer headers and codecs.")                                                                        \
    X(UDP_NEAR_MTU, "udp-size-near-mtu", WARNING, "A request over UDP comes within 200 bytes of the path's MTU",           \
      "RFC 3261 18.1.1", "Use TCP, or send fewer headers and codecs.")                                                     \
    X(UDP_OVER_MTU, "udp-size-over-mtu", WARNING, "A SIP datagram is larger than the path's MTU",                          \
      "RFC 3261 18.1.1; Voice Connector whitepaper, appendix B, UDP note", "Use TCP, or clear DF and see that fragments pass.")            \
    X(DF_LARGE, "df-set-large", WARNING, "A large SIP datagram forbids its fragmentation (DF)",                            \
      "RFC 791; Voice Connector whitepaper, appendix B, UDP note", "Clear the DF bit for SIP, or use TCP.")                                \
    X(UDP_FRAGMENTED, "udp-fragmented", WARNING, "A SIP message came in IP fragments",                                     \
      "Voice Connector whitepaper, appendix B, UDP note", "Use TCP; see that no firewall on the way drops fragments.")                     \
    X(FRAGMENT_LOST, "fragment-lost", ERROR, "A fragment of a SIP datagram never came",                                    \
      "RFC 791, RFC 8200 4.5; Voice Connector whitepaper, appendix B, UDP note",                                          \
      "Use TCP; see that no firewall on the way drops fragments.")                                                        \
    X(ICMP_TOO_BIG, "icmp-frag-needed", ERROR, "A router says that a SIP datagram is too big and may not be fragmented",   \
      "RFC 1191, RFC 8201", "Clear the DF bit, lower the interface's MTU, or use TCP.")                                    \
    X(NO_RESPONSE, "retransmit-no-response", ERROR, "A request was repeated and nothing answered it for 32 s",             \
      "RFC 3261 17.1.1.2, 17.1.2.2", "Check address, port, firewall, and for large requests the MTU.")                     \
    X(REPEATED, "request-repeated", WARNING, "A request is repeated and nothing answered it so far",                       \
      "RFC 3261 17.1.1.2, 17.1.2.2", "Check address, port, firewall, and for large requests the MTU.")                     \
    X(LARGE_RESPONSE, "large-response", INFO, "A response over UDP is larger than the path's MTU", "RFC 3261 18.1.1", NULL)\
    X(TCP_VIA_UDP, "switch-to-tcp-via", WARNING, "A large request changed to TCP, but its Via still says UDP",             \
      "RFC 3261 18.1.1", "Write TCP into the top Via when the transport changes.")                                         \
    /* authentication */                                                                                                   \
    X(DIGEST_NO_RETRY, "digest-no-retry", ERROR, "A challenge was never answered with credentials", "RFC 3261 22.2, 22.3", \
      "Configure user name and password for the trunk.")                                                                   \
    X(DIGEST_PAIRING, "digest-header-pairing", ERROR, "Credentials stand in the wrong header for the challenge",           \
      "RFC 3261 22.2, 22.3", "Answer 401 with Authorization and 407 with Proxy-Authorization.")                            \
    X(DIGEST_PARAMS, "digest-params", ERROR, "Digest credentials lack a parameter or change one", "RFC 2617 3.2.2",        \
      "Echo realm, nonce and opaque, and send username, uri and response.")                                                \
    X(DIGEST_URI, "digest-uri-mismatch", WARNING, "The digest's uri is not the Request-URI", "RFC 3261 22.4",              \
      "Compute the digest over the Request-URI that is sent.")                                                             \
    X(DIGEST_CSEQ, "digest-cseq", WARNING, "The retry with credentials keeps the CSeq of the challenged request",          \
      "RFC 3261 22.2", "Add 1 to CSeq for the retry.")                                                                     \
    X(DIGEST_NC, "digest-nc", WARNING, "qop is used without cnonce and nc, or nc does not grow", "RFC 2617 3.2.2",         \
      "Send cnonce and a growing nc for each nonce.")                                                                      \
    X(DIGEST_LOOP, "digest-stale-loop", ERROR, "The same request is challenged again and again", "RFC 3261 22.1",          \
      "The password, user name or realm is wrong: correct it.")                                                            \
    X(DIGEST_ALGORITHM, "digest-algorithm", ERROR, "Credentials of a scheme or algorithm that was not offered",            \
      "RFC 3261 22.4, RFC 8760", "Use the algorithm of the challenge; Basic is not allowed.")                              \
    X(DIGEST_RESPONSE, "digest-bad-response", ERROR, "The response in the credentials does not follow from the user's HA1",\
      "RFC 3261 22.4, RFC 7616 3.4.1; site file, digest", "Correct user name or password at the sender, or the HA1 in the site file.") \
    X(DIGEST_ACK_CANCEL, "digest-challenge-ack-cancel", WARNING, "An ACK or CANCEL is challenged", "RFC 3261 22.1", NULL)  \
    /* encryption */                                                                                                       \
    X(CLEAR_SIGNALING, "encryption-cleartext-signaling", ERROR, "SIP in the clear, though encryption is on",               \
      "Voice Connector whitepaper, Call Encryption", "Use TLS, or switch encryption off on both sides.")                                   \
    X(ENCRYPTION_PORT, "encryption-port", ERROR, "TLS goes to a port of the trunk that is not for TLS",                    \
      "Voice Connector whitepaper, Call Encryption", "Use the trunk's port for TLS.")                                                      \
    X(TLS_HANDSHAKE_FAILED, "tls-handshake-failed", ERROR, "A TLS handshake failed", "RFC 8446 6.2; RFC 5246 7.2.2",       \
      "The alert says why: compare versions, cipher suites and certificates of both sides.")                               \
    X(TLS_VERSION, "tls-version", WARNING, "The connection uses a version of TLS that is older than the trunk takes",        \
      "RFC 8996; the profile's TLS rules", "Allow TLS 1.2 and 1.3, and switch older versions off.")                        \
    X(TLS_CIPHER, "tls-cipher-deprecated", WARNING, "The connection uses a cipher suite that the trunk will not take for long",\
      "the profile's TLS rules", "Put ECDHE suites with GCM first.")                                                      \
    X(TLS_CLIENT_CERT, "tls-client-cert-requested", WARNING, "The trunk is asked for a client certificate, which it does not have",\
      "the profile's TLS rules", "Switch mutual TLS off for connections from the trunk.")                                  \
    X(TLS_CERT_NAME, "tls-cert-name", WARNING, "The server's certificate is not for the trunk's name",                     \
      "Voice Connector whitepaper, appendix B, Call Encryption; RFC 6125 6.4", "Check that the connection reaches the trunk, not a proxy.")\
    X(TLS_CERT_UNTRUSTED, "tls-cert-untrusted", ERROR, "The client does not accept the server's certificate",              \
      "Voice Connector whitepaper, appendix B, Call Encryption; RFC 8446 6.2",                                            \
      "Import the root certificate of the trunk's certificate authority.")                                                 \
    X(TLS_WILDCARD_REFUSED, "tls-wildcard-refused", INFO, "The client may refuse certificates for wildcard names",         \
      "RFC 5922 7.2; Voice Connector whitepaper, appendix B, Call Encryption", "Allow wildcard names for this trunk.")                     \
    X(PLAIN_RTP_OFFER, "encryption-plain-rtp-offer", ERROR, "RTP in the clear is offered, though encryption is on",        \
      "Voice Connector whitepaper, Call Encryption", "Offer RTP/SAVP with a=crypto.")                                                      \
    X(SAVP_OFF, "encryption-off-savp", WARNING, "SRTP is offered, though encryption is off",                               \
      "Voice Connector whitepaper, Call Encryption", "Switch encryption on at the connector, or offer RTP/AVP.")                           \
    X(CRYPTO_MISSING, "srtp-crypto-missing", ERROR, "RTP/SAVP without a=crypto", "RFC 4568 5.1.2; Voice Connector whitepaper, Call Encryption",\
      "Send the keys by a=crypto (SDES).")                                                                                 \
    X(NO_SUITE, "srtp-no-supported-suite", ERROR, "No offered crypto suite is one that the trunk supports",                \
      "Voice Connector whitepaper, appendix B, Call Encryption", "Offer AES_CM_128_HMAC_SHA1_80.")                                         \
    X(EXTRA_SUITE, "srtp-extra-suite", INFO, "Crypto suites are offered that the trunk does not support",                  \
      "Voice Connector whitepaper, appendix B, Call Encryption", NULL)                                                                     \
    X(SUITE_ALIAS, "srtp-suite-alias", INFO, "A crypto suite in another spelling than the trunk's", "RFC 6188 3; Voice Connector whitepaper, appendix B", NULL)\
    X(KEY_LENGTH, "srtp-key-length", ERROR, "An SRTP key is not as long as its suite asks for", "RFC 4568 6.1, 6.2",       \
      "Send key and salt of the suite's length in base64.")                                                                \
    X(ANSWER_SUITE, "srtp-answer-suite", ERROR, "The answer takes a crypto suite or tag that was not offered",             \
      "RFC 4568 5.1.3", "Answer with exactly one of the offered lines.")                                                   \
    X(KEY_IN_CLEAR, "srtp-key-in-clear", WARNING, "SRTP keys stand in signaling without encryption", "RFC 4568 7",         \
      "Use TLS for signaling wherever SDES is used.")                                                                      \
    X(MKI, "srtp-mki", WARNING, "An SRTP key has a master key identifier, which the trunk does not take",                  \
      "RFC 4568 6.1; the profile's SRTP rules", "Send keys without MKI.")                                                  \
    X(DEFAULT_ORDER, "srtp-default-order", INFO, "The trunk's own offer has no crypto suite that its documents list",      \
      "Voice Connector whitepaper, appendix B, Call Encryption", NULL)                                                     \
    X(SECURE_REQUIRED, "secure-required", ERROR, "Signaling or media in the clear where the service is encrypted only",    \
      "the profile's transport rules", "Use TLS and SRTP.")                                                                \
    /* session descriptions */                                                                                             \
    X(SDP_SYNTAX, "sdp-syntax", ERROR, "A session description lacks a mandatory line or does not read",                    \
      "RFC 4566 5, RFC 8866 5", "Send v=, o=, s=, t=, and c= for each media line.")                                        \
    X(SDP_MISSING, "sdp-missing", ERROR, "An answered call in which nobody described a session", "RFC 3261 13.2.1", NULL)  \
    X(DELAYED_OFFER, "sdp-delayed-offer", ERROR, "An INVITE without offer, which the trunk does not take",                 \
      "the profile's SDP rules", "Send the offer in the INVITE.")                                                          \
    X(CODEC_MISSING, "codec-pcmu-missing", ERROR, "No codec that the trunk requires is offered or answered",               \
      "Voice Connector whitepaper, appendix B, Supported Codecs", "Offer PCMU with 8000 Hz.")                                              \
    X(CODEC_EXTRA, "codec-extra", INFO, "Codecs are offered that the trunk does not support",                              \
      "Voice Connector whitepaper, appendix B, Supported Codecs", NULL)                                                                    \
    X(CODEC_SELECTED, "codec-not-pcmu-selected", ERROR, "The answer chooses a codec that the trunk does not support",      \
      "Voice Connector whitepaper, appendix B, Supported Codecs", "Choose a codec that the trunk supports.")                               \
    X(CODEC_MEETING, "codec-g722-non-meeting", WARNING, "A codec for meetings only is used for another number",            \
      "Voice Connector whitepaper, appendix B, Supported Codecs", "Offer it for meeting dial-ins only.")                                   \
    X(PTIME, "ptime-unusual", INFO, "The packet time is not the trunk's", "Voice Connector whitepaper, appendix B, Bandwidth", NULL)       \
    X(DTMF_MISSING, "dtmf-telephone-event-missing", WARNING, "telephone-event is not offered or not answered",             \
      "Voice Connector whitepaper, appendix B, DTMF; RFC 4733", "Offer telephone-event.")                                                  \
    X(DTMF_CLOCK, "dtmf-clock-rate", WARNING, "telephone-event has another clock than the audio codec", "RFC 4733 2.1",    \
      "Offer telephone-event with the clock of each audio codec.")                                                         \
    X(FAX_LINE, "fax-t38-line", ERROR, "T.38 is not offered as m=image udptl t38", "RFC 3362; Voice Connector whitepaper, Fax",            \
      "Offer m=image <port> udptl t38.")                                                                                   \
    X(FAX_REJECTED, "fax-rejected", INFO, "The change to T.38 was refused", "RFC 3261 14.1; Voice Connector whitepaper, Fax",              \
      "Stay with PCMU for the fax.")                                                                                       \
    X(FAX_ALAW, "fax-g711-alaw", WARNING, "A fax goes on as PCMA, where the trunk takes PCMU", "Voice Connector whitepaper, Fax",         \
      "Answer with PCMU.")                                                                                                 \
    X(SIP_ALG, "sip-alg", WARNING, "Addresses in one message were changed only in part, as a SIP ALG does",                \
      "network guide, firewalls", "Switch the SIP ALG of the router or firewall off.")                                     \
    /* streams */                                                                                                          \
    X(PT_MISMATCH, "codec-pt-mismatch", ERROR, "RTP with a payload type that its receiver did not offer", "RFC 3264 5.1",  \
      "Send only payload types of the receiver's description.")                                                            \
    X(DTMF_MALFORMED, "dtmf-event-malformed", WARNING, "A telephone event never ended", "RFC 4733 2.5.1.4",                \
      "Send the end packet three times.")                                                                                  \
    X(DTMF_INBAND, "dtmf-inband", WARNING, "DTMF tones are in the audio, though telephone-event was agreed",               \
      "Voice Connector whitepaper, appendix B, DTMF; RFC 4733 1", "Send DTMF as telephone-event (seen with --tones only).") \
    X(SRTP_PLAIN, "srtp-not-encrypted-on-wire", ERROR, "SRTP was agreed, but the packets have the size of plain RTP",      \
      "RFC 3711 3.1", "Check that the sender encrypts.")                                                                   \
    X(RTP_SRTP, "rtp-unexpected-srtp", WARNING, "Plain RTP was agreed, but the packets have the size of SRTP",             \
      "RFC 3711 3.1", NULL)                                                                                                \
    X(BANDWIDTH, "bandwidth-per-call", WARNING, "A stream takes more bandwidth than the trunk plans for a call",           \
      "Voice Connector whitepaper, appendix B, Bandwidth", "Send packets of 20 ms.")                                                       \
    X(FAX_BANDWIDTH, "fax-bandwidth", INFO, "A fax takes more bandwidth than T.38 does at its fastest",                     \
      "Voice Connector administration guide, fax", "Send less redundancy.")                                                \
    X(AUDIO_BANDWIDTH, "audio-bandwidth-low", INFO, "An Opus stream without pauses stays below the bandwidth that is to be there for audio", \
      "connectivity guide, Network Bandwidth", "Look for what else takes the link's bandwidth.")                           \
    X(RTCP_MISSING, "rtcp-missing", INFO, "No RTCP from the customer's side", "RFC 3550 6.2; trunking sample guide",       \
      "Switch RTCP on and let UDP to the odd port pass.")                                                                  \
    X(RTT_HIGH, "rtt-high", WARNING, "The round trip time is above the limit", "connectivity guide, Network Bandwidth", NULL)\
    X(JITTER_HIGH, "jitter-high", WARNING, "Jitter is above the limit", "connectivity guide, Network Bandwidth", NULL)     \
    X(LOSS_HIGH, "loss-high", WARNING, "Packet loss is above the limit", "connectivity guide, Network Bandwidth", NULL)    \
    X(BURST_LOSS, "burst-loss", WARNING, "Many packets in a row were lost or too late", "media quality guide", NULL)       \
    X(MOS_LOW, "mos-low", WARNING, "MOS is below the limit", "the profile's quality rules", NULL)                          \
    X(NAT_REBINDING, "nat-rebinding", ERROR, "A stream went on from another port or address in mid-call",                \
      "media quality guide, session persistence", "Raise the NAT's UDP time-out and keep its mapping.")                    \
    /* many calls */                                                                                                       \
    X(CPS, "cps-exceeded", WARNING, "More new calls in a second than the trunk allows", "Voice Connector termination, CPS limit",\
      "Spread the calls, or ask for a higher limit.")                                                                      \
    X(CONCURRENT, "concurrent-exceeded", WARNING, "More calls at once than the trunk allows", "the profile's limits",      \
      "Limit the calls at once, or ask for more.")                                                                         \
    X(BANDWIDTH_TOTAL, "bandwidth-capacity", WARNING, "More calls at once than the site's link carries",                   \
      "Voice Connector whitepaper, appendix B, Bandwidth; site file, link_kbps", "Raise the link's rate or limit the calls at once.")

#endif
