#include "actions/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

#define STEP_MS 10

char *state_directory(void) { return file_xdg("state", ""); }

static bool refused(struct error *e, const char *path, const char *why)
{
    error_set(e, ERROR_INPUT, "state", "%s: %s", path, why);
    return false;
}

static bool directory_good(const char *path, struct error *e)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return refused(e, path, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return refused(e, path, "not a directory");
    if (st.st_uid != geteuid())
        return refused(e, path, "belongs to another user");
    return !(st.st_mode & 022) || refused(e, path, "others may write into it: chmod 700");
}

bool state_make(const char *state_dir, const char *name, struct error *e)
{
    char *path = name ? file_join(state_dir, name) : NULL;
    const char *wanted = path ? path : state_dir;
    bool good = file_make_dirs(wanted, 0700, e) && directory_good(state_dir, e) && directory_good(wanted, e);
    if (good)
        file_sync_directory(wanted);
    free(path);
    return good;
}

static bool file_good(int fd, const char *path, bool reads, struct error *e)
{
    struct stat st;
    char why[80];
    if (fstat(fd, &st) != 0)
        return refused(e, path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return refused(e, path, "not a plain file");
    if (st.st_uid != geteuid() && !(reads && geteuid() == 0))
        return refused(e, path, "belongs to another user");
    if (!(st.st_mode & 077))
        return true;
    text_format(why, sizeof why, "its mode is %04o: others could have read or changed it; chmod 600", (unsigned)(st.st_mode & 07777));
    return refused(e, path, why);
}

int state_open(const char *path, int flags, struct error *e)
{
    int fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600); /* a pipe put in its place must not hold us up */
    int why = errno;
    if (fd < 0) {
        refused(e, path, why == ELOOP ? "is a symbolic link" : strerror(why));
        errno = why;
        return -1;
    }
    if (file_good(fd, path, (flags & O_ACCMODE) == O_RDONLY, e))
        return fd;
    close(fd);
    errno = EPERM;
    return -1;
}

bool state_lock(int fd, int how, int wait_ms)
{
    const struct timespec step = {0, STEP_MS * 1000000L};
    for (int waited = 0;; waited += STEP_MS) {
        if (flock(fd, how | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return false;
        if (waited >= wait_ms)
            return false;
        nanosleep(&step, NULL);
    }
}

bool state_next_line(FILE *from, struct str *line, bool *whole)
{
    int c = EOF;
    bool any = false;
    str_clear(line);
    while ((c = getc(from)) != EOF && c != '\n') {
        any = true;
        str_addc(line, (char)c);
    }
    *whole = c == '\n';
    return any || *whole;
}

char *state_line(const json_t *object, size_t max)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
    struct str line = STR_INIT(max);
    for (const char *at = text; at && *at;) {
        size_t plain = strcspn(at, "\x7f"); /* the one control character that jansson takes for ASCII like the rest */
        str_add(&line, at, plain);
        at += plain;
        if (*at && str_adds(&line, "\\u007F"))
            at++;
        else if (*at)
            break;
    }
    free(text);
    if (line.len && !line.overflow)
        return str_take(&line);
    str_free(&line);
    return NULL;
}
