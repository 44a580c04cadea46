/* What a screen is: a row of a table, with its keys as rows too. Footer, help screen and --list-screens come from these rows. */
#ifndef UI_SCREEN_H
#define UI_SCREEN_H

#include "ui/call_store.h"
#include "ui/canvas.h"
#include "ui/header_values.h"
#include "ui/held.h"
#include "ui/id_set.h"
#include "ui/keys.h"
#include "ui/list_view.h"
#include "ui/message_store.h"
#include "ui/saving.h"
#include "ui/settings.h"

struct stage;

/* One row of the table of screens: to add one, write its file and its row. `state` is the screen's own memory of state_size bytes,
   zeroed at first; functions may be NULL. */
struct screen {
    const char *name;
    const char *title;
    const char *help; /* what it shows */
    struct key_table keys;
    size_t state_size;
    void (*open)(struct stage *stage, void *state);
    void (*close)(void *state); /* at the end of all */
    void (*draw)(struct stage *stage, void *state, struct canvas *canvas, struct area area);
    bool (*command)(struct stage *stage, void *state, enum command command); /* false: not for this screen */
    bool (*click)(struct stage *stage, void *state, unsigned row);           /* on a row of its area; true: open what is there */
    bool (*type)(struct stage *stage, void *state, uint32_t press);          /* before all keys, for text; false: not taken */
    void (*updated)(struct stage *stage, void *state);                       /* the store took a snapshot; for open screens */
    void (*renamed)(struct stage *stage, void *state);                       /* addresses are called otherwise now, likewise */
    void (*status)(const struct stage *stage, const void *state, struct text *out); /* for the right end of the second line */
};

extern const struct screen *const screens[];
extern const size_t screen_count;
extern const struct screen screen_call_list, screen_ladder, screen_message_view, screen_message_diff, screen_call_view,
    screen_stream_list, screen_stream_view, screen_finding_list, screen_save, screen_settings, screen_summary, screen_help;

/* Keys that mean the same on every screen, and those of scrolling. */
extern const struct key_table screen_common_keys;

/* The command as a move of a list or text; false where it is none. */
bool screen_move(enum command command, enum move *move);

enum question { QUESTION_NONE, QUESTION_QUIT, QUESTION_CLEAR };

enum { STAGE_DEPTH = 12, STAGE_SCREENS = 16 };

/* What the screens share: the run as it was last seen, which screens are open, and what they tell each other. */
struct stage {
    const char *title;              /* what is read */
    struct call_store store;
    struct message_store messages;
    struct settings settings;
    struct header_values headers;   /* of the rows of the call list */
    saving_write *save;
    saving_over *save_over;
    void *save_context;
    bool saving;                    /* it goes on */
    struct id_set marked;           /* calls */
    struct id_set saved;            /* calls to save */
    bool save_flow;                 /* as a ladder and texts, not as records */
    struct id_set flow;             /* calls that the ladder shows */
    bool flow_legs;                 /* and those that look like their other legs */
    struct summary_record summary;  /* without lists; packets 0 before the first snapshot */
    struct summary_record newest;   /* the same, also while the screens stand still */
    struct text problems;
    uint64_t read_bytes, size_bytes;
    bool live, over;
    const struct screen *open[STAGE_DEPTH]; /* the last one is shown */
    unsigned depth;
    void *states[STAGE_SCREENS];    /* as in the table */
    enum question asking;           /* what waits for an answer */
    struct held held;               /* what came since the screens stand still */
    bool held_full;                 /* that was too much: they went on by themselves */
    uint64_t memory_bytes, budget_bytes; /* of the process; 0: not known */
    unsigned rows, columns;         /* as it was drawn last */
    bool redraw;                    /* the terminal's content is not to be trusted */
    bool ended;
    uint64_t call;                  /* id of the call that is looked at */
    bool all_messages;              /* the message screen shows all of the flow */
    struct kept_message message, compared; /* the message that is looked at; the one to compare it with */
    uint64_t stream, stream_call;   /* the stream that is looked at, and its call; NUMBER_NONE: of no call */
};

/* False without memory; stage_fini in either case. */
bool stage_init(struct stage *stage, const char *title);
void stage_fini(struct stage *stage);

/* Takes the snapshot over and frees it. */
void stage_apply(struct stage *stage, struct snapshot *snapshot);

/* One key. */
void stage_press(struct stage *stage, uint32_t press);

/* Draws the open screen with its title, status line and key bar on the whole canvas. */
void stage_draw(struct stage *stage, struct canvas *canvas);

/* True when it would have taken too long to draw everything: the next drawing shows more, with nothing else changed. */
bool stage_unfinished(const struct stage *stage);

/* Opens a screen over the one that is shown, or goes back to it when it is open already. */
void stage_open(struct stage *stage, const struct screen *screen);

/* Opens the ladder of the marked calls, else of the one that is looked at. */
void stage_open_flow(struct stage *stage, bool legs);

/* Gives a list that is open below a command, so that what it selects is shown here: the next one, the one before. */
void stage_step(struct stage *stage, const struct screen *list, enum command command);

/* The screen under the one that is shown; NULL. */
const struct screen *stage_below(const struct stage *stage);

/* Prints the table of screens and their keys. */
void screens_print(void);

#endif
