/* Sinks: which specifications open, what is lost is said, and a reader that went away is no error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/stat.h>

#include "written.h"

static void specifications(void **state)
{
    (void)state;
    struct error error;
    bool usage;
    static const char *const unknown[] = {"xml", "xml:file", "", ":", "jso", "jsonx:y", "JSON"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        usage = false;
        assert_null(sink_open(unknown[i], &plain_settings, &usage, &error));
        assert_true(usage);
        assert_non_null(strstr(error.text, "--list-outputs"));
    }
    static const char *const standard[] = {"text", "text:", "text:-", "json", "json:-"};
    for (size_t i = 0; i < sizeof standard / sizeof standard[0]; i++) {
        struct sink *sink = sink_open(standard[i], &plain_settings, &usage, &error);
        assert_non_null(sink);
        assert_false(usage);
        assert_int_equal(sink->fd, STDOUT_FILENO);
        assert_true(sink_close(sink, &error));
    }
    assert_null(sink_open("json:/no/such/folder/file", &plain_settings, &usage, &error));
    assert_false(usage);
    assert_non_null(strstr(error.text, "/no/such/folder/file"));
    assert_null(sink_open("json:/", &plain_settings, &usage, &error));
    assert_false(usage);
}

static void rows_are_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sink_kind_count; i++) {
        const struct sink_kind *kind = sink_kinds[i];
        assert_non_null(kind->name);
        assert_non_null(kind->help);
        assert_non_null(kind->write);
        assert_ptr_equal(sink_kind_find(kind->name, strlen(kind->name)), kind);
    }
    assert_null(sink_kind_find("text", 3));
}

/* An old file is replaced, and colons in its name stay. */
static void files(void **state)
{
    (void)state;
    char folder[] = "/tmp/sink-test-XXXXXX", path[100], specification[120], text[4000] = {0};
    struct error error;
    bool usage;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a:b", folder);
    snprintf(specification, sizeof specification, "json:%s", path);
    for (int turn = 0; turn < 2; turn++) {
        struct sink *sink = sink_open(specification, &plain_settings, &usage, &error);
        assert_non_null(sink);
        struct call_record call = call_bare();
        for (int i = turn; i < 3; i++)
            call_write(sink, &call);
        assert_true(sink_close(sink, &error));
    }
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t n = fread(text, 1, sizeof text - 1, file), lines = 0;
    fclose(file);
    for (size_t i = 0; i < n; i++)
        lines += text[i] == '\n';
    assert_int_equal(lines, 2);
    unlink(path);
    rmdir(folder);
}

static void a_full_disk_is_said(void **state)
{
    (void)state;
    struct error error;
    bool usage;
    if (access("/dev/full", W_OK) != 0)
        skip();
    static const char *const kinds[] = {"json:/dev/full", "text:/dev/full"};
    for (size_t i = 0; i < 2; i++)
        for (int count = 1; count < 2000; count += 1998) { /* at the close, and on the way */
            struct sink *sink = sink_open(kinds[i], &plain_settings, &usage, &error);
            struct call_record call = call_bare();
            call.start = 0;
            for (int k = 0; k < count; k++)
                call_write(sink, &call);
            assert_false(sink_close(sink, &error));
            assert_non_null(strstr(error.text, "/dev/full"));
            assert_non_null(strstr(error.text, "No space"));
        }
}

static void a_closed_pipe_is_no_error(void **state)
{
    (void)state;
    int ends[2];
    struct error error = {""};
    struct writing writing = writing_begin("json", 0);
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[1], writing.sink->fd) >= 0);
    close(ends[0]);
    close(ends[1]);
    struct call_record call = call_bare();
    for (int i = 0; i < 5000; i++)
        call_write(writing.sink, &call);
    assert_true(writing.sink->closed_pipe);
    assert_true(sink_close(writing.sink, &error));
    assert_string_equal(error.text, "");
    close(writing.fd);
}

/* Nothing waits behind a flush, whole lines only. */
static void flushing(void **state)
{
    (void)state;
    struct writing writing = writing_begin("json", 0);
    struct call_record call = call_bare();
    call_write(writing.sink, &call);
    struct stat status;
    assert_int_equal(fstat(writing.fd, &status), 0);
    assert_int_equal(status.st_size, 0);
    sink_flush(writing.sink);
    assert_int_equal(fstat(writing.fd, &status), 0);
    assert_true(status.st_size > 0);
    for (int i = 0; i < 3000; i++)
        call_write(writing.sink, &call);
    assert_int_equal(fstat(writing.fd, &status), 0);
    assert_true(status.st_size > SINK_BUFFER_BYTES); /* the buffer is bounded */
    char last;
    assert_int_equal(pread(writing.fd, &last, 1, status.st_size - 1), 1);
    assert_int_equal(last, '\n');
    size_t n = writing_end(writing);
    assert_int_equal(written[n - 1], '\n');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(specifications),      cmocka_unit_test(rows_are_whole),            cmocka_unit_test(files),
        cmocka_unit_test(a_full_disk_is_said), cmocka_unit_test(a_closed_pipe_is_no_error), cmocka_unit_test(flushing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
