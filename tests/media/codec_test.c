/* Which impairment a codec has, by its name, its parameters and its payload; and that what is unknown says why. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "media/codec.h"

static const struct codec *mode(const char *name, const char *fmtp, const void *payload, size_t have, size_t size)
{
    const struct codec *codec = codec_find(slice_str(name));
    assert_non_null(codec);
    return codec_mode(codec, slice_str(fmtp), slice_of(payload, have), size);
}

static void by_name(void **state)
{
    (void)state;
    assert_true(codec_find(slice_str("pcmu"))->ie == 0 && codec_find(slice_str("PCMA"))->bpl == 25.1);
    assert_true(codec_find(slice_str("g729"))->ie == 10 && codec_find(slice_str("GSM"))->ie == 20);
    assert_int_equal(codec_find(slice_str("G722"))->model, MOS_WIDEBAND);
    assert_int_equal(codec_find(slice_str("OPUS"))->model, MOS_FULLBAND);
    assert_null(codec_find(slice_str("H264")));
    assert_null(codec_find(SLICE_NONE));
    assert_true(codec_is_apart(codec_find(slice_str("telephone-event"))) && codec_is_apart(codec_find(slice_str("cn"))));
    assert_false(codec_is_apart(codec_find(slice_str("PCMU"))));
}

static void without_value_with_reason(void **state)
{
    (void)state;
    static const char *const names[] = {"opus", "AMR", "iLBC", "speex", "EVS", "AMR-WB", "L16"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct codec *codec = codec_find(slice_str(names[i]));
        assert_true(isnan(codec->ie) && codec->why != NULL && codec->why[0] != '\0');
    }
}

static void amr_wb_modes(void **state)
{
    (void)state;
    static const uint8_t octet_aligned[] = {0xf0, 2 << 3 | 4, 0}, efficient[] = {0xf0 | 1, 0x40, 0}, silence[] = {0xf0, 9 << 3 | 4, 0};
    assert_string_equal(mode("AMR-WB", "mode-set=8", "", 0, 0)->name, "AMR-WB 23.85");
    assert_string_equal(mode("AMR-WB", "mode-set=0,2; octet-align=1", octet_aligned, 3, 33)->name, "AMR-WB 12.65");
    assert_string_equal(mode("AMR-WB", "", efficient, 3, 33)->name, "AMR-WB 12.65");
    assert_true(isnan(mode("AMR-WB", "octet-align=1", silence, 3, 7)->ie)); /* SID tells no mode */
    assert_true(isnan(mode("AMR-WB", "", efficient, 1, 1)->ie));
    assert_true(isnan(mode("AMR-WB", "mode-set=3", "", 0, 0)->ie)); /* no diotic value */
}

static void other_modes(void **state)
{
    (void)state;
    assert_true(mode("EVS", "bw=swb", "", 0, 61)->ie == 7.2);
    assert_true(mode("EVS", "br=5.9-24.4; bw=nb-swb", "", 0, 33)->ie == 17.1);
    assert_true(isnan(mode("EVS", "bw=wb", "", 0, 61)->ie) && isnan(mode("EVS", "bw=swb", "", 0, 60)->ie));
    assert_true(mode("G723", "", "", 0, 20)->ie == 19 && mode("G723", "", "", 0, 24)->ie == 15 && mode("G723", "", "", 0, 48)->ie == 15);
    assert_true(mode("PCMU", "", "", 0, 160)->ie == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_name), cmocka_unit_test(without_value_with_reason), cmocka_unit_test(amr_wb_modes),
                                       cmocka_unit_test(other_modes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
