/* TLS connections with the trunk: where they go, and how their handshake ended. */
#include <stdarg.h>
#include <stdio.h>

#include "rules/checking.h"

/* One connection under examination. */
struct looked {
    struct vetting *vetting;
    const struct connection_record *connection;
    bool trunk_serves; /* else the trunk is the client */
};

static void fired(const struct looked *looked, enum rule_id rule, uint64_t frame, int64_t at_ns, struct slice subject, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

static void fired(const struct looked *looked, enum rule_id rule, uint64_t frame, int64_t at_ns, struct slice subject, const char *format, ...)
{
    const struct vetting_config *config = &looked->vetting->config;
    const struct connection_record *connection = looked->connection;
    char words[600], src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];
    struct sighting sighting = {.time_ns = at_ns, .frame = frame, .src = connection->src, .dst = connection->dst, .transport = TRANSPORT_TLS};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    endpoint_format(&connection->src, src);
    endpoint_format(&connection->dst, dst);
    struct text *text = &looked->vetting->text;
    text_reset(text);
    text_format(text, "TLS from %s to %s: %s", src, dst, words);
    config->found(config->found_context, NULL,
                  &(struct firing){.rule = rules_at(config->rules, rule), .sighting = &sighting, .subject = subject,
                                   .text = slice_of(text->data, text->len), .stream = NUMBER_NONE});
}

static bool ends_nocase(struct slice text, struct slice end)
{
    return end.len > 0 && text.len >= end.len && slice_equal_nocase(slice_after(text, text.len - end.len), end);
}

static bool port_is_among(const struct profile_port *ports, size_t count, uint16_t port, unsigned transport)
{
    for (size_t i = 0; i < count; i++)
        if ((ports[i].transports & transport) && port >= ports[i].port_low && port <= ports[i].port_high)
            return true;
    return false;
}

/* The server is the trunk by its address, by the name that the client asked for, or as what the own side signals with. */
static bool server_is_trunk(struct vetting *vetting, const struct connection_record *connection, const struct peer *src, const struct peer *dst)
{
    enum { SIP_PORT = 5060, SIPS_PORT = 5061 };
    const struct profile *profile = vetting->config.profile;
    if (dst->trunk || dst->learned || host_is_trunk(vetting, connection->sni) || ends_nocase(connection->sni, profile->sni_suffix))
        return true;
    uint16_t port = connection->dst.port;
    bool sip = port == SIP_PORT || port == SIPS_PORT || port_is_among(profile->secure_ports, profile->secure_port_count, port, PROFILE_TLS);
    return src->own && !dst->own && sip;
}

/* Transports that the trunk serves on the server's port: by its ranges where the address is in one, else by the profile's ports. */
static unsigned server_port_serves(const struct looked *looked, const struct peer *peer)
{
    const struct profile *profile = looked->vetting->config.profile;
    const struct endpoint *dst = &looked->connection->dst;
    unsigned serves = 0;
    const struct profile_region *region = peer->trunk ? &profile->regions[peer->region] : NULL;
    for (size_t i = 0; region != NULL && i < region->signaling_count; i++)
        if (range_has(&region->signaling[i], dst))
            serves |= region->signaling[i].transports;
    if (region != NULL)
        return serves;
    serves |= port_is_among(profile->secure_ports, profile->secure_port_count, dst->port, PROFILE_TLS) ? PROFILE_TLS : 0;
    serves |= port_is_among(profile->clear_ports, profile->clear_port_count, dst->port, PROFILE_TCP) ? PROFILE_TCP : 0;
    return serves;
}

static void port_look(const struct looked *looked, const struct peer *peer)
{
    const struct connection_record *connection = looked->connection;
    const struct site *site = looked->vetting->config.site;
    const struct profile *profile = looked->vetting->config.profile;
    bool on = site != NULL && site->encryption != NULL && strcmp(site->encryption, "on") == 0;
    unsigned serves = server_port_serves(looked, peer);
    char text[ENDPOINT_TEXT_SIZE];
    bool known = peer->trunk || profile->secure_port_count > 0;
    if (!known || (serves & PROFILE_TLS))
        return;
    endpoint_format(&connection->dst, text);
    if (serves & PROFILE_TCP)
        fired(looked, RULE_TLS_ON_CLEAR_PORT, connection->frame, connection->start, slice_str(text), "port %u of the trunk is for TCP in the clear",
              connection->dst.port);
    if (on)
        fired(looked, RULE_ENCRYPTION_PORT, connection->frame, connection->start, slice_str(text),
              "the trunk serves no TLS on port %u, while the site says that encryption is on", connection->dst.port);
}

static bool is_wildcard(struct slice name)
{
    return slice_starts(name, "*.");
}

/* The profile's "*.a.b" stands for that name and for any single label in front of a.b (RFC 6125 6.4.3). */
static bool name_matches(struct slice name, struct slice wanted)
{
    if (slice_equal_nocase(name, wanted))
        return true;
    struct slice label = slice_cut(name, 0, slice_find(name, 0, '.'));
    return is_wildcard(wanted) && label.len > 0 && slice_equal_nocase(slice_after(name, label.len), slice_after(wanted, 1));
}

static void certificate_look(const struct looked *looked)
{
    const struct profile *profile = looked->vetting->config.profile;
    const struct connection_record *connection = looked->connection;
    const struct connection_certificate *certificate = connection->certificate;
    if (certificate == NULL || !looked->trunk_serves || profile->certificate_name_count == 0)
        return;
    for (size_t n = 0; n < certificate->names.count; n++)
        for (size_t i = 0; i < profile->certificate_name_count; i++)
            if (name_matches(certificate->names.items[n], profile->certificate_names[i]))
                return;
    struct slice name = certificate->names.count > 0 ? certificate->names.items[0] : certificate->subject;
    fired(looked, RULE_TLS_CERT_NAME, connection->certificate_frame, connection->start, name, "the certificate is for %.*s; that of %.*s is for %.*s",
          WORDS(name), WORDS(profile->name), WORDS(profile->certificate_names[0]));
}

/* "TLS 1.0" against "1.2". */
static void version_look(const struct looked *looked)
{
    const struct connection_record *connection = looked->connection;
    struct slice least = looked->vetting->config.profile->tls_min, used = connection->version;
    if (least.len != 3 || used.len < 3)
        return;
    bool old = slice_starts(used, "SSL") || memcmp(used.data + used.len - 3, least.data, 3) < 0;
    if (old)
        fired(looked, RULE_TLS_VERSION, connection->frame, connection->start, used, "%.*s is used; %.*s takes %.*s and newer", WORDS(used),
              WORDS(looked->vetting->config.profile->name), WORDS(least));
}

/* The next letter or digit that tells: IANA's RSA_WITH_AES_128_CBC_SHA is OpenSSL's AES128-SHA. */
static int suite_letter(struct slice name, size_t *at)
{
    static const char *const silent[] = {"WITH_", "CBC_", "-", "_"};
    for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++)
        if (slice_starts(slice_after(name, *at), silent[i])) {
            *at += strlen(silent[i]);
            i = SIZE_MAX; /* from the first again */
        }
    return *at < name.len ? name.data[(*at)++] : -1;
}

static bool same_suite(struct slice iana, struct slice openssl)
{
    size_t left = slice_starts(iana, "RSA_") ? 4 : 0, right = slice_starts(openssl, "TLS_") ? 4 : 0;
    for (;;) {
        int a = suite_letter(iana, &left), b = suite_letter(openssl, &right);
        if (a != b || a < 0)
            return a == b;
    }
}

static void suite_look(const struct looked *looked)
{
    const struct profile *profile = looked->vetting->config.profile;
    const struct connection_record *connection = looked->connection;
    for (size_t i = 0; i < profile->cipher_count && connection->suite.len > 0; i++)
        if (profile->ciphers[i].until.len > 0 && same_suite(connection->suite, profile->ciphers[i].name))
            fired(looked, RULE_TLS_CIPHER, connection->frame, connection->start, profile->ciphers[i].name, "%.*s takes %.*s until %.*s",
                  WORDS(profile->name), WORDS(profile->ciphers[i].name), WORDS(profile->ciphers[i].until));
}

/* The customer's end is the server: the trunk does not authenticate itself by a certificate of its own. */
static void request_look(const struct looked *looked)
{
    const struct connection_record *connection = looked->connection;
    if (!looked->trunk_serves && connection->certificate_asked && looked->vetting->config.profile->client_certificate_never)
        fired(looked, RULE_TLS_CLIENT_CERT, connection->frame, connection->start, slice_str("CertificateRequest"),
              "the server asks for the client's certificate; %.*s has none", WORDS(looked->vetting->config.profile->name));
}

static bool has_wildcard(const struct connection_certificate *certificate)
{
    for (size_t i = 0; certificate != NULL && i < certificate->names.count; i++)
        if (is_wildcard(certificate->names.items[i]))
            return true;
    return false;
}

/* RFC 8446 6.2: alerts by which a client says that it does not accept the server's certificate. */
static bool certificate_refused(const struct connection_alert *alert)
{
    enum { BAD = 42, UNSUPPORTED = 43, REVOKED = 44, EXPIRED = 45, UNKNOWN = 46, UNKNOWN_CA = 48 };
    uint64_t code = alert->code;
    return alert->fatal && slice_is(alert->by, "client") && (code == UNKNOWN_CA || (code >= BAD && code <= UNKNOWN));
}

static void failure_look(const struct looked *looked)
{
    const struct connection_record *connection = looked->connection;
    const struct connection_alert *alert = connection->alert;
    if (!slice_is(connection->state, "failed"))
        return;
    if (alert == NULL || !alert->fatal) {
        fired(looked, RULE_TLS_HANDSHAKE_FAILED, connection->frame, connection->start, slice_str("reset"),
              "the connection was reset before the handshake ended");
        return;
    }
    struct slice name = alert->name.len > 0 ? alert->name : slice_str("an encrypted alert");
    fired(looked, RULE_TLS_HANDSHAKE_FAILED, alert->frame, alert->at, name, "the %.*s ended the handshake with %.*s%s", WORDS(alert->by), WORDS(name),
          alert->name.len > 0 ? "" : ", which a key log would show");
    if (!certificate_refused(alert))
        return;
    fired(looked, RULE_TLS_CERT_UNTRUSTED, alert->frame, alert->at, name, "the client does not accept the server's certificate: %.*s", WORDS(name));
    if (has_wildcard(connection->certificate))
        fired(looked, RULE_TLS_WILDCARD_REFUSED, alert->frame, alert->at, name,
              "the client answered a certificate for a wildcard name with %.*s", WORDS(name));
}

void vetting_connection(struct vetting *vetting, const struct connection_record *connection)
{
    if (vetting->config.profile == NULL)
        return;
    struct peer *src, *dst;
    peers_of(vetting, &connection->src, &connection->dst, &src, &dst);
    if (src == NULL || dst == NULL)
        return;
    struct looked looked = {vetting, connection, server_is_trunk(vetting, connection, src, dst)};
    bool trunk_opens = !looked.trunk_serves && (src->trunk || src->learned);
    if (!looked.trunk_serves && !trunk_opens)
        return; /* other traffic */
    if (looked.trunk_serves)
        port_look(&looked, dst);
    version_look(&looked);
    suite_look(&looked);
    request_look(&looked);
    certificate_look(&looked);
    failure_look(&looked);
}
