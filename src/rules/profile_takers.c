/* Words, bits and lists as profiles write them. */
#include "rules/profile_takers.h"

#include <stdlib.h>

#include "rules/profile.h"

_Static_assert(SIP_METHOD_COUNT <= 32 && SIP_HEADER_COUNT <= 64, "methods and headers are bits");

#define TAKER(name)                                                                                                        \
    bool name(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,                \
              const struct json *value, void *owner)

static void *member_of(void *owner, const struct key_row *row)
{
    return (char *)owner + row->offset;
}

static size_t *count_of(void *owner, const struct key_row *row)
{
    return (size_t *)(void *)((char *)owner + row->count_offset);
}

TAKER(profile_take_schema)
{
    (void)row;
    (void)owner;
    return json_number(value) == 1 || key_wrong(reading, place, "1");
}

TAKER(profile_take_methods)
{
    uint32_t *bits = member_of(owner, row);
    struct key_place here = {.up = place};
    *bits = 0;
    for (const struct json *item = json_first(value); item != NULL; item = json_next(item), here.index++) {
        enum sip_method method = json_kind(item) == JSON_TEXT ? sip_method_of(json_text(item)) : SIP_METHOD_UNKNOWN;
        if (method == SIP_METHOD_UNKNOWN)
            return key_wrong(reading, &here, "a method of the SIP registry such as \"INVITE\"");
        *bits |= UINT32_C(1) << method;
    }
    return *bits != 0 || key_wrong(reading, place, "a list of methods; without it any method is meant");
}

static enum sip_header_id header_of(const struct json *value)
{
    for (int id = SIP_HEADER_OTHER + 1; id < SIP_HEADER_COUNT; id++)
        if (json_kind(value) == JSON_TEXT && slice_is_nocase(json_text(value), sip_header_rows[id].name))
            return (enum sip_header_id)id;
    return SIP_HEADER_OTHER;
}

static bool header_wrong(const struct key_reading *reading, const struct key_place *place)
{
    return key_wrong(reading, place, "a header that sipvet looks at, such as \"Contact\"");
}

TAKER(profile_take_header)
{
    enum sip_header_id id = header_of(value);
    memcpy(member_of(owner, row), &id, sizeof id);
    return id != SIP_HEADER_OTHER || header_wrong(reading, place);
}

TAKER(profile_take_header_bits)
{
    uint64_t *bits = member_of(owner, row);
    struct key_place here = {.up = place};
    *bits = 0;
    for (const struct json *item = json_first(value); item != NULL; item = json_next(item), here.index++) {
        enum sip_header_id id = header_of(item);
        if (id == SIP_HEADER_OTHER)
            return header_wrong(reading, &here);
        *bits |= UINT64_C(1) << id;
    }
    return true;
}

TAKER(profile_take_caller_headers)
{
    enum sip_header_id *ids = member_of(owner, row);
    struct key_place here = {.up = place};
    for (const struct json *item = json_first(value); item != NULL; item = json_next(item), here.index++) {
        if (here.index == CALLER_HEADERS_MAX)
            return key_wrong(reading, place, "a list of at most 4 headers");
        ids[here.index] = header_of(item);
        if (ids[here.index] == SIP_HEADER_OTHER)
            return header_wrong(reading, &here);
    }
    ids[here.index] = SIP_HEADER_OTHER;
    return true;
}

static bool status_of(const struct json *value, uint16_t *status)
{
    double number = json_kind(value) == JSON_NUMBER ? json_number(value) : 0;
    *status = number >= 300 && number <= 699 ? (uint16_t)number : 0;
    return *status != 0 && number <= *status;
}

TAKER(profile_take_statuses)
{
    uint16_t *statuses = member_of(owner, row);
    struct key_place here = {.up = place};
    for (const struct json *item = json_first(value); item != NULL; item = json_next(item), here.index++) {
        if (here.index == 3)
            return key_wrong(reading, place, "a list of at most 3 statuses");
        if (!status_of(item, &statuses[here.index]))
            return key_wrong(reading, &here, "a SIP status from 300 to 699");
    }
    return true;
}

/* "PCMU/8000", or "SILK" for any clock. */
static bool codec_parse(const struct json *value, struct profile_codec *codec)
{
    struct slice text = json_kind(value) == JSON_TEXT ? json_text(value) : SLICE_NONE;
    size_t slash = slice_find(text, 0, '/');
    uint64_t clock = 0;
    codec->name = slice_cut(text, 0, slash);
    bool right = codec->name.len > 0 && (slash == text.len || (slice_uint(slice_after(text, slash + 1), &clock) && clock >= 1000));
    codec->clock_hz = (uint32_t)clock;
    return right && clock <= 192000;
}

static bool codec_wrong(const struct key_reading *reading, const struct key_place *place)
{
    return key_wrong(reading, place, "a codec such as \"PCMU/8000\"");
}

TAKER(profile_take_codec)
{
    (void)row;
    return codec_parse(value, owner) || codec_wrong(reading, place);
}

/* "allowed" and "conditional" fill one list, in either order. */
static struct profile_codec *codecs_room(const struct key_reading *reading, const struct json *list, struct profile_codec **codecs,
                                         size_t count)
{
    size_t more = 0;
    for (const struct json *item = json_first(list); item != NULL; item = json_next(item))
        more++;
    struct profile_codec *room = realloc(*codecs, (count + more + 1) * sizeof *room);
    if (room == NULL) {
        error_set(reading->error, "out of memory");
        return NULL;
    }
    memset(room + count, 0, (more + 1) * sizeof *room);
    return *codecs = room;
}

TAKER(profile_take_codecs)
{
    size_t *count = count_of(owner, row);
    struct profile_codec **list = member_of(owner, row), *codecs = codecs_room(reading, value, list, *count);
    struct key_place here = {.up = place};
    for (const struct json *item = json_first(value); codecs != NULL && item != NULL; item = json_next(item), here.index++) {
        bool object = row->table != NULL;
        if (object && json_kind(item) != JSON_OBJECT)
            return key_wrong(reading, &here, json_kind_name(JSON_OBJECT));
        if (object ? !keys_take(reading, &here, item, row->table, &codecs[*count]) : !codec_parse(item, &codecs[*count]))
            return object ? false : codec_wrong(reading, &here);
        (*count)++;
    }
    return codecs != NULL;
}

TAKER(profile_take_aliases)
{
    struct slice *aliases = member_of(owner, row);
    struct key_place here = {.up = place};
    for (const struct json *item = json_first(value); item != NULL; item = json_next(item), here.index++) {
        if (here.index == 3)
            return key_wrong(reading, place, "a list of at most 3 names");
        aliases[here.index] = json_kind(item) == JSON_TEXT ? json_text(item) : SLICE_NONE;
        if (aliases[here.index].len == 0)
            return key_wrong(reading, &here, "a text that is not empty");
    }
    return true;
}

TAKER(profile_take_clear_ports)
{
    struct profile *profile = owner;
    profile->tls_only = json_first(value) == NULL;
    return profile_take_ports(reading, place, row, value, owner);
}

/* 2026-08-01 */
TAKER(profile_take_day)
{
    struct slice text = json_text(value), *day = member_of(owner, row);
    bool right = text.len == 10;
    for (size_t i = 0; i < text.len && right; i++)
        right = i == 4 || i == 7 ? text.data[i] == '-' : ascii_digit(text.data[i]);
    *day = text;
    return right || key_wrong(reading, place, "a day such as \"2026-08-01\"");
}

TAKER(profile_take_explanations)
{
    struct profile_explanation *items = key_room(reading, value, sizeof *items, owner, row->offset);
    size_t *count = count_of(owner, row);
    *count = 0;
    for (const struct json *item = json_first(value); items != NULL && item != NULL; item = json_next(item)) {
        struct key_place here = {.up = place, .name = json_name(item)};
        uint64_t status;
        if (!slice_uint(json_name(item), &status) || status < 300 || status > 699)
            return key_wrong(reading, &here, "named by a SIP status from 300 to 699");
        if (json_kind(item) == JSON_NULL)
            continue;
        if (json_kind(item) != JSON_TEXT || json_text(item).len == 0)
            return key_wrong(reading, &here, "a text that is not empty");
        items[(*count)++] = (struct profile_explanation){.status = (unsigned)status, .text = json_text(item)};
    }
    return items != NULL;
}

/* The rule's index; how many there are where there is none of that id. */
static size_t rule_of(const struct key_reading *reading, struct slice id)
{
    size_t index = 0, count = rules_count(reading->rules);
    while (index < count && !slice_is(id, rules_at(reading->rules, index)->id))
        index++;
    return index;
}

TAKER(profile_take_severities)
{
    struct profile *profile = owner;
    for (const struct json *item = json_first(value); item != NULL; item = json_next(item)) {
        struct key_place here = {.up = place, .name = json_name(item)};
        struct key_row as = {.kind = JSON_TEXT, .choices = row->choices};
        size_t rule = rule_of(reading, json_name(item));
        int severity = -1;
        if (rule == profile->rule_count)
            return key_wrong(reading, &here, "named by the id of a rule (see --list-rules)");
        if (json_kind(item) != JSON_NULL && !key_take_choice(reading, &here, &as, item, &severity))
            return false;
        profile->severities[rule] = (int8_t)severity;
    }
    return true;
}

TAKER(profile_take_disabled)
{
    struct profile *profile = owner;
    struct key_place here = {.up = place};
    (void)row;
    for (const struct json *item = json_first(value); item != NULL; item = json_next(item), here.index++) {
        size_t rule = json_kind(item) == JSON_TEXT ? rule_of(reading, json_text(item)) : profile->rule_count;
        if (rule == profile->rule_count)
            return key_wrong(reading, &here, "the id of a rule (see --list-rules)");
        profile->disabled[rule] = true;
    }
    return true;
}

TAKER(profile_take_regions)
{
    struct profile_region *regions = key_room(reading, value, sizeof *regions, owner, row->offset);
    size_t *count = count_of(owner, row);
    *count = 0;
    for (const struct json *item = json_first(value); regions != NULL && item != NULL; item = json_next(item)) {
        struct key_place here = {.up = place, .name = json_name(item)};
        if (json_kind(item) == JSON_NULL)
            continue;
        if (json_kind(item) != JSON_OBJECT || here.name.len == 0)
            return key_wrong(reading, &here, "a region: an object");
        for (size_t i = 0; i < *count; i++)
            if (slice_equal(regions[i].name, here.name))
                return key_wrong(reading, &here, "said once");
        regions[*count].name = here.name;
        if (!keys_take(reading, &here, item, row->table, &regions[(*count)++]))
            return false;
    }
    return regions != NULL;
}

TAKER(profile_take_tls_version)
{
    int version;
    struct key_row as = {.kind = JSON_TEXT, .choices = row->choices};
    return key_take_choice(reading, place, &as, value, &version) && key_take_text(reading, place, row, value, owner);
}

TAKER(profile_take_status)
{
    struct profile *profile = owner;
    struct key_row as = {.kind = JSON_TEXT, .choices = row->choices};
    int partial = 0;
    bool right = key_take_choice(reading, place, &as, value, &partial);
    profile->partial = partial != 0;
    return right;
}
