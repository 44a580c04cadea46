/* The tables: trunk by trunk the same keys, innermost objects first. */
#include "rules/profile_keys.h"

#include <stddef.h>
#include <stdlib.h>

#include "rules/profile_takers.h"

#define TABLE(rows, item, blank) {rows, sizeof(rows) / sizeof(rows)[0], sizeof(item), blank}

/* Rows by what they keep. OF is the struct, MEMBER its member. */
#define TEXT(key, OF, MEMBER) .name = key, .kind = JSON_TEXT, .take = key_take_text, .offset = offsetof(OF, MEMBER)
#define TEXTS(key, OF, MEMBER, COUNT)                                                                                      \
    .name = key, .kind = JSON_LIST, .take = key_take_texts, .offset = offsetof(OF, MEMBER), .count_offset = offsetof(OF, COUNT)
#define NUMBER(key, MEMBER, low, high, words)                                                                              \
    .name = key, .kind = JSON_NUMBER, .take = key_take_number, .offset = offsetof(struct profile, MEMBER), .least = low,  \
    .most = high, .wants = words
#define WORD(key, taker, OF, MEMBER, words)                                                                                \
    .name = key, .kind = JSON_TEXT, .take = taker, .offset = offsetof(OF, MEMBER), .choices = words
#define FLAG(key, OF, MEMBER) .name = key, .kind = JSON_BOOL, .take = key_take_flag, .offset = offsetof(OF, MEMBER)
#define LIST(key, taker, OF, MEMBER) .name = key, .kind = JSON_LIST, .take = taker, .offset = offsetof(OF, MEMBER)
#define ITEMS(key, OF, MEMBER, COUNT, of)                                                                                  \
    LIST(key, key_take_list, OF, MEMBER), .count_offset = offsetof(OF, COUNT), .table = &of
#define OBJECT(key, of) .name = key, .kind = JSON_OBJECT, .take = key_take_object, .table = &of

static const struct key_choice severities[] = {{"error", SEVERITY_ERROR}, {"warning", SEVERITY_WARNING}, {"info", SEVERITY_INFO}, {NULL, 0}};
static const struct key_choice directions[] = {
    {"any", DIRECTION_ANY}, {"outbound", DIRECTION_OUTBOUND}, {"inbound", DIRECTION_INBOUND}, {NULL, 0}};
static const struct key_choice formats[] = {
    {"any", NUMBER_FORMAT_ANY}, {"e164_plus", NUMBER_E164_PLUS}, {"e164_or_national", NUMBER_E164_OR_NATIONAL}, {NULL, 0}};
static const struct key_choice identify_word[] = {{"identify", 1}, {NULL, 0}};

static const struct key_row source_rows[] = {
    {TEXT("doc", struct profile_source, doc), .required = true},
    {TEXT("url", struct profile_source, url)},
};
static const struct key_table source_table = TABLE(source_rows, struct profile_source, NULL);

static const struct key_row identify_rows[] = {
    {.name = "host_regex", .kind = JSON_TEXT, .take = profile_take_host},
    {TEXT("connector_header", struct profile, connector_header)},
    {TEXT("sni_suffix", struct profile, sni_suffix)},
};
static const struct key_table identify_table = TABLE(identify_rows, struct profile, NULL);

static const struct key_row region_rows[] = {
    {TEXT("billing_code", struct profile_region, billing_code)},
    {LIST("signaling", profile_take_ranges, struct profile_region, signaling),
     .count_offset = offsetof(struct profile_region, signaling_count)},
    {LIST("media", profile_take_ranges, struct profile_region, media), .count_offset = offsetof(struct profile_region, media_count)},
};
static const struct key_table region_table = TABLE(region_rows, struct profile_region, NULL);

static const struct key_choice tls_versions[] = {{"1.0", 0}, {"1.1", 1}, {"1.2", 2}, {"1.3", 3}, {NULL, 0}};

static const struct key_row cipher_rows[] = {
    {TEXT("name", struct profile_cipher, name), .required = true},
    {.name = "until", .kind = JSON_TEXT, .take = profile_take_day, .offset = offsetof(struct profile_cipher, until)},
};
static const struct key_table cipher_table = TABLE(cipher_rows, struct profile_cipher, NULL);

static const struct key_choice never_word[] = {{"never", 1}, {NULL, 0}};
static const struct key_row tls_rows[] = {
    {WORD("min", profile_take_tls_version, struct profile, tls_min, tls_versions)},
    {TEXTS("cert_names", struct profile, certificate_names, certificate_name_count)},
    {WORD("client_cert", key_take_mark, struct profile, client_certificate_never, never_word)},
    {ITEMS("ciphers", struct profile, ciphers, cipher_count, cipher_table)},
};
static const struct key_table tls_table = TABLE(tls_rows, struct profile, NULL);

static const struct key_row transport_rows[] = {
    {LIST("encryption_off", profile_take_clear_ports, struct profile, clear_ports), .count_offset = offsetof(struct profile, clear_port_count)},
    {LIST("encryption_on", profile_take_ports, struct profile, secure_ports), .count_offset = offsetof(struct profile, secure_port_count)},
    {OBJECT("tls", tls_table)},
};
static const struct key_table transport_table = TABLE(transport_rows, struct profile, NULL);

static const struct key_row method_rows[] = {
    {LIST("supported", profile_take_methods, struct profile, methods_supported)},
    {LIST("unsupported", profile_take_methods, struct profile, methods_unsupported)},
    {WORD("other", key_take_choice, struct profile, methods_other, severities)},
};
static const struct key_table method_table = TABLE(method_rows, struct profile, NULL);

static const struct profile_headers blank_headers = {.methods = UINT32_MAX};
static const struct key_row header_rows[] = {
    {LIST("methods", profile_take_methods, struct profile_headers, methods)},
    {LIST("names", profile_take_header_bits, struct profile_headers, names), .required = true},
    {WORD("direction", key_take_choice, struct profile_headers, direction, directions)},
    {FLAG("recommended", struct profile_headers, recommended)},
};
static const struct key_table header_table = TABLE(header_rows, struct profile_headers, &blank_headers);

static const struct key_choice fqdn_word[] = {{"fqdn", 1}, {NULL, 0}};
static const struct key_choice site_word[] = {{"site.sbc_fqdn", 1}, {NULL, 0}};
static const struct profile_constraint blank_constraint = {.methods = UINT32_MAX};
static const struct key_row constraint_rows[] = {
    {LIST("methods", profile_take_methods, struct profile_constraint, methods)},
    {WORD("direction", key_take_choice, struct profile_constraint, direction, directions)},
    {.name = "header", .kind = JSON_TEXT, .take = profile_take_header, .offset = offsetof(struct profile_constraint, header), .required = true},
    {WORD("host", key_take_mark, struct profile_constraint, host_name, fqdn_word)},
    {WORD("equals", key_take_mark, struct profile_constraint, site_fqdn, site_word)},
};
static const struct key_table constraint_table = TABLE(constraint_rows, struct profile_constraint, &blank_constraint);

static const struct key_row headers_rows[] = {
    {ITEMS("required", struct profile, required, required_count, header_table)},
    {ITEMS("forbidden", struct profile, forbidden, forbidden_count, header_table)},
    {ITEMS("constraints", struct profile, constraints, constraint_count, constraint_table)},
};
static const struct key_table headers_table = TABLE(headers_rows, struct profile, NULL);

static const struct profile_request_uri blank_request_uri = {.methods = UINT32_MAX, .severity = -1};
static const struct key_row request_uri_rows[] = {
    {LIST("methods", profile_take_methods, struct profile_request_uri, methods)},
    {WORD("direction", key_take_choice, struct profile_request_uri, direction, directions)},
    {WORD("host", key_take_mark, struct profile_request_uri, host_identify, identify_word)},
    {WORD("user", key_take_choice, struct profile_request_uri, user, formats)},
    {WORD("severity", key_take_choice, struct profile_request_uri, severity, severities)},
    {LIST("response", profile_take_statuses, struct profile_request_uri, responses)},
};
static const struct key_table request_uri_table = TABLE(request_uri_rows, struct profile_request_uri, &blank_request_uri);

static const struct key_row siprec_rows[] = {
    {WORD("host", key_take_mark, struct profile, siprec_host, identify_word)},
    {WORD("from_user", key_take_choice, struct profile, siprec_from, formats)},
};
static const struct key_table siprec_table = TABLE(siprec_rows, struct profile, NULL);

static const struct key_row outbound_rows[] = {
    {LIST("order", profile_take_caller_headers, struct profile, caller_order)},
    {WORD("format", key_take_choice, struct profile, caller_format, formats)},
};
static const struct key_table outbound_table = TABLE(outbound_rows, struct profile, NULL);

static const struct key_row inbound_rows[] = {
    {LIST("all_of", profile_take_caller_headers, struct profile, inbound_caller)},
    {WORD("format", key_take_choice, struct profile, inbound_caller_format, formats)},
    {WORD("severity", key_take_choice, struct profile, inbound_caller_severity, severities)},
};
static const struct key_table inbound_table = TABLE(inbound_rows, struct profile, NULL);

static const struct key_row caller_rows[] = {{OBJECT("outbound", outbound_table)}, {OBJECT("inbound", inbound_table)}};
static const struct key_table caller_table = TABLE(caller_rows, struct profile, NULL);

static const struct key_choice meeting_word[] = {{"called_in:meeting_numbers", 1}, {NULL, 0}};
static const struct key_row conditional_rows[] = {
    {.name = "codec", .kind = JSON_TEXT, .take = profile_take_codec, .required = true},
    {WORD("when", key_take_mark, struct profile_codec, meetings, meeting_word), .required = true},
};
static const struct key_table conditional_table = TABLE(conditional_rows, struct profile_codec, NULL);

static const struct key_row codec_rows[] = {
    {LIST("required_any", profile_take_codecs, struct profile, codecs_required), .count_offset = offsetof(struct profile, codecs_required_count)},
    {LIST("allowed", profile_take_codecs, struct profile, codecs_allowed), .count_offset = offsetof(struct profile, codecs_allowed_count)},
    {LIST("conditional", profile_take_codecs, struct profile, codecs_allowed), .count_offset = offsetof(struct profile, codecs_allowed_count),
     .table = &conditional_table},
};
static const struct key_table codec_table = TABLE(codec_rows, struct profile, NULL);

static const struct key_choice dtmf_word[] = {{"rfc4733", 1}, {NULL, 0}};
static const struct key_choice fax_words[] = {
    {"t38", (int)offsetof(struct profile, fax_t38)}, {"PCMU/8000", (int)offsetof(struct profile, fax_g711u)}, {NULL, 0}};
static const struct key_row sdp_rows[] = {
    {OBJECT("codecs", codec_table)},
    {WORD("dtmf", key_take_mark, struct profile, dtmf_rfc4733, dtmf_word)},
    {.name = "delayed_offer", .kind = JSON_BOOL, .take = key_take_denial, .offset = offsetof(struct profile, delayed_offer_refused)},
    {NUMBER("ptime", ptime_ms, 1, 1000, "a number of milliseconds from 1 to 1000")},
    {.name = "fax", .kind = JSON_LIST, .take = key_take_marks, .choices = fax_words},
};
static const struct key_table sdp_table = TABLE(sdp_rows, struct profile, NULL);

static const struct key_row suite_rows[] = {
    {TEXT("name", struct profile_suite, name), .required = true},
    {LIST("aliases", profile_take_aliases, struct profile_suite, aliases)},
    {.name = "key_bytes", .kind = JSON_NUMBER, .take = key_take_whole, .offset = offsetof(struct profile_suite, key_bytes),
     .least = 16, .most = 64, .wants = "a number of bytes of key and salt from 16 to 64", .required = true},
};
static const struct key_table suite_table = TABLE(suite_rows, struct profile_suite, NULL);

static const struct key_choice keyings[] = {
    {"sdes", (int)offsetof(struct profile, srtp_sdes)}, {"dtls", (int)offsetof(struct profile, srtp_dtls)}, {NULL, 0}};
static const struct key_row srtp_rows[] = {
    {.name = "keying", .kind = JSON_LIST, .take = key_take_marks, .choices = keyings},
    {FLAG("always", struct profile, srtp_always)},
    {ITEMS("suites", struct profile, suites, suite_count, suite_table)},
    {.name = "min_common", .kind = JSON_NUMBER, .take = key_take_whole, .offset = offsetof(struct profile, suites_common_min),
     .least = 0, .most = 16, .wants = "a number of suites from 0 to 16"},
    {.name = "mki", .kind = JSON_BOOL, .take = key_take_denial, .offset = offsetof(struct profile, mki_refused)},
};
static const struct key_table srtp_table = TABLE(srtp_rows, struct profile, NULL);

static const struct key_choice schemes[] = {{"digest", (int)offsetof(struct profile, auth_digest)}, {NULL, 0}};
static const struct key_row auth_rows[] = {
    {.name = "schemes", .kind = JSON_LIST, .take = key_take_marks, .choices = schemes},
    {FLAG("optional", struct profile, auth_optional)},
    {LIST("challenge", profile_take_statuses, struct profile, challenges)},
};
static const struct key_table auth_table = TABLE(auth_rows, struct profile, NULL);

static const struct key_choice cps_scopes[] = {{"trunk", CPS_OF_TRUNK}, {"source", CPS_OF_SOURCE}, {"pair", CPS_OF_PAIR}, {NULL, 0}};
static const struct key_row limit_rows[] = {
    {NUMBER("udp_request_bytes", udp_request_bytes, 1, 65507, "a number of bytes from 1 to 65507")},
    {NUMBER("mtu_margin", mtu_margin, 0, 65507, "a number of bytes from 0 to 65507")},
    {WORD("df_large", key_take_choice, struct profile, df_large, severities)},
    {NUMBER("max_forwards_min", max_forwards_min, 0, 255, "a number from 0 to 255")},
    {NUMBER("cps", cps, 0.01, 1e6, "a number of calls a second from 0.01 to 1000000")},
    {WORD("cps_scope", key_take_choice, struct profile, cps_scope, cps_scopes)},
    {NUMBER("kbps_per_call", kbps_per_call, 1, 1e6, "a number of kbit/s from 1 to 1000000")},
    {NUMBER("kbps_tolerance", kbps_tolerance, 0, 1, "a share from 0 to 1")},
    {NUMBER("fax_kbps", fax_kbps, 1, 1e6, "a number of kbit/s from 1 to 1000000")},
    {NUMBER("concurrent_calls", concurrent_calls, 1, 1e7, "a number of calls from 1 to 10000000")},
};
static const struct key_table limit_table = TABLE(limit_rows, struct profile, NULL);

static const struct key_row quality_rows[] = {
    {NUMBER("rtt_ms", rtt_ms, 1, 60000, "a number of milliseconds from 1 to 60000")},
    {NUMBER("jitter_ms", jitter_ms, 0.1, 60000, "a number of milliseconds from 0.1 to 60000")},
    {NUMBER("loss_pct", loss_pct, 0, 100, "a share from 0 to 100 percent")},
    {NUMBER("audio_kbps_min", audio_kbps_min, 1, 1e6, "a number of kbit/s from 1 to 1000000")},
    {NUMBER("mos_min", mos_min, 1, 5, "a MOS from 1 to 5")},
    {NUMBER("burst_packets", burst_packets, 2, 1e6, "a number of packets from 2 to 1000000")},
    {NUMBER("one_way_s", one_way_s, 0.1, 3600, "a number of seconds from 0.1 to 3600")},
    {NUMBER("rtcp_wait_s", rtcp_wait_s, 0.1, 3600, "a number of seconds from 0.1 to 3600")},
    {NUMBER("buffer_fixed_ms", buffer_fixed_ms, 1, 5000, "a number of milliseconds from 1 to 5000")},
    {NUMBER("buffer_adaptive_ms", buffer_adaptive_ms, 1, 5000, "a number of milliseconds from 1 to 5000")},
};
static const struct key_table quality_table = TABLE(quality_rows, struct profile, NULL);

static const struct key_row nat_rows[] = {
    {NUMBER("ephemeral_ports", nat_ports, 1, 65535, "a number of ports from 1 to 65535")},
    {NUMBER("exhaustion_share", nat_share, 0, 1, "a share from 0 to 1")},
};
static const struct key_table nat_table = TABLE(nat_rows, struct profile, NULL);

static const struct key_row billing_rows[] = {
    {NUMBER("increment_s", billing_increment_s, 1, 3600, "a number of seconds from 1 to 3600")},
    {NUMBER("minimum_s", billing_minimum_s, 0, 3600, "a number of seconds from 0 to 3600")},
};
static const struct key_table billing_table = TABLE(billing_rows, struct profile, NULL);

static const struct key_row usage_rows[] = {{TEXT("outbound", struct profile, outbound_usage)},
                                            {TEXT("inbound", struct profile, inbound_usage)},
                                            {TEXT("streaming", struct profile, streaming_usage)}};
static const struct key_table usage_table = TABLE(usage_rows, struct profile, NULL);

static const struct key_row record_rows[] = {
    {TEXT("cdr_key", struct profile, cdr_key)},
    {TEXT("sdr_key", struct profile, sdr_key)},
    {OBJECT("billing", billing_table)},
    {OBJECT("usage_type", usage_table)},
    {TEXT("service_code", struct profile, service_code)},
    {TEXT("streaming_service_code", struct profile, streaming_service_code)},
};
static const struct key_table record_table = TABLE(record_rows, struct profile, NULL);

static const struct key_choice statuses[] = {{"complete", 0}, {"partial", 1}, {NULL, 0}};

static const struct key_row rows[] = {
    {TEXT("profile", struct profile, name), .required = true},
    {.name = "schema", .kind = JSON_NUMBER, .take = profile_take_schema, .wants = "1", .required = true},
    {TEXT("title", struct profile, title)},
    {TEXT("version", struct profile, version)},
    {WORD("status", profile_take_status, struct profile, partial, statuses)},
    {TEXTS("extends", struct profile, extends, extends_count)},
    {ITEMS("sources", struct profile, sources, source_count, source_table)},
    {OBJECT("identify", identify_table)},
    {.name = "regions", .kind = JSON_OBJECT, .take = profile_take_regions, .offset = offsetof(struct profile, regions),
     .count_offset = offsetof(struct profile, region_count), .table = &region_table},
    {OBJECT("transport", transport_table)},
    {OBJECT("methods", method_table)},
    {OBJECT("headers", headers_table)},
    {ITEMS("request_uri", struct profile, request_uris, request_uri_count, request_uri_table)},
    {OBJECT("siprec", siprec_table)},
    {OBJECT("caller_id", caller_table)},
    {OBJECT("sdp", sdp_table)},
    {OBJECT("srtp", srtp_table)},
    {OBJECT("auth", auth_table)},
    {OBJECT("limits", limit_table)},
    {OBJECT("quality", quality_table)},
    {OBJECT("nat", nat_table)},
    {.name = "explain", .kind = JSON_OBJECT, .take = profile_take_explanations, .offset = offsetof(struct profile, explanations),
     .count_offset = offsetof(struct profile, explanation_count)},
    {.name = "severity", .kind = JSON_OBJECT, .take = profile_take_severities, .choices = severities},
    {LIST("disable", profile_take_disabled, struct profile, disabled)},
    {OBJECT("records", record_table)},
};
static const struct key_table table = TABLE(rows, struct profile, NULL);

/* What one part says and another has to know. */
static bool profile_agrees(const struct profile *profile, const struct key_reading *reading)
{
    bool asked = profile->siprec_host;
    for (size_t i = 0; i < profile->request_uri_count; i++)
        asked |= profile->request_uris[i].host_identify;
    if (asked && !profile->has_host)
        return error_set(reading->error, "%s: \"host\": \"identify\" needs identify.host_regex", reading->name);
    return true;
}

bool profile_take(struct profile *profile, const struct json *document, const struct key_reading *reading, bool whole)
{
    size_t rules = rules_count(reading->rules);
    *profile = (struct profile){.methods_other = -1, .inbound_caller_severity = -1, .df_large = -1, .rule_count = rules};
    double *const absent[] = {&profile->ptime_ms, &profile->udp_request_bytes, &profile->mtu_margin, &profile->max_forwards_min,
                              &profile->cps, &profile->kbps_per_call, &profile->kbps_tolerance, &profile->fax_kbps, &profile->concurrent_calls,
                              &profile->rtt_ms, &profile->jitter_ms, &profile->loss_pct, &profile->audio_kbps_min, &profile->mos_min, &profile->burst_packets,
                              &profile->one_way_s, &profile->rtcp_wait_s, &profile->buffer_fixed_ms, &profile->buffer_adaptive_ms, &profile->nat_ports, &profile->nat_share,
                              &profile->billing_increment_s, &profile->billing_minimum_s};
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        *absent[i] = NAN;
    profile->severities = malloc(rules + 1);
    profile->disabled = calloc(rules + 1, sizeof(bool));
    if (profile->severities == NULL || profile->disabled == NULL)
        return error_set(reading->error, "out of memory");
    memset(profile->severities, -1, rules + 1);
    if (json_kind(document) != JSON_OBJECT)
        return error_set(reading->error, "%s: a profile is one object", reading->name);
    return keys_take(reading, NULL, document, &table, profile) && (!whole || profile_agrees(profile, reading));
}
