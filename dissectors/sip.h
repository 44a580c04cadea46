/* SIP messages (RFC 3261): a tolerant index of a message's lines, made in place without allocation; it never loses a Call-ID
   that it can see, however broken the rest is. Whether the message obeys the grammar is sip_grammar.h's question. */
#ifndef DISSECTORS_SIP_H
#define DISSECTORS_SIP_H

#include "base/slice.h"

/* X(id, method): the registered methods (IANA, RFC 3261 and its extensions). */
#define SIP_METHODS(X)                                                                                                     \
    X(INVITE, "INVITE") X(ACK, "ACK") X(BYE, "BYE") X(CANCEL, "CANCEL") X(REGISTER, "REGISTER") X(OPTIONS, "OPTIONS")      \
    X(PRACK, "PRACK") X(SUBSCRIBE, "SUBSCRIBE") X(NOTIFY, "NOTIFY") X(PUBLISH, "PUBLISH") X(INFO, "INFO")                  \
    X(REFER, "REFER") X(MESSAGE, "MESSAGE") X(UPDATE, "UPDATE")

enum sip_method {
    SIP_METHOD_UNKNOWN, /* a token that is not in the list; the text says which */
#define X(id, text) SIP_##id,
    SIP_METHODS(X)
#undef X
        SIP_METHOD_COUNT
};

/* X(id, name, compact form or 0, flags): flags: 1 = at most one (a second is a defect), 2 = holds addresses, 4 = comma list. */
#define SIP_HEADERS(X)                                                                                                     \
    X(VIA, "Via", 'v', 4) X(FROM, "From", 'f', 3) X(TO, "To", 't', 3) X(CALL_ID, "Call-ID", 'i', 1)                        \
    X(CSEQ, "CSeq", 0, 1) X(CONTACT, "Contact", 'm', 6) X(MAX_FORWARDS, "Max-Forwards", 0, 1)                              \
    X(CONTENT_LENGTH, "Content-Length", 'l', 1) X(CONTENT_TYPE, "Content-Type", 'c', 1)                                    \
    X(ROUTE, "Route", 0, 6) X(RECORD_ROUTE, "Record-Route", 0, 6) X(USER_AGENT, "User-Agent", 0, 1)                        \
    X(SERVER, "Server", 0, 1) X(REASON, "Reason", 0, 4) X(EXPIRES, "Expires", 0, 1)                                        \
    X(AUTHORIZATION, "Authorization", 0, 0) X(PROXY_AUTHORIZATION, "Proxy-Authorization", 0, 0)                            \
    X(WWW_AUTHENTICATE, "WWW-Authenticate", 0, 0) X(PROXY_AUTHENTICATE, "Proxy-Authenticate", 0, 0)                        \
    X(RSEQ, "RSeq", 0, 1) X(RACK, "RAck", 0, 1) X(EVENT, "Event", 'o', 1)                                                  \
    X(SUBSCRIPTION_STATE, "Subscription-State", 0, 1) X(REFER_TO, "Refer-To", 'r', 3)                                      \
    X(REFERRED_BY, "Referred-By", 'b', 3) X(REPLACES, "Replaces", 0, 1) X(SUPPORTED, "Supported", 'k', 4)                  \
    X(REQUIRE, "Require", 0, 4) X(PROXY_REQUIRE, "Proxy-Require", 0, 4) X(ALLOW, "Allow", 0, 4)                            \
    X(WARNING, "Warning", 0, 4) X(RETRY_AFTER, "Retry-After", 0, 1) X(DATE, "Date", 0, 1)                                  \
    X(SESSION_EXPIRES, "Session-Expires", 'x', 1) X(MIN_SE, "Min-SE", 0, 1) X(SESSION_ID, "Session-ID", 0, 1)              \
    X(X_CALL_ID, "X-Call-ID", 0, 0) X(X_CID, "X-CID", 0, 0)                                                                \
    X(P_ASSERTED_IDENTITY, "P-Asserted-Identity", 0, 6) X(P_PREFERRED_IDENTITY, "P-Preferred-Identity", 0, 6)              \
    X(REMOTE_PARTY_ID, "Remote-Party-ID", 0, 6) X(DIVERSION, "Diversion", 0, 6) X(PRIVACY, "Privacy", 0, 1)                \
    X(CONTENT_ENCODING, "Content-Encoding", 'e', 4) X(SUBJECT, "Subject", 's', 1) X(MIME_VERSION, "MIME-Version", 0, 1)    \
    X(ACCEPT, "Accept", 0, 4) X(PATH, "Path", 0, 6) X(SERVICE_ROUTE, "Service-Route", 0, 6)                                \
    X(TIMESTAMP, "Timestamp", 0, 1) X(HISTORY_INFO, "History-Info", 0, 6)

enum sip_header_id {
    SIP_HEADER_OTHER, /* a name that is not in the list */
#define X(id, name, compact, flags) SIP_HEADER_##id,
    SIP_HEADERS(X)
#undef X
        SIP_HEADER_COUNT
};

enum sip_header_flag { SIP_HEADER_SINGLE = 1, SIP_HEADER_ADDRESS = 2, SIP_HEADER_LIST = 4 };

struct sip_header_row {
    const char *name;
    char compact; /* lower case; 0 where there is none */
    uint8_t flags;
};

extern const struct sip_header_row sip_header_rows[SIP_HEADER_COUNT];
extern const char *const sip_method_names[SIP_METHOD_COUNT]; /* "" for SIP_METHOD_UNKNOWN */

/* One header line (with its folded continuation lines) of the message. Offsets are from message.bytes.data. */
struct sip_header {
    uint32_t name, value; /* where they start */
    uint32_t value_len;   /* without white space at either end; CRLFs of folding are still inside */
    uint16_t name_len;    /* without white space before the colon; a longer name is cut */
    uint8_t id;           /* enum sip_header_id */
    uint8_t compact;      /* 1: written in its compact form */
};

enum { SIP_HEADERS_MAX = 192 }; /* fits the bytes of sip_message.first */

enum sip_index_flag {
    SIP_INDEX_TRUNCATED = 1,      /* the payload ends before the header's end (no empty line) */
    SIP_INDEX_BODY_SHORT = 2,     /* Content-Length promises more than there is */
    SIP_INDEX_BODY_LONG = 4,      /* a datagram has bytes after Content-Length's end; they are not in body */
    SIP_INDEX_NO_LENGTH = 8,      /* no Content-Length at all (the body is the datagram's rest) */
    SIP_INDEX_BAD_LENGTH = 16,    /* Content-Length that is no number, negative, or stands twice with different values */
    SIP_INDEX_BARE_LF = 32,       /* at least one line ends with LF alone */
    SIP_INDEX_NO_COLON = 64,      /* at least one line has no colon */
    SIP_INDEX_MORE = 128,         /* more than SIP_HEADERS_MAX lines: the rest is counted in header_lines and the headers of
                                     `first` are still found */
    SIP_INDEX_JUNK_BEFORE = 256,  /* bytes before the start line were skipped */
    SIP_INDEX_NUL = 512           /* a NUL byte in the start line or a header */
};

/* Refs: all slices borrow the payload. Not zeroed as a whole on parse: only headers[0..header_count) are valid. */
struct sip_message {
    struct slice bytes;      /* start line to the end of the body */
    struct slice start_line; /* without its line end */
    struct slice method_text, uri;       /* requests */
    struct slice version;                /* "SIP/2.0" or what stands there */
    struct slice status_text, reason;    /* responses: as written */
    struct slice body;
    bool request;
    enum sip_method method;  /* the start line's; for a response the CSeq's */
    unsigned status;         /* 0 for a request; 0 too where the status is no number of 1 to 3 digits: see status_text */

    /* The first value of what calls are tracked by; empty where missing. */
    struct slice call_id;
    struct slice cseq_method;
    uint32_t cseq;           /* 0 where missing or out of range; see has_cseq */
    bool has_cseq;
    uint16_t flags;          /* enum sip_index_flag */
    uint16_t header_count;   /* in headers[] */
    uint32_t header_lines;   /* in the message */
    uint8_t first[SIP_HEADER_COUNT]; /* 1 + index in headers[] of the first of each id; 0: not there */
    struct sip_header headers[SIP_HEADERS_MAX];
};

/* True when the payload begins like a SIP message: a start line with SIP/<digit> at its right end for requests or its left
   for responses, after any leading CRLFs. Never reads past the slice; does not look further than the first line. */
bool sip_claim(struct slice payload);

/* Indexes one message that is the whole datagram (or was cut from a stream by sip_framing). False when there is no start line:
   then *message is undefined. All else is marked in flags. */
bool sip_parse(struct slice payload, struct sip_message *message);

/* The first value of a header, trimmed; SLICE_NONE where it is missing. */
static inline struct slice sip_header_value(const struct sip_message *message, enum sip_header_id id)
{
    unsigned at = message->first[id];
    if (at == 0)
        return SLICE_NONE;
    const struct sip_header *header = &message->headers[at - 1];
    return slice_of(message->bytes.data + header->value, header->value_len); /* what is indexed lies before the body */
}

/* Which registered method a token is; case matters (RFC 3261 7.1). */
enum sip_method sip_method_of(struct slice token);

/* The next value of a comma list (commas inside quotes and <> do not count): advances *rest; false at the end. */
bool sip_list_next(struct slice *rest, struct slice *value);

#endif
