/* UUIDs of names against the published example and Python's uuid module. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/uuid.h"

/* RFC 9562 appendix A.4: www.example.com in the namespace of DNS names. */
static void published(void **state)
{
    (void)state;
    static const struct uuid dns = {{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}};
    char text[UUID_TEXT];
    struct uuid_maker *maker = uuid_maker_new(&dns);
    assert_non_null(maker);
    struct uuid uuid = uuid_make(maker, slice_str("www.example.com"));
    uuid_format(&uuid, text);
    assert_memory_equal(text, "2ed6657d-e927-568b-95e1-2665a8aea6a2", UUID_TEXT);
    uuid = uuid_make(maker, SLICE_NONE); /* python3: uuid.uuid5(uuid.NAMESPACE_DNS, "") */
    uuid_format(&uuid, text);
    assert_memory_equal(text, "4ebd0208-8328-5d69-8c44-ec50939c0967", UUID_TEXT);
    uuid_maker_free(maker);
}

static void all_digits(void **state)
{
    (void)state;
    char text[UUID_TEXT];
    struct uuid uuid = {{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xf0, 0x0f, 0x99, 0xaa, 0x90, 0x0a, 0xff, 0x00}};
    uuid_format(&uuid, text);
    assert_memory_equal(text, "01234567-89ab-cdef-f00f-99aa900aff00", UUID_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(published), cmocka_unit_test(all_digits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
