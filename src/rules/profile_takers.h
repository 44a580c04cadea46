/* How the values that only profiles have are checked and kept: methods, headers, codecs, statuses, regions, rule ids. */
#ifndef RULES_PROFILE_TAKERS_H
#define RULES_PROFILE_TAKERS_H

#include "rules/key_table.h"

key_taker profile_take_schema;             /* the number of this format */
key_taker profile_take_methods;            /* uint32_t, a bit per enum sip_method */
key_taker profile_take_header;             /* enum sip_header_id */
key_taker profile_take_header_bits;        /* uint64_t, a bit per enum sip_header_id */
key_taker profile_take_caller_headers;     /* enum sip_header_id[CALLER_HEADERS_MAX + 1] */
key_taker profile_take_statuses;           /* uint16_t[4], 0 ends them */
key_taker profile_take_codec;              /* struct profile_codec */
key_taker profile_take_codecs;             /* struct profile_codec *, appended; with a table, each is an object */
key_taker profile_take_aliases;            /* struct slice[4], an empty one ends them */
key_taker profile_take_clear_ports;        /* profile: clear_ports and tls_only */
key_taker profile_take_day;                /* struct slice */
key_taker profile_take_explanations;       /* struct profile_explanation * */
key_taker profile_take_severities;         /* profile: severities */
key_taker profile_take_disabled;           /* profile: disabled */
key_taker profile_take_regions;            /* struct profile_region * */
key_taker profile_take_tls_version;        /* struct slice */
key_taker profile_take_status;             /* profile: partial */

/* identify.host_regex: profile_host.c. */
key_taker profile_take_host; /* profile: host, has_host, host_end, connector_group */

/* Networks with ports, and ports alone: profile_ranges.c. */
key_taker profile_take_ranges; /* struct profile_range * */
key_taker profile_take_ports;  /* struct profile_port * */

#endif
