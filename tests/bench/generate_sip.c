/* The SIP messages of the workload generator: Asterisk-like calls, OPTIONS and REGISTER, with long or compact header names. */
#include "generate.h"

#include <stdarg.h>
#include <string.h>

static void say(struct generator *g, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(g->text + g->text_used, sizeof g->text - g->text_used, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof g->text - g->text_used) fail("text");
    g->text_used += (size_t)n;
}

#define IP_FORMAT "%u.%u.%u.%u"
#define IP_ARGS(ip) (ip) >> 24, (ip) >> 16 & 255, (ip) >> 8 & 255, (ip) & 255

static void sip_send(struct generator *g, uint32_t src, uint16_t sport, uint32_t dst, uint16_t dport)
{
    memcpy(packet_begin(g, src, sport, dst, dport, g->text_used), g->text, g->text_used);
    g->text_used = 0;
    g->total.sip++;
}

struct names { const char *via, *from, *to, *call_id, *contact, *type, *length, *supported; };
static const struct names LONG_NAMES = {"Via", "From", "To", "Call-ID", "Contact", "Content-Type", "Content-Length", "Supported"};
static const struct names COMPACT_NAMES = {"v", "f", "t", "i", "m", "c", "l", "k"};

static void sdp_write(char *body, size_t size, const struct party *p, const struct call *call)
{
    snprintf(body, size,
             "v=0\r\no=- %u %u IN IP4 " IP_FORMAT "\r\ns=Asterisk\r\nc=IN IP4 " IP_FORMAT "\r\nt=0 0\r\n"
             "m=audio %u RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
             "a=ptime:20\r\na=maxptime:150\r\na=sendrecv\r\n",
             call->id[0], call->number + 1, IP_ARGS(p->media_ip), IP_ARGS(p->media_ip), p->media_port);
}

// The headers that every message of a call has. by_callee: the request of the transaction was sent by the callee.
static void call_headers(struct generator *g, const struct call *c, const struct names *n, const char *method, bool by_callee,
                         bool tagged)
{
    const struct party *from = by_callee ? &c->callee : &c->caller, *to = by_callee ? &c->caller : &c->callee;
    uint32_t cseq = c->cseq + (strcmp(method, "BYE") == 0);
    bool ack_of_2xx = strcmp(method, "ACK") == 0 && c->answered; // RFC 3261 13.2.2.4: a transaction of its own
    say(g, "%s: SIP/2.0/UDP " IP_FORMAT ":%u;rport;branch=z9hG4bKPj%08x%08x-%u%s\r\n", n->via, IP_ARGS(from->ip),
        from->port, c->id[1], c->id[2], cseq, ack_of_2xx ? "a" : "");
    say(g, "%s: \"%s\" <sip:%s@" IP_FORMAT ">;tag=%s\r\n", n->from, from->user, from->user, IP_ARGS(from->ip), from->tag);
    say(g, "%s: <sip:%s@" IP_FORMAT ">%s%s\r\n", n->to, to->user, IP_ARGS(to->ip), tagged ? ";tag=" : "", tagged ? to->tag : "");
    say(g, "%s: %08x-%08x-%08x-%08x\r\nCSeq: %u %s\r\n", n->call_id, c->id[0], c->id[1], c->id[2], c->id[3], cseq, method);
}

static void call_body(struct generator *g, const struct names *n, const char *body)
{
    if (body != NULL) say(g, "%s: application/sdp\r\n", n->type);
    say(g, "%s: %u\r\n\r\n%s", n->length, body == NULL ? 0 : (unsigned)strlen(body), body == NULL ? "" : body);
}

void call_request(struct generator *g, const struct call *c, const char *method, bool by_callee)
{
    const struct names *n = c->compact ? &COMPACT_NAMES : &LONG_NAMES;
    const struct party *from = by_callee ? &c->callee : &c->caller, *to = by_callee ? &c->caller : &c->callee;
    bool invite = strcmp(method, "INVITE") == 0;
    char body[512];
    say(g, "%s sip:%s@" IP_FORMAT ":%u SIP/2.0\r\n", method, to->user, IP_ARGS(to->ip), to->port);
    call_headers(g, c, n, strcmp(method, "ACK") == 0 ? "ACK" : method, by_callee, !invite);
    if (invite || strcmp(method, "ACK") == 0)
        say(g, "%s: <sip:%s@" IP_FORMAT ":%u>\r\n", n->contact, from->user, IP_ARGS(from->ip), from->port);
    say(g, "Max-Forwards: 70\r\nUser-Agent: Asterisk PBX 18.10.0\r\n");
    if (invite) {
        say(g, "Allow: OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, MESSAGE, REFER\r\n"
               "%s: 100rel, timer, replaces, norefersub, histinfo\r\nSession-Expires: 1800\r\nMin-SE: 90\r\n"
               "P-Asserted-Identity: \"%s\" <sip:%s@" IP_FORMAT ">\r\n", n->supported, from->user, from->user, IP_ARGS(from->ip));
        sdp_write(body, sizeof body, from, c);
    }
    call_body(g, n, invite ? body : NULL);
    sip_send(g, from->ip, from->port, to->ip, to->port);
}

void call_response(struct generator *g, const struct call *c, uint32_t status, const char *reason, const char *method,
                   bool by_callee)
{
    const struct names *n = c->compact ? &COMPACT_NAMES : &LONG_NAMES;
    const struct party *from = by_callee ? &c->callee : &c->caller, *to = by_callee ? &c->caller : &c->callee;
    bool answer = status == 200 && strcmp(method, "INVITE") == 0;
    char body[512];
    say(g, "SIP/2.0 %u %s\r\n", status, reason);
    call_headers(g, c, n, method, by_callee, status != 100);
    if (answer || status == 180) say(g, "%s: <sip:%s@" IP_FORMAT ":%u>\r\n", n->contact, to->user, IP_ARGS(to->ip), to->port);
    say(g, "Server: Asterisk PBX 18.10.0\r\nAllow: OPTIONS, REGISTER, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, MESSAGE, REFER\r\n");
    if (answer) {
        say(g, "%s: 100rel, timer, replaces, norefersub\r\nSession-Expires: 1800;refresher=uac\r\nRequire: timer\r\n",
            n->supported);
        sdp_write(body, sizeof body, to, c);
    }
    call_body(g, n, answer ? body : NULL);
    sip_send(g, to->ip, to->port, from->ip, from->port);
}

// Keep-alives and registrations.

static void side_headers(struct generator *g, const struct side *s, const char *method, uint32_t cseq, bool tagged)
{
    const struct names *n = s->compact ? &COMPACT_NAMES : &LONG_NAMES;
    uint32_t phone = PHONE_IP + s->peer, from = s->registers ? phone : PBX_IP;
    say(g, "%s: SIP/2.0/UDP " IP_FORMAT ":5060;rport;branch=z9hG4bK%08x%08x%u\r\n", n->via, IP_ARGS(from), s->id[0],
        s->id[2], cseq);
    say(g, "%s: <sip:%u@" IP_FORMAT ">;tag=as%08x\r\n", n->from, s->registers ? 1000 + s->peer : 0, IP_ARGS(from), s->tag);
    say(g, "%s: <sip:%u@" IP_FORMAT ">", n->to, 1000 + s->peer, IP_ARGS(s->registers ? PBX_IP : phone));
    if (tagged) say(g, ";tag=as%08x", ~s->tag);
    say(g, "\r\n%s: %08x-%08x-%08x-%08x\r\nCSeq: %u %s\r\n", n->call_id, s->id[0], s->id[1], s->id[2], s->id[3], cseq, method);
}

void side_request(struct generator *g, const struct side *s, uint32_t cseq)
{
    const struct names *n = s->compact ? &COMPACT_NAMES : &LONG_NAMES;
    uint32_t phone = PHONE_IP + s->peer, pbx = PBX_IP;
    if (s->registers) say(g, "REGISTER sip:10.0.0.1 SIP/2.0\r\n");
    else say(g, "OPTIONS sip:%u@" IP_FORMAT ":5060 SIP/2.0\r\n", 1000 + s->peer, IP_ARGS(phone));
    side_headers(g, s, s->registers ? "REGISTER" : "OPTIONS", cseq, false);
    say(g, "%s: <sip:%u@" IP_FORMAT ":5060>\r\nMax-Forwards: 70\r\nUser-Agent: Asterisk PBX 18.10.0\r\n", n->contact,
        s->registers ? 1000 + s->peer : 0, IP_ARGS(s->registers ? phone : pbx));
    if (s->registers) say(g, "Expires: 300\r\n");
    if (cseq == 2)
        say(g, "Authorization: Digest username=\"%u\", realm=\"asterisk\", nonce=\"%08x%08x\", uri=\"sip:10.0.0.1\", "
               "response=\"%08x%08x%08x%08x\", algorithm=MD5\r\n",
            1000 + s->peer, s->id[3], s->id[2], s->id[1], s->id[2], s->id[3], s->tag);
    say(g, "%s: 0\r\n\r\n", n->length);
    if (s->registers) sip_send(g, phone, SIP_PORT, pbx, SIP_PORT), g->total.registers++;
    else sip_send(g, pbx, SIP_PORT, phone, SIP_PORT), g->total.options++;
}

void side_response(struct generator *g, const struct side *s, uint32_t cseq, uint32_t status)
{
    const struct names *n = s->compact ? &COMPACT_NAMES : &LONG_NAMES;
    uint32_t phone = PHONE_IP + s->peer, pbx = PBX_IP;
    say(g, "SIP/2.0 %u %s\r\n", status, status == 200 ? "OK" : "Unauthorized");
    side_headers(g, s, s->registers ? "REGISTER" : "OPTIONS", cseq, true);
    if (status == 401)
        say(g, "WWW-Authenticate: Digest realm=\"asterisk\", nonce=\"%08x%08x\", algorithm=MD5\r\n", s->id[3], s->id[2]);
    else if (s->registers)
        say(g, "%s: <sip:%u@" IP_FORMAT ":5060>;expires=300\r\n", n->contact, 1000 + s->peer, IP_ARGS(phone));
    else
        say(g, "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE, SUBSCRIBE, INFO\r\nAccept: application/sdp\r\n");
    say(g, "Server: Phone 5.1.4\r\n%s: 0\r\n\r\n", n->length);
    if (s->registers) sip_send(g, pbx, SIP_PORT, phone, SIP_PORT);
    else sip_send(g, phone, SIP_PORT, pbx, SIP_PORT);
    if (status == 200) g->total.s200++;
    else g->total.s401++;
}

