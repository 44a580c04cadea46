/* Networks and ports of a profile: {"cidr": "192.0.2.0/24", "ports": ["udp/5060", "tcp/5060"], "until": "legacy"}. */
#include <stddef.h>
#include <stdlib.h>

#include "rules/profile.h"
#include "rules/profile_takers.h"

/* One item of the list, before it becomes a range for each of its ports. */
struct range_item {
    struct network network;
    struct profile_port *ports;
    size_t port_count;
    bool legacy;
};

static bool port_parse(struct slice text, struct profile_port *port)
{
    static const struct key_choice transports[] = {{"udp", PROFILE_UDP}, {"tcp", PROFILE_TCP}, {"tls", PROFILE_TLS}};
    size_t slash = slice_find(text, 0, '/'), dash = slice_find(text, slash, '-');
    uint64_t low, high;
    port->transports = 0;
    for (size_t i = 0; i < sizeof transports / sizeof transports[0]; i++)
        if (slice_is(slice_cut(text, 0, slash), transports[i].word))
            port->transports = (uint8_t)transports[i].value;
    if (port->transports == 0 || !slice_uint(slice_cut(text, slash + 1, dash), &low) ||
        !slice_uint(dash == text.len ? slice_after(text, slash + 1) : slice_after(text, dash + 1), &high))
        return false;
    if (low == 0 || low > high || high > UINT16_MAX || (dash != text.len && low == high))
        return false;
    port->port_low = (uint16_t)low;
    port->port_high = (uint16_t)high;
    return true;
}

bool profile_take_ports(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                        const struct json *value, void *owner)
{
    struct profile_port *ports = key_room(reading, value, sizeof *ports, owner, row->offset);
    size_t *count = (size_t *)(void *)((char *)owner + row->count_offset);
    *count = 0;
    for (const struct json *item = json_first(value); ports != NULL && item != NULL; item = json_next(item), (*count)++) {
        struct key_place here = {.up = place, .index = *count};
        if (json_kind(item) != JSON_TEXT || !port_parse(json_text(item), &ports[*count]))
            return key_wrong(reading, &here, "ports such as \"udp/5000-65000\", \"tcp/5060\" or \"tls/5061\"");
    }
    return ports != NULL;
}

/* Ranges with bits behind the mask are misprints more often than not. */
static bool network_is_whole(const struct network *network)
{
    unsigned most = network->address.family == 4 ? 32 : 128;
    for (unsigned bit = network->bits; bit < most; bit++)
        if (network->address.address[bit / 8] & 0x80 >> bit % 8)
            return false;
    return true;
}

/* A range without ports would say nothing. */
static bool take_some_ports(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                            const struct json *value, void *owner)
{
    return json_first(value) != NULL ? profile_take_ports(reading, place, row, value, owner)
                                     : key_wrong(reading, place, "a list that is not empty");
}

static bool take_cidr(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                      const struct json *value, void *owner)
{
    struct network *network = (struct network *)(void *)((char *)owner + row->offset);
    return (network_parse(json_text(value), network) && network_is_whole(network)) || key_wrong(reading, place, row->wants);
}

static const struct key_choice untils[] = {{"legacy", 1}, {NULL, 0}};

static const struct key_row item_rows[] = {
    {.name = "cidr", .kind = JSON_TEXT, .take = take_cidr, .offset = offsetof(struct range_item, network), .required = true,
     .wants = "a network such as \"192.0.2.0/24\" or \"2001:db8::/48\", without bits behind its mask"},
    {.name = "ports", .kind = JSON_LIST, .take = take_some_ports, .offset = offsetof(struct range_item, ports), .required = true,
     .count_offset = offsetof(struct range_item, port_count)},
    {.name = "until", .kind = JSON_TEXT, .take = key_take_mark, .offset = offsetof(struct range_item, legacy), .choices = untils},
};

static const struct key_table item_table = {item_rows, sizeof item_rows / sizeof item_rows[0], sizeof(struct range_item), NULL};

static bool ranges_overlap(const struct profile_range *a, const struct profile_range *b)
{
    return (a->transports & b->transports) != 0 && a->port_low <= b->port_high && b->port_low <= a->port_high &&
           network_overlaps(&a->network, &b->network);
}

static const struct json *ports_first(const struct json *item)
{
    const struct json *ports = json_find(item, "ports");
    return ports == NULL ? NULL : json_first(ports);
}

/* Which item of the list a range was made of. */
static size_t item_of(const struct json *list, size_t range)
{
    size_t index = 0;
    for (const struct json *item = json_first(list); item != NULL; item = json_next(item), index++)
        for (const struct json *port = ports_first(item); port != NULL; port = json_next(port))
            if (range-- == 0)
                return index;
    return index;
}

/* Each address and port is said once in a list. */
static bool ranges_apart(const struct key_reading *reading, const struct key_place *place, const struct json *list,
                         const struct profile_range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++) {
            char path[KEY_PATH_SIZE], other[KEY_PATH_SIZE];
            struct key_place here = {.up = place, .index = item_of(list, i)}, there = {.up = place, .index = item_of(list, k)};
            if (!ranges_overlap(&ranges[i], &ranges[k]))
                continue;
            key_path(&here, path);
            key_path(&there, other);
            return error_set(reading->error, "%s: %s must be apart from %s: they have addresses and ports in common", reading->name, path,
                             other);
        }
    return true;
}

static size_t ports_count(const struct json *list)
{
    size_t count = 0;
    for (const struct json *item = json_first(list); item != NULL; item = json_next(item))
        for (const struct json *port = ports_first(item); port != NULL; port = json_next(port))
            count++;
    return count;
}

/* One item: a range for each of its ports. */
static bool item_take(const struct key_reading *reading, const struct key_place *place, const struct json *value,
                      struct profile_range *ranges, size_t *count)
{
    struct range_item item = {.ports = NULL};
    bool right = json_kind(value) == JSON_OBJECT ? keys_take(reading, place, value, &item_table, &item)
                                                 : key_wrong(reading, place, json_kind_name(JSON_OBJECT));
    for (size_t i = 0; right && i < item.port_count; i++)
        ranges[(*count)++] = (struct profile_range){.network = item.network,
                                                    .port_low = item.ports[i].port_low,
                                                    .port_high = item.ports[i].port_high,
                                                    .transports = item.ports[i].transports,
                                                    .legacy = item.legacy};
    free(item.ports);
    return right;
}

bool profile_take_ranges(const struct key_reading *reading, const struct key_place *place, const struct key_row *row,
                         const struct json *value, void *owner)
{
    size_t *count = (size_t *)(void *)((char *)owner + row->count_offset);
    struct profile_range *ranges = calloc(ports_count(value) + 1, sizeof *ranges);
    struct key_place here = {.up = place};
    bool right = ranges != NULL || error_set(reading->error, "out of memory");
    memcpy((char *)owner + row->offset, &ranges, sizeof ranges);
    for (const struct json *item = json_first(value); right && item != NULL; item = json_next(item), here.index++)
        right = item_take(reading, &here, item, ranges, count);
    return right && ranges_apart(reading, place, value, ranges, *count);
}

static bool ranges_have(const struct profile_range *ranges, size_t count, const struct endpoint *src, const struct endpoint *dst)
{
    for (size_t i = 0; i < count; i++)
        if (ranges[i].network.bits > 0 && (network_has(&ranges[i].network, src) || network_has(&ranges[i].network, dst)))
            return true;
    return false;
}

bool profile_is_trunks(const void *context, const struct endpoint *src, const struct endpoint *dst)
{
    const struct profile *profile = context;
    for (size_t r = 0; r < profile->region_count; r++)
        if (ranges_have(profile->regions[r].media, profile->regions[r].media_count, src, dst) ||
            ranges_have(profile->regions[r].signaling, profile->regions[r].signaling_count, src, dst))
            return true;
    return false;
}
