/* Messages of screens: read again where they stand, kept in a ring where they stand nowhere, given up within a budget. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "ui/message_store.h"

static struct message_record message_of(uint64_t frame, uint16_t port)
{
    return (struct message_record){.frame = frame,
                                   .at = (int64_t)frame * 10,
                                   .call = 7,
                                   .status = 180,
                                   .transport = slice_str("tcp"),
                                   .src = endpoint_ipv4((const uint8_t[]){192, 0, 2, 1}, port),
                                   .dst = endpoint_ipv4((const uint8_t[]){192, 0, 2, 2}, 5060),
                                   .retransmission = frame % 2 == 1};
}

static void message_add(struct snapshot *snapshot, uint64_t frame, uint16_t port, const char *text, unsigned source,
                        uint64_t offset)
{
    struct message_record message = message_of(frame, port);
    snapshot_take_message(snapshot, &message, slice_str(text), source, offset);
}

static void apply(struct message_store *store, struct snapshot *snapshot)
{
    message_store_apply(store, snapshot);
    snapshot_free(snapshot);
}

static void assert_text(const struct message_store *store, size_t at, const char *expected)
{
    struct text text = {0};
    struct error error;
    bool got = message_store_text(store, &store->messages[at], &text, &error);
    if (expected == NULL)
        assert_false(got);
    else
        assert_true(got && slice_is(slice_of(text.data, text.len), expected));
    text_fini(&text);
}

static void all_is_told(void **state)
{
    (void)state;
    struct message_store store = {0};
    struct snapshot *snapshot = snapshot_new();
    message_add(snapshot, 3, 5060, "first", KEPT_SPOOL, 0);
    message_add(snapshot, 4, 5070, "", KEPT_SPOOL, 0);
    message_add(snapshot, 5, 5060, "third", KEPT_SPOOL, 0);
    apply(&store, snapshot);
    assert_int_equal(store.count, 3);
    assert_int_equal(store.hops.count, 2);
    assert_int_equal(store.messages[2].hop, store.messages[0].hop);
    const struct hop *hop = message_store_hop(&store, &store.messages[1]);
    assert_int_equal(hop->src.port, 5070);
    assert_int_equal(hop->transport, TRANSPORT_TCP);
    assert_int_equal(store.messages[0].at, 30);
    assert_int_equal(store.messages[0].call, 7);
    assert_int_equal(store.messages[0].code, 180);
    assert_int_equal(store.messages[0].flags, KEPT_AGAIN | KEPT_BROKEN);
    assert_text(&store, 0, "first");
    assert_text(&store, 1, "");
    assert_text(&store, 2, "third");
    assert_int_equal(message_store_from(&store, 4), 1);
    assert_int_equal(message_store_from(&store, 6), 3);
    message_store_fini(&store);
}

static void request_add(struct snapshot *snapshot, uint64_t frame, size_t size, unsigned source, uint64_t offset)
{
    struct message_record message = message_of(frame, 1);
    message.status = NUMBER_NONE;
    snapshot_take_message(snapshot, &message, slice_of("....................................", size), source, offset);
}

static void files_are_read_again(void **state)
{
    (void)state;
    static const char request[] = "OPTIONS sip:x SIP/2.0", response[] = "SIP/2.0 180 Ringing";
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_true(fprintf(file, "....%s%s", request, response) > 0 && fflush(file) == 0);
    int files[] = {-1, fileno(file)};
    struct message_store store = {.files = files, .file_count = 2};
    struct snapshot *snapshot = snapshot_new();
    request_add(snapshot, 1, sizeof request - 1, 1, 4);
    request_add(snapshot, 2, sizeof request - 1, 0, 4);                      /* no file */
    request_add(snapshot, 3, sizeof request - 1, 9, 4);                      /* no such source */
    request_add(snapshot, 4, sizeof request - 1, 1, 40);                     /* the file has become shorter */
    message_add(snapshot, 5, 1, response, 1, 4 + sizeof request - 1);
    message_add(snapshot, 6, 1, request, 1, 4);                              /* it was an answer: the file was written over */
    request_add(snapshot, 7, sizeof response - 1, 1, 4 + sizeof request - 1); /* it was a request */
    apply(&store, snapshot);
    assert_text(&store, 0, request);
    assert_text(&store, 1, NULL);
    assert_text(&store, 2, NULL);
    assert_text(&store, 3, NULL);
    assert_text(&store, 4, response);
    assert_text(&store, 5, NULL);
    assert_text(&store, 6, NULL);
    message_store_fini(&store);
    fclose(file);
}

/* The newest texts are there, the oldest are not, and none is another one's. */
static void spool_is_a_ring(void **state)
{
    (void)state;
    enum { COUNT = 1000, ROOM = 1000, TEXT = 30 };
    struct message_store store = {.spool_most = ROOM};
    char text[TEXT + 1];
    for (int i = 0; i < COUNT; i++) {
        struct snapshot *snapshot = snapshot_new();
        snprintf(text, sizeof text, "%030d", i);
        message_add(snapshot, (uint64_t)i, 1, text, KEPT_SPOOL, 0);
        apply(&store, snapshot);
    }
    assert_int_equal(store.spool_room, ROOM);
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "%030d", i);
        assert_text(&store, (size_t)i, COUNT - i <= ROOM / TEXT ? text : NULL);
    }
    message_store_fini(&store);
}

static void budget_is_kept(void **state)
{
    (void)state;
    struct message_store store = {.count_most = 100};
    for (uint64_t i = 1; i <= 250; i++) {
        struct snapshot *snapshot = snapshot_new();
        message_add(snapshot, i, 1, "x", KEPT_SPOOL, 0);
        apply(&store, snapshot);
        assert_true(store.count <= 100);
    }
    assert_int_equal(store.count + store.forgotten, 250);
    assert_int_equal(store.messages[store.count - 1].frame, 250);
    assert_text(&store, 0, "x");
    message_store_fini(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_is_told), cmocka_unit_test(files_are_read_again),
                                       cmocka_unit_test(spool_is_a_ring), cmocka_unit_test(budget_is_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
