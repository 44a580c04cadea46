/* Keys as they are bound: the usual ones, those of the settings file, conflicts with their place, and what is written back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "ui/screen.h"

static void read_text(struct keys *keys, struct problems *problems, const char *text)
{
    struct error error;
    struct json *json = json_read(slice_str(text), "keys", &error);
    assert_non_null(json);
    *keys = (struct keys){0};
    *problems = (struct problems){0};
    keys_read(keys, json, problems);
    json_free(json);
}

/* In the tables: each command once, each key once; names of keys and commands go both ways. */
static void tables_are_sound(void **state)
{
    (void)state;
    static const struct keys usual;
    for (size_t i = 0; i <= screen_count; i++) {
        const struct key_table *table = i < screen_count ? &screens[i]->keys : &screen_common_keys;
        for (size_t a = 0; a < table->count; a++) {
            uint32_t presses[KEY_PRESSES];
            char name[PRESS_NAME_SIZE];
            keys_presses(&usual, table, &table->rows[a], presses);
            assert_memory_equal(presses, table->rows[a].presses, sizeof presses);
            assert_true(presses[0] != PRESS_NONE && command_name(table->rows[a].command)[0] != '\0');
            for (int k = 0; k < KEY_PRESSES && presses[k] != PRESS_NONE; k++)
                assert_int_equal(press_parse(slice_of(name, press_format(presses[k], name))), presses[k]);
            for (size_t b = 0; b < a; b++) {
                assert_int_not_equal(table->rows[a].command, table->rows[b].command);
                for (int k = 0; k < KEY_PRESSES; k++)
                    for (int m = 0; m < KEY_PRESSES; m++)
                        assert_true(presses[k] == PRESS_NONE || presses[k] != table->rows[b].presses[m]);
            }
        }
    }
    for (uint32_t press = 1; press < ' '; press++) {
        char name[PRESS_NAME_SIZE];
        assert_int_equal(press_parse(slice_of(name, press_format(press, name))), press);
    }
    assert_int_equal(press_parse(slice_str("U+20AC")), 0x20ac);
    assert_int_equal(press_parse(slice_str("U+41")), PRESS_NONE);
    assert_int_equal(press_parse(slice_str("U+110000")), PRESS_NONE);
}

static void bound_keys_answer(void **state)
{
    (void)state;
    struct keys keys;
    struct problems problems;
    read_text(&keys, &problems, "{\"calls\": {\"mark\": [\"^T\", \"x\"], \"streams\": \"U+20AC\", \"raw\": []}, \"common\": {\"quit\": [\"Q\"]}}");
    assert_string_equal(problems.text, "keys.calls.raw: there is no such action\n");
    static const struct {
        uint32_t press;
        enum command command;
    } rows[] = {{20, COMMAND_MARK},  {'x', COMMAND_MARK},  {PRESS_SPACE, COMMAND_NONE}, {PRESS_F4, COMMAND_FLOW_LEGS}, {0x20ac, COMMAND_STREAMS},
                {'m', COMMAND_NONE}, {'Q', COMMAND_QUIT}, {'q', COMMAND_NONE},         {'v', COMMAND_VERDICT},        {PRESS_NONE, COMMAND_NONE}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(keys_command(&keys, &screen_call_list, rows[i].press), rows[i].command);
    assert_int_equal(keys_command(&keys, &screen_ladder, 'x'), COMMAND_LEGS);
}

static void wrong_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *text, *problems;
    } rows[] = {
        {"[]", "keys: is a list, an object of screens is expected\n"},
        {"{\"calls\": []}", "keys.calls: is a list, an object of actions is expected\n"},
        {"{\"cals\": {}}", "keys.cals: there is no such screen\n"},
        {"{\"calls\": {\"fly\": \"x\"}}", "keys.calls.fly: there is no such action\n"},
        {"{\"calls\": {\"mark\": \"Spce\"}}", "keys.calls.mark: there is no such key\n"},
        {"{\"calls\": {\"mark\": [\"F12\", 3, \"WheelUp\"]}}",
         "keys.calls.mark[1]: there is no such key\nkeys.calls.mark[2]: that cannot be bound\n"},
        {"{\"calls\": {\"mark\": [\"1\", \"2\", \"3\", \"4\"]}}", "keys.calls.mark[3]: a command has 3 keys at most\n"},
        {"{\"calls\": {\"mark\": \"y\", \"follow\": [\"y\", \"A\"]}}", "keys.calls.follow[0]: y is bound to mark already\n"},
        {"{\"calls\": {\"mark\": \"y\", \"mark\": \"w\"}}", "keys.calls.mark: stands there before\n"},
        {"{\"calls\": {\"mark\": \"v\"}}", "keys.calls.verdict: has no key any more ([] if it needs none)\n"},
        {"{\"calls\": {\"mark\": \"v\", \"verdict\": []}}", ""},
        {"{\"common\": {\"quit\": [\"x\", \"Q\"]}}",
         "keys.common.quit: x means flow-legs on the screen calls\nkeys.common.quit: x means legs on the screen flow\n"},
        {"{\"calls\": {\"mark\": \"Backspace\"}}", ""},
        {"{\"calls\": {\"mark\": [\"Esc\", \"Backspace\"]}}", "keys.calls.mark: leaves no key for back there\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct keys keys;
        struct problems problems;
        read_text(&keys, &problems, rows[i].text);
        assert_string_equal(problems.text, rows[i].problems);
    }
}

static void written_as_read(void **state)
{
    (void)state;
    struct keys keys, again;
    struct problems problems;
    struct text text = {0}, other = {0};
    read_text(&keys, &problems, "{\"calls\": {\"mark\": [\"\\\"\", \"\\\\\"], \"verdict\": []}, \"flow\": {\"sdp\": \"F5\"}, \"common\": {\"help\": \"^T\"}}");
    assert_string_equal(problems.text, "");
    keys_put(&text, &keys);
    text_put(&text, '\0');
    read_text(&again, &problems, text.data);
    assert_string_equal(problems.text, "");
    assert_int_equal(again.count, 4);
    keys_put(&other, &again);
    text_put(&other, '\0');
    assert_string_equal(other.data, text.data);
    assert_int_equal(keys_command(&again, &screen_call_list, '\\'), COMMAND_MARK);
    text_fini(&text);
    text_fini(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tables_are_sound), cmocka_unit_test(bound_keys_answer),
                                       cmocka_unit_test(wrong_is_said), cmocka_unit_test(written_as_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
