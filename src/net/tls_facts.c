/* What is said of a connection when it ends. */
#include "net/tls_conn.h"

static const char *const whys[TLS_WHYS] = {
    [TLS_WHY_NO_KEYLOG] = "no key log was given",
    [TLS_WHY_NO_KEY] = "the key log has no secret of this connection",
    [TLS_WHY_SUITE] = "its cipher suite is not one that is decrypted",
    [TLS_WHY_VERSION] = "its version is not one that is decrypted",
    [TLS_WHY_NO_HANDSHAKE] = "its handshake was not captured",
    [TLS_WHY_GAP] = "bytes of it are missing from the capture",
    [TLS_WHY_WRONG_KEY] = "the key log's secret does not open its records",
    [TLS_WHY_RECORD] = "it holds bytes that are no TLS record",
    [TLS_WHY_MEMORY] = "it was given up to stay within memory before its keys came",
};

static enum tls_state state_of(const struct tls_conn *conn)
{
    if (conn->alert.fatal && (conn->open_ns == CLOCK_NONE || conn->alert.time_ns <= conn->open_ns))
        return TLS_FAILED;
    if (conn->open_ns != CLOCK_NONE || conn->plain_bytes > 0)
        return TLS_OPEN;
    if (!conn->client_hello)
        return TLS_PARTIAL;
    return conn->reset ? TLS_FAILED : TLS_HANDSHAKE;
}

static const char *suite_name(const struct tls_conn *conn)
{
    return conn->suite_number == 0 ? "" : conn->suite == NULL ? "unknown" : conn->suite->name;
}

/* Of two directions' reasons the one that says more. */
static const char *why_of(const struct tls_conn *conn)
{
    unsigned most = TLS_WHY_NONE;
    for (unsigned d = 0; d < 2; d++) {
        const struct tls_half *half = &conn->half[d];
        bool matters = half->sealed > 0 || half->why == TLS_WHY_NO_HANDSHAKE || half->why == TLS_WHY_GAP || half->why == TLS_WHY_RECORD;
        if (matters && half->why > most)
            most = half->why;
    }
    return whys[most]; /* NULL: NONE */
}

void tls_facts_fill(const struct tls_conn *conn, struct tls_facts *facts)
{
    const char *version = conn->suite_number == 0 ? NULL : tls_version_name(conn->version);
    *facts = (struct tls_facts){.client = conn->ends[conn->client],
                                .server = conn->ends[!conn->client],
                                .begin_ns = conn->begin_ns,
                                .open_ns = conn->open_ns,
                                .end_ns = conn->end_ns,
                                .frame = conn->frame,
                                .certificate_frame = conn->certificate_frame,
                                .state = state_of(conn),
                                .version = version == NULL ? SLICE_NONE : slice_str(version),
                                .suite = slice_str(suite_name(conn)),
                                .server_name = slice_str(conn->server_name),
                                .alpn = slice_str(conn->alpn),
                                .client_random = conn->named > 0 ? slice_of(conn->randoms, (size_t)conn->named * TLS_RANDOM_BYTES) : SLICE_NONE,
                                .resumed = conn->resumed,
                                .certificate_asked = conn->certificate_asked,
                                .reset = conn->reset,
                                .certificate = conn->certificate,
                                .alert = conn->alert,
                                .records = conn->records,
                                .plain_bytes = conn->plain_bytes,
                                .sealed = conn->application,
                                .decrypted = conn->plain_bytes > 0,
                                .why = why_of(conn)};
}
