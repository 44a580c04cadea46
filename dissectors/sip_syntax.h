/* The pieces of RFC 3261 section 25.1 that many headers share: tokens, quoted strings, hosts, URIs, parameters; and the list
   of defects that the files of the grammar report. Internal to sip_grammar*.c and sip_syntax.c. */
#ifndef DISSECTORS_SIP_SYNTAX_H
#define DISSECTORS_SIP_SYNTAX_H

#include "dissectors/sip_grammar.h"

/* X(id, name, level, text, source) */
#define SIP_DEFECTS(X)                                                                                                 \
    X(LINE_SPACE, "sip-start-line-space", INVALID,                                                                     \
      "More than one space, or another blank, between the parts of the start line.", "RFC 3261 7.1, 7.2")              \
    X(LINE_TRAILING, "sip-start-line-trailing-space", INVALID,                                                         \
      "White space after the SIP version of the request line.", "RFC 3261 7.1")                                        \
    X(VERSION, "sip-version", INVALID,                                                                                 \
      "The SIP version is not 2.0.", "RFC 3261 7.1, 21.5.7")                                                           \
    X(VERSION_CASE, "sip-version-case", ODD,                                                                           \
      "The SIP version is not in upper case, as senders must write it.", "RFC 3261 7.1")                               \
    X(URI_BRACKETS, "sip-request-uri-brackets", INVALID,                                                               \
      "The Request-URI stands in angle brackets.", "RFC 3261 7.1")                                                     \
    X(URI_SPACE, "sip-request-uri-space", INVALID,                                                                     \
      "White space inside the Request-URI.", "RFC 3261 7.1")                                                           \
    X(URI_HEADERS, "sip-request-uri-headers", INVALID,                                                                 \
      "The Request-URI carries headers (?name=value).", "RFC 3261 19.1.1")                                             \
    X(STATUS_CODE, "sip-status-code", INVALID,                                                                         \
      "The status code does not have three digits.", "RFC 3261 7.2")                                                   \
    X(STATUS_CLASS, "sip-status-class", ODD,                                                                           \
      "The status code is of no class that SIP defines (1xx to 6xx).", "RFC 3261 7.2")                                 \
    X(STATUS_SPACE, "sip-status-line-no-space", INVALID,                                                               \
      "No space after the status code.", "RFC 3261 7.2")                                                               \
    X(LINE_END, "sip-line-end", OBSOLETE,                                                                              \
      "A line ends with LF or CR alone instead of CRLF.", "RFC 3261 7, RFC 2543 3")                                    \
    X(NO_END, "sip-header-unterminated", INVALID,                                                                      \
      "The empty line after the header fields is missing.", "RFC 3261 7")                                              \
    X(JUNK_BEFORE, "sip-junk-before", ODD,                                                                             \
      "Stray bytes stand before the start line.", "RFC 3261 7.5")                                                      \
    X(NO_COLON, "sip-header-no-colon", INVALID,                                                                        \
      "A header line has no colon.", "RFC 3261 7.3.1")                                                                 \
    X(HEADER_NAME, "sip-header-name", INVALID,                                                                         \
      "A header name is not a token.", "RFC 3261 25.1 header-name")                                                    \
    X(CONTROL, "sip-header-control", INVALID,                                                                          \
      "A control character in a header value.", "RFC 3261 25.1 header-value")                                          \
    X(UTF8, "sip-header-utf8", INVALID,                                                                                \
      "A header value is not UTF-8.", "RFC 3261 25.1 TEXT-UTF8char")                                                   \
    X(MISSING, "sip-header-missing", INVALID,                                                                          \
      "A mandatory header is missing.", "RFC 3261 8.1.1")                                                              \
    X(MAX_FORWARDS_MISSING, "sip-max-forwards-missing", OBSOLETE,                                                      \
      "The request has no Max-Forwards.", "RFC 3261 8.1.1.6")                                                          \
    X(CONTACT_MISSING, "sip-contact-missing", INVALID,                                                                 \
      "An INVITE or its 2xx response has no Contact.", "RFC 3261 8.1.1.8, 12.1.1")                                     \
    X(CONTACT_MISSING_OLD, "sip-contact-missing-rfc2543", OBSOLETE,                                                    \
      "An INVITE of RFC 2543 style has no Contact.", "RFC 3261 8.1.1.8")                                               \
    X(FROM_TAG, "from-tag-missing", OBSOLETE,                                                                      \
      "From has no tag.", "RFC 3261 8.1.1.3")                                                                          \
    X(TO_TAG, "sip-to-tag-missing", OBSOLETE,                                                                          \
      "To has no tag in a response other than 100.", "RFC 3261 8.2.6.2, 12.1.2")                                       \
    X(BRANCH_OLD, "via-branch-cookie", OBSOLETE,                                                                      \
      "The top Via has no branch that begins with z9hG4bK.", "RFC 3261 8.1.1.7")                                       \
    X(BRANCH_BARE, "sip-branch-bare", ODD,                                                                             \
      "The top Via's branch is the magic cookie alone, so that it identifies no transaction.",                         \
      "RFC 3261 8.1.1.7, RFC 4475 3.2.1")                                                                              \
    X(REPEATED, "duplicate-single-header", INVALID,                                                                        \
      "A header that may stand once stands again.", "RFC 3261 7.3.1")                                                  \
    X(LENGTH_VALUE, "sip-content-length", INVALID,                                                                     \
      "Content-Length is not a number.", "RFC 3261 20.14")                                                             \
    X(LENGTH_DIFFERS, "sip-content-length-differs", INVALID,                                                           \
      "Two Content-Length headers with different values.", "RFC 3261 20.14, RFC 4475 3.3.9")                           \
    X(LENGTH_LARGE, "content-length-mismatch", INVALID,                                                           \
      "Content-Length is larger than what the datagram holds.", "RFC 3261 18.3")                                       \
    X(LENGTH_MISSING, "content-length-missing-tcp", INVALID,                                                           \
      "No Content-Length over a stream transport.", "RFC 3261 20.14")                                                  \
    X(BODY_LONG, "sip-bytes-after-body", ODD,                                                                          \
      "The datagram holds bytes after the end of the message.", "RFC 3261 18.3")                                       \
    X(TYPE_MISSING, "body-without-content-type", INVALID,                                                               \
      "A body without Content-Type.", "RFC 3261 20.15")                                                                \
    X(CSEQ, "sip-cseq", INVALID,                                                                                       \
      "CSeq is not a number and a method.", "RFC 3261 20.16")                                                          \
    X(CSEQ_RANGE, "sip-cseq-range", INVALID,                                                                           \
      "The CSeq number is not less than 2^31.", "RFC 3261 8.1.1.5")                                                    \
    X(CSEQ_METHOD, "cseq-method-mismatch", INVALID,                                                                         \
      "The CSeq method is not the request's method.", "RFC 3261 8.1.1.5")                                              \
    X(NUMBER, "sip-number", INVALID,                                                                                   \
      "A header that is a number holds something else.", "RFC 3261 25.1")                                              \
    X(NUMBER_RANGE, "sip-number-range", INVALID,                                                                       \
      "A number is larger than its header allows.", "RFC 3261 20")                                                     \
    X(EXPIRES_DATE, "sip-expires-date", OBSOLETE,                                                                      \
      "Expires is a date, as RFC 2543 allowed.", "RFC 3261 20.19, RFC 2543 6.20")                                      \
    X(DATE, "sip-date", INVALID,                                                                                       \
      "Date is not of the form of RFC 1123.", "RFC 3261 20.17")                                                        \
    X(DATE_ZONE, "sip-date-zone", INVALID,                                                                             \
      "The time zone of Date is not GMT.", "RFC 3261 20.17")                                                           \
    X(EMPTY, "empty-header", INVALID,                                                                              \
      "A header that needs a value is empty.", "RFC 3261 25.1")                                                        \
    X(EMPTY_ITEM, "sip-list-empty-item", INVALID,                                                                      \
      "A list of values has an empty one.", "RFC 3261 7.3.1, 25.1")                                                    \
    X(TOKEN, "sip-token", INVALID,                                                                                     \
      "A value is not a token.", "RFC 3261 25.1 token")                                                                \
    X(QUOTE, "sip-quote-open", INVALID,                                                                                \
      "A quoted string does not end.", "RFC 3261 25.1 quoted-string")                                                  \
    X(DISPLAY_NAME, "sip-display-name", INVALID,                                                                       \
      "An unquoted display name has characters that only a quoted one may have.", "RFC 3261 25.1 display-name")        \
    X(BRACKET_OPEN, "sip-bracket-open", INVALID,                                                                       \
      "An angle bracket of an address is not closed.", "RFC 3261 25.1 name-addr")                                      \
    X(BRACKET_SPACE, "sip-bracket-space", INVALID,                                                                     \
      "White space inside the angle brackets of an address.", "RFC 3261 25.1 name-addr")                               \
    X(BRACKET_MISSING, "sip-bracket-missing", INVALID,                                                                 \
      "A URI with ',' or '?' does not stand in angle brackets.", "RFC 3261 20.10")                                     \
    X(NAME_ADDR, "sip-name-addr", INVALID,                                                                             \
      "An address that must stand in angle brackets does not.", "RFC 3261 25.1")                                       \
    X(STAR, "sip-contact-star", INVALID,                                                                               \
      "Contact: * together with other values or parameters, or not in a REGISTER.", "RFC 3261 10.2.2, 20.10")          \
    X(URI, "sip-uri", INVALID,                                                                                         \
      "An address is not a URI.", "RFC 3261 25.1, RFC 3986")                                                           \
    X(URI_USER, "sip-uri-user", INVALID,                                                                               \
      "The user part of a URI has characters that must be escaped, or none.", "RFC 3261 25.1 userinfo")                \
    X(URI_PARAMETER, "sip-uri-parameter", INVALID,                                                                     \
      "A parameter of a URI is malformed.", "RFC 3261 25.1 uri-parameter")                                             \
    X(URI_HEADER, "sip-uri-header", INVALID,                                                                           \
      "The headers of a URI are malformed.", "RFC 3261 25.1 headers")                                                  \
    X(HOST, "sip-host", INVALID,                                                                                       \
      "A host is neither a name nor an address.", "RFC 3261 25.1 host")                                                \
    X(HOST_IPV6_BARE, "sip-host-ipv6-unbracketed", INVALID,                                                            \
      "An IPv6 address without brackets.", "RFC 3261 25.1 IPv6reference, RFC 5118 4.2")                                \
    X(HOST_IPV6, "sip-host-ipv6", INVALID,                                                                             \
      "The brackets hold no IPv6 address.", "RFC 5954 4.1")                                                            \
    X(HOST_IPV6_COLONS, "sip-host-ipv6-three-colons", ODD,                                                             \
      "An IPv6 address with three colons, which RFC 3261's grammar allowed by mistake.",                               \
      "RFC 5118 4.10, RFC 5954 3.1")                                                                                   \
    X(HOST_IPV6_PORT, "sip-host-ipv6-port-inside", ODD,                                                                \
      "What looks like a port stands inside the brackets and is part of the IPv6 address.", "RFC 5118 4.3")            \
    X(HOST_IPV4, "sip-host-ipv4-range", ODD,                                                                           \
      "An IPv4 address with a number above 255.", "RFC 5954 4.1")                                                      \
    X(PORT, "sip-port", INVALID,                                                                                       \
      "A port is not a number.", "RFC 3261 25.1 port")                                                                 \
    X(PORT_RANGE, "sip-port-range", ODD,                                                                               \
      "A port is not between 1 and 65535.", "RFC 3261 19.1.1")                                                         \
    X(PARAMETER, "sip-parameter", INVALID,                                                                             \
      "A header parameter is malformed.", "RFC 3261 25.1 generic-param")                                               \
    X(PARAMETER_EMPTY, "sip-parameter-empty", INVALID,                                                                 \
      "An empty parameter: a stray separator.", "RFC 3261 25.1, RFC 4475 3.1.2.1")                                     \
    X(VIA, "sip-via", INVALID,                                                                                         \
      "A Via value is not protocol, sent-by and parameters.", "RFC 3261 20.42")                                        \
    X(VIA_BROADCAST, "sip-via-broadcast", ODD,                                                                         \
      "A Via names the broadcast address, to which no response may go.", "RFC 3261 18.2.2, RFC 4475 3.3.10")           \
    X(CALL_ID, "sip-call-id", INVALID,                                                                                 \
      "Call-ID is not word or word@word.", "RFC 3261 25.1 callid")                                                     \
    X(MEDIA_TYPE, "sip-media-type", INVALID,                                                                           \
      "A media type is not type/subtype with parameters.", "RFC 3261 25.1 media-type")                                 \
    X(WARNING, "sip-warning", INVALID,                                                                                 \
      "A Warning is not a three-digit code, an agent and a quoted text.", "RFC 3261 20.43")                            \
    X(CHALLENGE, "sip-auth-parameter", INVALID,                                                                        \
      "Credentials or a challenge are not a scheme and name=value pairs.", "RFC 3261 25.1 auth-param")                 \
    X(PRODUCT, "sip-product", ODD,                                                                                     \
      "User-Agent or Server is not made of products and comments.", "RFC 3261 20.35, 20.41")

enum sip_defect_id {
#define X(id, name, level, text, source) SIP_DEFECT_##id,
    SIP_DEFECTS(X)
#undef X
        SIP_DEFECT_ROWS
};

/* What a check carries along. Refs: borrows. */
struct sip_check {
    const struct sip_message *message;
    struct sip_verdict *verdict;
    struct slice subject; /* the header's name, or a part of the message */
};

void sip_defect_add(struct sip_check *check, enum sip_defect_id id, struct slice value);

/* Character classes of RFC 3261 25.1, as bits. */
enum sip_class {
    SIP_CLASS_TOKEN = 1,
    SIP_CLASS_WORD = 2,
    SIP_CLASS_USER = 4,      /* unreserved / user-unreserved; escapes apart */
    SIP_CLASS_PASSWORD = 8,
    SIP_CLASS_PARAM = 16,    /* paramchar without escapes */
    SIP_CLASS_HNV = 32,      /* hname, hvalue */
    SIP_CLASS_URIC = 64,     /* of any URI, with brackets */
    SIP_CLASS_HOST = 128     /* alphanum, '-', '.' */
};

extern const uint8_t sip_class_table[256];

/* Index of the first byte at or after `at` that is not of the class; s.len where all are. */
static inline size_t sip_class_span(struct slice s, size_t at, enum sip_class class)
{
    while (at < s.len && (sip_class_table[s.data[at]] & class))
        at++;
    return at;
}

/* The whole slice, which is not empty, is of the class. */
static inline bool sip_class_all(struct slice s, enum sip_class class)
{
    return s.len > 0 && sip_class_span(s, 0, class) == s.len;
}

static inline size_t sip_space_span(struct slice s, size_t at)
{
    while (at < s.len && s.data[at] <= ' ' && ascii_space(s.data[at]))
        at++;
    return at;
}

/* Index after the quoted string that opens at `at`; 0 where it does not end. */
size_t sip_quoted_span(struct slice s, size_t at);

/* Each check reports what is wrong and returns whether nothing INVALID was. */
bool sip_check_uri(struct sip_check *check, struct slice text);
bool sip_check_host_port(struct sip_check *check, struct slice text, bool spaced);

/* *( SEMI generic-param ) from `at` to a comma outside quotes (list) or the end; returns the index where it ended. */
size_t sip_check_parameters(struct sip_check *check, struct slice s, size_t at, bool list);

enum sip_address_form {
    SIP_ADDRESS_BARE = 1, /* addr-spec without <> is allowed */
    SIP_ADDRESS_LIST = 2  /* several, separated by commas */
};

void sip_check_address(struct sip_check *check, struct slice value, unsigned form);

/* The check of one header's value by its id; none for headers without a grammar of their own. In
   sip_grammar_headers.c. */
void sip_check_header(struct sip_check *check, enum sip_header_id id, struct slice value);

#endif
