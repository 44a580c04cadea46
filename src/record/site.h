/* The site's own facts (-s): what no packet can show, from a JSON file that the customer writes. */
#ifndef RECORD_SITE_H
#define RECORD_SITE_H

#include "base/json.h"
#include "record/network.h"

/* What the trunk's inventory calls a number. */
struct number_name {
    struct slice number, name;
};

/* Owns its document. Keys that are not in the file are absent: texts empty, numbers NAN, flags -1. */
struct site {
    struct json *document;
    struct slice account_id, connector_id, region, sbc_fqdn;
    const char *encryption;         /* "on", "off"; NULL */
    struct network *own_networks, *allowed_hosts;
    size_t own_network_count, allowed_host_count;
    const struct json *owned_numbers, *meeting_numbers, *calling_plan, *digest; /* checked lists and object of texts; NULL */
    struct number_name *number_names; /* by number */
    size_t number_name_count;
    int8_t streaming, proxy_calls;  /* 1, 0; -1: not said */
    double mtu, link_kbps, one_way_delay_ms;
};

/* False with a message that names the file and the key: unknown keys, wrong kinds and impossible values are refused. site_fini in
   either case. */
bool site_read(struct site *site, const char *path, struct error *error);
void site_fini(struct site *site);

/* Empty where the number has no name, or there is no site (NULL). */
struct slice site_number_name(const struct site *site, struct slice number);

/* True when the address lies in one of the customer's own networks. */
bool site_is_own(const struct site *site, const struct endpoint *endpoint);

#endif
