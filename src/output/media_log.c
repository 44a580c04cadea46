/* -o media-log: the media of each call by the minute, in the form of the trunk's own log. Of its 37 fields those of the far side of
   the trunk (rem2vc_*, vc2rem_*, *_rem) and endpoint_id cannot be seen from here: they are left out, not zero. */
#include <math.h>
#include <stdio.h>

#include "output/log_line.h"
#include "output/sink.h"

#define MOS_MOST 4.4 /* the scale of that log ends there: R 93.2 of G.107 */

static void count_put(struct text *out, const char *way, const char *what, uint64_t count)
{
    char name[40];
    (void)snprintf(name, sizeof name, "%s_%s", way, what);
    if (count != NUMBER_NONE)
        log_line_integer(out, name, (int64_t)count);
}

static void way_put(struct text *out, const char *name, const struct minute_way *way)
{
    count_put(out, name, "rtp_packets", way->rtp_packets);
    count_put(out, name, "rtp_bytes", way->rtp_bytes);
    count_put(out, name, "rtcp_packets", way->rtcp_packets);
    count_put(out, name, "rtcp_bytes", way->rtcp_bytes);
    count_put(out, name, "packets_lost", way->packets_lost);
    count_put(out, name, "jitter", way->jitter == CLOCK_NONE ? NUMBER_NONE : (uint64_t)((way->jitter + NS_PER_US / 2) / NS_PER_US));
}

static void media_log_write(struct sink *sink, const struct record *record)
{
    if (record->kind != RECORD_MINUTE)
        return;
    const struct minute_record *minute = record->minute;
    struct text *out = &sink->out;
    int64_t at_ns = settings_time(sink->settings, minute->at);
    log_line_begin(out, sink->settings, at_ns);
    log_line_text(out, "voice_connector_id", minute->connector);
    log_line_text(out, "aws_region", minute->region);
    log_line_timestamp(out, sink->settings, at_ns);
    log_line_text(out, "call_id", minute->transaction);
    log_line_text(out, "from_sip_user", minute->source);
    log_line_text(out, "from_country", log_country(minute->source));
    log_line_text(out, "to_sip_user", minute->destination);
    log_line_text(out, "to_country", log_country(minute->destination));
    way_put(out, "cust2vc", minute->from_customer);
    way_put(out, "vc2cust", minute->to_customer);
    if (minute->rtt != CLOCK_NONE)
        log_line_integer(out, "rtt_btwn_vc_and_cust", (minute->rtt + NS_PER_US / 2) / NS_PER_US);
    if (!isnan(minute->mos))
        log_line_real(out, "mos_btwn_vc_and_cust", round(fmin(minute->mos, MOS_MOST) * 100) / 100);
    text_str(out, "}\n");
}

const struct sink_kind sink_kind_media_log = {.name = "media-log",
                                              .help = "media of calls with the trunk by the minute, as its media quality log has them",
                                              .target = SINK_LINES,
                                              .needs = SINK_NEEDS_MINUTES | SINK_NEEDS_TRUNK,
                                              .write = media_log_write};
