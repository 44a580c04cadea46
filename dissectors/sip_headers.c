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

#define NAME_MASK(len) ((len) <= 15 ? (UINT32_C(2) << (len)) - 1 : 0)

/* The names that share their first four bytes with another. */
enum {
    NEXT_CONTACT = SIP_HEADER_CONTENT_LENGTH,
    NEXT_CONTENT_LENGTH = SIP_HEADER_CONTENT_TYPE,
    NEXT_REFER_TO = SIP_HEADER_REFERRED_BY,
    NEXT_SERVER = SIP_HEADER_SERVICE_ROUTE,
    NEXT_SESSION_EXPIRES = SIP_HEADER_SESSION_ID,
};

const struct sip_name sip_names[SIP_HEADER_COUNT] = {
#define X(id, name, compact, flags)                                                                                    \
    [SIP_HEADER_##id] = {name ":", NAME_MASK(sizeof(name) - 1), sizeof(name) - 1,                                      \
                         SIP_HEADER_##id == SIP_HEADER_CONTACT           ? NEXT_CONTACT                                \
                         : SIP_HEADER_##id == SIP_HEADER_CONTENT_LENGTH  ? NEXT_CONTENT_LENGTH                         \
                         : SIP_HEADER_##id == SIP_HEADER_REFER_TO        ? NEXT_REFER_TO                               \
                         : SIP_HEADER_##id == SIP_HEADER_SERVER          ? NEXT_SERVER                                 \
                         : SIP_HEADER_##id == SIP_HEADER_SESSION_EXPIRES ? NEXT_SESSION_EXPIRES                        \
                                                                         : 0,                                          \
                         {0, 0}},
    SIP_HEADERS(X)
#undef X
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
    [4] = H(REASON), [6] = H(DIVERSION), [13] = H(CONTACT), [15] = H(RACK), [16] = H(REFER_TO), [21] = H(DATE),
    [24] = H(ACCEPT), [31] = H(WARNING), [36] = H(TO), [37] = H(RECORD_ROUTE), [38] = H(FROM), [41] = H(PATH),
    [43] = H(SUBJECT), [46] = H(PROXY_REQUIRE), [47] = H(SESSION_EXPIRES), [48] = H(AUTHORIZATION),
    [53] = H(RETRY_AFTER), [54] = H(PRIVACY), [55] = H(CALL_ID), [57] = H(X_CID), [58] = H(MAX_FORWARDS),
    [63] = H(REQUIRE), [66] = H(MIN_SE), [68] = H(VIA), [69] = H(SUPPORTED), [71] = H(RSEQ), [73] = H(ROUTE),
    [82] = H(HISTORY_INFO), [83] = H(CSEQ), [86] = H(TIMESTAMP), [87] = H(USER_AGENT), [90] = H(ALLOW),
    [93] = H(X_CALL_ID), [94] = H(REPLACES), [96] = H(SERVER), [104] = H(REMOTE_PARTY_ID),
    [120] = H(MIME_VERSION), [125] = H(EVENT), [127] = H(EXPIRES),
};

/* Compact forms (RFC 3261 7.3.3 and its extensions) by letter. */
static const uint8_t by_compact[26] = {
    ['b' - 'a'] = H(REFERRED_BY),  ['c' - 'a'] = H(CONTENT_TYPE),   ['e' - 'a'] = H(CONTENT_ENCODING),
    ['f' - 'a'] = H(FROM),         ['i' - 'a'] = H(CALL_ID),        ['k' - 'a'] = H(SUPPORTED),
    ['l' - 'a'] = H(CONTENT_LENGTH), ['m' - 'a'] = H(CONTACT),      ['o' - 'a'] = H(EVENT),
    ['r' - 'a'] = H(REFER_TO),     ['s' - 'a'] = H(SUBJECT),        ['t' - 'a'] = H(TO),
    ['v' - 'a'] = H(VIA),          ['x' - 'a'] = H(SESSION_EXPIRES),
};
#undef H

enum sip_header_id sip_header_find(const uint8_t *name, size_t len)
{
    if (len == 1) {
        unsigned letter = (name[0] | 0x20u) - 'a';
        return letter < 26 ? by_compact[letter] : SIP_HEADER_OTHER;
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
