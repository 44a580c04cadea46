/* The table of screens, and the keys that all of them have. */
#include "ui/screen.h"

#include <stdio.h>

const struct screen *const screens[] = {&screen_call_list, &screen_ladder,      &screen_message_view, &screen_message_diff,
                                        &screen_call_view, &screen_stream_list, &screen_stream_view,  &screen_finding_list,
                                        &screen_save,      &screen_settings,    &screen_summary,      &screen_help};
const size_t screen_count = sizeof screens / sizeof screens[0];

_Static_assert(sizeof screens / sizeof screens[0] <= STAGE_SCREENS, "stage.states has room for each");

static const struct key_row common_rows[] = {
    {COMMAND_HELP, {PRESS_F1, '?'}, "Help", "the keys of this screen"},
    {COMMAND_BACK, {PRESS_ESCAPE, PRESS_BACKSPACE}, "Back", "back; on the first screen it asks whether to quit"},
    {COMMAND_QUIT, {'q', PRESS_F10}, "Quit", "quit; while a file is read, reading stops"},
    {COMMAND_UP, {PRESS_UP, 'k'}, NULL, "up"},
    {COMMAND_DOWN, {PRESS_DOWN, 'j'}, NULL, "down"},
    {COMMAND_PAGE_UP, {PRESS_PAGE_UP, PRESS_CTRL_B}, NULL, "a page up"},
    {COMMAND_PAGE_DOWN, {PRESS_PAGE_DOWN, PRESS_CTRL_F}, NULL, "a page down"},
    {COMMAND_HOME, {PRESS_HOME, 'g', PRESS_CTRL_A}, NULL, "to the first"},
    {COMMAND_END, {PRESS_END, 'G', PRESS_CTRL_E}, NULL, "to the last"},
    {COMMAND_PAUSE, {'p'}, NULL, "the screens stand still while the capture goes on, or go on too"},
    {COMMAND_ALIASES, {'a'}, NULL, "names for addresses (aliases in config.json, ~/.sngreprc), or the addresses"},
    {COMMAND_REDRAW, {PRESS_CTRL_L}, NULL, "draw everything again"},
};

const struct key_table screen_common_keys = {common_rows, sizeof common_rows / sizeof common_rows[0]};

bool screen_move(enum command command, enum move *move)
{
    static const struct {
        enum command command;
        enum move move;
    } moves[] = {{COMMAND_UP, MOVE_UP},           {COMMAND_DOWN, MOVE_DOWN}, {COMMAND_PAGE_UP, MOVE_PAGE_UP},
                 {COMMAND_PAGE_DOWN, MOVE_PAGE_DOWN}, {COMMAND_HOME, MOVE_HOME}, {COMMAND_END, MOVE_END}};
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
        if (moves[i].command == command) {
            *move = moves[i].move;
            return true;
        }
    return false;
}

static void keys_print(const struct key_table *table)
{
    static const struct keys usual;
    for (size_t i = 0; i < table->count; i++) {
        char names[KEYS_NAMES];
        (void)keys_names(&usual, table, NULL, &table->rows[i], names);
        printf("  %-16s %-14s %s\n", command_name(table->rows[i].command), names, table->rows[i].help);
    }
}

void screens_print(void)
{
    for (size_t i = 0; i < screen_count; i++) {
        printf("%-10s %s\n", screens[i]->name, screens[i]->help);
        keys_print(&screens[i]->keys);
    }
    printf("%-10s on every screen\n", "common");
    keys_print(&screen_common_keys);
}
