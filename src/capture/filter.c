/* One compiled program per link type, made when the first frame of that type comes, and one for bare IP datagrams. */
#include "capture/filter.h"

#include <pcap/pcap.h>
#include <stdlib.h>

enum { SNAPLEN = 262144, LINK_TYPES_MAX = 16 };

struct compiled {
    uint16_t link_type;
    bool usable; /* false: the expression makes no sense on this link type (it can match no frame of it) */
    struct bpf_program program;
};

struct filter {
    char *expression;
    struct compiled compiled[LINK_TYPES_MAX]; /* the first is for bare IP */
    size_t count;
};

int filter_link_type_of_dlt(int dlt)
{
    if (dlt == DLT_RAW || dlt == 12 || dlt == 14)
        return LINK_RAW;
    if (dlt == DLT_LOOP)
        return LINK_LOOP;
    return dlt;
}

static int dlt_of_link_type(uint16_t link_type)
{
    if (link_type == LINK_RAW || link_type == LINK_RAW_BSD || link_type == LINK_RAW_OPENBSD)
        return DLT_RAW;
    return link_type;
}

static bool program_compile(struct compiled *compiled, const char *expression, struct error *error)
{
    pcap_t *dead = pcap_open_dead(dlt_of_link_type(compiled->link_type), SNAPLEN);
    if (dead == NULL)
        return error_set(error, "out of memory");
    compiled->usable = pcap_compile(dead, &compiled->program, expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (!compiled->usable)
        error_set(error, "%s", pcap_geterr(dead));
    pcap_close(dead);
    return compiled->usable;
}

struct filter *filter_new(const char *expression, struct error *error)
{
    struct filter *filter = calloc(1, sizeof *filter);
    if (filter == NULL || (filter->expression = strdup(expression)) == NULL) {
        free(filter);
        error_set(error, "out of memory");
        return NULL;
    }
    /* "vlan 5" or "ether host" mean nothing for bare IP: an expression is wrong only when Ethernet refuses it too. */
    filter->compiled[0].link_type = LINK_RAW;
    filter->compiled[1].link_type = LINK_ETHERNET;
    filter->count = 2;
    struct error ignored;
    bool raw = program_compile(&filter->compiled[0], expression, &ignored);
    if (!program_compile(&filter->compiled[1], expression, error) && !raw) {
        filter_free(filter);
        return NULL;
    }
    return filter;
}

void filter_free(struct filter *filter)
{
    if (filter == NULL)
        return;
    for (size_t i = 0; i < filter->count; i++)
        if (filter->compiled[i].usable)
            pcap_freecode(&filter->compiled[i].program);
    free(filter->expression);
    free(filter);
}

static bool program_matches(const struct compiled *compiled, struct slice bytes, uint32_t wire_len)
{
    struct pcap_pkthdr header = {.caplen = (bpf_u_int32)bytes.len, .len = wire_len};
    return compiled->usable && pcap_offline_filter(&compiled->program, &header, bytes.data) != 0;
}

bool filter_frame(struct filter *filter, const struct frame *frame)
{
    size_t i = 0;
    while (i < filter->count && filter->compiled[i].link_type != frame->link_type)
        i++;
    if (i == filter->count) {
        if (filter->count == LINK_TYPES_MAX)
            return false;
        struct error ignored;
        filter->compiled[i].link_type = frame->link_type;
        filter->count++;
        (void)program_compile(&filter->compiled[i], filter->expression, &ignored);
    }
    return program_matches(&filter->compiled[i], frame->bytes, frame->wire_len);
}

bool filter_datagram(struct filter *filter, struct slice datagram, uint32_t wire_len)
{
    return program_matches(&filter->compiled[0], datagram, wire_len);
}

/* What can hide a matching datagram: later fragments (no ports), tunnels, and VLAN or MPLS or PPPoE (the kernel's program looks
   for IP right behind the Ethernet header). */
#define HIDDEN_IP                                                                                                          \
    "(ip[6:2] & 0x3fff != 0) or (ip6 proto 44) or (ip proto 4) or (ip proto 41) or (ip proto 47) or (ip6 proto 4) or "      \
    "(ip6 proto 41) or (ip6 proto 47) or icmp or icmp6 or (udp port 4789) or (udp port 2152) or (udp port 6081)"
#define HIDDEN_ETHERNET                                                                                                    \
    " or (ether proto 0x8100) or (ether proto 0x88a8) or (ether proto 0x9100) or (ether proto 0x8847) or "                  \
    "(ether proto 0x8848) or (ether proto 0x8864)"

bool filter_install(pcap_t *pcap, uint16_t link_type, const char *expression, struct error *error)
{
    struct bpf_program program;
    size_t size = strlen(expression) + sizeof HIDDEN_IP + sizeof HIDDEN_ETHERNET + 16;
    char *wide = malloc(size);
    if (wide == NULL)
        return error_set(error, "out of memory");
    wide[0] = '(';
    strcpy(wide + 1, expression);
    strcat(wide, ") or ");
    strcat(wide, HIDDEN_IP);
    if (link_type == LINK_ETHERNET)
        strcat(wide, HIDDEN_ETHERNET);
    bool installed = pcap_compile(pcap, &program, wide, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (installed) {
        installed = pcap_setfilter(pcap, &program) == 0;
        pcap_freecode(&program);
    }
    if (!installed)
        error_set(error, "capture filter: %s", pcap_geterr(pcap));
    free(wide);
    return installed;
}
