/* The longest common subsequence of lines, where lines of the same header count a little: the highest score of all ways to pair lines
   in order. score[i][j] is that of the lines from i and from j on. */
#include "ui/align.h"

#include <stdlib.h>

enum { SAME = 8, ALIKE = 3 };

/* What a line is about: its header's name, or of SDP "a=rtpmap", "m=audio". */
static struct slice subject_of(const struct reading_line *line)
{
    if (line->header && line->name != NULL)
        return slice_str(line->name);
    if (line->header)
        return slice_trim(slice_cut(line->text, 0, slice_find(line->text, 0, ':')));
    if (line->text.len < 2 || line->text.data[1] != '=')
        return SLICE_NONE;
    if (line->text.data[0] != 'a' && line->text.data[0] != 'm')
        return slice_cut(line->text, 0, 2);
    size_t end = 2;
    while (end < line->text.len && line->text.data[end] != ':' && line->text.data[end] != ' ')
        end++;
    return slice_cut(line->text, 0, end);
}

static unsigned likeness(const struct reading_line *a, const struct reading_line *b)
{
    if (slice_equal(a->text, b->text))
        return SAME;
    struct slice subject = subject_of(a);
    return a->header == b->header && subject.len > 0 && slice_equal_nocase(subject, subject_of(b)) ? ALIKE : 0;
}

static size_t rows_apart(size_t left_count, size_t right_count, struct align_row *rows)
{
    for (size_t i = 0; i < left_count; i++)
        rows[i] = (struct align_row){i, ALIGN_NONE, false};
    for (size_t j = 0; j < right_count; j++)
        rows[left_count + j] = (struct align_row){ALIGN_NONE, j, false};
    return left_count + right_count;
}

static unsigned greatest(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

size_t align_lines(const struct reading_line *left, size_t left_count, const struct reading_line *right, size_t right_count,
                   struct align_row *rows)
{
    size_t width = right_count + 1, count = 0, i = 0, j = 0;
    unsigned *score = calloc((left_count + 1) * width, sizeof *score);
    if (score == NULL)
        return rows_apart(left_count, right_count, rows);
    for (size_t a = left_count; a-- > 0;)
        for (size_t b = right_count; b-- > 0;) {
            unsigned like = likeness(&left[a], &right[b]), apart = greatest(score[(a + 1) * width + b], score[a * width + b + 1]);
            score[a * width + b] = greatest(apart, like == 0 ? 0 : like + score[(a + 1) * width + b + 1]);
        }
    while (i < left_count || j < right_count) {
        unsigned like = i < left_count && j < right_count ? likeness(&left[i], &right[j]) : 0;
        bool first = i == 0 && j == 0 && left_count > 0 && right_count > 0; /* the start lines belong together, whatever they say */
        if (first || (like > 0 && score[i * width + j] == like + score[(i + 1) * width + j + 1])) {
            rows[count++] = (struct align_row){i, j, like == SAME};
            i++;
            j++;
        } else if (j == right_count || (i < left_count && score[(i + 1) * width + j] >= score[i * width + j + 1])) {
            rows[count++] = (struct align_row){i++, ALIGN_NONE, false};
        } else {
            rows[count++] = (struct align_row){ALIGN_NONE, j++, false};
        }
    }
    free(score);
    return count;
}

void align_differs(struct slice line, struct slice other, size_t *from, size_t *to)
{
    size_t begin = 0, end = 0, least = line.len < other.len ? line.len : other.len;
    while (begin < least && line.data[begin] == other.data[begin])
        begin++;
    while (end < least - begin && line.data[line.len - 1 - end] == other.data[other.len - 1 - end])
        end++;
    *from = begin;
    *to = line.len - end;
}
