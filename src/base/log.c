#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "base/when.h"

struct log {
    int fd;
};

struct log *log_open(const char *path, struct error *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
    if (fd < 0) {
        error_set(e, ERROR_INPUT, "log", "%s: %s", path, strerror(errno));
        return NULL;
    }
    struct stat st;
    if (fstat(fd, &st) != 0 || (S_ISREG(st.st_mode) && ((st.st_mode & 077) || st.st_uid != geteuid()))) { /* one that was there already */
        error_set(e, ERROR_INPUT, "log", "%s: others may read or change it: chmod 600, or name another file", path);
        close(fd);
        return NULL;
    }
    struct log *log = mem_new(sizeof *log);
    log->fd = fd;
    return log;
}

void log_close(struct log *log)
{
    if (!log)
        return;
    close(log->fd);
    free(log);
}

void log_line(struct log *log, const char *room, const char *format, ...)
{
    char text[1024], clean[1024], line[1200], now[40];
    va_list ap;
    if (!log)
        return;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    text_clean(clean, sizeof clean, text, strlen(text));
    text_format(line, sizeof line, "%s %s %s\n", when_iso_ms(when_wall(), now, sizeof now), room, clean);
    /* One write a line, so that lines of several processes do not mix. A full disk does not stop the console. */
    ssize_t written = write(log->fd, line, strlen(line));
    (void)written;
}
