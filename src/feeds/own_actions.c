/* What was done by trivet on this machine: the newest records of the audit log, STATE/audit.jsonl. Whether the log is whole is `trivet audit
 * verify`'s. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define TAIL_MAX ((size_t)512 << 10)

typedef VEC(struct own_action) own_actions;

void map_own_action(const json_t *record, struct own_action *action)
{
    *action = (struct own_action){.at = json_when(record, "at")};
    FIELD(action->action, record, "action");
    FIELD(action->resource, record, "resource");
    FIELD(action->phase, record, "phase");
    FIELD(action->outcome, record, "outcome");
    FIELD(action->who, record, "who.user");
    FIELD(action->reason, record, "reason");
    FIELD(action->summary, record, "summary");
}

/* The log's last bytes; false if it cannot be read, true and nothing where there is none. */
static bool read_tail(const char *path, struct str *out, struct error *e)
{
    struct stat info;
    char buffer[65536];
    ssize_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool good = fd >= 0 ? fstat(fd, &info) == 0 : errno == ENOENT;
    if (good && fd >= 0 && info.st_size > (off_t)TAIL_MAX)
        good = lseek(fd, info.st_size - (off_t)TAIL_MAX, SEEK_SET) >= 0;
    while (good && fd >= 0 && (got = read(fd, buffer, sizeof buffer)) > 0 && str_add(out, buffer, (size_t)got))
        ;
    if (!good || got < 0)
        error_set(e, ERROR_INPUT, "file", "%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return good && got >= 0;
}

static void take_line(struct feed_run *run, const char *line, size_t len, own_actions *rows)
{
    struct error e = {0};
    json_t *record = json_load(line, len, &e);
    if (text_equal(json_text(record, "account_id"), run->config->id))
        map_own_action(record, vec_add(rows));
    json_decref(record);
}

/* From the end, so that the newest come first. The first line of a tail may be cut: then it is none. */
static void take_lines(struct feed_run *run, const struct str *text, own_actions *rows)
{
    const char *data = str_text(text);
    size_t end = text->len;
    while (end > 0 && rows->len < OWN_ACTIONS_MAX) {
        size_t from = end;
        while (from > 0 && data[from - 1] != '\n')
            from--;
        if (end > from)
            take_line(run, data + from, end - from, rows);
        end = from ? from - 1 : 0;
    }
}

static void start(struct feed_run *run)
{
    const char *state = feeds_state_dir(run->feeds);
    char *path = state ? file_join(state, "audit.jsonl") : NULL;
    struct str text = STR_INIT(TAIL_MAX + 65536);
    struct error e = {0};
    own_actions rows = {0};
    bool good = !path || read_tail(path, &text, &e);
    if (good) {
        take_lines(run, &text, &rows);
        own_actions_set(feeds_estate(run->feeds), run->account, rows.at, rows.len);
        feed_good(run);
    } else {
        feed_failed(run, &e);
    }
    vec_free(&rows);
    str_free(&text);
    free(path);
}

static void stop(struct feed_run *run) { (void)run; }

const struct feed_type feed_own_actions = {
    .feed = FEED_OWN_ACTIONS, .interval_ms = 60000, .focus_ms = 5000, .start = start, .stop = stop, .focus_only = true, .keyless = true};
