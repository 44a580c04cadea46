/* The help screen: the key rows of the screen that it covers, and those that all screens have. */
#include "ui/screen.h"
#include "ui/text_view.h"

static void keys_write(struct text_view *text, const struct key_table *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        struct text names = {0};
        char name[PRESS_NAME_SIZE];
        for (int k = 0; k < KEY_PRESSES && keys->rows[i].presses[k] != PRESS_NONE; k++) {
            (void)press_format(keys->rows[i].presses[k], name);
            text_str(&names, k == 0 ? "  " : " ");
            text_str(&names, name);
        }
        text_put(&names, '\0');
        if (!names.failed)
            text_view_pair(text, names.data, ROLE_TEXT, slice_str(keys->rows[i].help));
        text_fini(&names);
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
        keys_write(text, &covered->keys);
        text_view_line(text, ROLE_TEXT, "%s", "");
    }
    text_view_line(text, ROLE_HEADING, "Keys of every screen");
    keys_write(text, &screen_common_keys);
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
