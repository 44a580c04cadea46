/* One row a key: its kind, and how its value is checked and kept. */
#include "record/site.h"

#include <math.h>
#include <stdlib.h>

struct key_row {
    const char *name;
    enum json_kind kind;
    bool (*take)(struct site *site, const struct json *value, const char **wrong); /* wrong: what it should be */
};

#define TAKE_TEXT(member)                                                                                                  \
    static bool take_##member(struct site *site, const struct json *value, const char **wrong)                            \
    {                                                                                                                      \
        *wrong = "a text that is not empty";                                                                               \
        site->member = json_text(value);                                                                                   \
        return site->member.len > 0;                                                                                       \
    }

TAKE_TEXT(account_id)
TAKE_TEXT(connector_id)
TAKE_TEXT(region)
TAKE_TEXT(sbc_fqdn)

#define TAKE_NUMBER(member, least, most, words)                                                                            \
    static bool take_##member(struct site *site, const struct json *value, const char **wrong)                            \
    {                                                                                                                      \
        *wrong = words;                                                                                                    \
        site->member = json_number(value);                                                                                 \
        return site->member >= (least) && site->member <= (most);                                                          \
    }

TAKE_NUMBER(mtu, 576, 65535, "a number of bytes from 576 to 65535")
TAKE_NUMBER(link_kbps, 1, 1e9, "a number of kbit/s from 1 on")
TAKE_NUMBER(one_way_delay_ms, 0, 10000, "a number of milliseconds from 0 to 10000")

static bool take_encryption(struct site *site, const struct json *value, const char **wrong)
{
    struct slice text = json_text(value);
    *wrong = "\"on\" or \"off\"";
    site->encryption = slice_is(text, "on") ? "on" : slice_is(text, "off") ? "off" : NULL;
    return site->encryption != NULL;
}

static bool networks_take(const struct json *value, struct network **networks, size_t *count, const char **wrong)
{
    size_t items = 0;
    *wrong = "a list of networks such as \"192.0.2.0/24\"";
    for (const struct json *item = json_first(value); item != NULL; item = json_next(item))
        items++;
    free(*networks);
    *count = 0;
    if ((*networks = calloc(items + 1, sizeof **networks)) == NULL)
        return false;
    for (const struct json *item = json_first(value); item != NULL; item = json_next(item))
        if (json_kind(item) != JSON_TEXT || !network_parse(json_text(item), &(*networks)[(*count)++]))
            return false;
    return true;
}

static bool take_own_networks(struct site *site, const struct json *value, const char **wrong)
{
    return networks_take(value, &site->own_networks, &site->own_network_count, wrong);
}

static bool take_allowed_hosts(struct site *site, const struct json *value, const char **wrong)
{
    return networks_take(value, &site->allowed_hosts, &site->allowed_host_count, wrong);
}

static bool number_is_e164(struct slice text)
{
    bool plus = text.len > 1 && text.len <= 16 && text.data[0] == '+' && text.data[1] != '0';
    for (size_t i = 1; i < text.len && plus; i++)
        plus = ascii_digit(text.data[i]);
    return plus;
}

static bool country_is_iso(struct slice text)
{
    return text.len == 2 && text.data[0] >= 'A' && text.data[0] <= 'Z' && text.data[1] >= 'A' && text.data[1] <= 'Z';
}

static bool all_texts(const struct json *value, bool (*right)(struct slice text))
{
    for (const struct json *item = json_first(value); item != NULL; item = json_next(item))
        if (json_kind(item) != JSON_TEXT || !right(json_text(item)))
            return false;
    return true;
}

#define TAKE_TEXTS(member, right, words)                                                                                   \
    static bool take_##member(struct site *site, const struct json *value, const char **wrong)                            \
    {                                                                                                                      \
        *wrong = words;                                                                                                    \
        site->member = value;                                                                                              \
        return all_texts(value, right);                                                                                    \
    }

TAKE_TEXTS(owned_numbers, number_is_e164, "a list of E.164 numbers such as \"+12065550100\"")
TAKE_TEXTS(meeting_numbers, number_is_e164, "a list of E.164 numbers such as \"+12065550100\"")
TAKE_TEXTS(calling_plan, country_is_iso, "a list of ISO countries such as \"US\"")

static bool digest_is_ha1(struct slice text)
{
    bool hex = text.len == 32 || text.len == 64;
    for (size_t i = 0; i < text.len && hex; i++)
        hex = ascii_digit(text.data[i]) || (ascii_lower(text.data[i]) >= 'a' && ascii_lower(text.data[i]) <= 'f');
    return hex;
}

TAKE_TEXTS(digest, digest_is_ha1, "an object of users, each with its HA1 as 32 or 64 hexadecimal digits")

#define TAKE_FLAG(member)                                                                                                  \
    static bool take_##member(struct site *site, const struct json *value, const char **wrong)                            \
    {                                                                                                                      \
        *wrong = "true or false";                                                                                          \
        site->member = json_bool(value);                                                                                   \
        return true;                                                                                                       \
    }

TAKE_FLAG(streaming)
TAKE_FLAG(proxy_calls)

static int number_order(struct slice a, struct slice b)
{
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int number_names_order(const void *a, const void *b)
{
    const struct number_name *left = a, *right = b;
    return number_order(left->number, right->number);
}

static bool take_number_names(struct site *site, const struct json *value, const char **wrong)
{
    size_t items = 0;
    *wrong = "an object of E.164 numbers such as \"+12065550100\", each with its name";
    for (const struct json *item = json_first(value); item != NULL; item = json_next(item))
        items++;
    free(site->number_names);
    site->number_name_count = 0;
    if ((site->number_names = calloc(items + 1, sizeof *site->number_names)) == NULL)
        return false;
    for (const struct json *item = json_first(value); item != NULL; item = json_next(item)) {
        struct number_name name = {json_name(item), json_kind(item) == JSON_TEXT ? json_text(item) : SLICE_NONE};
        if (!number_is_e164(name.number) || name.name.len == 0)
            return false;
        site->number_names[site->number_name_count++] = name;
    }
    qsort(site->number_names, site->number_name_count, sizeof *site->number_names, number_names_order);
    return true;
}

static const struct key_row rows[] = {
    {"account_id", JSON_TEXT, take_account_id},
    {"connector_id", JSON_TEXT, take_connector_id},
    {"region", JSON_TEXT, take_region},
    {"encryption", JSON_TEXT, take_encryption},
    {"own_networks", JSON_LIST, take_own_networks},
    {"allowed_hosts", JSON_LIST, take_allowed_hosts},
    {"owned_numbers", JSON_LIST, take_owned_numbers},
    {"meeting_numbers", JSON_LIST, take_meeting_numbers},
    {"number_names", JSON_OBJECT, take_number_names},
    {"calling_plan", JSON_LIST, take_calling_plan},
    {"streaming", JSON_BOOL, take_streaming},
    {"proxy_calls", JSON_BOOL, take_proxy_calls},
    {"sbc_fqdn", JSON_TEXT, take_sbc_fqdn},
    {"mtu", JSON_NUMBER, take_mtu},
    {"link_kbps", JSON_NUMBER, take_link_kbps},
    {"one_way_delay_ms", JSON_NUMBER, take_one_way_delay_ms},
    {"digest", JSON_OBJECT, take_digest},
};

static bool key_take(struct site *site, const struct json *member, const char *path, struct error *error)
{
    struct slice name = json_name(member);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *wrong = json_kind_name(rows[i].kind);
        if (!slice_is(name, rows[i].name))
            continue;
        if (json_kind(member) != rows[i].kind || !rows[i].take(site, member, &wrong))
            return error_set(error, "%s: %s must be %s", path, rows[i].name, wrong);
        return true;
    }
    return error_set(error, "%s: there is no key %.*s", path, (int)(name.len < 64 ? name.len : 64), (const char *)name.data);
}

bool site_read(struct site *site, const char *path, struct error *error)
{
    *site = (struct site){.mtu = NAN, .link_kbps = NAN, .one_way_delay_ms = NAN, .streaming = -1, .proxy_calls = -1};
    site->document = json_read_file(path, error);
    if (site->document == NULL)
        return false;
    if (json_kind(site->document) != JSON_OBJECT)
        return error_set(error, "%s: a site file is one object", path);
    for (const struct json *member = json_first(site->document); member != NULL; member = json_next(member))
        if (!key_take(site, member, path, error))
            return false;
    return true;
}

void site_fini(struct site *site)
{
    free(site->own_networks);
    free(site->allowed_hosts);
    free(site->number_names);
    json_free(site->document);
    *site = (struct site){.mtu = NAN};
}

struct slice site_number_name(const struct site *site, struct slice number)
{
    size_t low = 0, high = site == NULL || number.len == 0 ? 0 : site->number_name_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = number_order(site->number_names[middle].number, number);
        if (order == 0)
            return site->number_names[middle].name;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SLICE_NONE;
}

bool site_is_own(const struct site *site, const struct endpoint *endpoint)
{
    for (size_t i = 0; i < site->own_network_count; i++)
        if (network_has(&site->own_networks[i], endpoint))
            return true;
    return false;
}
