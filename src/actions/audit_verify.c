/* Reading the log: each line held against the one before, and the end against the head. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "actions/audit.h"
#include "actions/audit_internal.h"
#include "actions/state.h"
#include "base/file.h"
#include "base/json.h"

/* NULL with e; NULL without if there is no log. */
static FILE *open_log(const char *state_dir, struct error *e)
{
    char *path = file_join(state_dir, "audit.jsonl");
    struct error why = {0};
    FILE *log = NULL;
    int fd = state_open(path, O_RDONLY, &why);
    if (fd < 0 && errno != ENOENT)
        *e = why;
    if (fd >= 0 && !state_lock(fd, LOCK_SH, AUDIT_LOCK_WAIT_MS)) {
        audit_failed(e, path, "another process holds it");
        close(fd);
    } else if (fd >= 0) {
        log = fdopen(fd, "r");
    }
    free(path);
    return log;
}

struct check {
    struct audit_report *report;
    struct audit_place last;     /* the last sound record */
    bool breaks_at_writing; /* the broken line is no record at all: perhaps cut when it was written */
};

static void break_at(struct check *c, uint64_t line, const char *why)
{
    if (c->report->broken)
        return;
    c->report->broken = line;
    text_copy(c->report->why, sizeof c->report->why, why);
}

static void check_place(const struct check *c, const struct audit_place *at, const json_t *record, char *why, size_t size)
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
    struct audit_place at = {0};
    uint64_t number = ++c->report->lines;
    json_t *record = NULL;
    if (line->overflow)
        text_format(why, sizeof why, "it is longer than %zu bytes", line->max);
    else if (!whole)
        text_format(why, sizeof why, "it is cut: the last line has no end");
    else
        record = audit_record(str_text(line), line->len, &at, why, sizeof why);
    if (record)
        check_place(c, &at, record, why, sizeof why);
    if (!*why && c->breaks_at_writing && c->report->broken == number - 1) {
        size_t len = strlen(c->report->why);
        text_format(c->report->why + len, sizeof c->report->why - len, "; the chain goes on after it: a crash may have cut it while it was written");
    }
    c->breaks_at_writing = !c->report->broken && text_equal(why, AUDIT_NO_OBJECT);
    if (*why)
        break_at(c, number, why);
    if (record)
        c->last = at;
    json_decref(record);
}

/* The newest record by the head against the newest of the log. */
static void check_end(struct check *c, enum audit_head found, const struct audit_place *head)
{
    char why[200] = "";
    uint64_t newest = c->last.seq;
    if (found == HEAD_READ && head->seq > newest)
        text_format(why, sizeof why, "%" PRIu64 " record%s missing at the end", head->seq - newest, head->seq - newest == 1 ? " is" : "s are");
    else if (found == HEAD_READ && head->seq == newest && strcmp(head->hash, c->last.hash) != 0)
        text_format(why, sizeof why, "the newest record is not the one that was written last");
    else if (found == HEAD_READ && head->seq + 1 < newest) /* one less is left by a crash between the two */
        text_format(why, sizeof why, "audit.head is of record %" PRIu64 ", the log goes on to %" PRIu64 ": whether its end is missing cannot be told",
                    head->seq, newest);
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
    struct audit_place head = {0};
    struct str line = STR_INIT(AUDIT_LINE_MAX);
    struct error ignored = {0};
    bool whole;
    *out = (struct audit_report){0};
    error_clear(e);
    text_copy(c.last.hash, sizeof c.last.hash, AUDIT_BEGINNING);
    FILE *log = open_log(state_dir, e);
    if (e->kind != ERROR_NONE)
        return false;
    enum audit_head found = audit_read_head(state_dir, &head, &ignored); /* while the log is locked */
    while (log && state_next_line(log, &line, &whole))
        check_line(&c, &line, whole);
    bool good = !(log && ferror(log)) || audit_failed(e, state_dir, "audit.jsonl cannot be read");
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
        audit_failed(e, state_dir, "audit.jsonl cannot be read");
    if (log)
        fclose(log);
    str_free(&line);
    return e->kind == ERROR_NONE;
}
