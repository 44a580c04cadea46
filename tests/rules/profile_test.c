/* Profiles: what the built-in ones say, how files extend them, and the exact words for each kind of mistake. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "rules/profile.h"
#include "rules/rules.h"

static bool load(const char *name, struct profile *profile, struct error *error)
{
    struct rules *rules = rules_new();
    *error = (struct error){""};
    bool right = profile_load(profile, name, rules, error);
    rules_free(rules);
    return right;
}

static void built_in(const char *name, struct profile *profile)
{
    struct error error;
    if (!load(name, profile, &error))
        fail_msg("%s", error.text);
}

static void file_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_true(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* A file with the head that each needs, and what it says beyond. */
static bool load_text(const char *text, struct profile *profile, struct error *error)
{
    char path[] = "/tmp/profile-XXXXXX", whole[2048], *at;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    snprintf(whole, sizeof whole, text[0] == '{' && strstr(text, "\"schema\"") == NULL ? "{\"profile\":\"test\",\"schema\":1,%s" : "%s",
             text[0] == '{' && strstr(text, "\"schema\"") == NULL ? text + 1 : text);
    file_write(path, whole);
    bool right = load(path, profile, error);
    while ((at = strstr(error->text, path)) != NULL) { /* "FILE" stands for the path */
        memmove(at + 4, at + strlen(path), strlen(at + strlen(path)) + 1);
        memcpy(at, "FILE", 4);
    }
    unlink(path);
    return right;
}

static const struct profile_region *region_of(const struct profile *profile, const char *name)
{
    for (size_t i = 0; i < profile->region_count; i++)
        if (slice_is(profile->regions[i].name, name))
            return &profile->regions[i];
    fail_msg("no region %s", name);
    return NULL;
}

static void each_built_in_loads(void **state)
{
    (void)state;
    static const char *const names[] = {"acs", "chalk", "chime-meetings", "chime-sip-rooms", "google-sip-link", "ivrpowers",
                                        "rfc", "teams", "telnyx", "twilio", "voice-connector", "zoom"};
    static const char *const partial[] = {"acs", "chalk", "google-sip-link", "ivrpowers", "zoom"};
    assert_int_equal(profile_text_count, sizeof names / sizeof names[0]);
    for (size_t i = 0; i < profile_text_count; i++) {
        struct profile profile;
        bool is_partial = false;
        built_in(names[i], &profile);
        assert_string_equal(profile_texts[i].name, names[i]);
        assert_true(slice_is(profile.name, names[i]));
        assert_true(profile.title.len > 3 && profile.version.len > 3 && profile.source_count > 0);
        for (size_t k = 0; k < sizeof partial / sizeof partial[0]; k++)
            is_partial |= strcmp(partial[k], names[i]) == 0;
        assert_int_equal(profile.partial, is_partial);
        assert_true(profile.udp_request_bytes == 1300 && profile.mtu_margin == 200 && profile.one_way_s == 3); /* all extend rfc */
        assert_true(memchr(profile_texts[i].json, 0x80, profile_texts[i].size) == NULL);
        profile_fini(&profile);
        assert_null(profile.document);
    }
}

static void ranges_of_voice_connector(void **state)
{
    (void)state;
    struct profile profile;
    built_in("voice-connector", &profile);
    assert_int_equal(profile.region_count, 11);
    const struct profile_region *east = region_of(&profile, "us-east-1"), *tokyo = region_of(&profile, "ap-northeast-1");
    assert_true(slice_is(east->billing_code, "USE1") && tokyo->billing_code.len == 0);
    assert_int_equal(east->signaling_count, 6);
    assert_int_equal(east->media_count, 7);
    assert_int_equal(tokyo->signaling_count, 6);
    assert_int_equal(tokyo->media_count, 2);
    static const uint8_t first[] = {3, 80, 16, 0}, second[] = {99, 77, 244, 0};
    assert_memory_equal(east->media[0].network.address.address, first, 4);
    assert_memory_equal(tokyo->media[0].network.address.address, second, 4);
    assert_int_equal(east->media[0].network.bits, 23);
    assert_true(east->media[0].port_low == 5000 && east->media[0].port_high == 65000 && east->media[0].transports == PROFILE_UDP);
    assert_int_equal(east->media[1].network.address.family, 6);
    assert_int_equal(east->media[1].network.bits, 48);
    static const uint8_t wanted[][2] = {{5060 % 256, PROFILE_UDP}, {5060 % 256, PROFILE_TCP}, {5061 % 256, PROFILE_TLS}};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(east->signaling[i].port_low % 256, wanted[i % 3][0]);
        assert_int_equal(east->signaling[i].port_high, east->signaling[i].port_low);
        assert_int_equal(east->signaling[i].transports, wanted[i % 3][1]);
    }
    for (size_t i = 0; i < east->media_count; i++)
        assert_int_equal(east->media[i].legacy, i > 2);
    assert_true(east->media[3].port_low == 1024 && east->media[3].port_high == 65535);
    profile_fini(&profile);
}

static void contract_of_voice_connector(void **state)
{
    (void)state;
    struct profile p;
    built_in("voice-connector", &p);
    assert_int_equal(p.methods_supported, 1u << SIP_OPTIONS | 1u << SIP_INVITE | 1u << SIP_ACK | 1u << SIP_CANCEL | 1u << SIP_BYE);
    assert_true((p.methods_unsupported & 1u << SIP_REFER) != 0 && p.methods_other == SEVERITY_WARNING);
    assert_int_equal(p.required_count, 2); /* replaced, not appended */
    assert_int_equal(p.required[0].methods, 1u << SIP_OPTIONS | 1u << SIP_INVITE | 1u << SIP_BYE);
    uint64_t contact = UINT64_C(1) << SIP_HEADER_CONTACT;
    assert_int_equal(p.required[1].methods, 1u << SIP_CANCEL | 1u << SIP_ACK);
    assert_true((p.required[0].names & contact) != 0 && (p.required[1].names & contact) == 0);
    assert_int_equal(p.request_uri_count, 4);
    assert_true(p.request_uris[0].host_identify && p.request_uris[0].severity == SEVERITY_ERROR &&
                p.request_uris[0].direction == DIRECTION_OUTBOUND && p.request_uris[0].user == NUMBER_FORMAT_ANY);
    assert_true(p.request_uris[2].user == NUMBER_E164_PLUS && p.request_uris[2].responses[0] == 403 && p.request_uris[2].responses[1] == 0);
    assert_true(p.siprec_host && p.siprec_from == NUMBER_E164_PLUS);
    assert_true(p.caller_order[0] == SIP_HEADER_P_ASSERTED_IDENTITY && p.caller_order[1] == SIP_HEADER_FROM &&
                p.caller_order[2] == SIP_HEADER_OTHER && p.caller_format == NUMBER_E164_PLUS);
    assert_int_equal(p.inbound_caller_severity, SEVERITY_INFO);
    assert_int_equal(p.codecs_allowed_count, 4);
    assert_true(slice_is(p.codecs_required[0].name, "PCMU") && p.codecs_required[0].clock_hz == 8000);
    assert_true(slice_is(p.codecs_allowed[3].name, "G722") && p.codecs_allowed[3].meetings && !p.codecs_allowed[0].meetings);
    assert_true(p.dtmf_rfc4733 && p.fax_t38 && p.fax_g711u && !p.delayed_offer_refused && p.ptime_ms == 20);
    assert_int_equal(p.suite_count, 6);
    assert_true(slice_is(p.suites[4].aliases[0], "AES_256_CM_HMAC_SHA1_80") && p.suites[4].aliases[1].len == 0 &&
                p.suites[4].key_bytes == 46 && p.suites_common_min == 1);
    assert_true(p.srtp_sdes && !p.srtp_dtls && !p.srtp_always && !p.tls_only && p.auth_digest && p.auth_optional);
    assert_true(p.challenges[0] == 401 && p.challenges[1] == 407 && p.challenges[2] == 0);
    assert_true(p.cps == 1 && p.kbps_per_call == 90 && p.df_large == SEVERITY_WARNING && p.rtt_ms == 300 && isnan(p.mos_min));
    assert_true(p.clear_port_count == 2 && p.secure_port_count == 1 && p.secure_ports[0].transports == PROFILE_TLS);
    assert_true(p.cipher_count == 14 && slice_is(p.ciphers[9].until, "2026-08-01") && p.ciphers[0].until.len == 0);
    assert_true(p.client_certificate_never && slice_is(p.certificate_names[0], "*.voiceconnector.chime.aws"));
    assert_int_equal(p.explanation_count, 3);
    assert_int_equal(p.explanations[0].status, 403);
    assert_true(p.billing_increment_s == 6 && slice_is(p.service_code, "AmazonChimeVoiceConnector"));
    for (size_t i = 0; i < p.rule_count; i++)
        assert_true(p.severities[i] == -1 && !p.disabled[i]);
    profile_fini(&p);
}

static void other_trunks(void **state)
{
    (void)state;
    struct profile p;
    built_in("teams", &p);
    assert_int_equal(p.required_count, 3); /* "required+=" */
    assert_true(p.required[2].methods == 1u << SIP_OPTIONS && p.required[2].direction == DIRECTION_OUTBOUND);
    assert_true(p.forbidden[0].methods == UINT32_MAX && p.forbidden[0].names == UINT64_C(1) << SIP_HEADER_REPLACES);
    assert_true(p.constraints[0].header == SIP_HEADER_CONTACT && p.constraints[0].host_name && p.constraints[0].site_fqdn);
    assert_true(p.tls_only && p.srtp_always && p.delayed_offer_refused && p.methods_other == -1);
    profile_fini(&p);
    built_in("telnyx", &p);
    assert_true(p.caller_order[3] == SIP_HEADER_FROM && p.caller_order[4] == SIP_HEADER_OTHER && p.cps_scope == CPS_OF_SOURCE);
    assert_true(p.connector_group == 0 && p.has_host && p.caller_format == NUMBER_E164_OR_NATIONAL);
    profile_fini(&p);
    built_in("twilio", &p);
    assert_true(p.cps == 30 && p.cps_scope == CPS_OF_PAIR && p.mki_refused && p.max_forwards_min == 20 && p.codecs_required[2].clock_hz == 0);
    profile_fini(&p);
    built_in("zoom", &p);
    assert_true(!p.has_host && p.region_count == 0 && p.tls_only && p.secure_ports[0].port_low == 5061);
    profile_fini(&p);
    built_in("rfc", &p);
    assert_true(!p.tls_only && p.methods_supported == 0 && p.suite_count == 9 && p.suites_common_min == 0 && isnan(p.cps));
    profile_fini(&p);
}

static void connector_in_host_names(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *regex, *host, *connector; /* regex NULL: the built-in's; connector NULL: no match */
        char end;                                       /* host_end */
    } rows[] = {
        {"voice-connector", NULL, "abcdef12345.voiceconnector.chime.aws", "abcdef12345", 's'},
        {"voice-connector", NULL, "ABCD.g.VoiceConnector.chime.aws", "ABCD", 's'},
        {"voice-connector", NULL, "abc.voiceconnector.chime.aws.example", NULL, 's'},
        {"voice-connector", NULL, "3.80.16.13", NULL, 's'},
        {"twilio", NULL, "my-trunk.pstn.dublin.twilio.com", "my-trunk", 'm'},
        {"twilio", NULL, "pstn.twilio.com", NULL, 'm'},
        {"teams", NULL, "sip3.pstnhub.microsoft.com", "", 0},
        {"teams", NULL, "sip4.pstnhub.microsoft.com", NULL, 0},
        {NULL, "^(a|b)(x(?<connector>[0-9]+))$", "bx42", "42", 0},
        {NULL, "^[]()]\\\\(?(?<connector>y+)$", ")(yy", "yy", 0},
        {NULL, "^[[:digit:](]+(?<connector>[a-z])$", "1(2c", "c", 0},
        {NULL, "a|b(?<connector>c)X$", "a", "", 0},
        {NULL, "^(?<connector>a)\\\\w$", "a_", "a", 0},
        {NULL, "^(?<connector>a)B$", "Ab", "A", 'b'},
        {NULL, "(?<connector>a)5$", "a5", "a", '5'},
        {NULL, "(?<connector>a)b", "abc", "a", 0},
        {NULL, "(?<connector>a)b*$", "a", "a", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct profile profile;
        struct error error;
        char text[200];
        if (rows[i].regex == NULL)
            built_in(rows[i].profile, &profile);
        else {
            snprintf(text, sizeof text, "{\"identify\":{\"host_regex\":\"%s\"}}", rows[i].regex);
            if (!load_text(text, &profile, &error))
                fail_msg("%s", error.text);
        }
        size_t length = strlen(rows[i].host);
        bool ends = profile.host_end == 0 || ascii_lower((uint8_t)rows[i].host[length - 1]) == profile.host_end;
        assert_true(ends || rows[i].connector == NULL); /* what it rules out cannot match */
        assert_int_equal(profile.host_end, rows[i].end);
        regmatch_t groups[8];
        bool matches = regexec(&profile.host, rows[i].host, 8, groups, 0) == 0;
        if (matches != (rows[i].connector != NULL))
            fail_msg("%s", rows[i].host);
        if (matches && (profile.connector_group != 0) != (rows[i].connector[0] != '\0' || rows[i].regex != NULL))
            fail_msg("%s: group %u", rows[i].host, profile.connector_group);
        if (matches && profile.connector_group != 0) {
            regmatch_t group = groups[profile.connector_group];
            assert_true(slice_is(slice_of(rows[i].host + group.rm_so, (size_t)(group.rm_eo - group.rm_so)), rows[i].connector));
        }
        profile_fini(&profile);
    }
}

static void files_extend(void **state)
{
    (void)state;
    struct profile p;
    struct error error;
    if (!load_text("{\"extends\":[\"voice-connector\"],\"regions\":{\"us-east-1\":{\"media+=\":[{\"cidr\":\"198.51.100.0/24\",\"ports\":"
                   "[\"udp/2000-3000\"]}]},\"eu-west-1\":null,\"lab\":{\"signaling+=\":[{\"cidr\":\"198.51.100.7\",\"ports\":[\"udp/5070\"]}]}},"
                   "\"limits\":{\"cps\":5,\"kbps_per_call\":null},\"sdp\":{\"codecs\":{\"allowed+=\":[\"G729/8000\"]}},"
                   "\"methods\":{\"unsupported\":[\"REFER\"]},\"explain\":{\"403\":null,\"488\":\"no\"},"
                   "\"severity\":{\"one-way-media\":\"warning\",\"icmp-error\":\"info\"},\"disable\":[\"capture-truncated\"]}",
                   &p, &error))
        fail_msg("%s", error.text);
    assert_true(slice_is(p.name, "test") && slice_is(p.title, "Amazon Chime Voice Connector"));
    assert_int_equal(region_of(&p, "us-east-1")->media_count, 8);
    assert_int_equal(region_of(&p, "us-east-1")->signaling_count, 6);
    assert_int_equal(region_of(&p, "lab")->signaling[0].network.bits, 32);
    assert_int_equal(p.region_count, 11); /* one more, one less */
    assert_true(p.cps == 5 && isnan(p.kbps_per_call) && p.kbps_tolerance == 0.1);
    assert_true(p.codecs_allowed_count == 5 && slice_is(p.codecs_allowed[3].name, "G729") && p.codecs_allowed[4].meetings);
    assert_int_equal(p.methods_unsupported, 1u << SIP_REFER);
    assert_true(p.explanation_count == 3 && p.explanations[2].status == 488);
    assert_true(p.severities[RULE_ONE_WAY] == SEVERITY_WARNING && p.severities[RULE_ICMP_ERROR] == SEVERITY_INFO &&
                p.severities[RULE_TRUNCATED] == -1 && p.disabled[RULE_TRUNCATED] && !p.disabled[RULE_ONE_WAY]);
    profile_fini(&p);
}

static void files_extend_files(void **state)
{
    (void)state;
    char folder[] = "/tmp/profiles-XXXXXX", base[64], top[64], self[64];
    assert_non_null(mkdtemp(folder));
    snprintf(base, sizeof base, "%s/base.json", folder);
    snprintf(top, sizeof top, "%s/top.json", folder);
    snprintf(self, sizeof self, "%s/self.json", folder);
    file_write(base, "{\"profile\":\"base\",\"schema\":1,\"limits\":{\"cps\":7,\"mtu_margin\":100}}");
    file_write(top, "{\"profile\":\"top\",\"schema\":1,\"extends\":[\"rfc\",\"base.json\"],\"limits\":{\"cps\":8}}");
    file_write(self, "{\"profile\":\"self\",\"schema\":1,\"extends\":[\"self.json\"]}");
    struct profile p;
    struct error error;
    if (!load(top, &p, &error))
        fail_msg("%s", error.text);
    assert_true(p.cps == 8 && p.mtu_margin == 100 && p.udp_request_bytes == 1300 && p.extends_count == 2);
    profile_fini(&p);
    assert_false(load(self, &p, &error));
    char words[256];
    snprintf(words, sizeof words, "%s: extends leads back to %s", self, self);
    assert_string_equal(error.text, words);
    profile_fini(&p);
    file_write(base, "{\"profile\":\"base\",\"schema\":1,\"limits\":{\"cps\":\"7\"}}");
    assert_false(load(top, &p, &error)); /* the file that is wrong is the one that is named */
    snprintf(words, sizeof words, "%s: limits.cps must be a number of calls a second from 0.01 to 1000000", base);
    assert_string_equal(error.text, words);
    profile_fini(&p);
    file_write(base, "{\"profile\":\"base\",\"schema\":1,\"extends\":[\"./././top.json\"]}");
    assert_false(load(top, &p, &error)); /* other spellings of the same path end too */
    assert_non_null(strstr(error.text, "more than 8 deep"));
    profile_fini(&p);
    unlink(base);
    unlink(top);
    unlink(self);
    rmdir(folder);
}

#define RANGES "a network such as \"192.0.2.0/24\" or \"2001:db8::/48\", without bits behind its mask"
#define PORTS "ports such as \"udp/5000-65000\", \"tcp/5060\" or \"tls/5061\""
#define REGION(list) "{\"regions\":{\"us-east-1\":{\"signaling\":[" list "]}}}"

static const struct {
    const char *text, *says;
} mistake_rows[] = {
    {"[]", "FILE: a profile is one object"},
    {"{\"schema\":1,", "FILE: no JSON at line 1, column 12"},
    {"{\"schema\":1}", "FILE: profile is missing"},
    {"{\"profile\":\"a\",\"schema\":null}", "FILE: schema is missing"},
    {"{\"profile\":\"a\",\"schema\":2}", "FILE: schema must be 1"},
    {"{\"colour\":1}",
     "FILE: there is no key colour; the keys here are profile, schema, title, version, status, extends, sources, identify, regions, "
     "transport, methods, headers, request_uri, siprec, caller_id, sdp, srtp, auth, limits, quality, nat, explain, severity, disable, "
     "records"},
    {"{\"nat\":{\"ports\":1}}", "FILE: there is no key nat.ports; the keys here are ephemeral_ports, exhaustion_share"},
    {"{\"limits\":[]}", "FILE: limits must be an object"},
    {"{\"title\":7}", "FILE: title must be a text"},
    {"{\"title\":\"\"}", "FILE: title must be a text that is not empty"},
    {"{\"title\":\"a\",\"title\":\"b\"}", "FILE: title stands twice"},
    {"{\"disable\":[],\"disable+=\":[]}", "FILE: disable+= stands twice"},
    {"{\"limits+=\":{}}", "FILE: limits+= adds to no list that could be inherited"},
    {"{\"disable+=\":null}", "FILE: disable+= must be a list"},
    {"{\"headers\":{\"required\":[{\"names+=\":[\"To\"]}]}}",
     "FILE: headers.required[0].names+= adds to no list that could be inherited"},
    {"{\"status\":\"half\"}", "FILE: status must be \"complete\" or \"partial\""},
    {"{\"extends\":\"rfc\"}", "FILE: extends must be a list"},
    {"{\"extends\":[\"rfc\",1]}", "FILE: extends[1] must be a text that is not empty"},
    {"{\"extends\":[\"RFC\"]}", "there is no profile RFC (see --list-profiles; a file has a / in its path or ends in .json)"},
    {"{\"sources\":[\"RFC 3261\"]}", "FILE: sources[0] must be an object"},
    {"{\"sources\":[{\"url\":\"x\"}]}", "FILE: sources[0].doc is missing"},
    {REGION("{\"cidr\":\"3.80.16.0/33\",\"ports\":[\"udp/5060\"]}"), "FILE: regions.us-east-1.signaling[0].cidr must be " RANGES},
    {REGION("{\"cidr\":\"3.80.17.0/23\",\"ports\":[\"udp/5060\"]}"), "FILE: regions.us-east-1.signaling[0].cidr must be " RANGES},
    {REGION("{\"cidr\":7,\"ports\":[\"udp/5060\"]}"), "FILE: regions.us-east-1.signaling[0].cidr must be " RANGES},
    {REGION("{\"ports\":[\"udp/5060\"]}"), "FILE: regions.us-east-1.signaling[0].cidr is missing"},
    {REGION("{\"cidr\":\"3.80.16.0/23\"}"), "FILE: regions.us-east-1.signaling[0].ports is missing"},
    {REGION("{\"cidr\":\"3.80.16.0/23\",\"ports\":[]}"), "FILE: regions.us-east-1.signaling[0].ports must be a list that is not empty"},
    {REGION("{\"cidr\":\"3.80.16.0/23\",\"ports\":\"udp/5060\"}"), "FILE: regions.us-east-1.signaling[0].ports must be a list"},
    {REGION("{\"cidr\":\"3.80.16.0/23\",\"ports\":[5060]}"), "FILE: regions.us-east-1.signaling[0].ports[0] must be " PORTS},
    {REGION("{\"cidr\":\"3.80.16.0/23\",\"ports\":[\"udp/5060\",\"sctp/5060\"]}"),
     "FILE: regions.us-east-1.signaling[0].ports[1] must be " PORTS},
    {REGION("{\"cidr\":\"3.80.16.0/23\",\"ports\":[\"udp/9-8\"]}"), "FILE: regions.us-east-1.signaling[0].ports[0] must be " PORTS},
    {REGION("{\"cidr\":\"3.80.16.0/23\",\"ports\":[\"udp/0\"]}"), "FILE: regions.us-east-1.signaling[0].ports[0] must be " PORTS},
    {REGION("{\"cidr\":\"3.80.16.0/23\",\"ports\":[\"udp/1-65536\"]}"), "FILE: regions.us-east-1.signaling[0].ports[0] must be " PORTS},
    {REGION("{\"cidr\":\"3.80.16.0/23\",\"ports\":[\"udp\"]}"), "FILE: regions.us-east-1.signaling[0].ports[0] must be " PORTS},
    {REGION("{\"cidr\":\"3.80.16.0/23\",\"ports\":[\"udp/5060\"],\"until\":\"soon\"}"),
     "FILE: regions.us-east-1.signaling[0].until must be \"legacy\""},
    {REGION("{\"cidr\":\"3.80.16.0/23\",\"ports\":[\"tcp/5060\",\"udp/5000-6000\"]},{\"cidr\":\"3.80.17.0/24\",\"ports\":[\"udp/5060\"]}"),
     "FILE: regions.us-east-1.signaling[1] must be apart from regions.us-east-1.signaling[0]: they have addresses and ports in common"},
    {"{\"extends\":[\"twilio\"],\"regions\":{\"global\":{\"media+=\":[{\"cidr\":\"168.86.129.0/24\",\"ports\":[\"udp/20000\"]}]}}}",
     "FILE: regions.global.media[1] must be apart from regions.global.media[0]: they have addresses and ports in common"},
    {"{\"regions\":{\"a\":[]}}", "FILE: regions.a must be a region: an object"},
    {"{\"regions\":{\"a\":{},\"a\":{}}}", "FILE: regions.a must be said once"},
    {"{\"regions\":{\"a\":{\"sip\":[]}}}", "FILE: there is no key regions.a.sip; the keys here are billing_code, signaling, media"},
    {"{\"methods\":{\"supported\":[\"INVITE\",\"invite\"]}}",
     "FILE: methods.supported[1] must be a method of the SIP registry such as \"INVITE\""},
    {"{\"methods\":{\"supported\":[]}}", "FILE: methods.supported must be a list of methods; without it any method is meant"},
    {"{\"methods\":{\"other\":\"fatal\"}}", "FILE: methods.other must be \"error\", \"warning\" or \"info\""},
    {"{\"headers\":{\"required\":[{\"names\":[\"From\",\"X-Mine\"]}]}}",
     "FILE: headers.required[0].names[1] must be a header that sipvet looks at, such as \"Contact\""},
    {"{\"headers\":{\"constraints\":[{\"header\":\"Kontakt\"}]}}",
     "FILE: headers.constraints[0].header must be a header that sipvet looks at, such as \"Contact\""},
    {"{\"headers\":{\"constraints\":[{\"header\":\"Contact\",\"host\":\"ip\"}]}}", "FILE: headers.constraints[0].host must be \"fqdn\""},
    {"{\"caller_id\":{\"outbound\":{\"order\":[\"From\",\"To\",\"Via\",\"Route\",\"Contact\"]}}}",
     "FILE: caller_id.outbound.order must be a list of at most 4 headers"},
    {"{\"caller_id\":{\"outbound\":{\"format\":\"e164\"}}}",
     "FILE: caller_id.outbound.format must be \"any\", \"e164_plus\" or \"e164_or_national\""},
    {"{\"request_uri\":[{\"direction\":\"up\"}]}", "FILE: request_uri[0].direction must be \"any\", \"outbound\" or \"inbound\""},
    {"{\"request_uri\":[{\"response\":[200]}]}", "FILE: request_uri[0].response[0] must be a SIP status from 300 to 699"},
    {"{\"request_uri\":[{\"response\":[403.5]}]}", "FILE: request_uri[0].response[0] must be a SIP status from 300 to 699"},
    {"{\"request_uri\":[{\"response\":[400,401,402,403]}]}", "FILE: request_uri[0].response must be a list of at most 3 statuses"},
    {"{\"request_uri\":[{\"host\":\"identify\"}]}", "FILE: \"host\": \"identify\" needs identify.host_regex"},
    {"{\"siprec\":{\"host\":\"identify\"}}", "FILE: \"host\": \"identify\" needs identify.host_regex"},
    {"{\"identify\":{\"host_regex\":\"a(\"}}",
     "FILE: identify.host_regex must be a regular expression (POSIX extended): Unmatched ( or \\("},
    {"{\"identify\":{\"host_regex\":\"(?<trunk>a)\"}}",
     "FILE: identify.host_regex must be a regular expression (POSIX extended) in which at most one group is named: (?<connector>...)"},
    {"{\"identify\":{\"host_regex\":\"(?<connector>a)(?<connector>b)\"}}",
     "FILE: identify.host_regex must be a regular expression (POSIX extended) in which at most one group is named: (?<connector>...)"},
    {"{\"sdp\":{\"codecs\":{\"allowed\":[\"PCMU/8000\",\"PCMU/8k\"]}}}",
     "FILE: sdp.codecs.allowed[1] must be a codec such as \"PCMU/8000\""},
    {"{\"sdp\":{\"codecs\":{\"conditional\":[{\"codec\":\"G722/8000\",\"when\":\"always\"}]}}}",
     "FILE: sdp.codecs.conditional[0].when must be \"called_in:meeting_numbers\""},
    {"{\"sdp\":{\"codecs\":{\"conditional\":[\"G722/8000\"]}}}", "FILE: sdp.codecs.conditional[0] must be an object"},
    {"{\"sdp\":{\"fax\":[\"t38\",\"t37\"]}}", "FILE: sdp.fax[1] must be \"t38\" or \"PCMU/8000\""},
    {"{\"sdp\":{\"ptime\":0}}", "FILE: sdp.ptime must be a number of milliseconds from 1 to 1000"},
    {"{\"sdp\":{\"delayed_offer\":\"no\"}}", "FILE: sdp.delayed_offer must be true or false"},
    {"{\"srtp\":{\"suites\":[{\"name\":\"A\"}]}}", "FILE: srtp.suites[0].key_bytes is missing"},
    {"{\"srtp\":{\"suites\":[{\"name\":\"A\",\"key_bytes\":30.5}]}}",
     "FILE: srtp.suites[0].key_bytes must be a number of bytes of key and salt from 16 to 64"},
    {"{\"srtp\":{\"suites\":[{\"name\":\"A\",\"key_bytes\":30,\"aliases\":[\"B\",\"C\",\"D\",\"E\"]}]}}",
     "FILE: srtp.suites[0].aliases must be a list of at most 3 names"},
    {"{\"srtp\":{\"keying\":[\"zrtp\"]}}", "FILE: srtp.keying[0] must be \"sdes\" or \"dtls\""},
    {"{\"auth\":{\"schemes\":[\"basic\"]}}", "FILE: auth.schemes[0] must be \"digest\""},
    {"{\"limits\":{\"cps\":-1}}", "FILE: limits.cps must be a number of calls a second from 0.01 to 1000000"},
    {"{\"limits\":{\"max_forwards_min\":256}}", "FILE: limits.max_forwards_min must be a number from 0 to 255"},
    {"{\"quality\":{\"loss_pct\":101}}", "FILE: quality.loss_pct must be a share from 0 to 100 percent"},
    {"{\"quality\":{\"mos_min\":1e999}}", "FILE: quality.mos_min must be a MOS from 1 to 5"},
    {"{\"transport\":{\"tls\":{\"min\":\"1.4\"}}}", "FILE: transport.tls.min must be \"1.0\", \"1.1\", \"1.2\" or \"1.3\""},
    {"{\"transport\":{\"tls\":{\"ciphers\":[{\"name\":\"A\",\"until\":\"2026-8-1\"}]}}}",
     "FILE: transport.tls.ciphers[0].until must be a day such as \"2026-08-01\""},
    {"{\"transport\":{\"encryption_on\":[\"tls5061\"]}}", "FILE: transport.encryption_on[0] must be " PORTS},
    {"{\"explain\":{\"200\":\"fine\"}}", "FILE: explain.200 must be named by a SIP status from 300 to 699"},
    {"{\"explain\":{\"403\":7}}", "FILE: explain.403 must be a text that is not empty"},
    {"{\"severity\":{\"no-such-rule\":\"info\"}}", "FILE: severity.no-such-rule must be named by the id of a rule (see --list-rules)"},
    {"{\"severity\":{\"one-way-media\":\"bad\"}}", "FILE: severity.one-way-media must be \"error\", \"warning\" or \"info\""},
    {"{\"disable\":[\"one-way-media\",\"no-such-rule\"]}", "FILE: disable[1] must be the id of a rule (see --list-rules)"},
};

static void mistakes(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof mistake_rows / sizeof mistake_rows[0]; i++) {
        struct profile profile;
        struct error error;
        if (load_text(mistake_rows[i].text, &profile, &error) || strcmp(error.text, mistake_rows[i].says) != 0) {
            print_error("%s\n says: %s\n not:  %s\n", mistake_rows[i].text, error.text, mistake_rows[i].says);
            wrong++;
        }
        assert_null(profile.document); /* nothing half-loaded is left */
        assert_true(profile.region_count == 0 && profile.rule_count == 0 && !profile.has_host);
        profile_fini(&profile);
    }
    assert_int_equal(wrong, 0);
}

static void names_and_paths(void **state)
{
    (void)state;
    struct profile profile;
    struct error error;
    assert_false(load("no-such-profile", &profile, &error));
    assert_string_equal(error.text, "there is no profile no-such-profile (see --list-profiles; a file has a / in its path or ends in .json)");
    profile_fini(&profile);
    assert_false(load("nowhere.json", &profile, &error));
    assert_string_equal(error.text, "nowhere.json: No such file or directory");
    profile_fini(&profile);
    assert_false(load("./rfc", &profile, &error));
    assert_string_equal(error.text, "./rfc: No such file or directory");
    profile_fini(&profile);
    assert_true(load("src/profiles/twilio.json", &profile, &error)); /* the texts that are built in are files too */
    assert_true(slice_is(profile.name, "twilio"));
    profile_fini(&profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_built_in_loads),
        cmocka_unit_test(ranges_of_voice_connector),
        cmocka_unit_test(contract_of_voice_connector),
        cmocka_unit_test(other_trunks),
        cmocka_unit_test(connector_in_host_names),
        cmocka_unit_test(files_extend),
        cmocka_unit_test(files_extend_files),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(names_and_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
