/* The reference R of the benchmark: opens a capture with libpcap, calls pcap_next_ex and only counts. */
#include <pcap/pcap.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    char error[PCAP_ERRBUF_SIZE] = "";
    pcap_t *pcap = argc == 2 ? pcap_open_offline(argv[1], error) : NULL;
    if (pcap == NULL) {
        fprintf(stderr, "usage: count FILE: %s\n", error);
        return 2;
    }
    struct pcap_pkthdr *header;
    const u_char *bytes;
    unsigned long packets = 0, total = 0;
    while (pcap_next_ex(pcap, &header, &bytes) == 1) {
        packets++;
        total += header->caplen;
    }
    printf("%lu packets, %lu bytes\n", packets, total);
    pcap_close(pcap);
    return 0;
}
