/* Reads what was appended; a file that became shorter was begun anew. Nothing here prints a line of it. */
#include "keylog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 64 << 10, LINE_MAX_BYTES = 4096 };

void secrets_guard(void)
{
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
#ifndef SIPVET_TIDY /* leak checks look into the process the way that this forbids */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

bool keylog_open(struct keylog *keylog, const char *const *paths, size_t count)
{
    *keylog = (struct keylog){0};
    if (count == 0)
        return true;
    keylog->files = calloc(count, sizeof *keylog->files);
    if (keylog->files == NULL)
        return false;
    for (; keylog->count < count; keylog->count++)
        keylog->files[keylog->count] = (struct keylog_file){.path = paths[keylog->count], .descriptor = -1};
    return true;
}

static void text_wipe(struct text *text)
{
    if (text->data != NULL)
        explicit_bzero(text->data, text->room);
    text->len = 0;
}

/* The secrets of all connections lie in it: whoever can read it reads the calls. */
static void permissions_look(const struct keylog_file *file, const struct keylog_taker *taker)
{
    struct stat status;
    if (fstat(file->descriptor, &status) != 0 || !S_ISREG(status.st_mode) || (status.st_mode & (S_IRWXG | S_IRWXO)) == 0)
        return;
    char why[120];
    (void)snprintf(why, sizeof why, "warning: other users can open this file of secrets (mode %04o); chmod 600 closes it",
                   (unsigned)(status.st_mode & 07777));
    taker->complain(taker->context, file->path, why);
}

static void file_open(struct keylog_file *file, const struct keylog_taker *taker, bool missing)
{
    if (file->descriptor >= 0)
        return;
    file->descriptor = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe whose writer is not there yet must not stop the capture */
    if (file->descriptor < 0) {
        if (missing)
            taker->complain(taker->context, file->path, strerror(errno));
        return;
    }
    permissions_look(file, taker);
}

/* Gives the whole lines among the new bytes, behind what was kept, and keeps the rest. */
static void bytes_take(struct keylog_file *file, const struct keylog_taker *taker, struct slice bytes)
{
    const uint8_t *end = bytes.len == 0 ? NULL : memrchr(bytes.data, '\n', bytes.len);
    if (end != NULL) {
        size_t whole = (size_t)(end - bytes.data) + 1;
        if (file->partial.len > 0) { /* up to the line's end it belongs to what was kept */
            size_t first = slice_find(bytes, 0, '\n') + 1;
            text_slice(&file->partial, slice_cut(bytes, 0, first));
            taker->lines(taker->context, slice_of(file->partial.data, file->partial.len));
            text_wipe(&file->partial);
            bytes = slice_after(bytes, first);
            whole -= first;
        }
        if (whole > 0)
            taker->lines(taker->context, slice_cut(bytes, 0, whole));
        bytes = slice_after(bytes, whole);
    }
    if (file->partial.room == 0)
        (void)text_reserve(&file->partial, LINE_MAX_BYTES); /* at once: a buffer that grows leaves copies behind */
    if (file->partial.len + bytes.len <= LINE_MAX_BYTES)
        text_slice(&file->partial, bytes);
}

static void file_read(struct keylog_file *file, const struct keylog_taker *taker)
{
    static uint8_t buffer[READ_BYTES];
    struct stat status;
    if (fstat(file->descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size < file->offset) {
        (void)lseek(file->descriptor, 0, SEEK_SET);
        file->offset = 0;
        text_wipe(&file->partial);
    }
    ssize_t got;
    while ((got = read(file->descriptor, buffer, sizeof buffer)) > 0) {
        file->offset += got;
        bytes_take(file, taker, slice_of(buffer, (size_t)got));
    }
    explicit_bzero(buffer, sizeof buffer);
}

void keylog_read(struct keylog *keylog, const struct keylog_taker *taker, bool missing)
{
    for (size_t i = 0; i < keylog->count; i++) /* all before the first secret: secrets_guard closes /dev/fd to those who are not root */
        file_open(&keylog->files[i], taker, missing);
    for (size_t i = 0; i < keylog->count; i++)
        if (keylog->files[i].descriptor >= 0)
            file_read(&keylog->files[i], taker);
}

void keylog_finish(struct keylog *keylog, const struct keylog_taker *taker)
{
    keylog_read(keylog, taker, false);
    for (size_t i = 0; i < keylog->count; i++) {
        struct text *partial = &keylog->files[i].partial;
        if (partial->len > 0)
            taker->lines(taker->context, slice_of(partial->data, partial->len));
        text_wipe(partial);
    }
}

void keylog_close(struct keylog *keylog)
{
    for (size_t i = 0; i < keylog->count; i++) {
        text_wipe(&keylog->files[i].partial);
        text_fini(&keylog->files[i].partial);
        if (keylog->files[i].descriptor >= 0)
            (void)close(keylog->files[i].descriptor);
    }
    free(keylog->files);
    *keylog = (struct keylog){0};
}
