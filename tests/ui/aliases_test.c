/* Names of addresses: from the settings file and from sngrep's, how they are shown, and what is written back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "ui/sngreprc.h"

static void read_text(struct aliases *aliases, struct problems *problems, const char *text)
{
    struct error error;
    struct json *json = json_read(slice_str(text), "aliases", &error);
    assert_non_null(json);
    *aliases = (struct aliases){0};
    *problems = (struct problems){0};
    aliases_read(aliases, json, problems);
    json_free(json);
}

static void assert_shown(const struct aliases *aliases, const struct endpoint *endpoint, const char *name, const char *address)
{
    struct text out = {0};
    aliases_endpoint(&out, aliases, endpoint);
    assert_true(slice_is(slice_of(out.data, out.len), name));
    text_reset(&out);
    aliases_address(&out, aliases, endpoint);
    assert_true(slice_is(slice_of(out.data, out.len), address));
    text_fini(&out);
}

static void nearest_name(void **state)
{
    (void)state;
    struct aliases aliases;
    struct problems problems;
    struct endpoint v4 = endpoint_ipv4((const uint8_t[]){192, 0, 2, 1}, 5060), v6 = endpoint_ipv6((const uint8_t[16]){0x20, 1, 0xd, 0xb8, [15] = 1}, 5060);
    read_text(&aliases, &problems, "{\"192.0.2.1\": \"sbc\", \"192.0.2.1:5070\": \"sbc inside\", \"[2001:db8::1]:5060\": \"carrier\", \"2001:db8::2\": \"pbx\"}");
    assert_string_equal(problems.text, "");
    assert_shown(&aliases, &v4, "sbc:5060", "sbc");
    v4.port = 5070;
    assert_shown(&aliases, &v4, "sbc inside", "sbc");
    assert_shown(&aliases, &v6, "carrier", "2001:db8::1");
    v6.port = 5061;
    assert_shown(&aliases, &v6, "[2001:db8::1]:5061", "2001:db8::1");
    v6.address[15] = 2;
    assert_shown(&aliases, &v6, "pbx:5061", "pbx");
    assert_shown(NULL, &v4, "192.0.2.1:5070", "192.0.2.1");
    aliases.off = true;
    assert_shown(&aliases, &v4, "192.0.2.1:5070", "192.0.2.1");
}

static void wrong_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *text, *problems;
    } rows[] = {
        {"3", "aliases: is a number, an object of addresses is expected\n"},
        {"{\"192.0.2\": \"a\"}", "aliases.192.0.2: that is no address\n"},
        {"{\"192.0.2.1:\": \"a\", \"192.0.2.1:0\": \"a\", \"192.0.2.1:65536\": \"a\", \"\": \"a\", \":5060\": \"a\"}",
         "aliases.192.0.2.1:: that is no address\naliases.192.0.2.1:0: that is no address\naliases.192.0.2.1:65536: that is no address\n"
         "aliases.: that is no address\naliases.:5060: that is no address\n"},
        {"{\"192.0.2.1:99999999999999999999\": \"a\"}", "aliases.192.0.2.1:99999999999999999999: that is no address\n"},
        {"{\"192.0.2.1\": \"\", \"192.0.2.2\": 3}",
         "aliases.192.0.2.1: a name of 1 to 39 bytes is expected\naliases.192.0.2.2: a name of 1 to 39 bytes is expected\n"},
        {"{\"192.0.2.1\": \"a\", \"192.0.2.1\": \"b\"}", "aliases.192.0.2.1: has a name already\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct aliases aliases;
        struct problems problems;
        read_text(&aliases, &problems, rows[i].text);
        assert_string_equal(problems.text, rows[i].problems);
    }
}

static void many_are_refused(void **state)
{
    (void)state;
    static struct aliases aliases;
    const char *why;
    char address[20];
    for (int i = 0; i < ALIASES_MAX; i++) {
        snprintf(address, sizeof address, "10.0.%d.%d", i / 250, i % 250);
        assert_true(aliases_add(&aliases, slice_str(address), slice_str("x"), false, &why));
    }
    assert_false(aliases_add(&aliases, slice_str("10.1.0.0"), slice_str("x"), false, &why));
    assert_string_equal(why, "there are too many");
}

static void file_write(char path[], const char *text)
{
    int file = mkstemp(path);
    assert_true(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text) && close(file) == 0);
}

/* A user of sngrep finds his names and columns; none of them is written, and the program's own file comes first. */
static void sngrep_is_read(void **state)
{
    (void)state;
    static struct settings settings, again;
    char path[] = "/tmp/sipvet-sngreprc-XXXXXX", own[] = "/tmp/sipvet-own-XXXXXX";
    struct error error;
    uint8_t columns[COLUMNS_MAX];
    static const char *const expected[] = {"#", "Method", "From", "X-Call-ID", "State", "MOS", "Found", "Verdict"};
    file_write(path, "# mine\n  alias 192.0.2.1   sbc  # comment\nalias 192.0.2.2:5070 pbx\nset alias.192.0.2.3 old\nalias nowhere x\nalias\n"
                     "set cl.column1 method\nset cl.column0 index\nset cl.column2 sipfrom\nset cl.column3 xcallid\nset cl.column4 state\n"
                     "set cl.column5 nonsense\nset cl.column99 src\nset cl.column4.width 10\nset background dark\nbind x y\n");
    file_write(own, "{\"aliases\": {\"192.0.2.1\": \"mine\"}}");
    settings_read(&settings, own);
    sngreprc_read(&settings, path);
    assert_string_equal(settings.problems.text, "");
    assert_int_equal(settings.aliases.count, 3);
    assert_string_equal(settings.aliases.rows[0].name, "mine");
    assert_string_equal(settings.aliases.rows[1].name, "pbx");
    assert_string_equal(settings.aliases.rows[2].name, "old");
    assert_int_equal(settings_columns(&settings, columns), sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_string_equal(settings_column(&settings, columns[i]).title, expected[i]);
    assert_true(settings_write(&settings, &error));
    settings_read(&again, own);
    assert_string_equal(again.problems.text, "");
    assert_int_equal(again.aliases.count, 1);
    again.column_count = 1;
    sngreprc_read(&again, path);
    assert_int_equal(again.column_count, 1);
    unlink(path);
    unlink(own);
    sngreprc_read(&again, path); /* none is no problem */
    assert_int_equal(again.aliases.count, 3);
}

static void place_is_known(void **state)
{
    (void)state;
    char path[SETTINGS_PATH];
    setenv("HOME", "/home/x", 1);
    unsetenv("SNGREPRC");
    sngreprc_locate(path);
    assert_string_equal(path, "/home/x/.sngreprc");
    setenv("SNGREPRC", "/etc/mine", 1);
    sngreprc_locate(path);
    assert_string_equal(path, "/etc/mine");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nearest_name), cmocka_unit_test(wrong_is_said), cmocka_unit_test(many_are_refused),
                                       cmocka_unit_test(sngrep_is_read), cmocka_unit_test(place_is_known)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
