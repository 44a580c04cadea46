/* The field tables of the records: one row a field, in the order in which JSON prints them. */
#include "record/record.h"

const char *const severity_names[SEVERITY_COUNT] = {"error", "warning", "info"};

const char *const call_state_names[CALL_STATE_COUNT] = {
#define X(id, name) name,
    CALL_STATES(X)
#undef X
};

#define ROW(record, kind, name, member, help, ...) \
    {name, sizeof name - 1, help, FIELD_##kind, offsetof(struct record, member), __VA_ARGS__}
#define OBJECT(name, rows, type) static const struct field_table name = {#type, rows, sizeof rows / sizeof rows[0], sizeof(struct type)}

#define CALL(kind, name, help) ROW(call_record, kind, #name, name, help, NULL)
#define CALL_MS(member, help) ROW(call_record, MS, #member "_ms", member, help, NULL)

static const struct field verdict_rows[] = {
    ROW(call_verdict, TEXT, "code", code, "ok, rejected, no-response, one-way-audio, ...", NULL),
    ROW(call_verdict, TEXT, "text", text, "one sentence: what went wrong, on whose side, what to do", NULL),
    ROW(call_verdict, NUMBERS, "frames", frames, "packet numbers that show it", NULL),
};
OBJECT(verdict_table, verdict_rows, call_verdict);

static const struct field trunk_rows[] = {
    ROW(call_trunk, TEXT, "transaction", transaction, "UUID of the call in every log: made by sipvet, not the trunk's own", NULL),
    ROW(call_trunk, TEXT, "connector", connector, "connector id: from a header, the trunk's host name, or the site file", NULL),
    ROW(call_trunk, TEXT, "region", region, "by the trunk's address, or the site file", NULL),
    ROW(call_trunk, TEXT, "billing_code", billing_code, "of the region", NULL),
    ROW(call_trunk, TEXT, "source", source, "number of the caller", NULL),
    ROW(call_trunk, TEXT, "destination", destination, "number called", NULL),
    ROW(call_trunk, TEXT, "auth_user", auth_user, "user name of digest credentials", NULL),
    ROW(call_trunk, FLAG, "streaming", streaming, "a SIPREC session", NULL),
    ROW(call_trunk, TIME, "media_end", media_end, "newest packet, where no BYE was captured and media stopped 30 s before the capture did", NULL),
};
OBJECT(trunk_table, trunk_rows, call_trunk);

static const struct field call_rows[] = {
    CALL(NUMBER, id, "small integer, stable in one run, in order of first packet"),
    CALL(TEXT, call_id, "SIP Call-ID"),
    CALL(TEXT, method, "method of the first request"),
    CALL(TEXT, state, "setup, ringing, in-call, completed, cancelled, busy, rejected, redirected, timeout, partial, pending, done"),
    CALL(TEXT, direction, "outbound, inbound, unknown"),
    CALL(TEXT, from_user, "user part of From"),
    CALL(TEXT, to_user, "user part of To"),
    CALL(TEXT, request_uri, "Request-URI of the first request"),
    CALL(TEXT, caller_id, "number of the caller by the header that the profile's order picks; absent without profile"),
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
    CALL(TEXT, dtmf, "digits, in order, from RFC 4733 events or SIP INFO"),
    CALL(NUMBERS, streams, "ids of its streams"),
    CALL(REAL, loss_pct, "loss of its worst stream"),
    CALL_MS(jitter, "greatest mean jitter of its streams"),
    CALL(REAL, mos, "lowest MOS-LQ of its streams"),
    CALL(RELATED, related, "calls that look like other legs: id, score, why"),
    CALL(FINDINGS, findings, "findings by severity"),
    ROW(call_record, OBJECT, "verdict", verdict, "its conclusion; -w compares the code", &verdict_table),
    ROW(call_record, OBJECT, "trunk", trunk, "what the trunk's own logs would say, where a log is written; -w compares the transaction", &trunk_table),
    CALL(NUMBER, frame, "packet number of the first message"),
};

static const struct field jitter_rows[] = {
    ROW(stream_jitter, MS, "mean", mean, "mean over the packets", NULL),
    ROW(stream_jitter, MS, "max", max, "greatest", NULL),
    ROW(stream_jitter, MS, "last", last, "at the last packet", NULL),
};

static const struct field delta_rows[] = {
    ROW(stream_delta, MS, "mean", mean, "mean time between arrivals", NULL),
    ROW(stream_delta, MS, "max", max, "greatest", NULL),
};

static const struct field burst_rows[] = {
    ROW(stream_burst, REAL, "burst_loss_pct", burst_loss_pct, "lost and late packets inside bursts", NULL),
    ROW(stream_burst, REAL, "gap_loss_pct", gap_loss_pct, "outside of them", NULL),
    ROW(stream_burst, MS, "burst_ms", burst, "mean length of a burst", NULL),
    ROW(stream_burst, MS, "gap_ms", gap, "mean length of a gap", NULL),
    ROW(stream_burst, NUMBER, "longest", longest, "most lost or late packets in a row", NULL),
    ROW(stream_burst, REAL, "burst_r", burst_r, "BurstR of G.107: mean run of losses by that of random loss", NULL),
};

static const struct field mos_rows[] = {
    ROW(stream_mos, SCORE, "lq", lq, "listening quality, no delay", NULL),
    ROW(stream_mos, SCORE, "cq", cq, "conversational quality, where a delay is known", NULL),
    ROW(stream_mos, REAL, "r", r, "rating factor R behind lq", NULL),
    ROW(stream_mos, REAL, "min", min, "lq of the worst 5 s window", NULL),
    ROW(stream_mos, TIME, "min_at", min_at, "its beginning", NULL),
    ROW(stream_mos, TEXT, "model", model, "G.107, G.107.1, G.107.2", NULL),
    ROW(stream_mos, TEXT, "codec", codec, "codec and mode that was scored", NULL),
    ROW(stream_mos, REAL, "ie", ie, "equipment impairment", NULL),
    ROW(stream_mos, REAL, "bpl", bpl, "packet loss robustness", NULL),
    ROW(stream_mos, TEXT, "plc", plc, "loss concealment that the values assume", NULL),
    ROW(stream_mos, REAL, "loss_pct", loss_pct, "loss behind the jitter buffer: lost and late", NULL),
    ROW(stream_mos, REAL, "burst_r", burst_r, "BurstR", NULL),
    ROW(stream_mos, TEXT, "buffer", buffer, "jitter buffer model", NULL),
    ROW(stream_mos, MS, "delay_ms", delay, "one-way delay that cq uses", NULL),
    ROW(stream_mos, TEXT, "why", why, "why there is no lq", NULL),
    ROW(stream_mos, TEXT, "assumed", assumed, "what the score rests on without a published value", NULL),
};

static const struct field xr_rows[] = {
    ROW(stream_xr, REAL, "loss_pct", loss_pct, "loss rate", NULL),
    ROW(stream_xr, REAL, "discard_pct", discard_pct, "discarded by its jitter buffer", NULL),
    ROW(stream_xr, REAL, "burst_loss_pct", burst_loss_pct, "burst density", NULL),
    ROW(stream_xr, REAL, "gap_loss_pct", gap_loss_pct, "gap density", NULL),
    ROW(stream_xr, MS, "burst_ms", burst, "burst duration", NULL),
    ROW(stream_xr, MS, "gap_ms", gap, "gap duration", NULL),
    ROW(stream_xr, MS, "rtt_ms", round_trip, "round trip delay", NULL),
    ROW(stream_xr, MS, "esd_ms", end_system_delay, "end system delay", NULL),
    ROW(stream_xr, NUMBER, "r", r, "R factor", NULL),
    ROW(stream_xr, REAL, "mos_lq", mos_lq, "MOS-LQ", NULL),
    ROW(stream_xr, REAL, "mos_cq", mos_cq, "MOS-CQ", NULL),
    ROW(stream_xr, MS, "buffer_ms", buffer, "nominal jitter buffer delay", NULL),
};
OBJECT(xr_table, xr_rows, stream_xr);

static const struct field rtcp_rows[] = {
    ROW(stream_rtcp, NUMBER, "sr", sr, "sender reports of the sender", NULL),
    ROW(stream_rtcp, NUMBER, "rr", rr, "reception reports of the receiver", NULL),
    ROW(stream_rtcp, NUMBER, "lost", lost, "packets lost, by its newest report", NULL),
    ROW(stream_rtcp, REAL, "fraction_pct", fraction_pct, "greatest fraction lost", NULL),
    ROW(stream_rtcp, MS, "jitter_ms", jitter, "greatest jitter", NULL),
    ROW(stream_rtcp, MS, "rtt_ms", rtt, "round trip between the two ends", NULL),
    ROW(stream_rtcp, MS, "rtt_far_ms", rtt_far, "round trip between tap and receiver", NULL),
    ROW(stream_rtcp, TEXT, "where", where, "where packets were lost: before the tap, after the tap, both; at the tap: in the capture", NULL),
    ROW(stream_rtcp, TEXT, "cname", cname, "CNAME of the sender", NULL),
    ROW(stream_rtcp, FLAG, "bye", bye, "the sender said BYE", NULL),
    ROW(stream_rtcp, OBJECT, "xr", xr, "VoIP metrics of an extended report", &xr_table),
};

static const struct field reported_rows[] = {
    ROW(stream_reported, TEXT, "by", by, "RFC 6035, or the statistics header's name", NULL),
    ROW(stream_reported, REAL, "packets", received, "packets received", NULL),
    ROW(stream_reported, REAL, "lost", lost, "packets lost", NULL),
    ROW(stream_reported, REAL, "loss_pct", loss_pct, "network loss rate", NULL),
    ROW(stream_reported, REAL, "discard_pct", discard_pct, "discarded by its jitter buffer", NULL),
    ROW(stream_reported, MS, "jitter_ms", jitter, "jitter", NULL),
    ROW(stream_reported, MS, "rtt_ms", rtt, "round trip delay", NULL),
    ROW(stream_reported, REAL, "mos_lq", mos_lq, "MOS-LQ", NULL),
    ROW(stream_reported, REAL, "mos_cq", mos_cq, "MOS-CQ", NULL),
};

static const struct field digit_rows[] = {
    ROW(stream_digit, TEXT, "digit", digit, "0-9 * # A-D, ! for flash", NULL),
    ROW(stream_digit, TIME, "at", at, "its first packet", NULL),
    ROW(stream_digit, MS, "duration_ms", duration, "by its timestamps", NULL),
    ROW(stream_digit, SIGNED, "volume_dbm0", volume, "level", NULL),
    ROW(stream_digit, FLAG, "ended", ended, "an end packet was seen", NULL),
};

static const struct field tone_rows[] = {
    ROW(stream_tone, TEXT, "digit", digit, "0-9 * # A-D", NULL),
    ROW(stream_tone, TIME, "at", at, "its beginning", NULL),
    ROW(stream_tone, MS, "duration_ms", duration, "length", NULL),
    ROW(stream_tone, SIGNED, "level_dbm0", level, "level", NULL),
};

static const struct field srtp_rows[] = {
    ROW(stream_srtp, TEXT, "suite", suite, "crypto suite of the description, or DTLS-SRTP", NULL),
    ROW(stream_srtp, FLAG, "decrypted", decrypted, "a key was right: its payload can be read", NULL),
    ROW(stream_srtp, NUMBER, "authenticated", authenticated, "packets whose tag was right", NULL),
    ROW(stream_srtp, NUMBER, "auth_failures", auth_failures, "packets that no key of the call was right for", NULL),
    ROW(stream_srtp, TEXT, "why", why, "why it was not, or not all of it", NULL),
    ROW(stream_srtp, TEXT, "note", note, "what is peculiar about it", NULL),
};

static const struct field fax_rows[] = {
    ROW(stream_fax, MS, "switchover_ms", switchover, "from the description that announced T.38 to the first packet", NULL),
    ROW(stream_fax, NUMBER, "recovered", recovered, "lost packets that a later one repeats", NULL),
    ROW(stream_fax, NUMBER, "redundancy", redundancy, "most packets that one repeats", NULL),
    ROW(stream_fax, FLAG, "fec", fec, "parity instead of repeats", NULL),
    ROW(stream_fax, TEXTS, "signals", signals, "T.30 signals in order", NULL),
};

static const struct field gaps_rows[] = {
    ROW(stream_gaps, NUMBER, "count", count, "gaps that many streams share", NULL),
    ROW(stream_gaps, NUMBER, "packets", packets, "packets missing in them", NULL),
    ROW(stream_gaps, TIME, "first_at", first_at, "the first one", NULL),
};

static const struct field windows_rows[] = {
    ROW(stream_windows, MS, "length_ms", length, "length of a window", NULL),
    ROW(stream_windows, NUMBERS, "packets", packets, "packets in each", NULL),
    ROW(stream_windows, NUMBERS, "lost", lost, "lost in each", NULL),
    ROW(stream_windows, NUMBERS, "late", late, "late in each", NULL),
    ROW(stream_windows, NUMBERS, "jitter_us", jitter_us, "mean jitter in each, microseconds", NULL),
    ROW(stream_windows, NUMBERS, "delta_us", delta_us, "longest time between two arrivals in each, microseconds", NULL),
    ROW(stream_windows, NUMBERS, "mos_x100", mos_x100, "lq of each with the stream's BurstR, hundredths", NULL),
};

OBJECT(jitter_table, jitter_rows, stream_jitter);
OBJECT(delta_table, delta_rows, stream_delta);
OBJECT(burst_table, burst_rows, stream_burst);
OBJECT(mos_table, mos_rows, stream_mos);
OBJECT(rtcp_table, rtcp_rows, stream_rtcp);
OBJECT(reported_table, reported_rows, stream_reported);
OBJECT(digit_table, digit_rows, stream_digit);
OBJECT(tone_table, tone_rows, stream_tone);
OBJECT(srtp_table, srtp_rows, stream_srtp);
OBJECT(fax_table, fax_rows, stream_fax);
OBJECT(gaps_table, gaps_rows, stream_gaps);
static const struct field report_rows[] = {
    ROW(stream_report, TIME, "at", at, "when it passed the tap", NULL),
    ROW(stream_report, TEXT, "kind", kind, "SR, RR", NULL),
    ROW(stream_report, FLAG, "from_receiver", from_receiver, "of the stream; else its sender says that it sends", NULL),
    ROW(stream_report, REAL, "loss_pct", loss_pct, "lost since the report before", NULL),
    ROW(stream_report, SIGNED, "lost", lost, "lost so far", NULL),
    ROW(stream_report, MS, "jitter_ms", jitter, "jitter", NULL),
    ROW(stream_report, MS, "rtt_ms", rtt, "round trip between the two ends, as of then", NULL),
};

OBJECT(windows_table, windows_rows, stream_windows);
OBJECT(report_table, report_rows, stream_report);

#define STREAM(kind, name, help) ROW(stream_record, kind, #name, name, help, NULL)

static const struct field stream_rows[] = {
    STREAM(NUMBER, id, "small integer, stable in one run, in order of first packet"),
    STREAM(NUMBER, call, "id of its call"),
    STREAM(TEXT, call_id, "SIP Call-ID"),
    STREAM(ENDPOINT, src, "sender"),
    STREAM(ENDPOINT, dst, "receiver"),
    STREAM(TEXT, ssrc, "synchronization source"),
    STREAM(TEXT, why, "how it was tied to the call: sdp, symmetric, ssrc-continuity; heuristic where it was not"),
    STREAM(TEXT, media, "audio, video, image"),
    STREAM(TEXT, codec, "codec of most of its packets"),
    STREAM(NUMBERS, payload_types, "payload types seen"),
    STREAM(NUMBER, clock_hz, "RTP clock"),
    ROW(stream_record, MS, "ptime_ms", ptime, "packet time", NULL),
    STREAM(TIME, start, "first packet"),
    STREAM(TIME, end, "last packet"),
    STREAM(NUMBER, packets, "packets"),
    STREAM(NUMBER, bytes, "RTP header and payload"),
    STREAM(NUMBER, expected, "by extended sequence numbers"),
    STREAM(NUMBER, lost, "expected less the different ones received"),
    STREAM(REAL, loss_pct, "lost of expected"),
    STREAM(NUMBER, duplicates, "packets received again"),
    STREAM(NUMBER, reordered, "packets that came after a later one"),
    STREAM(NUMBER, restarts, "jumps of the sequence number that stayed"),
    STREAM(NUMBER, strays, "packets with a sequence number from elsewhere"),
    ROW(stream_record, OBJECT, "jitter_ms", jitter, "interarrival jitter, RFC 3550", &jitter_table),
    ROW(stream_record, OBJECT, "delta_ms", delta, "time between arrivals", &delta_table),
    ROW(stream_record, OBJECT, "burst", burst, "bursts and gaps, RFC 3611", &burst_table),
    STREAM(REAL, skew_ppm, "sender clock against capture clock; positive: the sender is fast"),
    STREAM(NUMBER, late, "packets that the jitter buffer model would discard"),
    STREAM(REAL, late_pct, "of expected"),
    ROW(stream_record, OBJECT, "mos", mos, "E-model score and its inputs", &mos_table),
    ROW(stream_record, OBJECT, "rtcp", rtcp, "what RTCP said", &rtcp_table),
    ROW(stream_record, OBJECT, "reported", reported, "what the receiver said in SIP: RFC 6035, X-RTP-Stat", &reported_table),
    ROW(stream_record, OBJECTS, "dtmf", dtmf, "telephone events", &digit_table),
    STREAM(NUMBER, dtmf_left_out, "telephone events beyond the 1024 that are kept"),
    ROW(stream_record, OBJECTS, "tones", tones, "DTMF tones in the audio (--tones)", &tone_table),
    ROW(stream_record, OBJECT, "fax", fax, "T.38 over UDPTL", &fax_table),
    ROW(stream_record, OBJECT, "srtp", srtp, "absent where the description says plain RTP", &srtp_table),
    ROW(stream_record, OBJECT, "gaps", gaps, "the tap's own: gaps on many streams at once", &gaps_table),
    ROW(stream_record, OBJECT, "windows", windows, "windows for plots (--windows)", &windows_table),
    ROW(stream_record, OBJECTS, "rtcp_reports", reports, "RTCP reports one by one, thinned out where there are many (--windows)", &report_table),
    STREAM(NUMBER, frame, "packet number of the first packet"),
};

#define FINDING(kind, name, help) ROW(finding_record, kind, #name, name, help, NULL)

static const struct field finding_rows[] = {
    FINDING(TEXT, rule, "id, from --list-rules"),
    FINDING(TEXT, severity, "error, warning, info"),
    FINDING(NUMBER, call, "id of the call"),
    FINDING(TEXT, call_id, "SIP Call-ID"),
    FINDING(NUMBER, stream, "id of the stream"),
    FINDING(NUMBER, frame, "packet number in the capture, from 1"),
    FINDING(TIME, at, "capture time"),
    FINDING(ENDPOINT, src, "sender of that packet"),
    FINDING(TEXT, subject, "header, number, address, ... it is about"),
    FINDING(TEXT, text, "what is wrong with which value"),
    FINDING(TEXT, fix, "what to do"),
    FINDING(TEXT, source, "document and section"),
    FINDING(NUMBER, count, "how often in this call"),
};

#define MESSAGE(kind, name, help) ROW(message_record, kind, #name, name, help, NULL)

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
    MESSAGE(FLAG, retransmission, "sent before on the same hop"),
    MESSAGE(KNOWN, copy, "true for one that was captured before: a mirror shows it again within 10 ms; else absent"),
    MESSAGE(FLAG, decrypted, "came out of TLS"),
    MESSAGE(FLAG, truncated, "the capture holds only its beginning"),
    MESSAGE(KNOWN, well_formed, "obeys the grammar of RFC 3261; absent where not checked"),
    MESSAGE(TEXTS, defects, "ids of what is wrong"),
};

static const struct field certificate_rows[] = {
    ROW(connection_certificate, TEXT, "subject", subject, "whose it is", NULL),
    ROW(connection_certificate, TEXT, "issuer", issuer, "who signed it", NULL),
    ROW(connection_certificate, TEXTS, "names", names, "the names that it is for", NULL),
    ROW(connection_certificate, TIME, "from", from, "valid from", NULL),
    ROW(connection_certificate, TIME, "until", until, "valid until", NULL),
    ROW(connection_certificate, NUMBER, "chain", chain, "certificates that were sent", NULL),
    ROW(connection_certificate, FLAG, "self_signed", self_signed, "issuer and subject are the same", NULL),
};
OBJECT(certificate_table, certificate_rows, connection_certificate);

static const struct field alert_rows[] = {
    ROW(connection_alert, TEXT, "name", name, "RFC 8446 6; absent where it is encrypted", NULL),
    ROW(connection_alert, NUMBER, "code", code, "its number", NULL),
    ROW(connection_alert, FLAG, "fatal", fatal, "it ended the connection", NULL),
    ROW(connection_alert, TEXT, "by", by, "client, server", NULL),
    ROW(connection_alert, NUMBER, "frame", frame, "packet number", NULL),
    ROW(connection_alert, TIME, "at", at, "capture time", NULL),
};
OBJECT(alert_table, alert_rows, connection_alert);

#define CONNECTION(kind, name, help) ROW(connection_record, kind, #name, name, help, NULL)

static const struct field connection_rows[] = {
    CONNECTION(NUMBER, id, "small integer, in order of ending"),
    CONNECTION(TEXT, protocol, "tls, dtls"),
    CONNECTION(ENDPOINT, src, "client"),
    CONNECTION(ENDPOINT, dst, "server"),
    CONNECTION(TIME, start, "first record"),
    CONNECTION(TIME, open, "the handshake was completed"),
    CONNECTION(TIME, end, "last bytes"),
    CONNECTION(TEXT, state, "handshake (it had not ended), open, failed, partial (the handshake is not in the capture)"),
    CONNECTION(TEXT, version, "TLS 1.2, DTLS 1.2"),
    CONNECTION(TEXT, suite, "cipher suite"),
    CONNECTION(TEXT, sni, "server name that the client asked for"),
    CONNECTION(TEXT, alpn, "application protocol that the server chose"),
    CONNECTION(FLAG, resumed, "an earlier session goes on"),
    CONNECTION(FLAG, certificate_asked, "the server asked for the client's certificate"),
    CONNECTION(FLAG, reset, "an RST was seen"),
    ROW(connection_record, OBJECT, "certificate", certificate, "of the server, where it was seen", &certificate_table),
    ROW(connection_record, OBJECT, "alert", alert, "the fatal one, else the first", &alert_table),
    CONNECTION(NUMBER, records, "TLS records"),
    CONNECTION(NUMBER, decrypted_bytes, "application data that was read"),
    CONNECTION(FLAG, decrypted, "application data was read; dtls: the keys of its media came from the key log (streams say whether they fit)"),
    CONNECTION(TEXT, why, "why not, or not all of it"),
    CONNECTION(TEXT, srtp, "dtls: the SRTP suite that it agreed on (in DTLS 1.3 where only one was offered)"),
    CONNECTION(NUMBER, frame, "packet number of the first record"),
    CONNECTION(NUMBER, certificate_frame, "packet number of the certificate"),
};

#define WAY(kind, name, help) ROW(minute_way, kind, #name, name, help, NULL)

static const struct field way_rows[] = {
    WAY(NUMBER, rtp_packets, "RTP packets of this minute"),
    WAY(NUMBER, rtp_bytes, "their headers and payloads"),
    WAY(NUMBER, rtcp_packets, "RTCP packets, compound ones once"),
    WAY(NUMBER, rtcp_bytes, "their bytes"),
    WAY(NUMBER, packets_lost, "lost in the whole call so far"),
    ROW(minute_way, MS, "jitter_ms", jitter, "mean jitter of this minute", NULL),
};
OBJECT(way_table, way_rows, minute_way);

#define MINUTE(kind, name, help) ROW(minute_record, kind, #name, name, help, NULL)

static const struct field minute_rows[] = {
    MINUTE(NUMBER, call, "id of the call"),
    MINUTE(TIME, since, "the minute's begin: the answer, or the end of the one before"),
    MINUTE(TIME, at, "the minute's end"),
    MINUTE(TEXT, call_id, "SIP Call-ID"),
    MINUTE(TEXT, transaction, "UUID of the call in every log"),
    MINUTE(TEXT, connector, "connector id"),
    MINUTE(TEXT, region, "the trunk's region"),
    MINUTE(TEXT, direction, "outbound, inbound"),
    MINUTE(TEXT, source, "number of the caller"),
    MINUTE(TEXT, destination, "number called"),
    ROW(minute_record, OBJECT, "from_customer", from_customer, "media from customer to trunk", &way_table),
    ROW(minute_record, OBJECT, "to_customer", to_customer, "media from trunk to customer", &way_table),
    ROW(minute_record, MS, "rtt_ms", rtt, "round trip by RTCP", NULL),
    MINUTE(REAL, mos, "MOS-LQ of this minute, the worse direction's"),
    MINUTE(FLAG, last, "the call ended"),
};

static const struct field rule_tally_rows[] = {
    ROW(rule_tally, TEXT, "rule", rule, "id from --list-rules", NULL),
    ROW(rule_tally, TEXT, "severity", severity, "error, warning, info", NULL),
    ROW(rule_tally, NUMBER, "findings", findings, "findings", NULL),
    ROW(rule_tally, NUMBER, "count", count, "with repeats", NULL),
};
OBJECT(rule_tally_table, rule_tally_rows, rule_tally);

static const struct field host_tally_rows[] = {
    ROW(host_tally, TEXT, "host", host, "address that sent it", NULL),
    ROW(host_tally, TEXT, "rule", rule, "id from --list-rules", NULL),
    ROW(host_tally, TEXT, "severity", severity, "error, warning, info", NULL),
    ROW(host_tally, NUMBER, "findings", findings, "findings", NULL),
    ROW(host_tally, NUMBER, "count", count, "with repeats", NULL),
};
OBJECT(host_tally_table, host_tally_rows, host_tally);

#define SUMMARY(kind, name, help) ROW(summary_record, kind, #name, name, help, NULL)

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
    ROW(summary_record, OBJECTS, "rules", rules, "findings by rule", &rule_tally_table),
    ROW(summary_record, OBJECTS, "hosts", hosts, "findings by the address that sent the frame, and rule", &host_tally_table),
    SUMMARY(NUMBER, calls_at_once, "most INVITE calls at once"),
    SUMMARY(NUMBER, calls_per_second, "most new INVITE calls in a second"),
    SUMMARY(NUMBER, icmp_errors, "ICMP errors that quote a datagram"),
    SUMMARY(NUMBER, tls_connections, "TLS connections"),
    SUMMARY(NUMBER, tls_decrypted, "of which decrypted"),
    SUMMARY(NUMBER, tls_failed, "of which failed in the handshake"),
    SUMMARY(NUMBER, kernel_drops, "packets the kernel dropped before sipvet saw them"),
    SUMMARY(NUMBER, interface_drops, "packets the interface dropped"),
    SUMMARY(NUMBER, evicted, "calls given up early to stay within memory"),
    SUMMARY(NUMBER, rtp_refused, "RTP packets of streams that there was no memory for"),
    SUMMARY(NUMBER, rtcp_unread, "RTCP packets that are encrypted, cut or broken"),
    SUMMARY(NUMBER, rtcp_decrypted, "SRTCP packets that were decrypted"),
    SUMMARY(NUMBER, peak_memory_bytes, "peak resident memory"),
    SUMMARY(NUMBER, elapsed_ms, "wall time"),
    SUMMARY(TEXTS, problems, "what went wrong with an input"),
    SUMMARY(TEXTS, comments, "comments that the captures carry"),
};

#define TABLE(name) {#name, name##_rows, sizeof name##_rows / sizeof name##_rows[0], sizeof(struct name##_record)}

const struct field_table call_fields = TABLE(call);
const struct field_table stream_fields = TABLE(stream);
const struct field_table finding_fields = TABLE(finding);
const struct field_table message_fields = TABLE(message);
const struct field_table connection_fields = TABLE(connection);
const struct field_table minute_fields = TABLE(minute);
const struct field_table summary_fields = TABLE(summary);

const struct field *field_find(const struct field_table *table, struct slice name)
{
    for (size_t i = 0; i < table->count; i++)
        if (slice_is(name, table->fields[i].name))
            return &table->fields[i];
    return NULL;
}
