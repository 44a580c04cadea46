/* Tells the call tracker small SIP messages, and keeps copies of the records that come out. */
#ifndef TESTS_SIGNALING_TOLD_H
#define TESTS_SIGNALING_TOLD_H

#include <stdio.h>

#include "base/clock.h"
#include "signaling/calls.h"

enum { TOLD_RECORDS = 512, TOLD_TEXT = 96 };

/* What the tests ask of a published record. Texts are cut. */
struct told_record {
    enum record_kind kind;
    uint64_t id, status, messages, retransmissions, q850, count, findings[SEVERITY_COUNT];
    int64_t pdd, ring, setup, duration, start, answer, end;
    char call_id[TOLD_TEXT], state[TOLD_TEXT], method[TOLD_TEXT], ended_by[TOLD_TEXT], from_user[TOLD_TEXT], caller_id[TOLD_TEXT], rule[TOLD_TEXT],
        subject[TOLD_TEXT], codecs[TOLD_TEXT];
    size_t related_count;
    struct related_call related[8];
};

struct told {
    struct calls *calls;
    uint64_t frame;
    int64_t now_ns;
    size_t count;
    struct told_record records[TOLD_RECORDS];
    struct sip_message message;
    bool retransmission, copy; /* of the last message */
    struct call *call;
};

static inline void told_text(char out[TOLD_TEXT], struct slice s)
{
    size_t n = s.len < TOLD_TEXT - 1 ? s.len : TOLD_TEXT - 1;
    if (n > 0)
        memcpy(out, s.data, n);
    out[n] = '\0';
}

static inline void told_take(void *context, const struct record *record)
{
    struct told *told = context;
    assert_true(told->count < TOLD_RECORDS);
    struct told_record *out = &told->records[told->count++];
    *out = (struct told_record){.kind = record->kind};
    if (record->kind == RECORD_CALL) {
        const struct call_record *call = record->call;
        *out = (struct told_record){.kind = RECORD_CALL, .id = call->id, .status = call->status, .messages = call->messages,
                                    .retransmissions = call->retransmissions, .q850 = call->q850, .pdd = call->pdd,
                                    .ring = call->ring, .setup = call->setup, .duration = call->duration, .start = call->start,
                                    .answer = call->answer, .end = call->end, .related_count = call->related_count};
        memcpy(out->findings, call->findings, sizeof out->findings);
        told_text(out->call_id, call->call_id);
        told_text(out->state, call->state);
        told_text(out->method, call->method);
        told_text(out->ended_by, call->ended_by);
        told_text(out->from_user, call->from_user);
        told_text(out->caller_id, call->caller_id);
        for (size_t i = 0; i < call->codecs.count; i++) {
            size_t n = strlen(out->codecs);
            snprintf(out->codecs + n, sizeof out->codecs - n, "%s%.*s", n > 0 ? "," : "", (int)call->codecs.items[i].len,
                     (const char *)call->codecs.items[i].data);
        }
        for (size_t i = 0; i < call->related_count && i < 8; i++)
            out->related[i] = call->related[i];
    } else if (record->kind == RECORD_FINDING) {
        out->id = record->finding->call;
        out->count = record->finding->count;
        told_text(out->rule, record->finding->rule);
        told_text(out->subject, record->finding->subject);
    } else if (record->kind == RECORD_MESSAGE) {
        out->id = record->message->frame;
        told_text(out->method, record->message->method);
        told_text(out->call_id, record->message->call_id);
    }
}

static inline void told_begin(struct told *told, struct calls_config config)
{
    memset(told, 0, sizeof *told);
    config.hash_seed = 11;
    config.memory_limit = config.memory_limit == 0 ? 64 << 20 : config.memory_limit;
    config.publish = told_take;
    config.publish_context = told;
    told->now_ns = 1000 * NS_PER_SECOND;
    told->calls = calls_new(&config);
    assert_non_null(told->calls);
}

static inline void told_end(struct told *told)
{
    calls_free(told->calls);
}

/* A message as it is written, from 10.0.0.<from> to 10.0.0.<to>; "\n" stands for CRLF. */
static inline void tell_raw(struct told *told, unsigned from, unsigned to, const char *text)
{
    static char bytes[8192];
    size_t n = 0;
    for (; *text != '\0' && n + 2 < sizeof bytes; text++) {
        if (*text == '\n')
            bytes[n++] = '\r';
        bytes[n++] = *text;
    }
    struct sighting sighting = {.time_ns = told->now_ns,
                                .frame = ++told->frame,
                                .src = endpoint_ipv4((const uint8_t[]){10, 0, 0, (uint8_t)from}, 5060),
                                .dst = endpoint_ipv4((const uint8_t[]){10, 0, 0, (uint8_t)to}, 5060)};
    assert_true(sip_parse(slice_of(bytes, n), &told->message));
    struct call_sight sight = calls_see(told->calls, calls_prefetch(told->calls, &sighting, &told->message), &sighting, &told->message);
    assert_non_null(sight.call);
    told->retransmission = sight.retransmission;
    told->copy = sight.copy;
    told->call = sight.call;
}

/* Bytes of a body whose "\n" become CRLF. */
static inline size_t told_wire_length(const char *body)
{
    size_t n = 0;
    for (; body != NULL && *body != '\0'; body++)
        n += *body == '\n' ? 2 : 1;
    return n;
}

/* One message of a dialog between 10.0.0.1 (tag a) and 10.0.0.2 (tag b). */
struct line {
    const char *first;   /* "INVITE", "180", ... */
    const char *call_id; /* NULL: c1 */
    unsigned cseq;       /* 0: 1 */
    const char *method;  /* of the CSeq; NULL: INVITE for responses, else the request's own */
    const char *branch;  /* NULL: of CSeq and method */
    const char *to_tag;  /* NULL: b for what has one; "": none */
    bool back;           /* the request comes from the callee */
    const char *more;    /* further header lines, each with its \n */
    const char *body;
    const char *from_tag; /* NULL: a */
};

static inline void tell(struct told *told, struct line line)
{
    static char text[8192];
    bool request = line.first[0] >= 'A';
    const char *method = line.method != NULL ? line.method : request ? line.first : "INVITE";
    bool out_of_dialog = request && strcmp(line.first, "ACK") != 0 && strcmp(line.first, "BYE") != 0;
    const char *tag = line.to_tag != NULL ? line.to_tag : out_of_dialog || strcmp(line.first, "100") == 0 ? "" : "b";
    const char *own = line.from_tag != NULL ? line.from_tag : "a";
    unsigned cseq = line.cseq == 0 ? 1 : line.cseq;
    char first[100], branch[64], to[40] = "";
    if (request)
        snprintf(first, sizeof first, "%s sip:bob@10.0.0.2 SIP/2.0", line.first);
    else
        snprintf(first, sizeof first, "SIP/2.0 %s Phrase", line.first);
    snprintf(branch, sizeof branch, "z9hG4bK%s", line.branch != NULL ? line.branch : method);
    if (line.branch == NULL)
        snprintf(branch + strlen(branch), sizeof branch - strlen(branch), "%u", cseq);
    if (tag[0] != '\0')
        snprintf(to, sizeof to, ";tag=%s", line.back ? own : tag);
    snprintf(text, sizeof text,
             "%s\nVia: SIP/2.0/UDP 10.0.0.%d;branch=%s\nFrom: <sip:%s@x>;tag=%s\nTo: <sip:%s@x>%s\nCall-ID: %s\nCSeq: %u %s\n%s"
             "%sContent-Length: %zu\n\n%s",
             first, line.back ? 2 : 1, branch, line.back ? "bob" : "alice", line.back ? tag : own, line.back ? "alice" : "bob", to,
             line.call_id == NULL ? "c1" : line.call_id, cseq, method, line.more == NULL ? "" : line.more,
             line.body == NULL ? "" : "Content-Type: application/sdp\n",
             told_wire_length(line.body), line.body == NULL ? "" : line.body);
    bool from_caller = request != line.back;
    tell_raw(told, from_caller ? 1 : 2, from_caller ? 2 : 1, text);
}

static inline void wait_ms(struct told *told, int64_t ms)
{
    told->now_ns += ms * NS_PER_MS;
}

/* INVITE, 180, 200, ACK, BYE, 200: pdd 100 ms, ring 2 s, talk 5 s. */
static inline void tell_whole(struct told *told, const char *call_id)
{
    tell(told, (struct line){.first = "INVITE", .call_id = call_id});
    wait_ms(told, 100);
    tell(told, (struct line){.first = "180", .call_id = call_id});
    wait_ms(told, 2000);
    tell(told, (struct line){.first = "200", .call_id = call_id});
    tell(told, (struct line){.first = "ACK", .call_id = call_id, .branch = "ack"});
    wait_ms(told, 5000);
    tell(told, (struct line){.first = "BYE", .call_id = call_id, .cseq = 2});
    tell(told, (struct line){.first = "200", .call_id = call_id, .cseq = 2, .method = "BYE"});
}

/* The n-th published call. */
static inline const struct told_record *told_call(const struct told *told, size_t n)
{
    for (size_t i = 0; i < told->count; i++)
        if (told->records[i].kind == RECORD_CALL && n-- == 0)
            return &told->records[i];
    fail_msg("there are not that many calls");
    return NULL;
}

static inline size_t told_calls(const struct told *told)
{
    size_t count = 0;
    for (size_t i = 0; i < told->count; i++)
        count += told->records[i].kind == RECORD_CALL;
    return count;
}

static inline const struct told_record *told_finish(struct told *told)
{
    calls_finish(told->calls, told->now_ns);
    return told_call(told, 0);
}

#endif
