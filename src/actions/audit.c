#include "actions/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/audit_internal.h"
#include "actions/state.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/when.h"

#define TAIL_MIN ((size_t)64 << 10)

static bool write_head(const char *state_dir, const struct audit_place *place, struct error *e)
{
    char *path = file_join(state_dir, "audit.head"), text[160];
    text_format(text, sizeof text, "{\"hash\":\"%s\",\"seq\":%" PRIu64 "}\n", place->hash, place->seq);
    bool good = file_write(path, text, strlen(text), 0600, e);
    free(path);
    return good;
}

/* The last record within these bytes, which begin anywhere in a line and end where the file ends. */
static bool last_record(const char *text, size_t len, struct audit_place *out)
{
    char why[120];
    for (;;) {
        const char *before = memrchr(text, '\n', len);
        const char *line = before ? before + 1 : text;
        json_t *record = audit_record(line, (size_t)(text + len - line), out, why, sizeof why);
        json_decref(record);
        if (record || !before)
            return record != NULL;
        len = (size_t)(before - text);
    }
}

static bool read_at(int fd, char *to, size_t len, off_t from)
{
    while (len) {
        ssize_t n = pread(fd, to, len, from);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        to += n;
        from += n;
        len -= (size_t)n;
    }
    return true;
}

/* The log's last whole record, looked for from the end. *torn: the last line has no newline. */
static bool find_tail(int fd, size_t size, struct audit_place *out, bool *torn)
{
    *out = (struct audit_place){0};
    text_copy(out->hash, sizeof out->hash, AUDIT_BEGINNING);
    *torn = false;
    for (size_t part = TAIL_MIN; size; part *= 4) {
        size_t len = part < size ? part : size;
        char *text = mem_new(len);
        bool read = read_at(fd, text, len, (off_t)(size - len));
        *torn = read && text[len - 1] != '\n';
        bool found = read && last_record(text, len, out);
        free(text);
        if (!read || found || len == size)
            return read;
    }
    return true;
}

/* Where the chain goes on. What the head says was newest counts even if it is in the log no more: that it is missing must stay to be seen. */
static bool find_place(const char *state_dir, int fd, size_t size, struct audit_place *out, bool *torn, struct error *e)
{
    struct audit_place head;
    struct error ignored = {0};
    if (!find_tail(fd, size, out, torn))
        return audit_failed(e, state_dir, "audit.jsonl cannot be read");
    if (audit_read_head(state_dir, &head, &ignored) == HEAD_READ && head.seq >= out->seq)
        *out = head;
    return true;
}

static char *make_line(json_t *record, int64_t now_ms, struct audit_place *place, bool torn)
{
    char at[40];
    json_object_set_new(record, "seq", json_integer((json_int_t)place->seq + 1));
    json_object_set_new(record, "at", json_string(when_iso_ms(now_ms, at, sizeof at)));
    json_object_set_new(record, "prev", json_string(place->hash));
    if (!audit_hash(record, place->hash))
        return NULL;
    json_object_set_new(record, "hash", json_string(place->hash));
    place->seq++;
    char *text = state_line(record, AUDIT_LINE_MAX), why[120];
    struct audit_place again;
    json_t *read = text ? audit_record(text, strlen(text), &again, why, sizeof why) : NULL; /* what could not be verified is not written */
    struct str line = STR_INIT(AUDIT_LINE_MAX + 2);
    if (read)
        str_addf(&line, "%s%s\n", torn ? "\n" : "", text);
    json_decref(read);
    free(text);
    return line.len ? str_take(&line) : NULL;
}

static bool append_line(const char *state_dir, const char *path, int fd, int64_t now_ms, json_t *record, struct error *e)
{
    struct stat st;
    struct audit_place place;
    bool torn;
    if (!state_lock(fd, LOCK_EX, AUDIT_LOCK_WAIT_MS))
        return audit_failed(e, path, "another process holds it");
    if (fstat(fd, &st) != 0 || st.st_size < 0)
        return audit_failed(e, path, strerror(errno));
    if (!find_place(state_dir, fd, (size_t)st.st_size, &place, &torn, e))
        return false;
    char *line = json_is_object(record) ? make_line(record, now_ms, &place, torn) : NULL;
    if (!line)
        return audit_failed(e, path, "the record cannot be written: too long, or no JSON object");
    bool written = file_write_all(fd, line, strlen(line)) && fsync(fd) == 0;
    int why = errno;
    free(line);
    if (!written) {
        (void)!ftruncate(fd, st.st_size); /* a full disk: half a line need not stay */
        return audit_failed(e, path, strerror(why));
    }
    if (st.st_size == 0)
        file_sync_directory(path);
    return write_head(state_dir, &place, e);
}

bool audit_append(const char *state_dir, int64_t now_ms, json_t *take_record, struct error *e)
{
    char *path = file_join(state_dir, "audit.jsonl");
    int fd = state_make(state_dir, NULL, e) ? state_open(path, O_RDWR | O_APPEND | O_CREAT, e) : -1;
    bool good = fd >= 0 && append_line(state_dir, path, fd, now_ms, take_record, e);
    if (fd >= 0)
        close(fd); /* and the lock with it */
    json_decref(take_record);
    free(path);
    return good;
}
