/* A TLS or DTLS connection that ended: its record, and what the trunk's profile says of it. */
#include "analyzer/pipeline.h"

static const char *const state_names[] = {
    [TLS_HANDSHAKE] = "handshake", [TLS_OPEN] = "open", [TLS_FAILED] = "failed", [TLS_PARTIAL] = "partial"};

static void certificate_fill(const struct tls_certificate *from, struct slice names[TLS_NAMES_MAX], struct connection_certificate *certificate)
{
    for (unsigned i = 0; i < from->name_count; i++)
        names[i] = slice_str(from->names[i]);
    *certificate = (struct connection_certificate){.subject = slice_str(from->subject),
                                                   .issuer = slice_str(from->issuer),
                                                   .names = {names, from->name_count},
                                                   .from = from->from_ns,
                                                   .until = from->until_ns,
                                                   .chain = from->chain,
                                                   .self_signed = from->self_signed};
}

static void alert_fill(const struct tls_alert *from, struct connection_alert *alert)
{
    const char *name = from->sealed ? NULL : tls_alert_name(from->code);
    *alert = (struct connection_alert){.name = slice_str(from->sealed ? "" : name == NULL ? "unknown" : name),
                                       .code = from->sealed ? NUMBER_NONE : from->code,
                                       .fatal = from->fatal,
                                       .by = slice_str(from->by_client ? "client" : "server"),
                                       .frame = from->frame,
                                       .at = from->time_ns};
}

void connection_path(void *context, const struct tls_facts *facts)
{
    struct analyzer *analyzer = context;
    struct slice names[TLS_NAMES_MAX];
    struct connection_certificate certificate;
    struct connection_alert alert;
    struct connection_record record = {.id = ++analyzer->connections,
                                       .protocol = slice_str(facts->datagrams ? "dtls" : "tls"),
                                       .src = facts->client,
                                       .dst = facts->server,
                                       .start = facts->begin_ns,
                                       .open = facts->open_ns,
                                       .end = facts->end_ns,
                                       .state = slice_str(state_names[facts->state]),
                                       .version = facts->version,
                                       .suite = facts->suite,
                                       .sni = facts->server_name,
                                       .alpn = facts->alpn,
                                       .resumed = facts->resumed,
                                       .certificate_asked = facts->certificate_asked,
                                       .reset = facts->reset,
                                       .records = facts->records,
                                       .decrypted_bytes = facts->plain_bytes,
                                       .decrypted = facts->decrypted,
                                       .why = facts->why == NULL ? SLICE_NONE : slice_str(facts->why),
                                       .srtp = facts->profile == NULL ? SLICE_NONE : slice_str(facts->profile),
                                       .frame = facts->frame,
                                       .client_random = facts->client_random,
                                       .certificate_frame = facts->certificate_frame == 0 ? NUMBER_NONE : facts->certificate_frame};
    if (facts->certificate != NULL) {
        certificate_fill(facts->certificate, names, &certificate);
        record.certificate = &certificate;
    }
    if (facts->alert.seen) {
        alert_fill(&facts->alert, &alert);
        record.alert = &alert;
    }
    if (!facts->datagrams) {
        analyzer->tls_tally.connections++;
        analyzer->tls_tally.decrypted += facts->decrypted;
        analyzer->tls_tally.failed += facts->state == TLS_FAILED;
        vetting_connection(analyzer->vetting, &record);
    }
    record_pass(analyzer, &(struct record){.kind = RECORD_CONNECTION, .connection = &record});
}

void connection_path_keys(void *context, const struct tls_media_key *key)
{
    struct analyzer *analyzer = context;
    media_key_agreed(analyzer->media, &key->src, &key->dst, slice_str(key->suite), key->master);
}
