/* Packed records: every field of every kind comes back, whatever its value, with shared texts and without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "analyzer/packed.h"
#include "base/text.h"

/* The record as text, member by member, as the field tables have it: what is compared. */
static void fields_put(struct text *out, const struct field_table *table, const void *record)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        const void *member = (const char *)record + field->offset;
        const struct text_list *texts = member;
        const struct number_list *numbers = member;
        text_format(out, " %s=", field->name);
        switch (field->kind) {
        case FIELD_TEXT:
            text_slice(out, *(const struct slice *)member);
            break;
        case FIELD_ENDPOINT:
            if (text_reserve(out, ENDPOINT_TEXT_SIZE))
                out->len += endpoint_format(member, out->data + out->len);
            break;
        case FIELD_TEXTS:
            for (size_t n = 0; n < texts->count; n++) {
                text_slice(out, texts->items[n]);
                text_put(out, ',');
            }
            break;
        case FIELD_NUMBERS:
            for (size_t n = 0; n < numbers->count; n++)
                text_format(out, "%llu,", (unsigned long long)numbers->items[n]);
            break;
        case FIELD_FLAG:
            text_put(out, *(const bool *)member ? 'y' : 'n');
            break;
        case FIELD_OBJECT:
            if (*(const void *const *)member != NULL)
                fields_put(out, field->object, *(const void *const *)member);
            break;
        case FIELD_FINDINGS:
            for (int n = 0; n < SEVERITY_COUNT; n++)
                text_format(out, "%llu,", (unsigned long long)((const uint64_t *)member)[n]);
            break;
        case FIELD_RELATED:
            for (size_t n = 0; n < ((const struct call_record *)record)->related_count; n++) {
                const struct related_call *related = &((const struct call_record *)record)->related[n];
                text_format(out, "%llu %s %u,", (unsigned long long)related->id, related->why, related->score);
            }
            break;
        default: /* eight bytes */
            text_format(out, "%016llx", (unsigned long long)*(const uint64_t *)member);
            break;
        }
    }
}

static void assert_same(const struct call_record *call, struct intern *words)
{
    struct packer packer = {.shared = words};
    struct unpacked unpacked = {0};
    struct text before = {0}, after = {0};
    uint32_t size;
    uint8_t *block = packed_make(&packer, &call_fields, call, &size);
    assert_non_null(block);
    assert_true(packed_open(&call_fields, block, words, &unpacked));
    fields_put(&before, &call_fields, call);
    fields_put(&after, &call_fields, &unpacked.record.call);
    text_put(&before, '\0');
    text_put(&after, '\0');
    assert_string_equal(after.data, before.data);
    text_fini(&before);
    text_fini(&after);
    unpacked_fini(&unpacked);
    packer_fini(&packer);
    free(block);
}

static const int64_t times[] = {CLOCK_NONE, 0, 1, -1, INT64_MAX / 2, INT64_MIN / 2, INT64_C(1769860800000663000)};
static const uint64_t numbers[] = {NUMBER_NONE, 0, 1, 255, 256, UINT64_MAX - 1, 1u << 31};
static const double reals[] = {-1, 0, 1e-9, 4.4094, 100, 1e300, INFINITY};

enum { VALUES = sizeof times / sizeof times[0] };

static void all_fields_come_back(void **state)
{
    (void)state;
    static const uint8_t v6[16] = {0x20, 1, 0xd, 0xb8, [15] = 9};
    char huge[1000];
    memset(huge, 'x', sizeof huge);
    struct slice texts[] = {SLICE_NONE, slice_str("a"), slice_of(huge, sizeof huge), slice_str("b"), slice_of("\0\xff", 2)};
    struct intern *words = calloc(1, sizeof *words);
    for (int shared = 0; shared < 2; shared++)
        for (size_t i = 0; i < 200; i++) {
            struct call_verdict verdict = {texts[i % 5], texts[(i + 2) % 5], {numbers, i % 7}};
            struct call_trunk trunk = {.connector = texts[i % 5], .streaming = i % 2 == 1, .media_end = times[i % VALUES]};
            struct related_call related[] = {{numbers[i % 7], "same numbers", 60}, {9, "same SDP", 0}};
            struct call_record call = {.id = numbers[i % 7],
                                       .call_id = texts[i % 5],
                                       .method = texts[i % 3],
                                       .state = texts[(i + 1) % 5],
                                       .reason = texts[(i + 3) % 5],
                                       .src = i % 3 == 0 ? (struct endpoint){0} : endpoint_ipv4((const uint8_t[]){192, 0, 2, 1}, (uint16_t)i),
                                       .dst = endpoint_ipv6(v6, 5060),
                                       .start = times[i % VALUES],
                                       .answer = times[(i + 1) % VALUES],
                                       .end = times[(i + 3) % VALUES],
                                       .pdd = times[(i + 2) % VALUES],
                                       .ring = times[i % 3],
                                       .status = numbers[(i + 1) % 7],
                                       .q850 = numbers[(i + 4) % 7],
                                       .user_agents = {texts, i % 6},
                                       .codecs = {texts + 1, i % 2},
                                       .related = related,
                                       .related_count = i % 3,
                                       .streams = {numbers, i % 8 % 7},
                                       .loss_pct = reals[i % 7],
                                       .mos = reals[(i + 3) % 7],
                                       .findings = {i, numbers[1 + i % 6], 7},
                                       .verdict = i % 4 == 0 ? NULL : &verdict,
                                       .trunk = i % 5 == 0 ? &trunk : NULL,
                                       .frame = i};
            assert_same(&call, shared == 1 ? words : NULL);
        }
    assert_in_range(words->count, 4, 300);
    intern_fini(words);
    free(words);
}

/* What is shared takes its bytes once; what there is no number left for is the record's own. */
static void words_are_shared(void **state)
{
    (void)state;
    struct intern *words = calloc(1, sizeof *words);
    struct packer packer = {.shared = words}, alone = {0};
    struct call_record call = {.method = slice_str("INVITE"), .state = slice_str("completed"), .reason = slice_str("OK"), .mos = NAN};
    uint32_t size, own;
    free(packed_make(&packer, &call_fields, &call, &size));
    free(packed_make(&alone, &call_fields, &call, &own));
    assert_int_equal(own - size, strlen("INVITE" "completed" "OK"));
    for (int i = 0; i < 2 * INTERN_MAX; i++) {
        char reason[20];
        snprintf(reason, sizeof reason, "reason %d", i);
        call.reason = slice_str(reason);
        assert_same(&call, words);
    }
    packer_fini(&packer);
    packer_fini(&alone);
    intern_fini(words);
    free(words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_fields_come_back), cmocka_unit_test(words_are_shared)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
