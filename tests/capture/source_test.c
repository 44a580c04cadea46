/* Where frames stand in their file: what is read again there is what was read before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/source.h"

/* The sample is larger than the window that it is read through. */
static void places_are_right(void **state)
{
    (void)state;
    struct error error;
    struct source *source = source_open_file("samples/trunk.pcap", &error);
    struct frame frames[64];
    uint8_t again[2000];
    size_t looked = 0;
    uint64_t last = 0;
    assert_non_null(source);
    assert_true(source->file >= 0);
    for (size_t count; (count = source_read(source, frames, 64)) > 0;)
        for (size_t i = 0; i < count; i++, looked++) {
            uint64_t place = source_place(source, frames[i].bytes.data);
            assert_true(frames[i].bytes.len <= sizeof again && place > last);
            assert_int_equal(pread(source->file, again, frames[i].bytes.len, (off_t)place), frames[i].bytes.len);
            assert_memory_equal(again, frames[i].bytes.data, frames[i].bytes.len);
            last = place;
        }
    assert_int_equal(looked, 1084);
    assert_true(last > 128 << 10);
    source_close(source);
}

static void compressed_has_no_places(void **state)
{
    (void)state;
    struct error error;
    struct frame frame;
    char path[] = "/tmp/sipvet-source-XXXXXX", command[200];
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    snprintf(command, sizeof command, "gzip -c samples/trunk.pcap > %s", path);
    assert_int_equal(system(command), 0);
    struct source *source = source_open_file(path, &error);
    assert_non_null(source);
    assert_int_equal(source_read(source, &frame, 1), 1);
    assert_true(source->file < 0);
    assert_true(source_place(source, frame.bytes.data) == SOURCE_COUNT_NONE);
    source_close(source);
    close(descriptor);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(places_are_right), cmocka_unit_test(compressed_has_no_places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
