/* The field tables of the records: one row a field, in the order in which JSON prints them. */
#include "record/record.h"

const char *const severity_names[SEVERITY_COUNT] = {"error", "warning", "info"};

const char *const call_state_names[CALL_STATE_COUNT] = {
#define X(id, name) name,
    CALL_STATES(X)
#undef X
};

#define CALL(kind, name, help) {#name, sizeof #name - 1, help, FIELD_##kind, offsetof(struct call_record, name)}
#define CALL_MS(member, help) {#member "_ms", sizeof #member "_ms" - 1, help, FIELD_MS, offsetof(struct call_record, member)}

static const struct field call_rows[] = {
    CALL(NUMBER, id, "small integer, stable in one run, in order of first packet"),
    CALL(TEXT, call_id, "SIP Call-ID"),
    CALL(TEXT, method, "method of the first request"),
    CALL(TEXT, state, "setup, ringing, in-call, completed, cancelled, busy, rejected, redirected, timeout, partial, pending, done"),
    CALL(TEXT, direction, "outbound, inbound, unknown"),
    CALL(TEXT, from_user, "user part of From"),
    CALL(TEXT, to_user, "user part of To"),
    CALL(TEXT, request_uri, "Request-URI of the first request"),
    CALL(ENDPOINT, src, "sender of the first request"),
    CALL(ENDPOINT, dst, "receiver of the first request"),
    CALL(TEXT, transport, "udp, tcp, tls, ws, wss, sctp"),
    CALL(TIME, start, "first request"),
    CALL(TIME, answer, "2xx to the INVITE"),
    CALL(TIME, end, "BYE, CANCEL's 487 or final response"),
    CALL_MS(pdd, "INVITE to first 18x"),
    CALL_MS(ring, "first 18x to 2xx"),
    CALL_MS(setup, "INVITE to 2xx"),
    CALL_MS(duration, "2xx to BYE"),
    CALL(NUMBER, status, "final status of the initial request"),
    CALL(TEXT, reason, "its reason phrase"),
    CALL(NUMBER, q850, "cause of the Reason header, Q.850"),
    CALL(TEXT, ended_by, "caller, callee, none"),
    CALL(NUMBER, messages, "SIP messages"),
    CALL(NUMBER, retransmissions, "of which repeated"),
    CALL(TEXTS, user_agents, "User-Agent and Server of both sides"),
    CALL(TEXTS, codecs, "negotiated codecs"),
    CALL(RELATED, related, "calls that look like other legs: id, score, why"),
    CALL(FINDINGS, findings, "findings by severity"),
    CALL(NUMBER, frame, "packet number of the first message"),
};

#define FINDING(kind, name, help) {#name, sizeof #name - 1, help, FIELD_##kind, offsetof(struct finding_record, name)}

static const struct field finding_rows[] = {
    FINDING(TEXT, rule, "id, from --list-rules"),
    FINDING(TEXT, severity, "error, warning, info"),
    FINDING(NUMBER, call, "id of the call"),
    FINDING(TEXT, call_id, "SIP Call-ID"),
    FINDING(NUMBER, frame, "packet number in the capture, from 1"),
    FINDING(TIME, at, "capture time"),
    FINDING(TEXT, subject, "header, number, address, ... it is about"),
    FINDING(TEXT, text, "what is wrong with which value"),
    FINDING(TEXT, fix, "what to do"),
    FINDING(TEXT, source, "document and section"),
    FINDING(NUMBER, count, "how often in this call"),
};

#define MESSAGE(kind, name, help) {#name, sizeof #name - 1, help, FIELD_##kind, offsetof(struct message_record, name)}

static const struct field message_rows[] = {
    MESSAGE(NUMBER, frame, "packet number in the capture, from 1"),
    MESSAGE(TIME, at, "capture time"),
    MESSAGE(ENDPOINT, src, "sender"),
    MESSAGE(ENDPOINT, dst, "receiver"),
    MESSAGE(TEXT, transport, "udp, tcp, tls, ws, wss, sctp"),
    MESSAGE(NUMBER, call, "id of the call"),
    MESSAGE(TEXT, call_id, "SIP Call-ID"),
    MESSAGE(TEXT, method, "requests: the method"),
    MESSAGE(NUMBER, status, "responses: the status"),
    MESSAGE(TEXT, reason, "responses: the reason phrase"),
    MESSAGE(TEXT, cseq, "CSeq header"),
    MESSAGE(NUMBER, size, "bytes from the start line to the end of the body"),
    MESSAGE(TEXT, content_type, "Content-Type header"),
    MESSAGE(FLAG, retransmission, "seen before on the same hop"),
    MESSAGE(FLAG, decrypted, "came out of TLS"),
    MESSAGE(FLAG, truncated, "the capture holds only its beginning"),
    MESSAGE(KNOWN, well_formed, "obeys the grammar of RFC 3261; absent where not checked"),
    MESSAGE(TEXTS, defects, "ids of what is wrong"),
};

#define SUMMARY(kind, name, help) {#name, sizeof #name - 1, help, FIELD_##kind, offsetof(struct summary_record, name)}

static const struct field summary_rows[] = {
    SUMMARY(TEXTS, files, "files read"),
    SUMMARY(TEXTS, interfaces, "devices sniffed"),
    SUMMARY(NUMBER, packets, "frames read"),
    SUMMARY(NUMBER, bytes, "of which bytes captured"),
    SUMMARY(NUMBER, filtered_packets, "frames that the capture filter refused"),
    SUMMARY(TIME, first, "first frame"),
    SUMMARY(TIME, last, "last frame"),
    SUMMARY(NUMBER, sip_messages, "SIP messages"),
    SUMMARY(NUMBER, sip_checked, "of which checked against the grammar"),
    SUMMARY(NUMBER, sip_malformed, "of which broken"),
    SUMMARY(NUMBER, calls, "call records"),
    SUMMARY(STATES, call_states, "call records by final state"),
    SUMMARY(NUMBER, streams, "stream records"),
    SUMMARY(NUMBER, rtp_packets, "datagrams that look like RTP"),
    SUMMARY(NUMBER, rtcp_packets, "datagrams that look like RTCP"),
    SUMMARY(FINDINGS, findings, "findings by severity"),
    SUMMARY(NUMBER, icmp_errors, "ICMP errors that quote a datagram"),
    SUMMARY(NUMBER, kernel_drops, "packets the kernel dropped before sipvet saw them"),
    SUMMARY(NUMBER, interface_drops, "packets the interface dropped"),
    SUMMARY(NUMBER, evicted, "calls given up early to stay within memory"),
    SUMMARY(NUMBER, peak_memory_bytes, "peak resident memory"),
    SUMMARY(NUMBER, elapsed_ms, "wall time"),
    SUMMARY(TEXTS, problems, "what went wrong with an input"),
    SUMMARY(TEXTS, comments, "comments that the captures carry"),
};

#define TABLE(name) {#name, name##_rows, sizeof name##_rows / sizeof name##_rows[0]}

const struct field_table call_fields = TABLE(call);
const struct field_table finding_fields = TABLE(finding);
const struct field_table message_fields = TABLE(message);
const struct field_table summary_fields = TABLE(summary);

const struct field *field_find(const struct field_table *table, struct slice name)
{
    for (size_t i = 0; i < table->count; i++)
        if (slice_is(name, table->fields[i].name))
            return &table->fields[i];
    return NULL;
}
