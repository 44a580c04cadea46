/* Nothing is written before the records are there: a call's packets are only known when it is over. */
#include "output/packet_sink.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct packet_sink {
    struct selection *selection;
    struct pcap_writer writer;
    struct text comments; /* of the frame that is being written */
};

static bool ends_with(const char *path, const char *end)
{
    size_t length = strlen(path), tail = strlen(end);
    return length > tail && strcmp(path + length - tail, end) == 0;
}

/* Secrets are the owner's alone, whatever the file was before. */
static bool secrets_guarded(struct sink *sink)
{
    struct stat status;
    return fstat(sink->fd, &status) != 0 || !S_ISREG(status.st_mode) || sink->fd == STDOUT_FILENO || fchmod(sink->fd, 0600) == 0 ||
           error_set(&sink->error, "%s: its permissions cannot be closed to others, and it would hold secrets", sink->path);
}

static bool packets_open(struct sink *sink)
{
    const struct sink_settings *settings = sink->settings;
    bool ng = sink->kind == &sink_kind_pcapng || ends_with(sink->path, ".pcapng") || ends_with(sink->path, ".ntar");
    if (isatty(sink->fd))
        return error_set(&sink->error, "-o %s would write packets to the terminal: give it a path", sink->kind->name);
    if (!ng && (settings->packet_secrets || settings->packet_findings))
        return error_set(&sink->error, "%s: classic pcap has no place for %s: write pcapng", sink->path,
                         settings->packet_secrets ? "secrets" : "findings");
    if (settings->packet_secrets && !secrets_guarded(sink))
        return false;
    struct packet_sink *packets = calloc(1, sizeof *packets);
    if (packets == NULL || (packets->selection = selection_new(settings->chosen, settings->packet_findings)) == NULL) {
        free(packets);
        return false;
    }
    packets->writer.ng = ng;
    sink->state = packets;
    return true;
}

static void packets_write(struct sink *sink, const struct record *record)
{
    struct packet_sink *packets = sink->state;
    selection_take(packets->selection, record);
}

static void packets_close(struct sink *sink)
{
    struct packet_sink *packets = sink->state;
    pcap_writer_begin(&packets->writer, &sink->out, LINK_ETHERNET);
    if (packets->writer.left_out > 0 && sink->error.text[0] == '\0') {
        sink_flush(sink); /* what is there is good */
        error_set(&sink->error, "%s: %llu packets of link type %u are left out, because classic pcap holds one link type, here %u: write pcapng",
                  sink->path, (unsigned long long)packets->writer.left_out, packets->writer.other_type, packets->writer.link_type);
    }
    pcap_writer_fini(&packets->writer);
    text_fini(&packets->comments);
    selection_free(packets->selection);
    free(packets);
    sink->state = NULL;
}

struct selection *packet_sink_selection(struct sink *sink)
{
    struct packet_sink *packets = sink->state;
    return packets->selection;
}

static void comment_put(void *context, struct slice comment)
{
    struct text *comments = context;
    if (comments->len > 0)
        text_put(comments, '\n');
    text_plain(comments, comment);
}

bool packet_sink_frame(struct sink *sink, const struct frame *frame, const struct frame_interface *interface)
{
    struct packet_sink *packets = sink->state;
    text_reset(&packets->comments);
    selection_comments(packets->selection, frame->number, comment_put, &packets->comments);
    pcap_writer_frame(&packets->writer, &sink->out, frame, interface, slice_of(packets->comments.data, packets->comments.len));
    if (sink->out.len >= SINK_BUFFER_BYTES)
        sink_flush(sink);
    return sink->error.text[0] == '\0' && !sink->closed_pipe;
}

void packet_sink_end(struct sink *sink, int64_t end_ns)
{
    const struct packet_sink *packets = sink->state;
    pcap_writer_end(&packets->writer, &sink->out, end_ns);
}

void packet_sink_secrets(struct sink *sink, struct slice lines)
{
    struct packet_sink *packets = sink->state;
    sink_flush(sink);
    if (!text_reserve(&sink->out, lines.len + 1024)) /* at once: a buffer that grows leaves copies behind */
        return;
    pcap_writer_secrets(&packets->writer, &sink->out, lines);
    sink_flush(sink);
    explicit_bzero(sink->out.data, sink->out.room);
}

const struct sink_kind sink_kind_pcap = {.name = "pcap",
                                         .help = "the calls' packets: SIP, RTP, RTCP, with fragments and the TCP and TLS connections that carried them; a path that ends in .pcapng: that format",
                                         .target = SINK_STREAM,
                                         .needs = SINK_NEEDS_PLACES | SINK_NEEDS_PACKETS,
                                         .open = packets_open,
                                         .write = packets_write,
                                         .close = packets_close};

const struct sink_kind sink_kind_pcapng = {.name = "pcapng",
                                           .help = "the same as pcapng: any mixture of link types; --pcap-secrets, --pcap-findings",
                                           .target = SINK_STREAM,
                                           .needs = SINK_NEEDS_PLACES | SINK_NEEDS_PACKETS,
                                           .open = packets_open,
                                           .write = packets_write,
                                           .close = packets_close};
