#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/mem.h"

static bool failed(struct error *e, const char *path, const char *what)
{
    error_set(e, ERROR_INPUT, "file", "%s: %s", path, what);
    return false;
}

bool file_read(const char *path, size_t max, struct str *out, struct error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat st;
    if (fd < 0)
        return failed(e, path, strerror(errno));
    if (fstat(fd, &st) != 0 || S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode)) {
        close(fd);
        return failed(e, path, "not a file");
    }
    char block[16384];
    size_t total = 0;
    ssize_t n;
    while ((n = read(fd, block, sizeof block)) > 0 || (n < 0 && errno == EINTR)) {
        total += n > 0 ? (size_t)n : 0;
        if (n < 0)
            continue;
        if (total > max || !str_add(out, block, (size_t)n))
            break;
    }
    int why = errno;
    mem_wipe(block, sizeof block);
    close(fd);
    if (n < 0)
        return failed(e, path, strerror(why));
    if (n > 0) {
        error_set(e, ERROR_INPUT, "file", "%s: larger than %zu bytes", path, max);
        return false;
    }
    return true;
}

bool file_write_all(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

void file_sync_directory(const char *path)
{
    char *dir = mem_strdup(path);
    char *slash = strrchr(dir, '/');
    if (slash)
        slash[slash == dir] = '\0';
    int fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(dir);
}

bool file_write(const char *path, const void *data, size_t len, mode_t mode, struct error *e)
{
    char unique[37];
    random_uuid(unique);
    struct str beside = STR_INIT(STR_TEXT_MAX);
    str_addf(&beside, "%s.%.8s~", path, unique);
    int fd = open(str_text(&beside), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    bool good = fd >= 0 && file_write_all(fd, data, len) && fsync(fd) == 0;
    int why = errno;
    if (fd >= 0 && close(fd) != 0 && good) {
        good = false;
        why = errno;
    }
    if (good && rename(str_text(&beside), path) != 0) {
        good = false;
        why = errno;
    }
    if (good)
        file_sync_directory(path);
    else if (fd >= 0)
        unlink(str_text(&beside));
    str_free(&beside);
    return good || failed(e, path, strerror(why));
}

bool file_make_dirs(const char *path, mode_t mode, struct error *e)
{
    char *part = mem_strdup(path);
    bool good = true;
    struct stat st;
    for (char *p = part + (*part != '\0'); good; p++) {
        char was = *p;
        if (was && was != '/')
            continue;
        *p = '\0';
        good = mkdir(part, mode) == 0 || errno == EEXIST;
        *p = was;
        if (!was)
            break;
    }
    int why = errno;
    free(part);
    if (good && stat(path, &st) == 0 && !S_ISDIR(st.st_mode)) {
        good = false;
        why = ENOTDIR;
    }
    return good || failed(e, path, strerror(why));
}

char *file_join(const char *dir, const char *name)
{
    struct str path = STR_INIT(STR_TEXT_MAX);
    str_addf(&path, "%s%s%s", dir, text_ends(dir, "/") ? "" : "/", name);
    return str_take(&path);
}

char *file_xdg(const char *which, const char *name)
{
    static const char *const table[][3] = {{"config", "XDG_CONFIG_HOME", ".config"},
                                           {"state", "XDG_STATE_HOME", ".local/state"},
                                           {"cache", "XDG_CACHE_HOME", ".cache"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i][0], which) != 0)
            continue;
        const char *base = getenv(table[i][1]), *home = getenv("HOME");
        struct str path = STR_INIT(STR_TEXT_MAX);
        if (base && *base == '/') /* a relative one is to be ignored, says the XDG base directory specification */
            str_addf(&path, "%s/trivet/%s", base, name);
        else if (home && *home)
            str_addf(&path, "%s/%s/trivet/%s", home, table[i][2], name);
        else
            return NULL;
        return str_take(&path);
    }
    return NULL;
}
