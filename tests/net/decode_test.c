/* Each link type and tunnel with one made frame, whole and cut at each length; lengths that lie; ICMP quotations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "frames.h"

enum { T = PACKET_TUNNELLED, G = PACKET_TAGGED, V6 = 0x100 };

/* layers: outermost first; each word is hexadecimal bytes as they stand, or a header whose length fields must fit:
   eth:type ip4:protocol ip6:next udp:port (destination) pppoe nflog gtpu:first-byte l2tp; numbers are hexadecimal. The
   innermost datagram is ip4 or ip6 with udp:13c4 and "hello" in it. */
struct shape {
    uint16_t link;
    const char *layers;
    unsigned expected; /* flags, V6 where the innermost header is IPv6 */
};

#define UDP4 "ip4:11 udp:13c4"
#define UDP6 "ip6:11 udp:13c4"
#define SLL_HEAD "000400010006020000000001" "0000"

static const struct shape shapes[] = {
    {LINK_ETHERNET, "eth:0800 " UDP4, 0},
    {LINK_ETHERNET, "eth:86dd " UDP6, V6},
    {LINK_ETHERNET, "eth:8100 00640800 " UDP4, G},
    {LINK_ETHERNET, "eth:88a8 0064810000c886dd " UDP6, G | V6},
    {LINK_ETHERNET, "eth:8100 0064810000c80800 " UDP4, G},
    {LINK_ETHERNET, "eth:9100 0064810000c881000001810000020800 " UDP4, G},
    {LINK_ETHERNET, "eth:8926 000000010800 " UDP4, G},
    {LINK_ETHERNET, "eth:893f 00000000000086dd " UDP6, G | V6},
    {LINK_ETHERNET, "eth:8909 0101000100050800 " UDP4, G},
    {LINK_ETHERNET, "eth:8909 0800010100010005 " UDP4, G}, /* as in GRE */
    {LINK_ETHERNET, "eth:893f 0000000000008100 00640800 " UDP4, G},
    {LINK_ETHERNET, "eth:88e7 00000001 0200000000020200000000010800 " UDP4, G},
    {LINK_ETHERNET, "llc aaaa030000000800 " UDP4, 0},
    {LINK_ETHERNET, "llc 060603 " UDP4, 0},
    {LINK_SLL, SLL_HEAD "0800 " UDP4, 0},
    {LINK_SLL, SLL_HEAD "8100 006486dd " UDP6, G | V6},
    {LINK_SLL2, "08000000000000020001000602000000" "00010000 " UDP4, 0},
    {LINK_NULL, "02000000 " UDP4, 0},
    {LINK_NULL, "00000002 " UDP4, 0},
    {LINK_NULL, "1e000000 " UDP6, V6},
    {LINK_LOOP, "00000018 " UDP6, V6},
    {LINK_LOOP, "0000000a " UDP6, V6},
    {LINK_NULL, "1c000000 " UDP6, V6},
    {LINK_RAW_BSD, UDP4, 0},
    {LINK_RAW_OPENBSD, UDP6, V6},
    {LINK_RAW, UDP4, 0},
    {LINK_RAW, UDP6, V6},
    {LINK_IPV4, UDP4, 0},
    {LINK_IPV6, UDP6, V6},
    {LINK_PPP, "ff030021 " UDP4, 0},
    {LINK_PPP, "0057 " UDP6, V6},
    {LINK_PPP_HDLC, "ff0321 " UDP4, 0},
    {LINK_PPP_HDLC, "21 " UDP4, 0},
    {LINK_PPP_HDLC, "0f000800 " UDP4, 0},
    {LINK_PPPOE, "pppoe 0021 " UDP4, G},
    {LINK_ETHERNET, "eth:8864 pppoe 0057 " UDP6, G | V6},
    {LINK_ETHERNET, "eth:8847 00064040 00065140 " UDP4, G},
    {LINK_ETHERNET, "eth:8848 00065140 " UDP6, G | V6},
    {LINK_ETHERNET, "eth:8847 00065140 00000000 eth:0800 " UDP4, G},
    {LINK_ETHERNET, "eth:8847 00065140 eth:8100 00640800 " UDP4, G},
    {LINK_CHDLC, "0f000800 " UDP4, 0},
    {LINK_CHDLC, "8f0086dd " UDP6, V6},
    {LINK_PPI, "0000080001000000 eth:0800 " UDP4, 0},
    {LINK_PPI, "00000c006500000011223344 " UDP4, 0},
    {258, "0c000000 01000000 65000000 " UDP4, 0},
    {LINK_NFLOG, "02000000 0800010008000103 0500020041000000 nflog " UDP4, 0},
    {LINK_NFLOG, "0a000000 nflog " UDP6, V6},
    {LINK_NFLOG, "02000000 0008000108000103 nflogbe " UDP4, 0},
    {LINK_ETHERNET, "eth:0800 ip4:2f 00000800 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:2f b00086dd 11110000 000000aa 00000001 " UDP6, T | V6},
    {LINK_ETHERNET, "eth:86dd ip6:2f 20006558 12345678 eth:0800 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:2f 3081880b 00220001 00000001 00000002 ff030021 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:2f 000088be eth:0800 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:2f 100088be 00000001 1001000100000000 eth:8100 00640800 " UDP4, T | G},
    {LINK_ETHERNET, "eth:0800 ip4:2f 100022eb 00000001 200100010000000000000000 eth:0800 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:2f 100022eb 00000001 200100010000000000000001 0000000000000000 eth:0800 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:2f 100022eb 00000001 200100010000000000000800 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:61 3000 eth:0800 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:89 00065140 " UDP4, T | G},
    {LINK_ETHERNET, "eth:0800 ip4:11 udp:12b5 0800000000001100 eth:0800 " UDP4, T},
    {LINK_ETHERNET, "eth:86dd ip6:11 udp:2118 0800000000001100 eth:86dd " UDP6, T | V6},
    {LINK_ETHERNET, "eth:0800 ip4:11 udp:12b6 0c00000100001100 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:11 udp:17c1 0000655800001100 eth:0800 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:11 udp:17c1 014086dd00001100 01028000 " UDP6, T | V6},
    {LINK_ETHERNET, "eth:0800 ip4:04 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:29 " UDP6, T | V6},
    {LINK_ETHERNET, "eth:86dd ip6:29 " UDP6, T | V6},
    {LINK_ETHERNET, "eth:86dd ip6:04 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:11 udp:0868 gtpu:30 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:11 udp:0868 gtpu:32 00010000 " UDP6, T | V6},
    {LINK_ETHERNET, "eth:0800 ip4:11 udp:0868 gtpu:34 00000085 01000940 01000000 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:11 udp:0868 gtpu:34 00000085 01000900 eth:0800 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:11 udp:06a5 l2tp 0021 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:11 udp:06a5 000200010002 ff030021 " UDP4, T},
    {LINK_ETHERNET, "eth:0800 ip4:11 udp:9090 010000010a01f00001 eth:0800 " UDP4, T},
    {LINK_RAW, "ip4:33 11040000 0000010000000001 000000010000000000000000 udp:13c4", 0},
    {LINK_RAW, "ip6:00 3c00010400000000 2b00010400000000 3300000000000000 1104000000000100 "
               "00000001aaaaaaaaaaaaaaaaaaaaaaaa udp:13c4", V6},
    {LINK_RAW, "ip6:00 2c00010400000000 1100000012345678 udp:13c4", V6},
};

static void layer_front(struct built *b, const char *word)
{
    const char *colon = strchr(word, ':');
    unsigned value = colon == NULL ? 0 : (unsigned)strtoul(colon + 1, NULL, 16);
    char text[64];
    if (strncmp(word, "eth:", 4) == 0)
        built_ethernet(b, (uint16_t)value);
    else if (strncmp(word, "ip4:", 4) == 0)
        built_ipv4(b, (uint8_t)value, 7, 0);
    else if (strncmp(word, "ip6:", 4) == 0)
        built_ipv6(b, (uint8_t)value);
    else if (strncmp(word, "udp:", 4) == 0)
        built_udp(b, 4000, (uint16_t)value);
    else if (strcmp(word, "llc") == 0)
        built_ethernet(b, (uint16_t)b->len);
    else if (strcmp(word, "pppoe") == 0) {
        snprintf(text, sizeof text, "11000001%04x", (unsigned)b->len);
        built_hex(b, text);
    } else if (strcmp(word, "nflog") == 0) {
        snprintf(text, sizeof text, "%02x%02x0900", (unsigned)(b->len + 4) & 255, (unsigned)(b->len + 4) >> 8);
        built_hex(b, text);
    } else if (strcmp(word, "nflogbe") == 0) {
        snprintf(text, sizeof text, "%04x0009", (unsigned)b->len + 4);
        built_hex(b, text);
    } else if (strncmp(word, "gtpu:", 5) == 0) {
        snprintf(text, sizeof text, "%02xff%04x00000007", value, (unsigned)b->len);
        built_hex(b, text);
    } else if (strcmp(word, "l2tp") == 0) {
        snprintf(text, sizeof text, "4002%04x00010002", (unsigned)b->len + 8);
        built_hex(b, text);
    } else {
        built_hex(b, word);
    }
}

static void shape_build(struct built *b, const char *layers)
{
    char copy[512], *words[32], *rest = NULL;
    size_t n = 0;
    assert_true(strlen(layers) < sizeof copy);
    memcpy(copy, layers, strlen(layers) + 1);
    for (char *word = strtok_r(copy, " ", &rest); word != NULL && n < 32; word = strtok_r(NULL, " ", &rest))
        words[n++] = word;
    built_set(b, "hello", 5);
    while (n > 0)
        layer_front(b, words[--n]);
}

static struct decoder decoder;
static struct built built, outer;

static int setup(void **state)
{
    (void)state;
    return decoder_init(&decoder, 42, 1 << 20) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    decoder_fini(&decoder);
    return 0;
}

static uint64_t anomaly_sum(void)
{
    uint64_t sum = 0;
    for (int i = 0; i < ANOMALY_COUNT; i++)
        sum += decoder.anomalies.count[i];
    return sum;
}

static bool inside(const struct packet *packet, struct slice bytes)
{
    uintptr_t begin = (uintptr_t)bytes.data, end = begin + bytes.len, p = (uintptr_t)packet->payload;
    uintptr_t ip = (uintptr_t)packet->ip;
    return p >= begin && p <= end && packet->payload_len <= end - p && ip >= begin && ip <= end &&
           packet->ip_len <= end - ip;
}

static void test_shapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        const struct shape *shape = &shapes[i];
        struct packet packet;
        char src[ENDPOINT_TEXT_SIZE];
        shape_build(&built, shape->layers);
        struct frame frame = built_frame(&built, shape->link, 5, 77);
        if (!decode_frame(&decoder, &frame, &packet) || anomaly_sum() != 0)
            fail_msg("not decoded: %u %s", shape->link, shape->layers);
        if (packet.flags != (shape->expected & 0xff))
            fail_msg("flags %x: %u %s", packet.flags, shape->link, shape->layers);
        assert_int_equal(packet.payload_len, 5);
        assert_int_equal(packet.wire_len, 5);
        assert_memory_equal(packet.payload, "hello", 5);
        endpoint_format(&packet.src, src);
        assert_string_equal(src, shape->expected & V6 ? "[2001:db8::1]:4000" : "192.0.2.1:4000");
        assert_int_equal(packet.dst.port, 5060);
        assert_int_equal(packet.protocol, IP_UDP);
        assert_int_equal(packet.time_ns, 5);
        assert_int_equal(packet.frame, 77);
        assert_int_equal(packet.ip[0] >> 4, shape->expected & V6 ? 6 : 4);
        assert_int_equal(packet.ip_len, packet.ip_wire_len);
        assert_ptr_equal(packet.ip + packet.ip_len, packet.payload + 5);
    }
}

/* Each frame cut at each length: with the true wire length (snap length), and with one that hides the cut. */
static void test_shapes_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        shape_build(&built, shapes[i].layers);
        for (size_t n = 0; n < built.len; n++) {
            uint8_t *exact = malloc(n == 0 ? 1 : n);
            assert_non_null(exact);
            memcpy(exact, built.bytes, n);
            for (int hidden = 0; hidden < 2; hidden++) {
                struct packet packet;
                struct frame frame = built_frame(&built, shapes[i].link, 0, 1);
                uint64_t before = anomaly_sum(), snaplen = decoder.anomalies.count[ANOMALY_SNAPLEN];
                frame.bytes = slice_of(exact, n);
                frame.wire_len = (uint32_t)(hidden ? n : built.len);
                bool whole = decode_frame(&decoder, &frame, &packet);
                assert_true(anomaly_sum() > before);
                if (!whole)
                    continue;
                assert_true(inside(&packet, frame.bytes));
                assert_true(packet.flags & PACKET_TRUNCATED);
                assert_true(packet.payload_len < packet.wire_len);
                /* A tunnel cut in its header shows as the ordinary payload that it may be. */
                if (packet.dst.port == 5060)
                    assert_memory_equal(packet.payload, "hello", packet.payload_len);
                if (!hidden)
                    assert_int_equal(decoder.anomalies.count[ANOMALY_SNAPLEN], snaplen + 1);
            }
            free(exact);
        }
    }
}

/* The fast lane and the slow lane say the same: PPI around the frame makes it slow. */
static void test_lanes_agree(void **state)
{
    (void)state;
    static const uint16_t places[] = {0, 0x4000, 0x8000};
    for (size_t i = 0; i < 3; i++) {
        struct packet fast, slow;
        memset(&fast, 0xee, sizeof fast);
        memset(&slow, 0xdd, sizeof slow);
        built_set(&built, "payload bytes", 13);
        built_udp(&built, 40000, 6000);
        built_ipv4(&built, IP_UDP, 1, places[i] & 0x4000);
        built_ethernet(&built, 0x0800);
        if (places[i] & 0x8000)
            built.len += 6; /* Ethernet padding, not zeroed by everyone */
        outer = built;
        built_hex(&outer, "0000080001000000");
        struct frame a = built_frame(&built, LINK_ETHERNET, 9, 3), b = built_frame(&outer, LINK_PPI, 9, 3);
        assert_true(decode_frame(&decoder, &a, &fast));
        assert_true(decode_frame(&decoder, &b, &slow));
        assert_int_equal(fast.payload - built.bytes, slow.payload - outer.bytes - 8);
        assert_int_equal(fast.ip - built.bytes, slow.ip - outer.bytes - 8);
        assert_int_equal(fast.payload_len, 13);
        slow.payload = fast.payload;
        slow.ip = fast.ip;
        struct packet expected = {.time_ns = slow.time_ns, .frame = slow.frame, .payload = fast.payload, .ip = fast.ip};
        assert_true(endpoint_equal(&fast.src, &slow.src) && endpoint_equal(&fast.dst, &slow.dst));
        assert_true(fast.time_ns == expected.time_ns && fast.frame == expected.frame);
        assert_true(fast.payload_len == slow.payload_len && fast.wire_len == slow.wire_len);
        assert_true(fast.ip_len == slow.ip_len && fast.ip_wire_len == slow.ip_wire_len);
        assert_true(fast.tcp_seq == slow.tcp_seq && fast.tcp_ack == slow.tcp_ack);
        assert_true(fast.protocol == slow.protocol && fast.flags == slow.flags && fast.tcp_flags == slow.tcp_flags);
        assert_true(fast.icmp_type == slow.icmp_type && fast.icmp_code == slow.icmp_code);
        assert_int_equal(fast.fragments, slow.fragments);
        assert_int_equal(fast.flags, places[i] & 0x4000 ? PACKET_DF : 0);
    }
}

static bool decode_built(uint16_t link, struct packet *packet)
{
    struct frame frame = built_frame(&built, link, 0, 1);
    return decode_frame(&decoder, &frame, packet);
}

/* SIP, RTP, STUN on a tunnel's port stay what they are. */
static void test_tunnel_ports_hold_other_payloads(void **state)
{
    (void)state;
    static const uint16_t ports[] = {1701, 2152, 4789, 4790, 6081, 8472, 37008};
    static const char *const payloads[] = {
        "OPTIONS sip:a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9\r\n\r\n",
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\r\n\r\n",
        "\x80\x12\x34\x56\x78\x9a\xbc\xde\x11\x22\x33\x44 audio audio audio audio audio audio audio",
        "\x32\x01\x01\x04\x01\x01\x01\x01 a tunnel's own echo request, not a packet in it",
    };
    for (size_t i = 0; i < 7; i++)
        for (size_t k = 0; k < 4; k++) {
            struct packet packet;
            built_set(&built, payloads[k], strlen(payloads[k]));
            built_udp(&built, ports[i], ports[i]);
            built_ipv4(&built, IP_UDP, 1, 0);
            built_ethernet(&built, 0x0800);
            assert_true(decode_built(LINK_ETHERNET, &packet));
            assert_int_equal(packet.payload_len, strlen(payloads[k]));
            assert_memory_equal(packet.payload, payloads[k], packet.payload_len);
            assert_int_equal(packet.flags, 0);
            assert_int_equal(packet.dst.port, ports[i]);
        }
    /* Only type 255 carries a packet, even where another seems to hold one. */
    struct packet packet;
    shape_build(&built, "eth:0800 ip4:11 udp:0868 gtpu:30 " UDP4);
    built.bytes[14 + 28 + 1] = 254;
    assert_true(decode_built(LINK_ETHERNET, &packet));
    assert_int_equal(packet.dst.port, 2152);
    assert_int_equal(anomaly_sum(), 0);
}

static void test_lengths(void **state)
{
    (void)state;
    struct packet packet;
    shape_build(&built, "eth:0800 " UDP4);
    be16_put(built.bytes + 16, 0); /* total length 0: captured before segmentation */
    assert_true(decode_built(LINK_ETHERNET, &packet));
    assert_int_equal(packet.payload_len, 5);
    be16_put(built.bytes + 38, 0); /* and UDP's too */
    assert_true(decode_built(LINK_ETHERNET, &packet));
    assert_int_equal(packet.payload_len, 5);
    assert_int_equal(anomaly_sum(), 0);

    shape_build(&built, "eth:0800 " UDP4);
    be16_put(built.bytes + 38, 11); /* UDP shorter than IP: cut */
    assert_true(decode_built(LINK_ETHERNET, &packet));
    assert_int_equal(packet.payload_len, 3);
    assert_int_equal(packet.wire_len, 3);
    assert_int_equal(packet.flags, 0);
    be16_put(built.bytes + 38, 14); /* longer */
    assert_false(decode_built(LINK_ETHERNET, &packet));
    be16_put(built.bytes + 38, 7);
    assert_false(decode_built(LINK_ETHERNET, &packet));
    assert_int_equal(decoder.anomalies.count[ANOMALY_UDP_SHORT], 2);

    shape_build(&built, "eth:0800 " UDP4);
    be16_put(built.bytes + 16, 1000); /* IP longer than the frame */
    be16_put(built.bytes + 38, 980);
    assert_true(decode_built(LINK_ETHERNET, &packet));
    assert_int_equal(packet.payload_len, 5);
    assert_int_equal(packet.wire_len, 972);
    assert_int_equal(packet.flags, PACKET_TRUNCATED);
    assert_int_equal(decoder.anomalies.count[ANOMALY_IP_LENGTH], 1);
    assert_int_equal(decoder.anomalies.count[ANOMALY_SNAPLEN], 0);
    be16_put(built.bytes + 16, 19);
    assert_false(decode_built(LINK_ETHERNET, &packet));
    assert_int_equal(decoder.anomalies.count[ANOMALY_IP_LENGTH], 2);

    /* RFC 2675: payload length 0, the real one in the hop-by-hop option; UDP length 0. */
    built_set(&built, "hello", 5);
    built.len = 70000;
    built_udp(&built, 4000, 5060);
    be16_put(built.bytes + 4, 0);
    built_hex(&built, "1100c20400011180"); /* 70016 = 8 + 8 + 70000 */
    built_ipv6(&built, 0);
    be16_put(built.bytes + 4, 0);
    assert_true(decode_built(LINK_RAW, &packet));
    assert_int_equal(packet.payload_len, 70000);
    assert_int_equal(packet.wire_len, 70000);
    assert_int_equal(packet.ip_wire_len, 65535);
}

static void test_bad_headers(void **state)
{
    (void)state;
    struct packet packet;
    static const struct {
        uint16_t link;
        const char *layers;
        enum anomaly anomaly;
    } bad[] = {
        {147, UDP4, ANOMALY_LINK_UNKNOWN},
        {LINK_ETHERNET, "eth:0806 00010800", ANOMALY_ETHERTYPE_UNKNOWN},
        {LINK_NULL, "63000000 " UDP4, ANOMALY_ETHERTYPE_UNKNOWN},
        {LINK_PPP, "ff03c021 " UDP4, ANOMALY_ETHERTYPE_UNKNOWN},
        {LINK_ETHERNET,
         "eth:8100 00018100000181000001810000018100000181000001810000018100000181000001810000010800 " UDP4,
         ANOMALY_TUNNEL_DEPTH},
        {LINK_ETHERNET, "eth:8847 00000000000000000000000000000000000000000000000000000000000000000000000000000000"
                        "00000000000000000000000000000000000000000000000000000000000000000000000000000000 " UDP4,
         ANOMALY_TUNNEL_DEPTH},
        {LINK_RAW, "55000000 " UDP4, ANOMALY_IP_VERSION},
        {LINK_RAW, "44" UDP4, ANOMALY_IP_HEADER},
        {LINK_RAW, "ip4:59 " UDP4, ANOMALY_IP_PROTOCOL},
        {LINK_RAW, "ip4:2f 00030800 " UDP4, ANOMALY_TUNNEL_UNKNOWN},
        {LINK_RAW, "ip4:2f b000", ANOMALY_TUNNEL_SHORT},
        {LINK_NFLOG, "02000000 02000900 " UDP4, ANOMALY_LINK_SHORT},
        {LINK_PPI, "0000040001000000 eth:0800 " UDP4, ANOMALY_LINK_SHORT},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t before = decoder.anomalies.count[bad[i].anomaly];
        shape_build(&built, bad[i].layers);
        if (decode_built(bad[i].link, &packet) || decoder.anomalies.count[bad[i].anomaly] != before + 1)
            fail_msg("case %zu", i);
    }
    /* IP in IP in IP ..., and an extension chain without end */
    built_set(&built, "hello", 5);
    for (int i = 0; i < 100; i++)
        built_ipv4(&built, IP_IPIP, 1, 0);
    assert_false(decode_built(LINK_RAW, &packet));
    assert_int_equal(decoder.anomalies.count[ANOMALY_TUNNEL_DEPTH], 3);
    built_set(&built, "hello", 5);
    for (int i = 0; i < 200; i++)
        built_hex(&built, "3c00010400000000");
    built_ipv6(&built, 60);
    assert_false(decode_built(LINK_RAW, &packet));
    assert_int_equal(decoder.anomalies.count[ANOMALY_IP_EXTENSION], 1);
}

static void test_tcp_and_sctp(void **state)
{
    (void)state;
    struct packet packet;
    built_set(&built, "hello", 5);
    built_tcp(&built, 4000, 5060, 0xd8);
    built_ipv4(&built, IP_TCP, 1, 0x4000);
    built_ethernet(&built, 0x0800);
    built.len += 4; /* padding */
    assert_true(decode_built(LINK_ETHERNET, &packet));
    assert_int_equal(packet.protocol, IP_TCP);
    assert_int_equal(packet.tcp_seq, 0x11223344);
    assert_int_equal(packet.tcp_ack, 0x55667788);
    assert_int_equal(packet.tcp_flags, 0x18);
    assert_int_equal(packet.payload_len, 5);
    assert_int_equal(packet.flags, PACKET_DF);
    built.bytes[14 + 20 + 12] = 0xf0; /* options beyond the end */
    assert_false(decode_built(LINK_ETHERNET, &packet));
    built.bytes[14 + 20 + 12] = 0x40;
    assert_false(decode_built(LINK_ETHERNET, &packet));
    assert_int_equal(decoder.anomalies.count[ANOMALY_TCP_HEADER], 2);

    built_set(&built, "chunks", 6);
    built_hex(&built, "13c413c4 00000001 00000000");
    built_ipv6(&built, IP_SCTP);
    assert_true(decode_built(LINK_IPV6, &packet));
    assert_int_equal(packet.protocol, IP_SCTP);
    assert_int_equal(packet.src.port, 5060);
    assert_int_equal(packet.payload_len, 6);
}

static void test_icmp_quotes(void **state)
{
    (void)state;
    struct packet packet;
    char src[ENDPOINT_TEXT_SIZE];
    /* Port unreachable with a whole quotation. */
    shape_build(&built, "ip4:01 0303000000000000 " UDP4);
    assert_true(decode_built(LINK_RAW, &packet));
    assert_int_equal(packet.flags, PACKET_QUOTED);
    assert_int_equal(packet.icmp_type, 3);
    assert_int_equal(packet.icmp_code, 3);
    assert_int_equal(packet.protocol, IP_UDP);
    assert_int_equal(packet.dst.port, 5060);
    assert_int_equal(packet.payload_len, 5);
    /* Eight bytes quoted only: no anomaly, this is how routers do it. */
    built.len -= 5;
    be16_put(built.bytes + 2, built.len);
    assert_true(decode_built(LINK_RAW, &packet));
    assert_int_equal(packet.flags, PACKET_QUOTED | PACKET_TRUNCATED);
    assert_int_equal(packet.payload_len, 0);
    assert_int_equal(packet.wire_len, 5);
    assert_int_equal(anomaly_sum(), 0);
    /* Less than that. */
    built.len -= 3;
    be16_put(built.bytes + 2, built.len);
    assert_false(decode_built(LINK_RAW, &packet));
    assert_int_equal(decoder.anomalies.count[ANOMALY_ICMP_SHORT], 1);
    /* ICMPv6 packet too big about the first fragment of a datagram; its second quotes nothing that is read. */
    shape_build(&built, "ip6:3a 02000000000005dc ip6:2c 1100000112345678 udp:13c4");
    assert_true(decode_built(LINK_RAW, &packet));
    assert_int_equal(packet.flags, PACKET_QUOTED);
    assert_int_equal(packet.icmp_type, 2);
    endpoint_format(&packet.src, src);
    assert_string_equal(src, "[2001:db8::1]:4000");
    shape_build(&built, "ip6:3a 02000000000005dc ip6:2c 1100002912345678 udp:13c4");
    assert_false(decode_built(LINK_RAW, &packet));
    assert_int_equal(decoder_pending(&decoder, NULL), 0);
    /* RFC 4884: 32 bytes quoted, then an extension that is not the datagram's. */
    shape_build(&built, "ip4:01 0b00000000080000 ip4:11 udp:13c4");
    be16_put(built.bytes + 28 + 2, 500);
    be16_put(built.bytes + 28 + 24, 480);
    assert_true(decode_built(LINK_RAW, &packet));
    assert_int_equal(packet.payload_len, 4);
    assert_int_equal(packet.wire_len, 472);
    /* TCP: eight bytes are ports and sequence number. */
    built_set(&built, "", 0);
    built_tcp(&built, 4000, 5060, TCP_SYN);
    built.len = 8;
    built_ipv4(&built, IP_TCP, 1, 0);
    be16_put(built.bytes + 2, 40);
    built_hex(&built, "0303000000000000");
    built_ipv4(&built, IP_ICMP, 1, 0);
    assert_true(decode_built(LINK_RAW, &packet));
    assert_int_equal(packet.protocol, IP_TCP);
    assert_int_equal(packet.tcp_seq, 0x11223344);
    assert_int_equal(packet.payload_len, 0);
    /* Not an error; an error about an error. */
    shape_build(&built, "ip4:01 0800000000000000 " UDP4);
    assert_false(decode_built(LINK_RAW, &packet));
    shape_build(&built, "ip4:01 0303000000000000 ip4:01 0303000000000000 " UDP4);
    assert_false(decode_built(LINK_RAW, &packet));
}

/* Capture time may be anything. */
static void test_extreme_frames(void **state)
{
    (void)state;
    struct packet packet;
    struct frame frame = {.time_ns = INT64_MIN, .link_type = LINK_RAW, .wire_len = UINT32_MAX};
    assert_false(decode_frame(&decoder, &frame, &packet));
    built_set(&built, "hello wo", 8);
    built_ipv4(&built, IP_UDP, 1, 0x2000);
    frame.bytes = slice_of(built.bytes, built.len);
    assert_false(decode_frame(&decoder, &frame, &packet));
    assert_int_equal(decoder_pending(&decoder, NULL), 1);
    frame.time_ns = INT64_MAX;
    assert_false(decode_frame(&decoder, &frame, &packet));
    assert_int_equal(decoder.anomalies.count[ANOMALY_FRAGMENT_INCOMPLETE], 1);
    built_set(&built, "x", 1);
    built_ipv4(&built, IP_UDP, 1, 0);
    be16_put(built.bytes + 2, 0);
    frame.bytes = slice_of(built.bytes, built.len);
    frame.wire_len = 0; /* less than what was captured */
    assert_false(decode_frame(&decoder, &frame, &packet));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_shapes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_shapes_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lanes_agree, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tunnel_ports_hold_other_payloads, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lengths, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_headers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tcp_and_sctp, setup, teardown),
        cmocka_unit_test_setup_teardown(test_icmp_quotes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_extreme_frames, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
