/* The loop: waits for a key, a snapshot or the next moment to ask for one, whichever is first, and draws when something changed. */
#include "ui/ui.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "ui/screen.h"
#include "ui/sngreprc.h"
#include "ui/term.h"

/* A snapshot at most every 100 ms, and seldom enough that making them takes at most a twentieth of the analysis' time. */
enum { ASK_MS = 100, ASK_COST_FACTOR = 20, IDLE_MS = 250 };

struct ui {
    struct ui_config config;
    struct term *term;
    struct stage stage;
    struct canvas canvas;
    int64_t ask_ns;  /* when to ask next, monotonic */
    int64_t cost_ns; /* of the last snapshot */
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

struct ui *ui_open(const struct ui_config *config, struct error *error)
{
    struct ui *ui = calloc(1, sizeof *ui);
    if (ui == NULL || !stage_init(&ui->stage, config->title)) {
        error_set(error, "out of memory");
    } else {
        ui->config = *config;
        ui->stage.store.bytes_max = config->memory_bytes / 2;
        ui->stage.messages.count_most = config->memory_bytes / 4 / sizeof(struct kept_message);
        ui->stage.messages.spool_most = config->memory_bytes / 4;
        ui->stage.budget_bytes = config->budget_bytes;
        ui->stage.save = config->save;
        ui->stage.save_over = config->save_over;
        ui->stage.save_context = config->save_context;
        ui->stage.messages.files = config->files;
        ui->stage.messages.file_count = config->file_count;
        char path[SETTINGS_PATH];
        settings_locate(path);
        settings_read(&ui->stage.settings, path);
        sngreprc_locate(path);
        sngreprc_read(&ui->stage.settings, path);
        ui->term = term_open(error);
        if (ui->term != NULL)
            return ui;
    }
    ui_close(ui);
    return NULL;
}

void ui_close(struct ui *ui)
{
    if (ui == NULL)
        return;
    term_close(ui->term);
    canvas_fini(&ui->canvas);
    stage_fini(&ui->stage);
    free(ui);
}

void ui_list_screens(void)
{
    screens_print();
}

static void ui_draw(struct ui *ui)
{
    unsigned rows, columns;
    term_size(ui->term, &rows, &columns);
    if (rows != ui->canvas.rows || columns != ui->canvas.columns) {
        canvas_fini(&ui->canvas);
        if (!canvas_init(&ui->canvas, rows, columns, term_ascii(ui->term)))
            return;
    }
    term_settle(ui->term, ui->stage.settings.theme, !ui->stage.settings.no_mouse);
    stage_draw(&ui->stage, &ui->canvas);
    term_show(ui->term, &ui->canvas, ui->stage.redraw);
    ui->stage.redraw = false;
}

static void ui_ask(struct ui *ui)
{
    int64_t now = now_ns(), pause = ui->cost_ns * ASK_COST_FACTOR;
    if (ui->stage.over || now < ui->ask_ns)
        return; /* after the end nothing changes */
    exchange_ask(ui->config.exchange);
    ui->ask_ns = now + (pause > ASK_MS * NS_PER_MS ? pause : ASK_MS * NS_PER_MS);
}

/* What the process holds now; 0 where the system does not say. */
static uint64_t memory_resident(void)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL || fscanf(file, "%*u %llu", &pages) != 1)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool ui_take(struct ui *ui)
{
    struct snapshot *snapshot = exchange_take(ui->config.exchange);
    if (snapshot == NULL)
        return false;
    ui->cost_ns = snapshot->cost_ns;
    ui->stage.memory_bytes = snapshot->live ? memory_resident() : 0;
    stage_apply(&ui->stage, snapshot);
    return true;
}

static int wait_ms(const struct ui *ui)
{
    int64_t left = (ui->ask_ns - now_ns()) / NS_PER_MS + 1;
    if (stage_unfinished(&ui->stage))
        return 0;
    return ui->stage.over || left > IDLE_MS ? IDLE_MS : left < 0 ? 0 : (int)left;
}

/* False when the terminal is gone: a closed window, a lost connection. */
static bool ui_wait(struct ui *ui)
{
    struct pollfd waits[] = {{.fd = term_descriptor(ui->term), .events = POLLIN},
                             {.fd = exchange_descriptor(ui->config.exchange), .events = POLLIN}};
    int ready = poll(waits, 2, wait_ms(ui)); /* a signal ends the wait: a new size, or *stop */
    return ready <= 0 || (waits[0].revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
}

void ui_run(struct ui *ui)
{
    bool changed = true;
    while (!ui->stage.ended && !*ui->config.stop) {
        uint32_t press;
        ui_ask(ui);
        if (changed)
            ui_draw(ui);
        if (!ui_wait(ui))
            break;
        changed = ui_take(ui) || ui->stage.saving || stage_unfinished(&ui->stage);
        while (!ui->stage.ended && (press = term_press(ui->term)) != PRESS_NONE) {
            stage_press(&ui->stage, press);
            changed = true;
        }
    }
    exchange_stop(ui->config.exchange);
}
