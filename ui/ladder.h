/* Draws a flow as a ladder: a lifeline for each end, an arrow for each event, in a window that scrolls both ways. */
#ifndef UI_LADDER_H
#define UI_LADDER_H

#include "ui/canvas.h"
#include "ui/flow.h"
#include "ui/list_view.h"

/* How it is laid out in the cells that there are. */
struct ladder {
    const struct flow *flow;
    const struct aliases *aliases; /* names of its ends; NULL: addresses */
    unsigned call_cells; /* more than one call: their numbers stand before the arrows; 0: not */
    bool deltas;       /* there is room for the time since the event above */
    bool sdp;          /* arrows say what the session description says */
    unsigned fixed;    /* cells on the left that do not scroll: time, distance, call */
    unsigned pitch;    /* between two lifelines */
    unsigned width;    /* of all lifelines */
    unsigned shift;    /* cells that they are scrolled to the left */
};

/* Lays it out; call_most: the greatest number of several calls, 0 where there is one; *shift is brought into its bounds. */
void ladder_fit(struct ladder *ladder, const struct flow *flow, unsigned cells, uint64_t call_most, bool sdp, unsigned *shift);

/* Cells at which most labels are not cut. */
unsigned ladder_fair(const struct flow *flow, uint64_t call_most);

/* Rows of the headings, which stay when the events scroll. */
enum { LADDER_HEADING = 2 };

void ladder_heading(const struct ladder *ladder, struct canvas *canvas, struct area area);

/* One event on one row; before: the event above it, for the time between them; NULL. chosen: for comparing. */
void ladder_event(const struct ladder *ladder, struct canvas *canvas, struct area area, const struct flow_event *event,
                  const struct flow_event *before, bool selected, bool chosen);

#endif
