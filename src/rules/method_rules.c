/* Methods that the trunk does or does not take, and what asks for them. */
#include "rules/checking.h"

static uint32_t bit_of(enum sip_method method)
{
    return UINT32_C(1) << method;
}

static bool is_dtmf(const struct sip_message *message)
{
    struct slice type = sip_header_value(message, SIP_HEADER_CONTENT_TYPE);
    return message->method == SIP_INFO && slice_starts_nocase(type, "application/dtmf");
}

/* DTMF by INFO and refreshes by UPDATE have their own words. */
static void customer_method(struct checking *checking)
{
    const struct sip_message *message = checking->message;
    const struct profile *profile = checking->profile;
    uint32_t bit = bit_of(message->method);
    if ((profile->methods_unsupported | profile->methods_supported) == 0 || (profile->methods_supported & bit))
        return;
    struct slice method = message->method_text;
    if (!(profile->methods_unsupported & bit)) {
        if (profile->methods_other >= 0)
            found_as(checking, RULE_METHOD_NOT_LISTED, (enum severity)profile->methods_other, method, "%.*s does not list %.*s among its methods", WORDS(profile->name),
                  WORDS(method));
        return;
    }
    if (is_dtmf(message))
        found(checking, RULE_DTMF_INFO, method, "a digit is sent by INFO (%.*s); the trunk takes telephone-event only",
              WORDS(sip_header_value(message, SIP_HEADER_CONTENT_TYPE)));
    else if (message->method == SIP_UPDATE && message->first[SIP_HEADER_SESSION_EXPIRES] != 0)
        found(checking, RULE_REFRESH_UPDATE, method, "the session (Session-Expires %.*s) is refreshed by UPDATE",
              WORDS(sip_header_value(message, SIP_HEADER_SESSION_EXPIRES)));
    else
        found(checking, RULE_UNSUPPORTED_METHOD, method, "%.*s does not support %.*s", WORDS(profile->name), WORDS(method));
}

static void trunk_method(struct checking *checking)
{
    struct slice method = checking->message->method_text;
    if (checking->profile->methods_unsupported & bit_of(checking->message->method))
        found(checking, RULE_TRUNK_UNSUPPORTED, method, "the trunk sends %.*s, which it lists as unsupported", WORDS(method));
}

static void allow_lists(struct checking *checking)
{
    struct slice rest = sip_header_value(checking->message, SIP_HEADER_ALLOW), value;
    struct text list = {0};
    while (checking->profile->methods_unsupported != 0 && sip_list_next(&rest, &value))
        if (checking->profile->methods_unsupported & bit_of(sip_method_of(value)) & ~bit_of(SIP_METHOD_UNKNOWN)) {
            text_str(&list, list.len > 0 ? ", " : "");
            text_slice(&list, value);
        }
    if (list.len > 0)
        found(checking, RULE_ALLOW_UNSUPPORTED, slice_str("Allow"), "Allow lists %.*s", WORDS(slice_of(list.data, list.len)));
    text_fini(&list);
}

static void require_needs(struct checking *checking)
{
    static const struct {
        const char *tag;
        enum sip_method method;
    } needs[] = {{"100rel", SIP_PRACK},       {"precondition", SIP_UPDATE}, {"eventlist", SIP_SUBSCRIBE},
                 {"norefersub", SIP_REFER},   {"recipient-list-message", SIP_MESSAGE}};
    struct slice rest = sip_header_value(checking->message, SIP_HEADER_REQUIRE), value;
    while (sip_list_next(&rest, &value))
        for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
            if (slice_is_nocase(value, needs[i].tag) && (checking->profile->methods_unsupported & bit_of(needs[i].method)))
                found(checking, RULE_REQUIRE_UNSUPPORTED, slice_str("Require"), "Require: %s needs %s, which the trunk does not support",
                      needs[i].tag, sip_method_names[needs[i].method]);
}

static void method_refused(struct checking *checking)
{
    const struct sip_message *message = checking->message;
    if ((message->status == 405 || message->status == 501) && !(checking->profile->methods_supported & bit_of(message->method)) &&
        checking->profile->methods_supported != 0)
        found(checking, RULE_METHOD_REFUSED, message->cseq_method, "the trunk refuses %.*s, as its specification says",
              WORDS(message->cseq_method));
}

static const struct check rows[] = {
    {WHEN_FROM_CUSTOMER | WHEN_REQUEST | WHEN_FRESH, customer_method},
    {WHEN_FROM_TRUNK | WHEN_REQUEST | WHEN_FRESH, trunk_method},
    {WHEN_FROM_CUSTOMER | WHEN_FRESH, allow_lists},
    {WHEN_FROM_CUSTOMER | WHEN_REQUEST | WHEN_FRESH, require_needs},
    {WHEN_FROM_TRUNK | WHEN_RESPONSE | WHEN_FRESH, method_refused},
};

const struct check_list method_checks = {rows, sizeof rows / sizeof rows[0]};
