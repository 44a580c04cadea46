/* Byte streams: plain, gzip with several members, Zstandard with several frames; cut and damaged ones say so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <zlib.h>
#include <zstd.h>

#include "capture/byte_stream.h"
#include "made_file.h"

enum { PLAIN_BYTES = 300000, PACKED_MAX = 400000 };

static uint8_t plain[PLAIN_BYTES], packed[PACKED_MAX], got[PLAIN_BYTES + 1000];

static void plain_fill(void)
{
    uint32_t seed = 7;
    for (size_t i = 0; i < PLAIN_BYTES; i++) {
        seed = seed * 1664525 + 1013904223;
        plain[i] = (uint8_t)(seed >> 28); /* compresses to about a half */
    }
}

static size_t gzip_member(const uint8_t *data, size_t n, uint8_t *out, size_t room)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)n;
    z.next_out = out;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t size = room - z.avail_out;
    deflateEnd(&z);
    return size;
}

/* All bytes of the stream by reads of `step`; SIZE_MAX where it failed. */
static size_t read_all(const uint8_t *data, size_t n, size_t step, struct error *error)
{
    char path[64];
    int fd = made_path(data, n, path);
    error->text[0] = '\0';
    struct byte_stream *stream = byte_stream_open(path, error);
    close(fd);
    if (stream == NULL)
        return SIZE_MAX;
    size_t total = 0;
    ssize_t more;
    while ((more = byte_stream_read(stream, got + total, total + step <= sizeof got ? step : sizeof got - total, error)) > 0)
        total += (size_t)more;
    uint64_t read_bytes, size_bytes;
    byte_stream_position(stream, &read_bytes, &size_bytes);
    assert_int_equal(size_bytes, n);
    assert_in_range(read_bytes, 0, n);
    if (more == 0)
        assert_int_equal(read_bytes, n);
    byte_stream_close(stream);
    return more < 0 ? SIZE_MAX : total;
}

static void plain_bytes(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 2, 3, 4, 5, 65535, 65536, 65537, PLAIN_BYTES}, steps[] = {1000, 65536, 131072};
    struct error error;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (size_t s = 0; s < 3; s++) {
            assert_int_equal(read_all(plain, sizes[i], steps[s], &error), sizes[i]);
            assert_memory_equal(got, plain, sizes[i]);
        }
    assert_int_equal(read_all((const uint8_t *)"\x1f", 1, 10, &error), 1); /* half of a magic number is plain */
    assert_int_equal(read_all((const uint8_t *)"\x28\xb5\x2f", 3, 10, &error), 3);
}

static void gzip_members(void **state)
{
    (void)state;
    struct error error;
    size_t n = gzip_member(plain, 1, packed, PACKED_MAX);
    n += gzip_member(plain + 1, 0, packed + n, PACKED_MAX - n); /* a member of nothing */
    n += gzip_member(plain + 1, 150000, packed + n, PACKED_MAX - n);
    n += gzip_member(plain + 150001, PLAIN_BYTES - 150001, packed + n, PACKED_MAX - n);
    for (size_t step = 999; step < 400000; step *= 20) {
        memset(got, 0, sizeof got);
        assert_int_equal(read_all(packed, n, step, &error), PLAIN_BYTES);
        assert_memory_equal(got, plain, PLAIN_BYTES);
    }
}

static void zstandard_frames(void **state)
{
    (void)state;
    struct error error;
    size_t n = ZSTD_compress(packed, PACKED_MAX, plain, 200000, 1);
    n += ZSTD_compress(packed + n, PACKED_MAX - n, plain + 200000, PLAIN_BYTES - 200000, 5);
    for (size_t step = 999; step < 400000; step *= 20) {
        memset(got, 0, sizeof got);
        assert_int_equal(read_all(packed, n, step, &error), PLAIN_BYTES);
        assert_memory_equal(got, plain, PLAIN_BYTES);
    }
}

static void truncated(void **state)
{
    (void)state;
    struct error error;
    size_t n = gzip_member(plain, 50000, packed, PACKED_MAX), second = n;
    n += gzip_member(plain, 50000, packed + n, PACKED_MAX - n);
    static const size_t cuts[] = {1, 5, 9, 100, 5000};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        assert_int_equal(read_all(packed, n - cuts[i], 65536, &error), SIZE_MAX);
        assert_non_null(strstr(error.text, "ends early"));
        assert_int_equal(read_all(packed, second - cuts[i], 65536, &error), SIZE_MAX);
    }
    assert_int_equal(read_all(packed, second, 65536, &error), 50000); /* between members: whole */

    n = ZSTD_compress(packed, PACKED_MAX, plain, 50000, 1);
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        assert_int_equal(read_all(packed, n - cuts[i], 65536, &error), SIZE_MAX);
        assert_non_null(strstr(error.text, "ends early"));
    }
}

static void damaged(void **state)
{
    (void)state;
    struct error error;
    size_t n = gzip_member(plain, 50000, packed, PACKED_MAX);
    packed[n - 6] ^= 1; /* the checksum */
    assert_int_equal(read_all(packed, n, 65536, &error), SIZE_MAX);
    assert_non_null(strstr(error.text, "damaged"));
    n = ZSTD_compress(packed, PACKED_MAX, plain, 50000, 1);
    memset(packed + 6, 0xff, 20);
    assert_int_equal(read_all(packed, n, 65536, &error), SIZE_MAX);
    assert_non_null(strstr(error.text, "damaged"));
}

/* The bytes before the cut are given before the failure is. */
static void what_is_there_comes_first(void **state)
{
    (void)state;
    struct error error;
    char path[64];
    size_t n = gzip_member(plain, PLAIN_BYTES, packed, PACKED_MAX), total = 0;
    int fd = made_path(packed, n - 1000, path);
    struct byte_stream *stream = byte_stream_open(path, &error);
    close(fd);
    assert_non_null(stream);
    ssize_t more;
    while ((more = byte_stream_read(stream, got + total, 4096, &error)) > 0)
        total += (size_t)more;
    assert_int_equal(more, -1);
    assert_in_range(total, PLAIN_BYTES - 10000, PLAIN_BYTES - 1);
    assert_memory_equal(got, plain, total);
    byte_stream_close(stream);
}

static void what_cannot_be_opened(void **state)
{
    (void)state;
    struct error error;
    assert_null(byte_stream_open("/no/such/file", &error));
    assert_string_not_equal(error.text, "");
    assert_null(byte_stream_open("/tmp", &error));
    assert_non_null(strstr(error.text, "directory"));
    byte_stream_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_bytes), cmocka_unit_test(gzip_members),
        cmocka_unit_test(zstandard_frames), cmocka_unit_test(truncated),
        cmocka_unit_test(damaged), cmocka_unit_test(what_is_there_comes_first),
        cmocka_unit_test(what_cannot_be_opened),
    };
    plain_fill();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
