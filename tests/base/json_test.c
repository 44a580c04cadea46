/* JSON documents: what is found, copied and laid over another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/text.h"

static struct json *document(const char *text)
{
    struct error error = {""};
    struct json *json = json_read(slice_str(text), "test", &error);
    if (json == NULL)
        fail_msg("%s: %s", text, error.text);
    return json;
}

static void value_write(struct text *out, const struct json *json)
{
    enum json_kind kind = json_kind(json);
    bool list = kind == JSON_LIST;
    if (kind == JSON_TEXT)
        text_json(out, json_text(json));
    else if (kind == JSON_NUMBER)
        text_real(out, json_number(json), 3);
    else if (kind == JSON_BOOL)
        text_str(out, json_bool(json) ? "true" : "false");
    else if (kind == JSON_NULL)
        text_str(out, "null");
    else {
        text_put(out, list ? '[' : '{');
        for (const struct json *item = json_first(json); item != NULL; item = json_next(item)) {
            if (item != json_first(json))
                text_put(out, ',');
            if (!list) {
                text_json(out, json_name(item));
                text_put(out, ':');
            }
            value_write(out, item);
        }
        text_put(out, list ? ']' : '}');
    }
}

static void assert_json(const struct json *json, const char *expected)
{
    struct text out = {0};
    value_write(&out, json);
    text_put(&out, '\0');
    assert_string_equal(out.data, expected);
    text_fini(&out);
}

static void members_are_found(void **state)
{
    (void)state;
    struct json *json = document("{\"a\":1,\"A\":2,\"b\":{\"a\":3}}");
    assert_true(json_number(json_find(json, "a")) == 1 && json_number(json_find(json, "A")) == 2);
    assert_true(json_number(json_find(json_find(json, "b"), "a")) == 3);
    assert_null(json_find(json, "B"));
    assert_null(json_find(json_find(json, "a"), "a"));
    assert_null(json_find(NULL, "a"));
    json_free(json);
}

static void copies_stand_alone(void **state)
{
    (void)state;
    struct json *json = document("{\"a\":[1,{\"b\":\"text\"}],\"c\":null}"), *copy = json_copy(json);
    json_free(json);
    assert_json(copy, "{\"a\":[1,{\"b\":\"text\"}],\"c\":null}");
    json_free(copy);
}

static void merges(void **state)
{
    (void)state;
    static const struct {
        const char *base, *over, *merged;
    } rows[] = {
        {"{}", "{\"a\":1}", "{\"a\":1}"},
        {"{\"a\":1,\"b\":2}", "{\"a\":3}", "{\"a\":3,\"b\":2}"},
        {"{\"a\":{\"b\":1,\"c\":2}}", "{\"a\":{\"c\":3,\"d\":4}}", "{\"a\":{\"b\":1,\"c\":3,\"d\":4}}"},
        {"{\"a\":[1,2]}", "{\"a\":[3]}", "{\"a\":[3]}"},
        {"{\"a\":[{\"b\":1}]}", "{\"a\":[{\"c\":2}]}", "{\"a\":[{\"c\":2}]}"},
        {"{\"a\":[1,2]}", "{\"a+=\":[3,[4]]}", "{\"a\":[1,2,3,[4]]}"},
        {"{\"a\":[1]}", "{\"a+=\":[]}", "{\"a\":[1]}"},
        {"{}", "{\"a+=\":[3]}", "{\"a\":[3]}"},
        {"{}", "{\"x\":{\"a+=\":[3]}}", "{\"x\":{\"a\":[3]}}"},
        {"{\"x\":{\"y\":{\"a\":[1]}}}", "{\"x\":{\"y\":{\"a+=\":[3]}}}", "{\"x\":{\"y\":{\"a\":[1,3]}}}"},
        {"{\"a\":null}", "{\"a+=\":[3]}", "{\"a\":[3]}"},
        {"{\"a\":5}", "{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}"},
        {"{\"a\":{\"b\":1}}", "{\"a\":null}", "{\"a\":null}"},
        {"{\"a\":[1]}", "{\"a\":[2],\"a+=\":[3]}", "{\"a\":[2,3]}"},
        {"{\"+=\":1}", "{\"+=\":2}", "{\"+=\":2}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct json *base = document(rows[i].base), *over = document(rows[i].over);
        assert_true(json_merge(base, over));
        json_free(over);
        assert_json(base, rows[i].merged);
        json_free(base);
    }
}

static void names_that_append(void **state)
{
    (void)state;
    struct json *json = document("{\"a+=\":1,\"a\":1,\"+=\":1,\"a+\":1,\"a+= \":1}");
    const struct json *member = json_first(json);
    assert_true(json_appends(member));
    while ((member = json_next(member)) != NULL)
        assert_false(json_appends(member));
    json_free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(members_are_found), cmocka_unit_test(copies_stand_alone),
                                       cmocka_unit_test(merges), cmocka_unit_test(names_that_append)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
