/* The tables of SIP's header fields and methods, and how a name on the wire finds its row. */
#include "dissectors/sip_index.h"

const struct sip_header_row sip_header_rows[SIP_HEADER_COUNT] = {
    [SIP_HEADER_OTHER] = {"", 0, 0},
#define X(id, name, compact, flags) [SIP_HEADER_##id] = {name, compact, flags},
    SIP_HEADERS(X)
#undef X
};

const char *const sip_method_names[SIP_METHOD_COUNT] = {
    [SIP_METHOD_UNKNOWN] = "",
#define X(id, text) [SIP_##id] = text,
    SIP_METHODS(X)
#undef X
};

/* For texts of `len` bytes. */
#define TEXT_MASK(len) ((len) <= 16 ? (UINT32_C(1) << (len)) - 1 : SIP_NAME_LONG | (SIP_NAME_LONG - 1))

/* The chains of the names that share their first four bytes, the frequent ones first. */
#define CHAIN_FROM_CONTENT_LENGTH SIP_HEADER_CONTACT
#define CHAIN_FROM_CONTACT SIP_HEADER_CONTENT_TYPE
#define CHAIN_FROM_CONTENT_TYPE SIP_HEADER_CONTENT_ENCODING
#define CHAIN_FROM_PROXY_AUTHORIZATION SIP_HEADER_PROXY_AUTHENTICATE
#define CHAIN_FROM_PROXY_AUTHENTICATE SIP_HEADER_PROXY_REQUIRE
#define CHAIN_FROM_REFER_TO SIP_HEADER_REFERRED_BY
#define CHAIN_FROM_SERVER SIP_HEADER_SERVICE_ROUTE
#define CHAIN_FROM_SESSION_EXPIRES SIP_HEADER_SESSION_ID
#define NEXT_IS(id, from) SIP_HEADER_##id == SIP_HEADER_##from ? CHAIN_FROM_##from
#define NEXT_OF(id)                                                                                                    \
    (uint8_t)(NEXT_IS(id, CONTENT_LENGTH) : NEXT_IS(id, CONTACT) : NEXT_IS(id, CONTENT_TYPE)                           \
              : NEXT_IS(id, PROXY_AUTHORIZATION) : NEXT_IS(id, PROXY_AUTHENTICATE) : NEXT_IS(id, REFER_TO)             \
              : NEXT_IS(id, SERVER) : NEXT_IS(id, SESSION_EXPIRES) : 0)

const struct sip_name sip_names[SIP_HEADER_COUNT] = {
    [SIP_HEADER_OTHER] = {.mask = SIP_NAME_NEVER},
#define X(id, name, compact, flags)                                                                                    \
    [SIP_HEADER_##id] = {name ": ", {0, sizeof(name ": ") - 1, 0, sizeof(name) - 1, SIP_HEADER_##id, 0},               \
                         TEXT_MASK(sizeof(name ": ") - 1), sizeof(name) - 1, NEXT_OF(id)},
    SIP_HEADERS(X)
#undef X
};

const struct sip_name sip_method_rows[SIP_METHOD_COUNT] = {
    [SIP_METHOD_UNKNOWN] = {.mask = SIP_NAME_NEVER},
#define X(id, text) [SIP_##id] = {text " ", {0, 0, 0, 0, 0, 0}, TEXT_MASK(sizeof(text)), sizeof(text) - 1, 0},
    SIP_METHODS(X)
#undef X
};

const uint8_t sip_method_slots[SIP_METHOD_SLOTS] = {
    [0] = SIP_REGISTER, [2] = SIP_INVITE, [4] = SIP_OPTIONS, [5] = SIP_REFER, [6] = SIP_ACK, [8] = SIP_CANCEL,
    [10] = SIP_NOTIFY, [20] = SIP_INFO, [23] = SIP_PRACK, [26] = SIP_PUBLISH, [27] = SIP_BYE, [28] = SIP_MESSAGE,
    [29] = SIP_UPDATE, [30] = SIP_SUBSCRIBE,
};

/* When a header is added, the multipliers of sip_name_slot and sip_quick_slot and these slots are to be found
   anew: a test finds each header by its name and says which slot it wants. */
#define H(id) SIP_HEADER_##id
const uint8_t sip_name_slots[SIP_NAME_SLOTS] = {
    [4] = H(CONTENT_TYPE), [6] = H(RSEQ), [9] = H(P_ASSERTED_IDENTITY), [10] = H(P_PREFERRED_IDENTITY),
    [19] = H(RETRY_AFTER), [20] = H(CONTENT_ENCODING), [22] = H(REPLACES), [24] = H(CONTENT_LENGTH),
    [26] = H(DATE), [28] = H(ACCEPT), [29] = H(VIA), [42] = H(MIN_SE), [44] = H(SERVER), [45] = H(ALLOW),
    [52] = H(TO), [57] = H(SUBJECT), [59] = H(SESSION_EXPIRES), [61] = H(REFERRED_BY), [65] = H(TIMESTAMP),
    [68] = H(CSEQ), [85] = H(DIVERSION), [89] = H(CONTACT), [96] = H(WWW_AUTHENTICATE), [99] = H(WARNING),
    [102] = H(MIME_VERSION), [109] = H(X_CID), [113] = H(X_CALL_ID), [120] = H(USER_AGENT),
    [132] = H(MAX_FORWARDS), [134] = H(FROM), [139] = H(PROXY_REQUIRE), [143] = H(EXPIRES),
    [144] = H(PROXY_AUTHENTICATE), [147] = H(EVENT), [148] = H(PATH), [191] = H(ROUTE), [193] = H(REQUIRE),
    [195] = H(REMOTE_PARTY_ID), [198] = H(RECORD_ROUTE), [199] = H(PROXY_AUTHORIZATION),
    [214] = H(HISTORY_INFO), [219] = H(SUPPORTED), [220] = H(SESSION_ID), [226] = H(RACK),
    [229] = H(SERVICE_ROUTE), [234] = H(SUBSCRIPTION_STATE), [246] = H(REASON), [249] = H(CALL_ID),
    [253] = H(PRIVACY), [254] = H(REFER_TO), [255] = H(AUTHORIZATION),
};

const uint8_t sip_quick_slots[SIP_QUICK_SLOTS] = {
    [0] = H(FROM), [1] = H(MIN_SE), [2] = H(X_CALL_ID), [4] = H(DIVERSION), [6] = H(SUBSCRIPTION_STATE),
    [11] = H(TIMESTAMP), [12] = H(RACK), [14] = H(PATH), [15] = H(REQUIRE), [17] = H(DATE), [19] = H(HISTORY_INFO),
    [22] = H(EXPIRES), [23] = H(ROUTE), [24] = H(REMOTE_PARTY_ID), [28] = H(P_ASSERTED_IDENTITY), [29] = H(ALLOW),
    [38] = H(X_CID), [39] = H(TO), [44] = H(EVENT), [47] = H(SESSION_EXPIRES), [52] = H(SUBJECT),
    [56] = H(REFER_TO), [61] = H(USER_AGENT), [65] = H(WWW_AUTHENTICATE), [67] = H(AUTHORIZATION), [68] = H(CSEQ),
    [72] = H(MIME_VERSION), [73] = H(SUPPORTED), [78] = H(MAX_FORWARDS), [79] = H(CONTENT_LENGTH),
    [83] = H(WARNING), [84] = H(REASON), [90] = H(PRIVACY), [93] = H(RSEQ), [96] = H(ACCEPT), [99] = H(RETRY_AFTER),
    [104] = H(VIA), [106] = H(CALL_ID), [107] = H(P_PREFERRED_IDENTITY), [108] = H(REPLACES),
    [118] = H(PROXY_AUTHORIZATION), [122] = H(RECORD_ROUTE), [123] = H(SERVER),
};

#undef H

/* Compact forms (RFC 3261 7.3.3 and its extensions) by letter. */
#define C(letter, id) [(letter) - 'a'] = {"", {0, 3, 0, 1, SIP_HEADER_##id, 1}, SIP_NAME_NEVER, 1, 0}
static const struct sip_name compact_names[26] = {
    C('b', REFERRED_BY), C('c', CONTENT_TYPE),
    C('e', CONTENT_ENCODING), C('f', FROM),
    C('i', CALL_ID), C('k', SUPPORTED),
    C('l', CONTENT_LENGTH), C('m', CONTACT),
    C('o', EVENT), C('r', REFER_TO),
    C('s', SUBJECT), C('t', TO),
    C('v', VIA), C('x', SESSION_EXPIRES),
};
#undef C

const struct sip_name *sip_compact_name(uint8_t letter)
{
    unsigned row = (letter | 0x20u) - 'a';
    return row < 26 && compact_names[row].len == 1 ? &compact_names[row] : NULL;
}

enum sip_header_id sip_header_find(const uint8_t *name, size_t len)
{
    if (len == 1) {
        const struct sip_name *compact = sip_compact_name(name[0]);
        return compact == NULL ? SIP_HEADER_OTHER : (enum sip_header_id)compact->header.id;
    }
    unsigned id = sip_name_slots[sip_name_slot(name, len)];
    if (sip_names[id].len == len && memcmp(name, sip_names[id].text, len) == 0)
        return id;
    struct slice text = slice_of(sip_header_rows[id].name, sip_names[id].len);
    return slice_equal_nocase(slice_of(name, len), text) ? id : SIP_HEADER_OTHER;
}

enum sip_method sip_method_of(struct slice token)
{
#define X(id, text)                                                                                                    \
    if (token.len == sizeof(text) - 1 && memcmp(token.data, text, sizeof(text) - 1) == 0)                              \
        return SIP_##id;
    SIP_METHODS(X)
#undef X
    return SIP_METHOD_UNKNOWN;
}
