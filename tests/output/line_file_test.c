/* Files that a shipper follows: whole lines, whatever happens to the disk, the reader, the writer, or somebody who renames them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "output/line_file.h"

static char folder[64];

static const char *path_of(const char *name)
{
    static char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int folder_make(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/line-file-test-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int folder_clear(void **state)
{
    (void)state;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;)
        (void)unlink(path_of(entry->d_name));
    closedir(dir);
    return rmdir(folder);
}

static struct text content(const char *name)
{
    struct text text = {0};
    FILE *file = fopen(path_of(name), "r");
    assert_non_null(file);
    for (int c; (c = fgetc(file)) != EOF;)
        text_put(&text, (char)c);
    fclose(file);
    return text;
}

static void file_is(const char *name, const char *want)
{
    struct text text = content(name);
    text_put(&text, '\0');
    assert_string_equal(text.data, want);
    text_fini(&text);
}

static void put(struct line_file *file, const char *lines)
{
    line_file_write(file, slice_str(lines));
}

static struct line_file *opened(const char *name, struct line_file_limits limits)
{
    struct error error;
    struct line_file *file = line_file_open(path_of(name), limits, &error);
    assert_non_null(file);
    return file;
}

static void closed_whole(struct line_file *file)
{
    struct error error;
    assert_true(line_file_close(file, &error));
}

static void made(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* A restart goes on; the rest of a line that a power failure cut is taken away. */
static void restart(void **state)
{
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        struct line_file *file = opened("log", (struct line_file_limits){0});
        put(file, "{\"a\":1}\n{\"a\":2}\n");
        put(file, "{\"a\":3}\n");
        closed_whole(file);
    }
    file_is("log", "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
    static const char *const torn[][2] = {{"{\"a\":1}\n{\"a\"", "{\"a\":1}\n{}\n"}, {"{\"a\":1", "{}\n"}, {"", "{}\n"}, {"{1}\n", "{1}\n{}\n"}};
    for (size_t i = 0; i < sizeof torn / sizeof torn[0]; i++) {
        made("torn", torn[i][0]);
        struct line_file *file = opened("torn", (struct line_file_limits){0});
        put(file, "{}\n");
        closed_whole(file);
        file_is("torn", torn[i][1]);
    }
    struct text rest = {0}; /* one that is longer than what is looked at at once */
    text_str(&rest, "{1}\n");
    for (int i = 0; i < 200000; i++)
        text_put(&rest, 'x');
    text_put(&rest, '\0');
    made("torn", rest.data);
    text_fini(&rest);
    closed_whole(opened("torn", (struct line_file_limits){0}));
    file_is("torn", "{1}\n");
}

/* A line longer than a slot, between short ones. */
static void long_lines(void **state)
{
    (void)state;
    struct line_file *file = opened("long", (struct line_file_limits){0});
    struct text want = {0}, line = {0};
    for (int n = 0; n < 3; n++) {
        text_reset(&line);
        text_str(&line, "{short}\n{");
        for (int i = 0; i < 1500000; i++)
            text_put(&line, (char)('a' + i % 26));
        text_str(&line, "}\n");
        line_file_write(file, slice_of(line.data, line.len));
        text_bytes(&want, line.data, line.len);
    }
    closed_whole(file);
    struct text got = content("long");
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.data, want.data, want.len);
    text_fini(&got);
    text_fini(&want);
    text_fini(&line);
}

/* Lines that are put together where the writer finds them, among others that are not. */
static void lent_room(void **state)
{
    (void)state;
    struct line_file *file = opened("lent", (struct line_file_limits){0});
    struct text want = {0};
    char line[32];
    for (int n = 0; n < 40; n++) {
        size_t bytes, used = 0;
        char *room = line_file_room(file, &bytes), *again = line_file_room(file, &bytes);
        assert_non_null(room);
        assert_ptr_equal(room, again);
        for (int i = 0; i < n * 500 && used + sizeof line < bytes; i++)
            used += (size_t)snprintf(room + used, bytes - used, "{%d,%d}\n", n, i);
        text_bytes(&want, room, used);
        if (n % 3 > 0)
            line_file_write(file, slice_of(room, used));
        size_t len = (size_t)snprintf(line, sizeof line, "{\"%d\"}\n", n);
        if (n % 3 == 0) /* what stands there was given up */
            want.len -= used;
        line_file_write(file, slice_of(line, len));
        text_bytes(&want, line, len);
    }
    closed_whole(file);
    struct text got = content("lent");
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.data, want.data, want.len);
    text_fini(&got);
    text_fini(&want);
    size_t bytes;
    struct error error;
    file = line_file_open("/dev/null", (struct line_file_limits){0}, &error);
    assert_null(line_file_room(file, &bytes));
    assert_true(line_file_close(file, &error));
}

/* Files of a folder whose names begin so; the sum of their sizes, and whether each is of whole lines and none too large. */
static unsigned files_named(const char *begin, size_t most, size_t *bytes)
{
    unsigned count = 0;
    DIR *dir = opendir(folder);
    *bytes = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (strncmp(entry->d_name, begin, strlen(begin)) != 0)
            continue;
        struct text text = content(entry->d_name);
        count++;
        *bytes += text.len;
        assert_true(text.len <= most);
        assert_true(text.len == 0 || (text.data[0] == '{' && text.data[text.len - 1] == '\n'));
        text_fini(&text);
    }
    closedir(dir);
    return count;
}

static void rotation_by_size(void **state)
{
    (void)state;
    struct line_file *file = opened("turn", (struct line_file_limits){.bytes = 1000});
    size_t bytes;
    for (int i = 0; i < 100; i++)
        put(file, "{\"a line of fifty bytes\":\"...................\"}\n{\"and a shorter one\":1}\n");
    closed_whole(file);
    assert_int_equal(files_named("turn", 1000, &bytes), 8); /* 72 bytes a pair */
    assert_int_equal(bytes, 7200);
    file = opened("wide", (struct line_file_limits){.bytes = 10}); /* each line is longer: one in each file */
    put(file, "{\"a\":\"longer\"}\n{\"b\":\"longer\"}\n");
    closed_whole(file);
    assert_int_equal(files_named("wide", 15, &bytes), 2);
    file = opened("huge", (struct line_file_limits){.bytes = 10}); /* a line that comes in pieces stays one */
    struct text line = {0};
    text_put(&line, '{');
    for (int i = 0; i < 2500000; i++)
        text_put(&line, 'x');
    text_str(&line, "}\n{}\n");
    line_file_write(file, slice_of(line.data, line.len));
    closed_whole(file);
    assert_int_equal(files_named("huge", line.len, &bytes), 2);
    assert_int_equal(bytes, line.len);
    text_fini(&line);
}

static void rotation_by_age(void **state)
{
    (void)state;
    struct line_file *file = opened("aged", (struct line_file_limits){.age_s = 1});
    size_t bytes;
    put(file, "{1}\n");
    sleep(3); /* nobody writes: it is renamed all the same, and an empty one is not */
    assert_int_equal(files_named("aged", 4, &bytes), 2);
    file_is("aged", "");
    put(file, "{2}\n");
    closed_whole(file);
    assert_int_equal(files_named("aged", 4, &bytes), 2);
    file_is("aged", "{2}\n");
}

static void reopening(void **state)
{
    (void)state;
    char old[400];
    struct line_file *file = opened("name", (struct line_file_limits){0});
    put(file, "{1}\n");
    usleep(100000);
    snprintf(old, sizeof old, "%s", path_of("name.1"));
    assert_int_equal(rename(path_of("name"), old), 0);
    put(file, "{2}\n");
    usleep(100000);
    line_file_reopen(file);
    put(file, "{3}\n");
    closed_whole(file);
    file_is("name.1", "{1}\n{2}\n");
    file_is("name", "{3}\n");
}

/* A disk that is full in the middle of a line: the lines before it stay, the others are counted, and later ones are written. */
static void full_disk(void **state)
{
    (void)state;
    struct rlimit before, small = {.rlim_cur = 20};
    struct error error, why;
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small); /* the writer inherits it; "File too large" is as good as "No space left" */
    struct line_file *file = opened("full", (struct line_file_limits){0});
    setrlimit(RLIMIT_FSIZE, &before);
    put(file, "{1234567}\n{12}\n{1234567}\n{1234567}\n");
    put(file, "{3}\n");
    put(file, "{4}\n");
    for (int i = 0; i < 100 && line_file_lost(file, &why) < 3; i++)
        usleep(10000);
    assert_int_equal(line_file_lost(file, &why), 3);
    assert_non_null(strstr(why.text, "File too large"));
    assert_non_null(strstr(why.text, folder));
    assert_false(line_file_close(file, &error));
    assert_non_null(strstr(error.text, "3 lines lost"));
    file_is("full", "{1234567}\n{12}\n{3}\n");
}

static void full_device(void **state)
{
    (void)state;
    struct error error;
    struct line_file *file = line_file_open("/dev/full", (struct line_file_limits){0}, &error);
    if (file == NULL)
        skip();
    put(file, "{1}\n{2}\n");
    put(file, "{3}\n");
    assert_false(line_file_close(file, &error));
    assert_non_null(strstr(error.text, "/dev/full: No space left on device: 3 lines lost"));
}

static void closed_pipe(void **state)
{
    (void)state;
    struct error error, why;
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
    int reader = open(path_of("fifo"), O_RDONLY | O_NONBLOCK);
    struct line_file *file = opened("fifo", (struct line_file_limits){0});
    char bytes[16];
    put(file, "{1}\n");
    assert_int_equal(read(reader, bytes, sizeof bytes), 4);
    close(reader);
    put(file, "{2}\n{3}\n");
    assert_int_equal(line_file_lost(file, &why), 2);
    reader = open(path_of("fifo"), O_RDONLY | O_NONBLOCK); /* another reader gets what comes from now on */
    put(file, "{4}\n");
    assert_int_equal(read(reader, bytes, sizeof bytes), 4);
    close(reader);
    assert_false(line_file_close(file, &error));
    assert_non_null(strstr(error.text, "Broken pipe: 2 lines lost"));
}

static pid_t child_of(pid_t parent)
{
    char name[64];
    int child = 0;
    snprintf(name, sizeof name, "/proc/%d/task/%d/children", (int)parent, (int)parent);
    FILE *file = fopen(name, "r");
    if (file != NULL) {
        if (fscanf(file, "%d", &child) != 1)
            child = 0;
        fclose(file);
    }
    return child;
}

/* Somebody kills the writer: what it did not take is counted, and nobody waits for it. */
static void killed_writer(void **state)
{
    (void)state;
    struct error error, why;
    signal(SIGPIPE, SIG_IGN);
    struct line_file *file = opened("gone", (struct line_file_limits){0});
    pid_t writer = child_of(getpid());
    if (writer <= 0)
        skip();
    put(file, "{1}\n");
    usleep(200000);
    kill(writer, SIGKILL);
    usleep(200000);
    for (int i = 0; i < 10; i++)
        put(file, "{2}\n");
    assert_int_equal(line_file_lost(file, &why), 10);
    size_t bytes;
    assert_null(line_file_room(file, &bytes));
    assert_false(line_file_close(file, &error));
    assert_non_null(strstr(error.text, "its writer was killed: 10 lines lost"));
    file_is("gone", "{1}\n");
}

static void refused(void **state)
{
    (void)state;
    struct error error;
    assert_null(line_file_open("/no/such/folder/log", (struct line_file_limits){0}, &error));
    assert_non_null(strstr(error.text, "/no/such/folder/log: cannot write: No such file"));
    assert_null(line_file_open(folder, (struct line_file_limits){0}, &error));
    assert_non_null(strstr(error.text, "Is a directory"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_clear)
    const struct CMUnitTest tests[] = {TEST(restart),   TEST(long_lines),  TEST(lent_room), TEST(rotation_by_size), TEST(rotation_by_age), TEST(reopening),
                                       TEST(full_disk), TEST(full_device), TEST(closed_pipe),      TEST(killed_writer),   TEST(refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
