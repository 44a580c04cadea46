/* The settings file: what was chosen comes back, what is wrong is said with its place and never written over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "ui/call_columns.h"
#include "ui/settings.h"

static int folder_make(void **state)
{
    static char folder[] = "/tmp/sipvet-settings-XXXXXX";
    *state = mkdtemp(folder);
    return *state == NULL ? -1 : 0;
}

static int folder_remove(void **state)
{
    char command[200];
    snprintf(command, sizeof command, "rm -r '%s'", (char *)*state);
    return system(command);
}

static void file_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void choices_come_back(void **state)
{
    char path[200];
    struct error error;
    struct settings settings, again;
    uint8_t columns[COLUMNS_MAX];
    snprintf(path, sizeof path, "%s/new/folder/config.json", (char *)*state);
    settings_read(&settings, path);
    assert_string_equal(settings.problems.text, "");
    size_t usual = settings_columns(&settings, columns);
    assert_true(usual > 10 && usual < call_column_count);
    settings.columns[0] = 5;
    settings.columns[1] = (uint8_t)(call_column_count - 1);
    assert_true(settings_header(&settings, slice_str("X-Call-ID"), &settings.columns[2], &error));
    settings.column_count = 3;
    settings.theme = THEME_LIGHT;
    settings.no_mouse = true;
    assert_true(settings_write(&settings, &error));
    settings_read(&again, path);
    assert_string_equal(again.problems.text, "");
    assert_int_equal(settings_columns(&again, columns), 3);
    assert_int_equal(columns[0], 5);
    assert_int_equal(columns[1], call_column_count - 1);
    assert_string_equal(settings_column(&again, columns[2]).title, "X-Call-ID");
    assert_int_equal(again.theme, THEME_LIGHT);
    assert_true(again.no_mouse);
}

static void wrong_is_said(void **state)
{
    static const struct {
        const char *text, *problems;
    } rows[] = {
        {"{\"columns\": [\"mos\", \"moss\", \"mos\", 3], \"theme\": \"light\"}",
         "columns[1]: there is no such column\ncolumns[2]: stands there before\ncolumns[3]: there is no such column\n"},
        {"{\"theme\": \"pink\", \"theme\\u001b[2J\": 1}", "theme: auto, dark, light or mono is expected\ntheme\033[2J: there is no such setting\n"},
        {"{\"mouse\": \"yes\", \"columns\": {}}", "mouse: is a text, true or false is expected\ncolumns: is an object, a list of names is expected\n"},
        {"{\"columns\": [\"header:X-A\", \"header:\", \"header:a b\", \"header:x-a\"]}",
         "columns[1]: that is no header's name\ncolumns[2]: that is no header's name\ncolumns[3]: stands there before\n"},
        {"[]", "an object is expected\n"},
    };
    char path[200];
    struct error error;
    snprintf(path, sizeof path, "%s/config.json", (char *)*state);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct settings settings;
        file_write(path, rows[i].text);
        settings_read(&settings, path);
        assert_string_equal(settings.problems.text, rows[i].problems);
        assert_false(settings_write(&settings, &error));
    }
    struct settings settings;
    file_write(path, "{\"mouse\": ");
    settings_read(&settings, path);
    assert_non_null(strstr(settings.problems.text, "config.json"));
    settings_read(&settings, "");
    assert_false(settings_write(&settings, &error));
}

/* The ninth column of a header takes the place of one that is not shown, and is refused where there is none. */
static void headers_are_few(void **state)
{
    (void)state;
    struct settings settings = {0};
    struct error error;
    uint8_t at;
    char name[8];
    for (int i = 0; i < HEADER_COLUMNS; i++) {
        snprintf(name, sizeof name, "X-%d", i);
        assert_true(settings_header(&settings, slice_str(name), &at, &error));
        settings.columns[settings.column_count++] = at;
    }
    assert_true(settings_header(&settings, slice_str("x-3"), &at, &error));
    assert_int_equal(at, call_column_count + 3);
    assert_false(settings_header(&settings, slice_str("X-9"), &at, &error));
    settings.columns[3] = 0;
    assert_true(settings_header(&settings, slice_str("X-9"), &at, &error));
    assert_int_equal(at, call_column_count + 3);
    assert_int_equal(settings_column_count(&settings), call_column_count + HEADER_COLUMNS);
}

static void place_is_known(void **state)
{
    char path[SETTINGS_PATH];
    (void)state;
    setenv("HOME", "/home/x", 1);
    unsetenv("XDG_CONFIG_HOME");
    settings_locate(path);
    assert_string_equal(path, "/home/x/.config/sipvet/config.json");
    setenv("XDG_CONFIG_HOME", "/etc/mine", 1);
    settings_locate(path);
    assert_string_equal(path, "/etc/mine/sipvet/config.json");
    setenv("XDG_CONFIG_HOME", "relative", 1);
    unsetenv("HOME");
    settings_locate(path);
    assert_string_equal(path, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(choices_come_back), cmocka_unit_test(wrong_is_said),
                                       cmocka_unit_test(headers_are_few), cmocka_unit_test(place_is_known)};
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
