#include "actions/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/state.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/when.h"

#define LOCK_WAIT_MS 3000
#define HEAD_MAX     4096
#define TAIL_MIN     ((size_t)64 << 10)

static const char no_object[] = "it is not a JSON object";
static const char beginning[SHA256_HEX_SIZE] = "0000000000000000000000000000000000000000000000000000000000000000";

struct place { /* a record's, in the chain */
    uint64_t seq; /* 0: before the first */
    char hash[SHA256_HEX_SIZE];
};

static bool failed(struct error *e, const char *path, const char *why)
{
    error_set(e, ERROR_INPUT, "audit", "%s: %s", path, why);
    return false;
}

static bool is_hash(const char *text) { return text && strlen(text) == SHA256_HEX_SIZE - 1 && strspn(text, "0123456789abcdef") == SHA256_HEX_SIZE - 1; }

/* The hash of a record that may have one already. */
static bool hash_of(const json_t *record, char out[SHA256_HEX_SIZE])
{
    json_t *bare = json_copy((json_t *)(uintptr_t)record);
    json_object_del(bare, "hash");
    char *text = state_line(bare, AUDIT_LINE_MAX);
    if (text)
        digest_sha256_hex(text, strlen(text), out);
    free(text);
    json_decref(bare);
    return text != NULL;
}

/* Does the line stand as it was written? What it says of its place is for the caller to hold against the line before. NULL with why. The caller
 * has the record. */
static json_t *read_record(const char *line, size_t len, struct place *at, char *why, size_t size)
{
    struct error e = {0};
    char hash[SHA256_HEX_SIZE];
    json_t *record = json_load(line, len, &e);
    int64_t seq = json_int(record, "seq", 0);
    const char *own = json_text(record, "hash");
    char *again = json_is_object(record) ? state_line(record, AUDIT_LINE_MAX) : NULL;
    *why = '\0';
    if (!json_is_object(record))
        text_copy(why, size, no_object);
    else if (seq < 1 || !is_hash(own) || !is_hash(json_text(record, "prev")))
        text_format(why, size, "it has no seq, prev and hash");
    else if (!again || strlen(again) != len || memcmp(again, line, len) != 0)
        text_format(why, size, "it is not written as trivet writes: bytes were changed");
    else if (!hash_of(record, hash) || strcmp(hash, own) != 0)
        text_format(why, size, "its hash differs: the record was changed");
    else {
        at->seq = (uint64_t)seq;
        text_copy(at->hash, sizeof at->hash, own);
    }
    free(again);
    if (!*why)
        return record;
    json_decref(record);
    return NULL;
}

/* The head. */

enum head { HEAD_NONE, HEAD_BAD, HEAD_READ };

static enum head read_head(const char *state_dir, struct place *out, struct error *e)
{
    char *path = file_join(state_dir, "audit.head");
    char text[HEAD_MAX];
    int fd = state_open(path, O_RDONLY, e);
    enum head found = fd < 0 && errno == ENOENT ? HEAD_NONE : HEAD_BAD;
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (n >= 0) {
        json_t *tree = json_load(text, (size_t)n, e);
        const char *hash = json_text(tree, "hash");
        int64_t seq = json_int(tree, "seq", 0);
        if (seq > 0 && is_hash(hash)) {
            *out = (struct place){.seq = (uint64_t)seq};
            text_copy(out->hash, sizeof out->hash, hash);
            found = HEAD_READ;
        } else {
            failed(e, path, "it does not say what the newest record is");
        }
        json_decref(tree);
    }
    if (fd >= 0)
        close(fd);
    free(path);
    return found;
}

static bool write_head(const char *state_dir, const struct place *place, struct error *e)
{
    char *path = file_join(state_dir, "audit.head"), text[160];
    text_format(text, sizeof text, "{\"hash\":\"%s\",\"seq\":%" PRIu64 "}\n", place->hash, place->seq);
    bool good = file_write(path, text, strlen(text), 0600, e);
    free(path);
    return good;
}

/* Appending. */

/* The last record within these bytes, which begin anywhere in a line and end where the file ends. */
static bool last_record(const char *text, size_t len, struct place *out)
{
    char why[120];
    for (;;) {
        const char *before = memrchr(text, '\n', len);
        const char *line = before ? before + 1 : text;
        json_t *record = read_record(line, (size_t)(text + len - line), out, why, sizeof why);
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
static bool find_tail(int fd, size_t size, struct place *out, bool *torn)
{
    *out = (struct place){0};
    text_copy(out->hash, sizeof out->hash, beginning);
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
static bool find_place(const char *state_dir, int fd, size_t size, struct place *out, bool *torn, struct error *e)
{
    struct place head;
    struct error ignored = {0};
    if (!find_tail(fd, size, out, torn))
        return failed(e, state_dir, "audit.jsonl cannot be read");
    if (read_head(state_dir, &head, &ignored) == HEAD_READ && head.seq >= out->seq)
        *out = head;
    return true;
}

static char *make_line(json_t *record, int64_t now_ms, struct place *place, bool torn)
{
    char at[40];
    json_object_set_new(record, "seq", json_integer((json_int_t)place->seq + 1));
    json_object_set_new(record, "at", json_string(when_iso_ms(now_ms, at, sizeof at)));
    json_object_set_new(record, "prev", json_string(place->hash));
    if (!hash_of(record, place->hash))
        return NULL;
    json_object_set_new(record, "hash", json_string(place->hash));
    place->seq++;
    char *text = state_line(record, AUDIT_LINE_MAX), why[120];
    struct place again;
    json_t *read = text ? read_record(text, strlen(text), &again, why, sizeof why) : NULL; /* what could not be verified is not written */
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
    struct place place;
    bool torn;
    if (!state_lock(fd, LOCK_EX, LOCK_WAIT_MS))
        return failed(e, path, "another process holds it");
    if (fstat(fd, &st) != 0 || st.st_size < 0)
        return failed(e, path, strerror(errno));
    if (!find_place(state_dir, fd, (size_t)st.st_size, &place, &torn, e))
        return false;
    char *line = json_is_object(record) ? make_line(record, now_ms, &place, torn) : NULL;
    if (!line)
        return failed(e, path, "the record cannot be written: too long, or no JSON object");
    bool written = file_write_all(fd, line, strlen(line)) && fsync(fd) == 0;
    int why = errno;
    free(line);
    if (!written) {
        (void)!ftruncate(fd, st.st_size); /* a full disk: half a line need not stay */
        return failed(e, path, strerror(why));
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

/* Reading. */

/* NULL with e; NULL without if there is no log. */
static FILE *open_log(const char *state_dir, struct error *e)
{
    char *path = file_join(state_dir, "audit.jsonl");
    struct error why = {0};
    FILE *log = NULL;
    int fd = state_open(path, O_RDONLY, &why);
    if (fd < 0 && errno != ENOENT)
        *e = why;
    if (fd >= 0 && !state_lock(fd, LOCK_SH, LOCK_WAIT_MS)) {
        failed(e, path, "another process holds it");
        close(fd);
    } else if (fd >= 0) {
        log = fdopen(fd, "r");
    }
    free(path);
    return log;
}

struct check {
    struct audit_report *report;
    struct place last;     /* the last sound record */
    bool breaks_at_writing; /* the broken line is no record at all: perhaps cut when it was written */
};

static void break_at(struct check *c, uint64_t line, const char *why)
{
    if (c->report->broken)
        return;
    c->report->broken = line;
    text_copy(c->report->why, sizeof c->report->why, why);
}

static void check_place(const struct check *c, const struct place *at, const json_t *record, char *why, size_t size)
{
    uint64_t expected = c->last.seq + 1;
    if (at->seq > expected)
        text_format(why, size, "it is record %" PRIu64 " where %" PRIu64 " is expected: records were taken out before it", at->seq, expected);
    else if (at->seq < expected)
        text_format(why, size, "it is record %" PRIu64 " where %" PRIu64 " is expected: it was put in or moved", at->seq, expected);
    else if (strcmp(json_text_or(record, "prev", ""), c->last.hash) != 0)
        text_format(why, size, "its prev is not the hash of the record before");
}

static void check_line(struct check *c, const struct str *line, bool whole)
{
    char why[200];
    struct place at = {0};
    uint64_t number = ++c->report->lines;
    json_t *record = NULL;
    if (line->overflow)
        text_format(why, sizeof why, "it is longer than %zu bytes", line->max);
    else if (!whole)
        text_format(why, sizeof why, "it is cut: the last line has no end");
    else
        record = read_record(str_text(line), line->len, &at, why, sizeof why);
    if (record)
        check_place(c, &at, record, why, sizeof why);
    if (!*why && c->breaks_at_writing && c->report->broken == number - 1) {
        size_t len = strlen(c->report->why);
        text_format(c->report->why + len, sizeof c->report->why - len, "; the chain goes on after it: a crash may have cut it while it was written");
    }
    c->breaks_at_writing = !c->report->broken && text_equal(why, no_object);
    if (*why)
        break_at(c, number, why);
    if (record)
        c->last = at;
    json_decref(record);
}

/* The newest record by the head against the newest of the log. */
static void check_end(struct check *c, enum head found, const struct place *head)
{
    char why[200] = "";
    uint64_t newest = c->last.seq;
    if (found == HEAD_READ && head->seq > newest)
        text_format(why, sizeof why, "%" PRIu64 " record%s missing at the end", head->seq - newest, head->seq - newest == 1 ? " is" : "s are");
    else if (found == HEAD_READ && head->seq == newest && strcmp(head->hash, c->last.hash) != 0)
        text_format(why, sizeof why, "the newest record is not the one that was written last");
    else if (found == HEAD_READ && head->seq + 1 < newest) /* one less is left by a crash between the two */
        text_format(why, sizeof why, "audit.head is of record %" PRIu64 ", the log goes on to %" PRIu64 ": whether its end is missing cannot be told", head->seq,
                    newest);
    else if (found == HEAD_BAD)
        text_copy(why, sizeof why, "audit.head does not say what the newest record is");
    else if (found == HEAD_NONE && newest > 1)
        text_format(why, sizeof why, "audit.head is missing: whether the log's end is missing too cannot be told");
    if (*why)
        break_at(c, c->report->lines + 1, why);
}

bool audit_verify(const char *state_dir, struct audit_report *out, struct error *e)
{
    struct check c = {.report = out};
    struct place head = {0};
    struct str line = STR_INIT(AUDIT_LINE_MAX);
    struct error ignored = {0};
    bool whole;
    *out = (struct audit_report){0};
    error_clear(e);
    text_copy(c.last.hash, sizeof c.last.hash, beginning);
    FILE *log = open_log(state_dir, e);
    if (e->kind != ERROR_NONE)
        return false;
    enum head found = read_head(state_dir, &head, &ignored); /* while the log is locked */
    while (log && state_next_line(log, &line, &whole))
        check_line(&c, &line, whole);
    bool good = !(log && ferror(log)) || failed(e, state_dir, "audit.jsonl cannot be read");
    if (log)
        fclose(log);
    str_free(&line);
    check_end(&c, found, &head);
    out->newest = c.last.seq;
    return good;
}

bool audit_read(const char *state_dir, audit_each *each, void *arg, struct error *e)
{
    struct str line = STR_INIT(AUDIT_LINE_MAX);
    struct error ignored;
    bool whole;
    error_clear(e);
    FILE *log = open_log(state_dir, e);
    for (uint64_t number = 1; log && state_next_line(log, &line, &whole); number++) {
        json_t *record = line.overflow ? NULL : json_load(str_text(&line), line.len, &ignored);
        each(arg, number, json_is_object(record) ? record : NULL);
        json_decref(record);
    }
    if (log && ferror(log))
        failed(e, state_dir, "audit.jsonl cannot be read");
    if (log)
        fclose(log);
    str_free(&line);
    return e->kind == ERROR_NONE;
}
