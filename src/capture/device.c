/* Live capture. libpcap's ring (TPACKET_V3, no immediate mode: one slot per snap length would drop half of a busy link) is
   drained into a batch buffer, because its bytes are only good inside the callback. */
#include "capture/device.h"

#include <pcap/pcap.h>
#include <stdlib.h>

#include "base/clock.h"
#include "capture/filter.h"

enum { SNAPLEN = 262144, WAKE_MS = 100, BATCH_BYTES = 1 << 20, BATCH_FRAMES = 256 };

struct device {
    pcap_t *pcap;
    uint16_t link_type;
    bool nanoseconds;
    uint8_t *bytes; /* of the batch */
    size_t used;
    uint64_t number;      /* of the newest frame */
    struct frame *frames; /* the batch being filled */
    size_t count, room;
};

static void frame_take(u_char *context, const struct pcap_pkthdr *header, const u_char *bytes)
{
    struct device *device = (struct device *)(void *)context;
    if (device->count == device->room || header->caplen > BATCH_BYTES - device->used) {
        pcap_breakloop(device->pcap); /* cannot happen: room for the largest batch is asked for; a lost frame would be silent */
        return;
    }
    uint8_t *copy = device->bytes + device->used;
    memcpy(copy, bytes, header->caplen);
    device->used += header->caplen;
    int64_t fraction = header->ts.tv_usec;
    device->frames[device->count++] = (struct frame){
        .time_ns = (int64_t)header->ts.tv_sec * NS_PER_SECOND + (device->nanoseconds ? fraction : fraction * NS_PER_US),
        .number = ++device->number,
        .bytes = slice_of(copy, header->caplen),
        .wire_len = header->len < header->caplen ? header->caplen : header->len,
        .link_type = device->link_type,
    };
}

static size_t device_read(struct source *source, struct frame *frames, size_t room)
{
    struct device *device = source->state;
    device->frames = frames;
    device->count = 0;
    device->used = 0;
    /* As many frames as surely fit, whatever their size. */
    size_t fit = BATCH_BYTES / SNAPLEN;
    device->room = room < fit ? room : fit;
    for (;;) {
        int taken = pcap_dispatch(device->pcap, (int)(device->room - device->count), frame_take, (u_char *)device);
        if (taken < 0) {
            error_set(&source->error, "%s", pcap_geterr(device->pcap));
            source->over = true;
        }
        /* Small frames leave most of the buffer: go on while a largest frame still fits. */
        if (taken <= 0 || device->count == room || BATCH_BYTES - device->used < SNAPLEN)
            break;
        size_t left = (BATCH_BYTES - device->used) / SNAPLEN;
        device->room = device->count + left < room ? device->count + left : room;
        if (device->room <= device->count)
            break;
    }
    return device->count;
}

static void device_drops(struct source *source)
{
    struct device *device = source->state;
    struct pcap_stat statistics;
    if (pcap_stats(device->pcap, &statistics) != 0)
        return;
    source->kernel_drops = statistics.ps_drop;
    source->interface_drops = statistics.ps_ifdrop;
}

static void device_close(struct source *source)
{
    struct device *device = source->state;
    if (device == NULL)
        return;
    if (device->pcap != NULL)
        pcap_close(device->pcap);
    free(device->bytes);
    free(device);
}

static void device_interface(const struct source *source, uint32_t number, struct source_interface *interface)
{
    (void)number;
    *interface = (struct source_interface){.name = slice_str(source->name), .snaplen = SNAPLEN};
}

const struct source_kind source_kind_device = {.name = "device",
                                               .help = "live capture on a network interface; any = every interface",
                                               .live = true,
                                               .read = device_read,
                                               .count_drops = device_drops,
                                               .close = device_close,
                                               .interface = device_interface};

static bool device_activate(struct device *device, size_t buffer_bytes, struct error *error)
{
    pcap_t *pcap = device->pcap;
    pcap_set_snaplen(pcap, SNAPLEN);
    pcap_set_promisc(pcap, 1);
    pcap_set_timeout(pcap, WAKE_MS);
    pcap_set_buffer_size(pcap, (int)buffer_bytes);
    device->nanoseconds = pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO) == 0;
    int result = pcap_activate(pcap);
    if (result < 0) {
        /* For some errors the details are the same words again. */
        const char *status = pcap_statustostr(result), *details = pcap_geterr(pcap);
        bool told = details[0] == '\0' || strcmp(details, status) == 0;
        return error_set(error, "%s%s%s", status, told ? "" : ": ", told ? "" : details);
    }
    device->link_type = (uint16_t)filter_link_type_of_dlt(pcap_datalink(pcap));
    return true;
}

bool device_open(struct source *source, const char *name, const char *filter, size_t buffer_bytes, struct error *error)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    struct device *device = calloc(1, sizeof *device);
    if (device == NULL || (device->bytes = malloc(BATCH_BYTES)) == NULL) {
        free(device);
        return error_set(error, "out of memory");
    }
    source->state = device;
    device->pcap = pcap_create(name, why);
    if (device->pcap == NULL)
        return error_set(error, "%s", why);
    if (!device_activate(device, buffer_bytes, error))
        return false;
    if (filter != NULL && !filter_install(device->pcap, device->link_type, filter, error))
        return false;
    if (pcap_setnonblock(device->pcap, 1, why) != 0)
        return error_set(error, "%s", why);
    return true;
}

int device_descriptor(const struct source *source)
{
    const struct device *device = source->state;
    return pcap_get_selectable_fd(device->pcap);
}
