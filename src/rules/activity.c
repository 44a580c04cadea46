/* How many calls go on at once, and how many begin in a second, against the contract. Calls go on, by what was captured, from the INVITE
   to a BYE, to a final failure, or until nobody said a word to the INVITE for so long that it is over (RFC 3261 17.1.1.2: 64 * T1). */
#include <stdlib.h>

#include "rules/checking.h"

#define UNHEARD_NS (32 * NS_PER_SECOND)

enum { UNANSWERED_FIRST = 64 };

/* A call that began and was not answered yet, and when it was looked at last. */
struct unanswered {
    int64_t noted_ns;
    uint32_t vetted; /* VETTED_NONE: forgotten */
};

static struct unanswered *unanswered_at(const struct vetting *vetting, uint32_t i)
{
    const struct unanswered_calls *calls = &vetting->unanswered;
    return &calls->items[(calls->first + i) & (calls->room - 1)];
}

/* Behind all others. Without memory the call counts until it ends. */
static void unanswered_note(struct vetting *vetting, uint32_t vetted)
{
    struct unanswered_calls *calls = &vetting->unanswered;
    if (calls->count == calls->room) {
        uint32_t room = calls->room == 0 ? UNANSWERED_FIRST : calls->room * 2;
        struct unanswered *items = calloc(room, sizeof *items);
        if (items == NULL)
            return;
        for (uint32_t i = 0; i < calls->count; i++)
            items[i] = *unanswered_at(vetting, i);
        free(calls->items);
        *calls = (struct unanswered_calls){.items = items, .count = calls->count, .room = room, .gone = calls->gone};
    }
    struct vetted *state = pool_at(&vetting->calls, vetted);
    state->unanswered = true;
    state->unanswered_place = calls->gone + calls->count;
    *unanswered_at(vetting, calls->count++) = (struct unanswered){.noted_ns = vetting->now_ns, .vetted = vetted};
}

static void ends(struct vetting *vetting, struct vetted *vetted)
{
    vetting->active -= vetted->active;
    vetting->active_trunk -= vetted->active_trunk;
    vetted->active = vetted->active_trunk = false;
}

void activity_lapse(struct vetting *vetting)
{
    struct unanswered_calls *calls = &vetting->unanswered;
    while (calls->count > 0 && vetting->now_ns - unanswered_at(vetting, 0)->noted_ns >= UNHEARD_NS) {
        uint32_t number = unanswered_at(vetting, 0)->vetted;
        calls->first = (calls->first + 1) & (calls->room - 1);
        calls->count--;
        calls->gone++;
        if (number == VETTED_NONE)
            continue;
        struct vetted *vetted = pool_at(&vetting->calls, number);
        vetted->unanswered = false;
        if (!vetted->active || vetted->answer_frame != 0)
            continue;
        if (vetting->now_ns - vetted->heard_ns < UNHEARD_NS) {
            unanswered_note(vetting, number);
        } else {
            vetted->lapsed_trunk = vetted->active_trunk;
            vetted->lapsed = true;
            ends(vetting, vetted);
        }
    }
}

void activity_forget(struct vetting *vetting, uint32_t number)
{
    struct vetted *vetted = pool_at(&vetting->calls, number);
    ends(vetting, vetted);
    if (vetted->unanswered)
        unanswered_at(vetting, vetted->unanswered_place - vetting->unanswered.gone)->vetted = VETTED_NONE;
    vetted->unanswered = false;
}

size_t activity_bytes(const struct vetting *vetting)
{
    return vetting->unanswered.room * sizeof(struct unanswered);
}

static void link_check(struct checking *checking)
{
    struct vetting *vetting = checking->vetting;
    double most = checking->profile->concurrent_calls;
    if (!isnan(most) && (double)vetting->active_trunk > most && !vetting->concurrent_told) {
        vetting->concurrent_told = true;
        found(checking, RULE_CONCURRENT, slice_str("calls at once"), "it is call %llu with the trunk at once; the limit is %g",
              (unsigned long long)vetting->active_trunk, most);
    }
    double link = checking->site == NULL ? (double)NAN : checking->site->link_kbps, call = checking->profile->kbps_per_call;
    if (isnan(link) || isnan(call) || (double)vetting->active_trunk * call <= link || vetting->capacity_told)
        return;
    vetting->capacity_told = true;
    found(checking, RULE_BANDWIDTH_TOTAL, slice_str("calls at once"), "it is call %llu with the trunk at once: at %g kbit/s each they take more than the link's %g kbit/s",
          (unsigned long long)vetting->active_trunk, call, link);
}

/* What the profile counts together: all calls, those of one source, or those between two addresses. */
static uint64_t pace_key(const struct checking *checking)
{
    struct endpoint src = checking->sighting->src, dst = checking->sighting->dst;
    src.port = dst.port = 0;
    uint64_t key = checking->profile->cps_scope == CPS_OF_TRUNK ? 0 : endpoint_hash(3, &src);
    return checking->profile->cps_scope == CPS_OF_PAIR ? key + endpoint_hash(4, &dst) : key;
}

/* New calls in a window of capture time: a second, or as long as the limit gives one call. */
static void pace_check(struct checking *checking)
{
    double limit = checking->profile->cps;
    if (isnan(limit) || !(checking->when & WHEN_FROM_CUSTOMER))
        return;
    uint64_t key = pace_key(checking);
    struct pace *pace = &checking->vetting->paces[key % PACES];
    int64_t length = limit < 1 ? (int64_t)((double)NS_PER_SECOND / limit) : NS_PER_SECOND;
    int64_t window = checking->sighting->time_ns / length;
    if (pace->key != key || pace->window != window)
        *pace = (struct pace){.key = key, .window = window};
    pace->calls++;
    if (pace->calls <= (limit < 1 ? 1 : limit) || pace->told)
        return;
    pace->told = true;
    found(checking, RULE_CPS, slice_str("calls per second"), "it is call %u to the trunk within %.3g s; the limit is %g a second", pace->calls,
          (double)length / NS_PER_SECOND, limit);
}

static void second_count(struct checking *checking)
{
    struct vetting *vetting = checking->vetting;
    int64_t second = checking->sighting->time_ns / NS_PER_SECOND;
    if (second != vetting->second)
        vetting->second_calls = 0;
    vetting->second = second;
    vetting->second_calls++;
    if (vetting->second_calls > vetting->totals.per_second)
        vetting->totals.per_second = vetting->second_calls;
}

static void most_keep(struct vetting *vetting)
{
    if (vetting->active > vetting->totals.at_once)
        vetting->totals.at_once = vetting->active;
}

static void begins(struct checking *checking)
{
    struct vetting *vetting = checking->vetting;
    struct vetted *vetted = checking->vetted;
    vetted->active = true;
    vetted->lapsed = vetted->lapsed_trunk = false;
    vetting->active++;
    most_keep(vetting);
    if (vetted->invite_frame == 0) /* not the retry with credentials */
        second_count(checking);
    if (!vetted->unanswered)
        unanswered_note(vetting, *checking->seen->vetted);
}

/* A call that passes a proxy to the trunk begins with the trunk on its second hop. */
static void begins_with_trunk(struct checking *checking)
{
    checking->vetted->active_trunk = true;
    checking->vetting->active_trunk++;
    if (!(checking->when & WHEN_CREDENTIALS) || checking->vetted->digest == VETTED_NONE)
        pace_check(checking);
    link_check(checking);
}

/* It was given up too early: an answer came after all. */
static void goes_on(struct vetting *vetting, struct vetted *vetted)
{
    vetted->active = true;
    vetted->active_trunk = vetted->lapsed_trunk;
    vetting->active++;
    vetting->active_trunk += vetted->active_trunk;
    vetted->lapsed = false;
    most_keep(vetting);
}

void activity_count(struct checking *checking)
{
    struct vetting *vetting = checking->vetting;
    struct vetted *vetted = checking->vetted;
    const struct sip_message *message = checking->message;
    if (vetted == NULL || (message->method != SIP_INVITE && message->method != SIP_BYE))
        return;
    bool starts = checking_is(checking, WHEN_REQUEST | WHEN_INVITE | WHEN_INITIAL) && vetted->answer_frame == 0;
    bool fails = message->method == SIP_INVITE && message->status >= 300 && vetted->answer_frame == 0;
    if (message->method == SIP_INVITE && checking_is(checking, WHEN_FRESH))
        vetted->heard_ns = checking->sighting->time_ns;
    if (starts && !vetted->active)
        begins(checking);
    if (starts && !vetted->active_trunk && (checking->when & (WHEN_FROM_CUSTOMER | WHEN_FROM_TRUNK)))
        begins_with_trunk(checking);
    if (vetted->lapsed && message->method == SIP_INVITE && message->status >= 200 && message->status < 300 && vetted->answer_frame == 0)
        goes_on(vetting, vetted);
    if (fails || (message->request && message->method == SIP_BYE))
        ends(vetting, vetted);
}
