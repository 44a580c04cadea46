/* RTP, RTCP, UDPTL, telephone events and INFO bodies: every slice and every block can be read. */
#include "dissectors/dtmf_info.h"
#include "dissectors/rtcp.h"
#include "dissectors/rtp.h"
#include "dissectors/rtp_framing.h"
#include "dissectors/telephone_event.h"
#include "dissectors/turn.h"
#include "dissectors/udptl.h"

static volatile uint8_t sink;

static void touch(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        sink = (uint8_t)(sink ^ s.data[i]);
}

static void touch_rtcp(struct slice bytes)
{
    struct rtcp_walk walk = {.reader = reader_over(bytes)};
    struct rtcp_packet packet;
    while (rtcp_next(&walk, &packet)) {
        struct slice body = packet.body;
        struct rtcp_sender sender;
        struct rtcp_report report;
        struct rtcp_xr_block block;
        struct rtcp_voip_metrics metrics;
        struct rtcp_dlrr dlrr;
        touch(body);
        (void)rtcp_sender_read(&body, &sender);
        while (rtcp_report_read(&body, &report))
            touch(body);
        body = packet.body;
        while (rtcp_xr_read(&body, &block)) {
            touch(block.body);
            (void)rtcp_voip_metrics_read(block.body, &metrics);
            while (rtcp_dlrr_read(&block.body, &dlrr))
                touch(block.body);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = slice_of(data, size), rest = bytes, frame;
    struct rtp_header header;
    struct udptl udptl;
    struct telephone_event event;
    struct dtmf_info info;
    touch_rtcp(bytes);
    (void)rtcp_plausible(bytes);
    if (rtp_parse(bytes, &header)) {
        touch(header.payload);
        while (telephone_event_next(&header.payload, &event))
            sink = (uint8_t)telephone_event_digit(event.event);
    }
    if (udptl_parse(bytes, &udptl))
        touch(udptl.primary);
    if (turn_channel_parse(bytes, &frame))
        touch(frame);
    while (rtp_framing_next(&rest, &frame))
        touch(frame);
    (void)rtp_framing_claim(bytes);
    (void)rtp_framing_undecided(bytes);
    size_t half = size / 2;
    (void)dtmf_info_parse(slice_cut(bytes, 0, half), slice_after(bytes, half), &info);
    (void)dtmf_info_parse(slice_str("application/dtmf-relay"), bytes, &info);
    return 0;
}
