/* One line a fact. */
#include "logs.h"

#include <math.h>

void logs_settings(struct sink_settings *settings, const struct options *options, const struct site *site, const struct profile *profile,
                   int64_t now_ns)
{
    *settings = (struct sink_settings){.messages = options->messages,
                                       .time_iso = options->log_time_iso,
                                       .line_ends_kept = options->log_line_ends,
                                       .secrets_kept = options->log_secrets,
                                       .line_most = options->log_line_bytes > 0 ? (size_t)options->log_line_bytes : LINE_USUAL,
                                       .limits = {.bytes = options->log_rotate_bytes, .age_s = options->log_rotate_ns / NS_PER_SECOND},
                                       .chosen = options->where != NULL,
                                       .packet_secrets = options->pcap_secrets,
                                       .packet_findings = options->pcap_findings,
                                       .now_ns = now_ns,
                                       .name_space = options->log_namespace,
                                       .site = site,
                                       .rebase_ns = CLOCK_NONE,
                                       .shift_ns = CLOCK_NONE,
                                       .billing_increment_s = (double)NAN,
                                       .billing_minimum_s = (double)NAN};
    if (options->rebase)
        settings->rebase_ns = options->rebase_ns == CLOCK_NONE ? now_ns : options->rebase_ns;
    if (profile == NULL)
        return;
    settings->cdr_key = profile->cdr_key;
    settings->sdr_key = profile->sdr_key;
    settings->streaming_usage = profile->streaming_usage;
    settings->streaming_service_code = profile->streaming_service_code;
    settings->outbound_usage = profile->outbound_usage;
    settings->inbound_usage = profile->inbound_usage;
    settings->service_code = profile->service_code;
    settings->billing_increment_s = profile->billing_increment_s;
    settings->billing_minimum_s = profile->billing_minimum_s;
}
