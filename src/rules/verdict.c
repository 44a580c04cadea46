/* The one sentence that concludes a call: what went wrong, on whose side, at which frames, what to do. It says what was seen; where
   the capture cannot show a cause, it says that. */
#include <stdarg.h>
#include <stdio.h>

#include "rules/checking.h"

struct conclusion {
    struct vetting *vetting;
    const struct vetted *vetted;
    const struct heard *heard;
    const struct call_record *record;
    const struct vetting_facts *facts;
    const char *code;
    size_t frames;
};

__attribute__((format(printf, 3, 4))) static void conclude(struct conclusion *c, const char *code, const char *format, ...)
{
    char words[700];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    c->code = code;
    text_reset(&c->vetting->verdict);
    text_str(&c->vetting->verdict, words);
}

static void frame_name(struct conclusion *c, uint64_t frame)
{
    if (frame != 0 && c->frames < 4)
        c->vetting->verdict_frames[c->frames++] = frame;
}

static unsigned long long number(uint64_t value)
{
    return (unsigned long long)value;
}

static double seconds(int64_t ns)
{
    return (double)ns / NS_PER_SECOND;
}

static bool is_state(const struct conclusion *c, const char *state)
{
    return slice_is(c->record->state, state);
}

/* "caller 192.0.2.10:5060" */
static const char *end_put(const struct conclusion *c, bool caller, char out[ENDPOINT_TEXT_SIZE])
{
    endpoint_format(caller ? &c->record->src : &c->record->dst, out);
    return out;
}

static struct slice explanation(const struct conclusion *c)
{
    const struct profile *profile = c->vetting->config.profile;
    for (size_t i = 0; i < profile->explanation_count && c->vetted->direction == DIRECTION_OUTBOUND; i++)
        if (profile->explanations[i].status == c->record->status)
            return profile->explanations[i].text;
    return SLICE_NONE;
}

/* Why a request may have got no answer, from what was seen. */
static const char *unanswered_because(const struct vetted *v, char out[220])
{
    if (v->fired & FIRED_TOO_BIG)
        snprintf(out, 220, "a router says that the datagram was too big; clear DF or use TCP");
    else if (v->fired & FIRED_ICMP)
        snprintf(out, 220, "an ICMP error says that it did not arrive; check address, port and firewall");
    else if (v->fired & (FIRED_ADDRESS | FIRED_PORT))
        snprintf(out, 220, "the %s is not one that the trunk serves", v->fired & FIRED_ADDRESS ? "address" : "port");
    else if (v->datagram_bytes > 1300)
        snprintf(out, 220, "its datagram has %u bytes%s, so the path's MTU is the first thing to check", v->datagram_bytes,
                 v->dont_fragment ? " with DF set" : "");
    else
        snprintf(out, 220, "whether it arrived cannot be seen here; check address, port, firewall and the receiver's own trace");
    return out;
}

/* The hop on which the INVITE waits; NULL: none does. The last one counts: what is before it waits for it. */
static const struct hop *waiting_hop(const struct conclusion *c)
{
    const struct hop *found = NULL, *hop;
    for (int i = 0; (hop = hop_at(c->vetting, c->vetted, i)) != NULL; i++)
        if (!hop->final && (found == NULL || !hop->answered))
            found = hop;
    return found;
}

static bool no_response(struct conclusion *c)
{
    const struct vetted *v = c->vetted;
    const struct hop *hop = waiting_hop(c);
    char to[ENDPOINT_TEXT_SIZE], why[220], times[40] = "sent once";
    bool over = is_state(c, "timeout") || is_state(c, "rejected"); /* a proxy may have given up for the silent one */
    if (hop == NULL || v->answer_frame != 0 || v->invite_frame == 0 || (hop->answered && !is_state(c, "timeout")) ||
        (!hop->answered && is_state(c, "rejected") && hop->copies < 3) || is_state(c, "cancelled"))
        return false;
    int64_t waited = c->vetting->now_ns - hop->first_ns;
    endpoint_format(&hop->to, to);
    if (hop->answered) {
        frame_name(c, hop->provisional_frame);
        conclude(c, "no-final-response", "%s answered the INVITE of frame %llu with %u (frame %llu) and never with a final response, in %.0f s: ask that side what it waited for.",
                 to, number(hop->first_frame), hop->provisional, number(hop->provisional_frame), seconds(c->vetting->now_ns - hop->last_ns));
        return true;
    }
    if (hop->copies <= 1 && waited < 2 * NS_PER_SECOND) {
        conclude(c, "ok", "The capture ends %.1f s after the INVITE, before any response.", seconds(waited));
        return true;
    }
    if (hop->copies > 1)
        snprintf(times, sizeof times, "sent %u times", hop->copies);
    frame_name(c, hop->first_frame);
    if (hop->last_frame != hop->first_frame)
        frame_name(c, hop->last_frame);
    conclude(c, over ? "no-response" : "no-response-yet", "%s did not answer the INVITE of frame %llu%s (%s): %s.", to,
             number(hop->first_frame), over ? "" : " in the time that was captured", times, unanswered_because(v, why));
    return true;
}

static bool authentication(struct conclusion *c)
{
    const struct digest_state *v = digest_of(c->vetting, c->vetted);
    if (v == NULL)
        return false;
    if (v->challenges >= 3) {
        frame_name(c, v->frame);
        conclude(c, "auth-loop", "The callee's side challenged %u times in a row, last with %u at frame %llu: the caller's user name, password or realm is wrong.",
                 v->challenges, v->status, number(v->frame));
        return true;
    }
    if ((c->record->status == 401 || c->record->status == 407) && v->open && c->record->related_count == 0) {
        int64_t waited = c->vetting->now_ns - v->at_ns;
        frame_name(c, v->frame);
        if (v->credentials)
            conclude(c, "auth-missing", "The credentials were refused with another challenge (%u, frame %llu), and none followed in the %.0f s that were captured after it: check user name, password and realm.",
                     v->status, number(v->frame), seconds(waited));
        else
            conclude(c, "auth-missing", "The callee's side asked for credentials (%u, frame %llu) and none were sent in the %.0f s that were captured after it: if none follow later, configure user name and password for this trunk.",
                     v->status, number(v->frame), seconds(waited));
        return true;
    }
    return false;
}

/* The profile's list of refusals that a bad number draws; without one, those that speak of the number. */
static bool number_may_explain(const struct conclusion *c)
{
    const struct profile *profile = c->vetting->config.profile;
    uint64_t status = c->record->status;
    bool listed = false, any = false;
    for (size_t i = 0; i < profile->request_uri_count; i++)
        for (size_t k = 0; k < 4 && profile->request_uris[i].responses[k] != 0; k++) {
            any = true;
            listed = listed || profile->request_uris[i].responses[k] == status;
        }
    return any ? listed : status == 400 || status == 403 || status == 404 || status == 484 || status == 604;
}

static bool rejected(struct conclusion *c)
{
    if (!is_state(c, "rejected"))
        return false;
    char src[ENDPOINT_TEXT_SIZE] = "The callee's side", reason[420];
    struct slice why = explanation(c);
    const struct vetted *v = c->vetted;
    if (v->final_src.family != 0)
        endpoint_format(&v->final_src, src);
    frame_name(c, v->final_frame);
    if ((v->fired_final & FIRED_NUMBER) && number_may_explain(c))
        snprintf(reason, sizeof reason, "the dialed number or caller id is not of the form that the trunk takes (see the findings)");
    else if ((v->fired & FIRED_SOURCE) && c->record->status == 403)
        snprintf(reason, sizeof reason, "the request came from an address that is not among the site's allowed_hosts");
    else if (why.len > 0)
        snprintf(reason, sizeof reason, "for this trunk that means: %.*s", (int)(why.len < 300 ? why.len : 300), (const char *)why.data);
    else if (v->fired_final & FIRED_ERROR)
        snprintf(reason, sizeof reason, "the request had faults (see the findings); whether they are the reason only the refusing side can say");
    else
        snprintf(reason, sizeof reason, "the messages seen here break no rule of the profile; ask the refusing side for its reason");
    conclude(c, "rejected", "%s refused the call with %llu %.*s at frame %llu: %s.", src, number(c->record->status),
             WORDS(c->record->reason), number(v->final_frame), reason);
    return true;
}

static bool unacknowledged(struct conclusion *c)
{
    const struct vetted *v = c->vetted;
    char src[ENDPOINT_TEXT_SIZE];
    if (v->answer_frame == 0 || v->acked || v->invite_frame == 0)
        return false;
    int64_t until = v->bye_ns != CLOCK_NONE ? v->bye_ns : c->vetting->now_ns;
    if (until - v->answer_ns < 4 * NS_PER_SECOND)
        return false; /* T2: the ACK may be just behind */
    bool dropped = v->bye_ns != CLOCK_NONE && slice_is(c->record->ended_by, "callee") && until - v->answer_ns >= 28 * NS_PER_SECOND && until - v->answer_ns <= 36 * NS_PER_SECOND;
    frame_name(c, v->answer_frame);
    frame_name(c, v->bye_frame);
    if (dropped)
        conclude(c, "dropped-32s", "The call was ended %.0f s after its answer (frame %llu, BYE in frame %llu) as a callee does that gets no ACK for its 2xx, and none was captured: the ACK of %s must reach the Contact of the 2xx.",
                 seconds(until - v->answer_ns), number(v->answer_frame), number(v->bye_frame), end_put(c, true, src));
    else
        conclude(c, "ack-missing", "The 2xx of frame %llu was never acknowledged by %s in %.0f s: its ACK is lost, misrouted, or passed elsewhere than here.",
                 number(v->answer_frame), end_put(c, true, src), seconds(until - v->answer_ns));
    return true;
}

static bool audio(struct conclusion *c)
{
    const struct vetted *v = c->vetted;
    if (c->facts->one_way != NULL) {
        frame_name(c, c->facts->one_way_frame);
        conclude(c, strstr(c->facts->one_way, "private address") != NULL ? "media-address-private" : "one-way-audio", "Audio went one way %s: %s", c->facts->one_way_later ? "in the end" : "only", c->facts->one_way);
        return true;
    }
    bool talked = c->record->duration != CLOCK_NONE && c->record->duration >= 3 * NS_PER_SECOND;
    const struct descriptions *both = descriptions_of(c->vetting, v);
    bool alone = c->record->related_count == 0; /* media may flow between the outer ends, past a leg in the middle */
    if (talked && alone && c->record->streams.count == 0 && c->facts->rtp_packets > 0 && both != NULL && both->sides[0].seen && both->sides[1].seen && !both->sides[0].silent && !both->sides[1].silent) {
        frame_name(c, v->answer_frame);
        conclude(c, "no-audio", "No RTP of this call was captured in either direction in %.1f s, though both sides described audio and other calls have RTP: %s.",
                 seconds(c->record->duration), v->fired & FIRED_PRIVATE ? "a private address was announced" : "the media goes another way than the tap, or none was sent");
        return true;
    }
    return false;
}

static bool near(double value, double wanted)
{
    return value > wanted - 2 && value < wanted + 2;
}

/* RFC 4028 10: the side that misses the refresh ends the call a third of the interval, at most 32 s, before its end; one that does not
   refresh it itself, at the end. */
static bool timed_out(struct conclusion *c)
{
    const struct vetted *v = c->vetted;
    if (v->session_expires == 0 || v->refreshed || c->record->duration == CLOCK_NONE || v->bye_frame == 0)
        return false;
    double interval = v->session_expires, margin = interval / 3 < 32 ? interval / 3 : 32, talk = seconds(c->record->duration);
    const char *waits = v->refresher == 1 ? "callee" : v->refresher == 2 ? "caller" : NULL;
    bool by_who_waits = waits == NULL || slice_is(c->record->ended_by, waits);
    if (!near(talk, interval) && !(near(talk, interval - margin) && by_who_waits))
        return false;
    frame_name(c, v->answer_frame);
    frame_name(c, v->bye_frame);
    conclude(c, "dropped-session-timer", "The %.*s ended the call after %.0f s, when its session interval of %u s (frame %llu) ran out, and no refresh was seen: the refresher must send a re-INVITE or UPDATE in time.",
             WORDS(c->record->ended_by), talk, v->session_expires, number(v->answer_frame));
    return true;
}

/* What made it poor: the greatest of what is known. */
static const char *poor_because(const struct heard *v, char out[200])
{
    if (v->worst_loss_pct + v->worst_late_pct < 0.5)
        snprintf(out, 200, "the codec %s alone allows no more (Ie %g)", v->worst_codec, v->worst_ie);
    else if (v->worst_late_pct > v->worst_loss_pct)
        snprintf(out, 200, "jitter made %.2f %% of the packets too late, %.2f %% were lost", v->worst_late_pct, v->worst_loss_pct);
    else if (v->worst_where != NULL)
        snprintf(out, 200, "%.2f %% of the packets were lost, by RTCP %s", v->worst_loss_pct, v->worst_where);
    else
        snprintf(out, 200, "%.2f %% of the packets were lost before the tap (what was lost behind it only RTCP could tell)", v->worst_loss_pct);
    return out;
}

static bool quality(struct conclusion *c)
{
    const struct heard *v = c->heard;
    const struct profile *profile = c->vetting->config.profile;
    double limit = isnan(profile->mos_min) ? 3.6 : profile->mos_min; /* G.109: below, many users are dissatisfied */
    bool lossy = !isnan(profile->loss_pct) && v->worst_loss_pct >= profile->loss_pct;
    char src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE], why[200];
    if (v->worst_stream == 0 || (v->worst_mos >= limit && !lossy) || (v->worst_at_tap && v->worst_late_pct < v->worst_loss_pct))
        return false; /* what the capture lost is not the network's */
    endpoint_format(&v->worst_src, src);
    endpoint_format(&v->worst_dst, dst);
    frame_name(c, v->worst_frame);
    const char *toward = v->worst_toward == 0 ? " (toward the caller)" : v->worst_toward == 1 ? " (toward the callee)" : "";
    if (v->worst_mos < limit)
        conclude(c, "poor-quality", "Audio from %s to %s%s was poor, MOS %.2f: %s.", src, dst, toward, v->worst_mos, poor_because(v, why));
    else
        conclude(c, "poor-quality", "Audio from %s to %s%s lost more than the limit of %g %%, though its MOS is still %.2f: %s.", src, dst, toward,
                 profile->loss_pct, v->worst_mos, poor_because(v, why));
    return true;
}

static bool digits(struct conclusion *c)
{
    const struct vetted *v = c->vetted;
    if (!(v->fired & FIRED_DTMF))
        return false;
    frame_name(c, v->dtmf_frame);
    conclude(c, "dtmf-lost", "DTMF went a way that the trunk does not take (frame %llu): send it as telephone-event, and see the findings.", number(v->dtmf_frame));
    return true;
}

static bool unfinished(struct conclusion *c)
{
    const struct vetted *v = c->vetted;
    if (!is_state(c, "in-call"))
        return false;
    int64_t silence = c->heard->media_end_ns == 0 ? 0 : c->vetting->now_ns - c->heard->media_end_ns;
    const struct descriptions *both = descriptions_of(c->vetting, v);
    bool held = both != NULL && (both->sides[0].silent || both->sides[1].silent);
    if (silence < 60 * NS_PER_SECOND || held) {
        conclude(c, "ok", "The call was going on when the capture ended.");
        return true;
    }
    frame_name(c, v->answer_frame);
    conclude(c, "bye-missing", "No BYE was captured, though the last RTP came %.0f s before the end of the capture: the BYE was lost or went another way.",
             seconds(silence));
    return true;
}

static void peaceful(struct conclusion *c)
{
    const struct call_record *record = c->record;
    struct text *words = &c->vetting->verdict;
    if (is_state(c, "completed")) { /* most calls: without printf */
        c->code = "ok";
        text_reset(words);
        text_str(words, "The call was answered and ended by the ");
        text_slice(words, record->ended_by.len > 0 ? record->ended_by : slice_str("one side"));
        text_str(words, " after ");
        text_real(words, record->duration == CLOCK_NONE ? 0 : seconds(record->duration), 1);
        text_str(words, " s.");
    } else if (record->status != NUMBER_NONE)
        conclude(c, "ok", "The call ended %.*s with %llu %.*s.", WORDS(record->state), number(record->status), WORDS(record->reason));
    else
        conclude(c, "ok", "The call was %.*s when the capture ended.", WORDS(record->state));
}

void vetting_verdict(struct vetting *vetting, uint32_t index, const struct vetting_facts *facts, struct call_record *record)
{
    bool partial = slice_is(record->state, "partial");
    if (vetting->config.profile == NULL || (!partial && (index == VETTED_NONE || !slice_is(record->method, "INVITE"))))
        return;
    struct conclusion c = {.vetting = vetting, .heard = &vetting->heard, .record = record, .facts = facts};
    if (partial) {
        conclude(&c, "partial", "The capture begins after the INVITE of this call: how it was set up is not in it.");
    } else {
        c.vetted = pool_at(&vetting->calls, index);
        bool told = no_response(&c) || authentication(&c) || rejected(&c) || unacknowledged(&c) || audio(&c) || timed_out(&c) ||
                    digits(&c) || quality(&c) || unfinished(&c);
        if (!told)
            peaceful(&c);
    }
    vetting->verdict_record = (struct call_verdict){.code = slice_str(c.code),
                                                    .text = slice_of(vetting->verdict.data, vetting->verdict.len),
                                                    .frames = {vetting->verdict_frames, c.frames}};
    record->verdict = &vetting->verdict_record;
}
