/* The help screen: the key rows of the screen that it covers, and those that all screens have. */
#include "ui/screen.h"
#include "ui/text_view.h"

static void keys_write(struct text_view *text, const struct keys *keys, const struct key_table *table, const struct key_table *over)
{
    for (size_t i = 0; i < table->count; i++) {
        char label[KEYS_NAMES + 2] = "  ";
        if (keys_names(keys, table, over, &table->rows[i], label + 2) != PRESS_NONE)
            text_view_pair(text, label, ROLE_TEXT, slice_str(table->rows[i].help));
    }
}

static void help_write(struct stage *stage, void *state)
{
    struct text_view *text = state;
    const struct screen *covered = stage_below(stage);
    text_view_reset(text);
    text->window = (struct list_view){0};
    if (covered != NULL && covered->keys.count > 0) {
        text_view_line(text, ROLE_HEADING, "%s: keys", covered->title);
        keys_write(text, &stage->settings.keys, &covered->keys, NULL);
        text_view_line(text, ROLE_TEXT, "%s", "");
    }
    text_view_line(text, ROLE_HEADING, "Keys of every screen");
    keys_write(text, &stage->settings.keys, &screen_common_keys, covered == NULL ? NULL : &covered->keys);
    text_view_line(text, ROLE_TEXT, "%s", "");
    text_view_line(text, ROLE_HEADING, "Screens");
    for (size_t i = 0; i < screen_count; i++)
        text_view_pair(text, screens[i]->name, ROLE_TEXT, slice_str(screens[i]->help));
}

static void help_draw(struct stage *stage, void *state, struct canvas *canvas, struct area area)
{
    (void)stage;
    text_view_draw(state, canvas, area);
}

static bool help_command(struct stage *stage, void *state, enum command command)
{
    enum move move;
    (void)stage;
    if (!screen_move(command, &move))
        return false;
    text_view_move(state, move);
    return true;
}

static void help_close(void *state)
{
    text_view_fini(state);
}

const struct screen screen_help = {.name = "help",
                                   .title = "Help",
                                   .help = "the keys of the screen that it was opened from, and the screens",
                                   .state_size = sizeof(struct text_view),
                                   .open = help_write,
                                   .close = help_close,
                                   .draw = help_draw,
                                   .command = help_command};
