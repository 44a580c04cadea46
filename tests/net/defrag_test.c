/* IP fragments through the decoder: orders, copies, overlaps, losses, time-outs, memory limits, tunnels, cut frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "frames.h"

enum { PAYLOAD = 3000, PARTS_MAX = 8 };

static struct decoder decoder;
static uint8_t payload[BUILT_MAX];
static struct built parts[PARTS_MAX];
static uint64_t number;

static int setup(void **state)
{
    (void)state;
    number = 0;
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i * 7 + i / 256);
    return decoder_init(&decoder, 42, 1 << 20) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    decoder_fini(&decoder);
    return 0;
}

/* One raw IP fragment: bytes [from, to) of a UDP datagram with payload[0..size). */
static void part_build(struct built *part, int version, uint16_t id, size_t size, size_t from, size_t to)
{
    static struct built whole;
    built_set(&whole, payload, size);
    built_udp(&whole, 4000, 5060);
    built_set(part, whole.bytes + from, to - from);
    bool more = to < whole.len;
    if (version == 4) {
        built_ipv4(part, IP_UDP, id, (uint16_t)((more ? 0x2000u : 0u) | from / 8));
        return;
    }
    uint8_t h[8] = {17, 0};
    be16_put(h + 2, from | (more ? 1u : 0u));
    be16_put(h + 6, id);
    built_front(part, h, sizeof h);
    built_ipv6(part, 44);
}

/* Three parts of a 3008-byte datagram. */
static void parts_build(int version, uint16_t id)
{
    part_build(&parts[0], version, id, PAYLOAD, 0, 1000);
    part_build(&parts[1], version, id, PAYLOAD, 1000, 2400);
    part_build(&parts[2], version, id, PAYLOAD, 2400, PAYLOAD + 8);
}

static bool feed(const struct built *part, int64_t time_ns, struct packet *packet)
{
    struct frame frame = built_frame(part, LINK_RAW, time_ns, ++number);
    return decode_frame(&decoder, &frame, packet);
}

static void check_whole(const struct packet *packet, int version, unsigned fragments)
{
    size_t header = version == 4 ? 20 : 40;
    assert_int_equal(packet->payload_len, PAYLOAD);
    assert_int_equal(packet->wire_len, PAYLOAD);
    assert_memory_equal(packet->payload, payload, PAYLOAD);
    assert_int_equal(packet->fragments, fragments);
    assert_int_equal(packet->flags, PACKET_REASSEMBLED);
    assert_int_equal(packet->dst.port, 5060);
    assert_int_equal(packet->ip_len, header + 8 + PAYLOAD);
    assert_int_equal(packet->ip_wire_len, packet->ip_len);
    /* One plain IP header, as a BPF for raw IP wants it. */
    if (version == 4) {
        assert_int_equal(packet->ip[2] << 8 | packet->ip[3], packet->ip_len);
        assert_int_equal(packet->ip[6] | packet->ip[7], 0);
    } else {
        assert_int_equal(packet->ip[4] << 8 | packet->ip[5], packet->ip_len - 40);
        assert_int_equal(packet->ip[6], 17);
    }
    assert_ptr_equal(packet->ip + header + 8, packet->payload);
}

static uint64_t count(enum anomaly anomaly)
{
    return decoder.anomalies.count[anomaly];
}

static uint64_t count_all(void)
{
    uint64_t sum = 0;
    for (int i = 0; i < ANOMALY_COUNT; i++)
        sum += decoder.anomalies.count[i];
    return sum;
}

static void test_all_orders(void **state)
{
    (void)state;
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int version = 4; version <= 6; version += 2)
        for (int i = 0; i < 6; i++) {
            struct packet packet;
            parts_build(version, (uint16_t)(100 + i));
            assert_false(feed(&parts[orders[i][0]], 0, &packet));
            assert_false(feed(&parts[orders[i][1]], 0, &packet));
            assert_int_equal(decoder_pending(&decoder, NULL), 1);
            assert_true(feed(&parts[orders[i][2]], 0, &packet));
            check_whole(&packet, version, 3);
            assert_int_equal(packet.frame, number);
            assert_int_equal(decoder_pending(&decoder, NULL), 0);
        }
    assert_int_equal(count_all(), 0);
}

/* On Ethernet, where the fast lane looks first: its lengths would even fit. */
static void test_fast_lane_leaves_fragments(void **state)
{
    (void)state;
    struct packet packet;
    static const struct {
        size_t from;
        uint16_t place;
    } pieces[] = {{8, 0x0001}, {0, 0x2000}};
    static struct built whole;
    built_set(&whole, payload, 8);
    built_udp(&whole, 4000, 5060);
    for (int i = 0; i < 2; i++) {
        struct built *part = &parts[0];
        built_set(part, whole.bytes + pieces[i].from, 8);
        be16_put(part->bytes + 4, i == 0 ? 8 : 16); /* the second piece looks like a UDP header of its own */
        built_ipv4(part, IP_UDP, 3, pieces[i].place);
        built_ethernet(part, 0x0800);
        struct frame frame = built_frame(part, LINK_ETHERNET, 0, 1);
        assert_int_equal(decode_frame(&decoder, &frame, &packet), i == 1);
    }
    assert_int_equal(packet.payload_len, 8);
    assert_int_equal(packet.fragments, 2);
}

static void test_copies(void **state)
{
    (void)state;
    struct packet packet;
    parts_build(4, 7);
    /* Each twice, as on the "any" device: once whole, the stray last copy is nothing. */
    assert_false(feed(&parts[0], 0, &packet));
    assert_false(feed(&parts[0], 0, &packet));
    assert_false(feed(&parts[2], 0, &packet));
    assert_false(feed(&parts[2], 0, &packet));
    assert_true(feed(&parts[1], 0, &packet));
    check_whole(&packet, 4, 3);
    assert_false(feed(&parts[1], 0, &packet));
    assert_int_equal(decoder_pending(&decoder, NULL), 0);
    /* The other two again: that is a second copy of the whole datagram, given as an unfragmented one would be. */
    assert_false(feed(&parts[0], NS_PER_MS, &packet));
    assert_false(feed(&parts[0], NS_PER_MS, &packet));
    assert_true(feed(&parts[2], NS_PER_MS, &packet));
    check_whole(&packet, 4, 3);
    /* The same identification with other bytes soon after is a new datagram. */
    payload[0] ^= 1;
    parts_build(4, 7);
    for (int i = 0; i < 3; i++)
        assert_int_equal(feed(&parts[i], 2 * NS_PER_MS, &packet), i == 2);
    check_whole(&packet, 4, 3);
    decoder_finish(&decoder);
    assert_int_equal(count_all(), 0);
}

static void test_overlap_first_wins(void **state)
{
    (void)state;
    struct packet packet;
    for (int version = 4; version <= 6; version += 2) {
        uint64_t before = count(ANOMALY_FRAGMENT_OVERLAP);
        parts_build(version, 9);
        part_build(&parts[3], version, 9, PAYLOAD, 800, 1600);
        /* Overlap with equal bytes is no anomaly. */
        assert_false(feed(&parts[0], 0, &packet));
        assert_false(feed(&parts[3], 0, &packet));
        assert_false(feed(&parts[2], 0, &packet));
        assert_true(feed(&parts[1], 0, &packet));
        check_whole(&packet, version, 4);
        assert_int_equal(count(ANOMALY_FRAGMENT_OVERLAP), before);
        /* With other bytes: the first copy stays. */
        parts_build(version, 10);
        part_build(&parts[3], version, 10, PAYLOAD, 800, 1600);
        parts[3].bytes[parts[3].len - 700] ^= 0xff; /* datagram byte 900: part 0 has it already */
        assert_false(feed(&parts[0], 0, &packet));
        assert_false(feed(&parts[3], 0, &packet));
        assert_false(feed(&parts[1], 0, &packet));
        assert_true(feed(&parts[2], 0, &packet));
        check_whole(&packet, version, 4);
        assert_int_equal(count(ANOMALY_FRAGMENT_OVERLAP), before + 1);
    }
}

static void test_bad_fragments(void **state)
{
    (void)state;
    struct packet packet;
    parts_build(4, 11);
    struct built *odd = &parts[3];
    part_build(odd, 4, 11, PAYLOAD, 0, 1004); /* not the last, and no multiple of 8 */
    assert_false(feed(odd, 0, &packet));
    part_build(odd, 4, 11, PAYLOAD, 8, 8); /* empty */
    assert_false(feed(odd, 0, &packet));
    part_build(odd, 4, 11, PAYLOAD, 0, 1000);
    be16_put(odd->bytes + 6, 0x1fff); /* ends beyond 65535 */
    assert_false(feed(odd, 0, &packet));
    assert_int_equal(count(ANOMALY_FRAGMENT_BAD), 3);
    assert_int_equal(decoder_pending(&decoder, NULL), 0);
    /* A second end elsewhere, and bytes behind the end, do not disturb the datagram. */
    assert_false(feed(&parts[2], 0, &packet));
    part_build(odd, 4, 11, 2000, 1600, 2008);
    assert_false(feed(odd, 0, &packet));
    part_build(odd, 4, 11, 5000, 3200, 4000);
    assert_false(feed(odd, 0, &packet));
    assert_int_equal(count(ANOMALY_FRAGMENT_BAD), 5);
    assert_false(feed(&parts[0], 0, &packet));
    assert_true(feed(&parts[1], 0, &packet));
    check_whole(&packet, 4, 3);
    /* Header and payload together over 65535: the ping of death. */
    part_build(&parts[0], 4, 12, 65520, 0, 65512);
    part_build(&parts[1], 4, 12, 65520, 65512, 65528);
    assert_false(feed(&parts[0], 0, &packet));
    assert_false(feed(&parts[1], 0, &packet));
    assert_int_equal(count(ANOMALY_FRAGMENT_BAD), 6);
    assert_int_equal(decoder_pending(&decoder, NULL), 0);
}

static void test_timeout(void **state)
{
    (void)state;
    struct packet packet;
    parts_build(4, 13);
    assert_false(feed(&parts[0], 0, &packet));
    assert_false(feed(&parts[1], 20 * NS_PER_SECOND, &packet));
    assert_false(feed(&parts[2], 31 * NS_PER_SECOND, &packet)); /* too late: begins a datagram of its own */
    assert_int_equal(count(ANOMALY_FRAGMENT_INCOMPLETE), 1);
    assert_int_equal(decoder_pending(&decoder, NULL), 1);
    decoder_finish(&decoder);
    assert_int_equal(count(ANOMALY_FRAGMENT_INCOMPLETE), 2);
    assert_int_equal(decoder_pending(&decoder, NULL), 0);
    /* In time; and other traffic's clock times the forgotten ones out. */
    assert_false(feed(&parts[0], 100 * NS_PER_SECOND, &packet));
    assert_false(feed(&parts[1], 129 * NS_PER_SECOND, &packet));
    assert_true(feed(&parts[2], 130 * NS_PER_SECOND, &packet));
    parts_build(6, 14);
    assert_false(feed(&parts[0], 200 * NS_PER_SECOND, &packet));
    built_set(&parts[4], "x", 1);
    built_udp(&parts[4], 1, 2);
    built_ipv4(&parts[4], IP_UDP, 1, 0);
    assert_true(feed(&parts[4], 231 * NS_PER_SECOND, &packet));
    assert_int_equal(count(ANOMALY_FRAGMENT_INCOMPLETE), 3);
    assert_int_equal(decoder_pending(&decoder, NULL), 0);
}

static void test_interleaved(void **state)
{
    (void)state;
    struct packet packet;
    enum { DATAGRAMS = 20 };
    for (int part = 0; part < 3; part++)
        for (int i = 0; i < DATAGRAMS; i++) {
            parts_build(i % 2 == 0 ? 4 : 6, (uint16_t)i);
            bool whole = feed(&parts[(part + i) % 3], i, &packet);
            assert_int_equal(whole, part == 2);
            if (whole)
                check_whole(&packet, i % 2 == 0 ? 4 : 6, 3);
        }
    assert_int_equal(count_all(), 0);
}

static void test_memory_limit(void **state)
{
    (void)state;
    struct packet packet;
    size_t bytes = 0;
    for (uint16_t id = 0; id < 2000; id++) {
        parts_build(4, id);
        assert_false(feed(&parts[0], id, &packet));
        decoder_pending(&decoder, &bytes);
        assert_true(bytes <= 1 << 20);
    }
    size_t waiting = decoder_pending(&decoder, NULL);
    assert_true(waiting > 300 && waiting < 2000);
    assert_int_equal(count(ANOMALY_FRAGMENT_EVICTED), 2000 - waiting);
    /* The newest survived, the oldest did not. */
    parts_build(4, 1999);
    assert_false(feed(&parts[1], 2000, &packet));
    assert_true(feed(&parts[2], 2000, &packet));
    check_whole(&packet, 4, 3);
    parts_build(4, 0);
    assert_false(feed(&parts[1], 2000, &packet));
    assert_false(feed(&parts[2], 2000, &packet));
    decoder_finish(&decoder);
    assert_int_equal(count(ANOMALY_FRAGMENT_EVICTED) + count(ANOMALY_FRAGMENT_INCOMPLETE), 2000);
    decoder_pending(&decoder, &bytes);
    assert_int_equal(bytes, 0);
    /* Hardly any memory: never whole, never more than allowed. */
    decoder_fini(&decoder);
    assert_true(decoder_init(&decoder, 1, 2500));
    for (int i = 0; i < 3; i++) {
        assert_false(feed(&parts[i], 0, &packet));
        decoder_pending(&decoder, &bytes);
        assert_true(bytes <= 2500);
    }
    assert_true(count(ANOMALY_FRAGMENT_EVICTED) > 0);
}

/* Each fragment's frame cut by the snap length: only the bytes before the first hole are given. */
static void test_cut_frames(void **state)
{
    (void)state;
    for (int reversed = 0; reversed < 2; reversed++) {
        struct packet packet;
        bool whole = false;
        parts_build(4, 20);
        for (int i = 0; i < 3; i++) {
            struct built *part = &parts[reversed ? 2 - i : i];
            struct frame frame = built_frame(part, LINK_RAW, reversed * NS_PER_SECOND, ++number);
            frame.bytes.len = 100;
            whole = decode_frame(&decoder, &frame, &packet);
        }
        assert_true(whole);
        assert_int_equal(packet.flags, PACKET_REASSEMBLED | PACKET_TRUNCATED);
        assert_int_equal(packet.payload_len, 100 - 28);
        assert_int_equal(packet.wire_len, PAYLOAD);
        assert_memory_equal(packet.payload, payload, packet.payload_len);
        assert_int_equal(packet.ip_len, 100);
        assert_int_equal(packet.ip_wire_len, 28 + PAYLOAD);
    }
    assert_int_equal(count(ANOMALY_SNAPLEN), 2);
    assert_int_equal(count_all(), 2);
}

/* 8 bytes a fragment, backwards: the cost follows the bytes, not the number of fragments squared. */
static void test_tiny_fragments(void **state)
{
    (void)state;
    struct packet packet;
    enum { SIZE = 65480 };
    struct built *part = &parts[0];
    clock_t begin = clock();
    for (size_t from = SIZE; from > 0; from -= 8) {
        static struct built whole;
        if (from == SIZE) {
            built_set(&whole, payload, SIZE - 8);
            built_udp(&whole, 4000, 5060);
        }
        built_set(part, whole.bytes + from - 8, 8);
        built_ipv4(part, IP_UDP, 30, (uint16_t)((from == SIZE ? 0 : 0x2000) | (from - 8) / 8));
        assert_int_equal(feed(part, 0, &packet), from == 8);
    }
    assert_true((clock() - begin) / CLOCKS_PER_SEC < 5);
    assert_int_equal(packet.payload_len, SIZE - 8);
    assert_memory_equal(packet.payload, payload, SIZE - 8);
    assert_int_equal(packet.fragments, 255); /* as many as its field can say */
    assert_int_equal(packet.ip_wire_len, SIZE + 20);
    assert_int_equal(count_all(), 0);
}

/* Fragments of a tunnel's datagrams, in each of which is a fragment of the datagram inside. */
static void test_tunnels(void **state)
{
    (void)state;
    struct packet packet;
    uint16_t outer_id = 500;
    parts_build(4, 40);
    for (int i = 0; i < 3; i++) {
        static struct built tunnel, half;
        tunnel = parts[i];
        built_hex(&tunnel, "00000800"); /* GRE */
        size_t middle = tunnel.len / 2 / 8 * 8;
        outer_id++;
        built_set(&half, tunnel.bytes + middle, tunnel.len - middle);
        built_ipv4(&half, IP_GRE, outer_id, (uint16_t)(middle / 8));
        assert_false(feed(&half, 0, &packet));
        built_set(&half, tunnel.bytes, middle);
        built_ipv4(&half, IP_GRE, outer_id, 0x2000);
        assert_int_equal(feed(&half, 0, &packet), i == 2);
    }
    assert_int_equal(packet.flags, PACKET_REASSEMBLED | PACKET_TUNNELLED);
    packet.flags = PACKET_REASSEMBLED;
    check_whole(&packet, 4, 3);
    assert_int_equal(count_all(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_orders, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fast_lane_leaves_fragments, setup, teardown),
        cmocka_unit_test_setup_teardown(test_copies, setup, teardown),
        cmocka_unit_test_setup_teardown(test_overlap_first_wins, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_fragments, setup, teardown),
        cmocka_unit_test_setup_teardown(test_timeout, setup, teardown),
        cmocka_unit_test_setup_teardown(test_interleaved, setup, teardown),
        cmocka_unit_test_setup_teardown(test_memory_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cut_frames, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tiny_fragments, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tunnels, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
