/* Texts of streams. What is not known is left out: a stream without MOS says why. */
#include "ui/stream_words.h"

#include "ui/words.h"

/* ---- columns ---- */

static void cell_id(struct text *out, const void *record)
{
    const struct stream_record *stream = record;
    text_uint(out, stream->id);
}

static void cell_call(struct text *out, const void *record)
{
    const struct stream_record *stream = record;
    if (stream->call != NUMBER_NONE)
        text_uint(out, stream->call);
}

static void cell_start(struct text *out, const void *record)
{
    const struct stream_record *stream = record;
    words_time_of_day(out, stream->start);
}

static void look_src(struct text *out, const struct column *column, const void *record, void *context)
{
    const struct stream_record *stream = record;
    (void)column;
    aliases_endpoint(out, context, &stream->src);
}

static void look_dst(struct text *out, const struct column *column, const void *record, void *context)
{
    const struct stream_record *stream = record;
    (void)column;
    aliases_endpoint(out, context, &stream->dst);
}

static void cell_codec(struct text *out, const void *record)
{
    const struct stream_record *stream = record;
    text_slice(out, stream->codec);
}

static void cell_ssrc(struct text *out, const void *record)
{
    const struct stream_record *stream = record;
    text_slice(out, stream->ssrc);
}

static void cell_packets(struct text *out, const void *record)
{
    const struct stream_record *stream = record;
    text_uint(out, stream->packets);
}

static void cell_loss(struct text *out, const void *record)
{
    const struct stream_record *stream = record;
    words_percent(out, stream->loss_pct);
}

static void cell_late(struct text *out, const void *record)
{
    const struct stream_record *stream = record;
    if (!isnan(stream->late_pct))
        words_percent(out, stream->late_pct);
}

static void cell_jitter(struct text *out, const void *record)
{
    const struct stream_record *stream = record;
    if (stream->jitter != NULL)
        words_ms(out, stream->jitter->mean);
}

static void cell_jitter_max(struct text *out, const void *record)
{
    const struct stream_record *stream = record;
    if (stream->jitter != NULL)
        words_ms(out, stream->jitter->max);
}

static double lq_of(const struct stream_record *stream)
{
    return stream->mos == NULL ? NAN : stream->mos->lq;
}

static void cell_mos(struct text *out, const void *record)
{
    double lq = lq_of(record);
    if (!isnan(lq))
        text_real(out, lq, 2);
}

static void cell_worst(struct text *out, const void *record)
{
    const struct stream_record *stream = record;
    if (stream->mos != NULL && !isnan(stream->mos->min))
        text_real(out, stream->mos->min, 2);
}

static void cell_why(struct text *out, const void *record)
{
    const struct stream_record *stream = record;
    text_slice(out, stream->why);
}

static enum role role_mos(const void *record)
{
    return words_mos_role(lq_of(record));
}

static enum role role_worst(const void *record)
{
    const struct stream_record *stream = record;
    return words_mos_role(stream->mos == NULL ? NAN : stream->mos->min);
}

const struct column stream_columns[] = {
    {"id", "#", 3, 4, 7, 1, true, cell_id, NULL, true, NULL, false, NULL},
    {"call", "Call", 4, 4, 7, 4, true, cell_call, NULL, false, NULL, false, NULL},
    {"start", "Start", 12, 12, 12, 10, false, cell_start, NULL, false, NULL, false, NULL},
    {"src", "From", 17, 18, 26, 2, false, NULL, NULL, false, NULL, false, look_src},
    {"dst", "To", 17, 18, 26, 5, false, NULL, NULL, false, NULL, false, look_dst},
    {"codec", "Codec", 5, 6, 16, 6, false, cell_codec, NULL, false, NULL, false, NULL},
    {"ssrc", "SSRC", 10, 10, 10, 12, false, cell_ssrc, NULL, false, NULL, false, NULL},
    {"packets", "Packets", 7, 7, 8, 9, true, cell_packets, NULL, false, NULL, false, NULL},
    {"loss", "Loss", 5, 6, 6, 3, true, cell_loss, NULL, false, NULL, false, NULL},
    {"late", "Late", 5, 6, 6, 8, true, cell_late, NULL, false, NULL, false, NULL},
    {"jitter", "Jitter", 6, 6, 6, 7, true, cell_jitter, NULL, false, NULL, false, NULL},
    {"jitter_max", "Most", 5, 5, 6, 11, true, cell_jitter_max, NULL, false, NULL, false, NULL},
    {"mos", "MOS", 4, 4, 4, 0, true, cell_mos, role_mos, false, NULL, false, NULL},
    {"worst", "Worst", 5, 5, 5, 13, true, cell_worst, role_worst, false, NULL, false, NULL},
    {"why", "Why", 9, 11, 15, 14, false, cell_why, NULL, false, NULL, false, NULL},
};

const size_t stream_column_count = sizeof stream_columns / sizeof stream_columns[0];

/* ---- lines ---- */

static void count_put(struct text *out, uint64_t count, const char *what)
{
    if (count != 0 && count != NUMBER_NONE)
        text_format(out, ", %llu %s", (unsigned long long)count, what);
}

static void loss_put(struct text *out, const struct stream_record *stream)
{
    words_counted(out, stream->packets, "packet", "packets");
    text_str(out, ", ");
    words_percent(out, stream->loss_pct);
    text_str(out, " lost");
    if (!isnan(stream->late_pct) && stream->late_pct > 0) {
        text_str(out, ", ");
        words_percent(out, stream->late_pct);
        text_str(out, " late");
    }
    if (stream->jitter != NULL) {
        text_str(out, ", jitter ");
        words_ms(out, stream->jitter->mean);
        text_str(out, " ms, most ");
        words_ms(out, stream->jitter->max);
    }
    count_put(out, stream->duplicates, "repeated");
    count_put(out, stream->reordered, "out of order");
    if (stream->gaps != NULL)
        count_put(out, stream->gaps->packets, "of the lost ones lost by the capture itself");
}

static void mos_put(struct text *out, const struct stream_mos *mos)
{
    if (isnan(mos->lq)) {
        text_str(out, "no MOS: ");
        text_plain(out, mos->why);
        return;
    }
    text_str(out, "MOS ");
    text_real(out, mos->lq, 2);
    if (!isnan(mos->cq)) {
        text_str(out, ", with delay ");
        text_real(out, mos->cq, 2);
    }
    if (mos->min_at != CLOCK_NONE) {
        text_str(out, ", worst 5 s ");
        text_real(out, mos->min, 2);
        text_str(out, " at ");
        words_time_of_day(out, mos->min_at);
    }
    text_str(out, " (");
    text_plain(out, mos->model);
    text_put(out, ' ');
    text_plain(out, mos->codec);
    text_str(out, ": Ie ");
    text_real(out, mos->ie, 1);
    text_str(out, ", Bpl ");
    text_real(out, mos->bpl, 1);
    text_str(out, ", lost and late ");
    words_percent(out, mos->loss_pct);
    text_str(out, ", BurstR ");
    text_real(out, mos->burst_r, 2);
    text_str(out, ", buffer ");
    text_plain(out, mos->buffer);
    text_put(out, ')');
}

static void rtcp_put(struct text *out, const struct stream_rtcp *rtcp)
{
    const struct field *field = field_find(&stream_fields, slice_str("rtcp"));
    if (rtcp == NULL || field == NULL)
        return;
    text_str(out, "RTCP: ");
    words_members(out, field->object, rtcp);
}

static void line_put(struct text_view *view, struct text *value, unsigned indent, enum role role)
{
    if (value->len > 0)
        text_view_paragraph(view, indent, role, slice_of(value->data, value->len));
    text_reset(value);
}

void stream_summary(struct text_view *view, struct text *value, const struct stream_record *stream, const struct aliases *aliases)
{
    text_reset(value);
    text_format(value, "%llu: ", (unsigned long long)stream->id);
    aliases_hop(value, aliases, &stream->src, &stream->dst);
    text_put(value, ' ');
    text_plain(value, stream->codec.len > 0 ? stream->codec : slice_str("unknown codec"));
    if (stream->srtp != NULL) {
        text_str(value, ", ");
        text_plain(value, stream->srtp->suite.len > 0 ? stream->srtp->suite : slice_str("SRTP"));
        text_str(value, stream->srtp->decrypted ? " decrypted" : " not decrypted");
    }
    if (!slice_is(stream->why, "sdp")) {
        text_str(value, " (");
        text_plain(value, stream->why);
        text_put(value, ')');
    }
    line_put(view, value, 2, ROLE_TEXT);
    loss_put(value, stream);
    line_put(view, value, 4, ROLE_TEXT);
    if (stream->mos != NULL && stream->fax == NULL)
        mos_put(value, stream->mos);
    line_put(view, value, 4, words_mos_role(lq_of(stream)));
    rtcp_put(value, stream->rtcp);
    line_put(view, value, 4, ROLE_TEXT);
}

static void events_put(struct text *out, const struct stream_record *stream)
{
    for (size_t i = 0; i < stream->dtmf_count; i++) {
        text_str(out, i == 0 ? "" : ", ");
        text_plain(out, stream->dtmf[i].digit);
        text_str(out, " at ");
        words_time_of_day(out, stream->dtmf[i].at);
    }
}

static void tones_put(struct text *out, const struct stream_record *stream)
{
    for (size_t i = 0; i < stream->tone_count; i++) {
        text_str(out, i == 0 ? "" : ", ");
        text_plain(out, stream->tones[i].digit);
        text_str(out, " at ");
        words_time_of_day(out, stream->tones[i].at);
    }
}

void stream_fields_write(struct text_view *view, struct text *value, const struct stream_record *stream)
{
    for (size_t i = 0; i < stream_fields.count; i++) {
        const struct field *field = &stream_fields.fields[i];
        const void *member = (const char *)stream + field->offset;
        text_reset(value);
        if (field->offset == offsetof(struct stream_record, windows))
            continue; /* plotted */
        if (field->offset == offsetof(struct stream_record, dtmf))
            events_put(value, stream);
        else if (field->offset == offsetof(struct stream_record, tones))
            tones_put(value, stream);
        else if (field->kind == FIELD_OBJECT && *(const void *const *)member != NULL)
            words_members(value, field->object, *(const void *const *)member);
        else
            words_field(value, field, stream);
        if (value->len > 0)
            text_view_pair(view, field->name, ROLE_TEXT, slice_of(value->data, value->len));
    }
    text_reset(value);
}
