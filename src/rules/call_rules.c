/* What only the whole call shows: requests that nobody answered, challenges that nobody met, sessions that nobody described. */
#include <stdarg.h>
#include <stdio.h>

#include "rules/checking.h"

/* RFC 3261 17.1.1.2 and 17.1.2.2: timers B and F. */
#define UNANSWERED_NS (32 * NS_PER_SECOND)
enum { COPIES_LEAST = 3 };

__attribute__((format(printf, 8, 9))) static void call_found(struct vetting *vetting, struct call *call, const struct call_record *record,
                                                              enum rule_id rule, uint64_t frame, int64_t at_ns, const char *subject,
                                                              const char *format, ...)
{
    const struct vetting_config *config = &vetting->config;
    const struct rule *row = rules_at(config->rules, rule);
    char words[400];
    if (rules_is_off(config->rules, row))
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    struct sighting sighting = {.time_ns = at_ns, .frame = frame == 0 ? record->frame : frame, .src = record->src, .dst = record->dst};
    config->found(config->found_context, call,
                  &(struct firing){.rule = row, .sighting = &sighting, .subject = slice_str(subject), .text = slice_str(words), .stream = NUMBER_NONE});
}

/* A request that was repeated on a hop where nothing came back. */
static void unanswered(struct vetting *vetting, const struct vetted *vetted, struct call *call, const struct call_record *record)
{
    const struct hop *hop;
    for (int i = 0; (hop = hop_at(vetting, vetted, i)) != NULL; i++) {
        char size[160] = "", to[ENDPOINT_TEXT_SIZE];
        if (hop->answered || hop->copies < COPIES_LEAST)
            continue;
        bool whole = vetting->now_ns - hop->first_ns >= UNANSWERED_NS;
        if (vetted->datagram_bytes > 1300)
            snprintf(size, sizeof size, "; its datagram has %u bytes%s, which may not pass everywhere", vetted->datagram_bytes,
                     vetted->dont_fragment ? " with DF set" : "");
        endpoint_format(&hop->to, to);
        call_found(vetting, call, record, whole ? RULE_NO_RESPONSE : RULE_REPEATED, hop->last_frame, hop->last_ns, to,
                   "%.*s was sent to %s %u times, from frame %llu to frame %llu, and no response was captured%s", WORDS(record->method), to,
                   hop->copies, (unsigned long long)hop->first_frame, (unsigned long long)hop->last_frame, size);
    }
}

/* Only where the challenge stayed the call's last word; a retry under another Call-ID shows up as a related call. */
static void unmet(struct vetting *vetting, const struct vetted *vetted, struct call *call, const struct call_record *record)
{
    const struct digest_state *digest = digest_of(vetting, vetted);
    if (digest == NULL || !digest->open || vetting->now_ns - digest->at_ns < UNANSWERED_NS || digest->challenges >= 3 ||
        vetted->invite_frame == 0 || (record->status != 401 && record->status != 407) || record->related_count > 0)
        return;
    long long seconds = (long long)((vetting->now_ns - digest->at_ns) / NS_PER_SECOND);
    if (digest->credentials)
        call_found(vetting, call, record, RULE_DIGEST_NO_RETRY, digest->frame, digest->at_ns, "authentication",
                   "the credentials were refused with the challenge (%u) of frame %llu, and none followed in %lld s", digest->status,
                   (unsigned long long)digest->frame, seconds);
    else
        call_found(vetting, call, record, RULE_DIGEST_NO_RETRY, digest->frame, digest->at_ns, "authentication",
                   "the challenge (%u) of frame %llu was not answered with credentials in %lld s", digest->status,
                   (unsigned long long)digest->frame, seconds);
}

/* It names the trunk, and no hop of the call reached an address that is the trunk's. */
static void gone_astray(struct vetting *vetting, const struct vetted *vetted, struct call *call, const struct call_record *record)
{
    char text[ENDPOINT_TEXT_SIZE];
    const struct route *route = route_of(vetting, vetted);
    if (route == NULL || route->astray.family == 0 || vetted->reached)
        return;
    endpoint_format(&route->astray, text);
    call_found(vetting, call, record, RULE_SIGNALING_IP, route->astray_frame, route->astray_ns, text,
               "%.*s goes to %s, which is in no signaling range of %.*s", WORDS(record->method), text, WORDS(vetting->config.profile->name));
}

static void undescribed(struct vetting *vetting, const struct vetted *vetted, struct call *call, const struct call_record *record)
{
    if (vetted->answer_frame != 0 && vetted->invite_frame != 0 && vetted->acked && !vetted->offered && !vetted->truncated)
        call_found(vetting, call, record, RULE_SDP_MISSING, vetted->answer_frame, vetted->answer_ns, "SDP",
                   "neither INVITE (frame %llu), 2xx (frame %llu) nor ACK describes a session", (unsigned long long)vetted->invite_frame,
                   (unsigned long long)vetted->answer_frame);
}

static void unreported(struct vetting *vetting, const struct vetted *vetted, struct call *call, const struct call_record *record)
{
    double wait = vetting->config.profile->rtcp_wait_s;
    const struct heard *heard = &vetting->heard;
    unsigned trunk = vetted->direction == DIRECTION_OUTBOUND ? 1 : 0; /* the side of the trunk: the callee's in outbound calls */
    if (isnan(wait) || vetted->direction == DIRECTION_ANY || record->duration == CLOCK_NONE ||
        (double)record->duration < wait * NS_PER_SECOND || heard->streams[trunk] == 0 || (heard->reports >> trunk & 1))
        return;
    call_found(vetting, call, record, RULE_RTCP_MISSING, 0, record->start, "RTCP", "the customer's side sends RTP but no RTCP reports in %.0f s of call",
               (double)record->duration / NS_PER_SECOND);
}

enum { AHEAD = 6 };

void vetting_call(struct vetting *vetting, uint32_t number, struct call *call, struct call_record *record)
{
    if (vetting->config.profile == NULL || number == VETTED_NONE)
        return;
    const struct vetted *vetted = pool_at(&vetting->calls, number);
    if (number + AHEAD < vetting->calls.used) /* at the end calls come one after the other, long untouched */
        vetting_fetch(vetting, number + AHEAD);
    if (vetting->heard.call != number)
        vetting->heard = (struct heard){.call = number}; /* no streams */
    if (vetted->direction != DIRECTION_ANY)
        record->direction = slice_str(vetted->direction == DIRECTION_OUTBOUND ? "outbound" : "inbound");
    gone_astray(vetting, vetted, call, record);
    unanswered(vetting, vetted, call, record);
    unmet(vetting, vetted, call, record);
    undescribed(vetting, vetted, call, record);
    unreported(vetting, vetted, call, record);
}
