/* The site file: what is right is kept, and whatever is wrong is refused with the key's name. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/site.h"

static bool read_text(const char *text, struct site *site, struct error *error)
{
    char path[] = "/tmp/site-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    bool right = site_read(site, path, error);
    unlink(path);
    return right;
}

static struct endpoint address(const char *text)
{
    struct endpoint endpoint;
    assert_true(endpoint_parse_address(slice_str(text), &endpoint));
    return endpoint;
}

static void all_keys(void **state)
{
    (void)state;
    struct site site;
    struct error error;
    assert_true(read_text("{\"account_id\":\"1\",\"connector_id\":\"abc\",\"region\":\"us-east-1\",\"encryption\":\"off\","
                          "\"own_networks\":[\"192.0.2.0/25\",\"2001:db8:7::/48\",\"10.0.0.1\"],\"allowed_hosts\":[],"
                          "\"owned_numbers\":[\"+12065550100\"],\"meeting_numbers\":[],\"calling_plan\":[\"US\",\"GB\"],"
                          "\"sbc_fqdn\":\"sbc.example\",\"mtu\":1400,\"link_kbps\":2000,\"one_way_delay_ms\":35.5,"
                          "\"digest\":{\"user\":\"0123456789abcdef0123456789ABCDEF\"}}",
                          &site, &error));
    assert_true(site.mtu == 1400 && site.one_way_delay_ms == 35.5 && site.own_network_count == 3);
    assert_string_equal(site.encryption, "off");
    assert_true(site.streaming == -1 && site.proxy_calls == -1 && site_number_name(&site, slice_str("+12065550100")).len == 0);
    static const struct {
        const char *address;
        bool own;
    } rows[] = {{"192.0.2.0", true},  {"192.0.2.127", true}, {"192.0.2.128", false},   {"192.0.3.1", false},
                {"10.0.0.1", true},   {"10.0.0.2", false},   {"2001:db8:7::1", true}, {"2001:db8:8::1", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct endpoint endpoint = address(rows[i].address);
        assert_int_equal(site_is_own(&site, &endpoint), rows[i].own);
    }
    site_fini(&site);
}

static void names_of_numbers(void **state)
{
    (void)state;
    struct site site;
    struct error error;
    assert_true(read_text("{\"number_names\":{\"+3\":\"c\",\"+12065550100\":\"b\",\"+1206555010\":\"a\",\"+44\":\"d\"},\"streaming\":true,\"proxy_calls\":false}",
                          &site, &error));
    static const char *const rows[][2] = {{"+12065550100", "b"}, {"+1206555010", "a"}, {"+3", "c"}, {"+44", "d"}, {"+4", ""}, {"+120655501001", ""}, {"", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_true(slice_is(site_number_name(&site, slice_str(rows[i][0])), rows[i][1]));
    assert_true(site_number_name(NULL, slice_str("+3")).len == 0);
    assert_true(site.streaming == 1 && site.proxy_calls == 0);
    site_fini(&site);
}

/* samples/site.json is what people copy. */
static void sample_has_every_key(void **state)
{
    (void)state;
    struct site site;
    struct error error = {""};
    if (!site_read(&site, "samples/site.json", &error))
        fail_msg("%s", error.text);
    assert_true(site.account_id.len > 0 && site.connector_id.len > 0 && site.region.len > 0 && site.sbc_fqdn.len > 0);
    assert_true(site.encryption != NULL && site.own_network_count > 0 && site.allowed_host_count > 0);
    assert_true(site.streaming >= 0 && site.proxy_calls >= 0 && site.number_name_count > 0);
    assert_true(site.owned_numbers != NULL && site.meeting_numbers != NULL && site.calling_plan != NULL && site.digest != NULL);
    assert_false(isnan(site.mtu) || isnan(site.link_kbps) || isnan(site.one_way_delay_ms));
    site_fini(&site);
}

static void wrong_ones(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } rows[] = {{"{\"mtus\":1}", "there is no key mtus"},
                {"[]", "one object"},
                {"{\"mtu\":\"1400\"}", "mtu must be a number"},
                {"{\"mtu\":10}", "mtu must be a number of bytes"},
                {"{\"one_way_delay_ms\":-1}", "one_way_delay_ms"},
                {"{\"encryption\":\"maybe\"}", "encryption must be \"on\" or \"off\""},
                {"{\"own_networks\":[\"192.0.2.0/33\"]}", "own_networks"},
                {"{\"own_networks\":[\"here\"]}", "own_networks"},
                {"{\"own_networks\":[7]}", "own_networks"},
                {"{\"owned_numbers\":[\"2065550100\"]}", "owned_numbers"},
                {"{\"calling_plan\":[\"USA\"]}", "calling_plan"},
                {"{\"digest\":{\"user\":\"secret\"}}", "digest"},
                {"{\"streaming\":\"yes\"}", "streaming must be"},
                {"{\"proxy_calls\":1}", "proxy_calls must be"},
                {"{\"number_names\":[]}", "number_names must be"},
                {"{\"number_names\":{\"2065550100\":\"x\"}}", "number_names must be an object of E.164 numbers"},
                {"{\"number_names\":{\"+12065550100\":\"\"}}", "number_names must be an object of E.164 numbers"},
                {"{\"number_names\":{\"+12065550100\":7}}", "number_names must be an object of E.164 numbers"},
                {"{\"account_id\":\"\"}", "account_id"},
                {"{\"mtu\":1400,\n  oops}", "line 2"},
                {"{} {}", "line 1, column 3"},
                {"", "line 1"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct site site;
        struct error error = {""};
        assert_false(read_text(rows[i].text, &site, &error));
        if (strstr(error.text, rows[i].says) == NULL)
            fail_msg("%s: %s", rows[i].text, error.text);
        site_fini(&site);
    }
    struct site site;
    struct error error;
    assert_false(site_read(&site, "/nowhere/site.json", &error));
    assert_non_null(strstr(error.text, "/nowhere/site.json: No such file"));
    site_fini(&site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_keys), cmocka_unit_test(names_of_numbers), cmocka_unit_test(sample_has_every_key), cmocka_unit_test(wrong_ones)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
