/* A temporary name begins with a dot, which uploaders pass over. */
#include "output/object_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Makes the folders of a path, up to its last slash (all: the whole path). */
static bool folders_make(char *path, bool all)
{
    for (char *at = path + 1; *at != '\0'; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        bool made = mkdir(path, 0777) == 0 || errno == EEXIST;
        *at = '/';
        if (!made)
            return false;
    }
    return !all || mkdir(path, 0777) == 0 || errno == EEXIST;
}

bool object_folder(const char *path, struct error *error)
{
    char copy[PATH_MAX];
    struct stat status;
    int length = snprintf(copy, sizeof copy, "%s", path);
    if (length > 0 && length < (int)sizeof copy && folders_make(copy, true) && stat(path, &status) == 0) {
        if (S_ISDIR(status.st_mode) && access(path, W_OK) == 0)
            return true;
        errno = S_ISDIR(status.st_mode) ? EACCES : ENOTDIR;
    }
    return error_set(error, "%s: cannot write: %s", path, strerror(errno));
}

static bool all_write(int fd, struct slice content)
{
    while (content.len > 0) {
        ssize_t n = write(fd, content.data, content.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        content = slice_after(content, (size_t)n);
    }
    return true;
}

bool object_write(const char *folder, struct slice key, struct slice content, struct error *error)
{
    char name[PATH_MAX], fresh[PATH_MAX];
    int length = snprintf(name, sizeof name, "%s/%.*s", folder, (int)key.len, (const char *)key.data);
    const char *leaf = length > 0 && length < (int)sizeof name ? strrchr(name, '/') : NULL;
    if (leaf == NULL || snprintf(fresh, sizeof fresh, "%.*s/.%s.tmp", (int)(leaf - name), name, leaf + 1) >= (int)sizeof fresh)
        return error_set(error, "%s: the key is too long", folder);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 && errno == ENOENT && folders_make(name, false))
        fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool written = fd >= 0 && all_write(fd, content);
    int trouble = errno;
    if (fd >= 0 && close(fd) != 0 && written) {
        written = false;
        trouble = errno;
    }
    if (written && rename(fresh, name) == 0)
        return true;
    if (written)
        trouble = errno;
    (void)unlink(fresh);
    return error_set(error, "%s: cannot write: %s", name, strerror(trouble));
}
