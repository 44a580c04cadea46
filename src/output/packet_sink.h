/* The outputs pcap and pcapng: they gather from records which packets belong to the calls, and take these from whoever reads the capture
   a second time. */
#ifndef OUTPUT_PACKET_SINK_H
#define OUTPUT_PACKET_SINK_H

#include "base/frame.h"
#include "output/pcap_writer.h"
#include "output/sink.h"
#include "record/selection.h"

/* Which packets it wants; only of kinds that need SINK_NEEDS_PACKETS. */
struct selection *packet_sink_selection(struct sink *sink);

/* Writes one of them, with what was found at it where that is asked for. False where the sink takes no more. */
bool packet_sink_frame(struct sink *sink, const struct frame *frame, const struct frame_interface *interface);

/* Behind them: when the capture ended, whoever its last packets were of. */
void packet_sink_end(struct sink *sink, int64_t end_ns);

/* Key log lines for the packets behind them. Nothing of them stays in memory here; the caller wipes its own. */
void packet_sink_secrets(struct sink *sink, struct slice lines);

#endif
