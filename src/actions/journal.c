#include "actions/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/state.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

#define LINE_LIMIT   ((size_t)1 << 20)
#define EVENTS_MAX   100000
#define ID_MAX       64
#define LOCK_WAIT_MS 200 /* a look at the list holds it for a moment */

static const char suffix[] = ".jsonl";

struct journal {
    int fd;
    char *path;
    bool spoilt; /* half a line could not be taken back */
};

static bool failed(struct error *e, const char *path, const char *why)
{
    error_set(e, ERROR_INPUT, "journal", "%s: %s", path, why);
    return false;
}

static bool id_good(const char *id, size_t len)
{
    static const char may[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return len > 0 && len <= ID_MAX && strspn(id, may) >= len;
}

static char *path_of(const char *state_dir, const char *id, const char *ending)
{
    struct str path = STR_INIT(STR_TEXT_MAX);
    str_addf(&path, "%s/journal/%s%s", state_dir, id, ending);
    return str_take(&path);
}

static struct journal *journal_new(int fd, char *take_path)
{
    struct journal *journal = mem_new(sizeof *journal);
    *journal = (struct journal){.fd = fd, .path = take_path};
    return journal;
}

void journal_free(struct journal *journal)
{
    if (!journal)
        return;
    close(journal->fd);
    free(journal->path);
    free(journal);
}

bool journal_note(struct journal *journal, json_t *take_event, struct error *e)
{
    struct stat st;
    char *text = json_is_object(take_event) && json_text(take_event, "event") ? state_line(take_event, LINE_LIMIT) : NULL;
    json_decref(take_event);
    if (!text)
        return failed(e, journal->path, "the event cannot be written: too long, or not {\"event\": …}");
    struct str line = STR_INIT(LINE_LIMIT + 1);
    str_addf(&line, "%s\n", text);
    free(text);
    bool ready = !journal->spoilt && fstat(journal->fd, &st) == 0;
    bool good = ready && file_write_all(journal->fd, str_text(&line), line.len) && fsync(journal->fd) == 0;
    int why = journal->spoilt ? EIO : errno;
    if (ready && !good)
        journal->spoilt = ftruncate(journal->fd, st.st_size) != 0;
    str_free(&line);
    return good || failed(e, journal->path, strerror(why));
}

/* Under a name that no list knows, until the plan is in it. */
static struct journal *begin(const char *path, char *beside, json_t *take_plan, struct error *e)
{
    int fd = state_open(beside, O_RDWR | O_APPEND | O_CREAT | O_EXCL, e);
    if (fd < 0) {
        json_decref(take_plan);
        free(beside);
        return NULL;
    }
    struct journal *journal = journal_new(fd, beside);
    json_object_set_new(take_plan, "event", json_string("plan"));
    bool good = (state_lock(fd, LOCK_EX, 0) || failed(e, path, "another process holds it")) && journal_note(journal, take_plan, e);
    if (good && (access(path, F_OK) == 0 || rename(beside, path) != 0))
        good = failed(e, path, access(path, F_OK) == 0 ? "is there already" : strerror(errno));
    if (good) {
        free(journal->path);
        journal->path = mem_strdup(path);
        file_sync_directory(path);
        return journal;
    }
    unlink(beside);
    journal_free(journal);
    return NULL;
}

struct journal *journal_begin(const char *state_dir, const char *id, json_t *take_plan, struct error *e)
{
    if (!id_good(id, strlen(id)) || !state_make(state_dir, NULL, e) || !state_make(state_dir, "journal", e)) {
        if (!id_good(id, strlen(id)))
            failed(e, id, "no name for a journal");
        json_decref(take_plan);
        return NULL;
    }
    char *path = path_of(state_dir, id, suffix), *beside = path_of(state_dir, id, ".new");
    unlink(beside); /* a crash may have left one */
    struct journal *journal = begin(path, beside, take_plan, e);
    free(path);
    return journal;
}

bool journal_end(struct journal *journal, json_t *take_event, struct error *e)
{
    json_t *event = take_event ? take_event : json_object();
    json_object_set_new(event, "event", json_string("end"));
    bool good = journal_note(journal, event, e);
    if (good) {
        unlink(journal->path); /* one that stays is seen to have ended */
        file_sync_directory(journal->path);
    }
    journal_free(journal);
    return good;
}

/* Reads the events; *sound is where the last whole one ends. Anything after it must be the last line: a crash cuts nothing else. */
static json_t *read_events(int fd, const char *path, off_t *sound, struct error *e)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    FILE *from = copy < 0 ? NULL : fdopen(copy, "r");
    struct str line = STR_INIT(LINE_LIMIT);
    struct error why = {0};
    json_t *events = json_array();
    bool whole, cut = false, damaged = false;
    *sound = 0;
    if (from)
        rewind(from);
    while (from && !damaged && state_next_line(from, &line, &whole)) {
        json_t *event = whole && !line.overflow ? json_load(str_text(&line), line.len, &why) : NULL;
        bool good = json_text(event, "event") != NULL;
        damaged = cut || json_array_size(events) >= EVENTS_MAX; /* something follows what cannot be read */
        cut = !good;
        if (good && !damaged) {
            json_array_append(events, event);
            *sound += (off_t)line.len + 1;
        }
        json_decref(event);
    }
    bool good = from && !ferror(from) && !damaged && json_array_size(events);
    if (!good)
        error_set(e, ERROR_INPUT, "journal", "%s: line %zu cannot be read", path, json_array_size(events) + 1);
    if (from)
        fclose(from);
    else if (copy >= 0)
        close(copy);
    str_free(&line);
    if (good)
        return events;
    json_decref(events);
    return NULL;
}

/* The same file as its name has now? It may have ended, and gone, just before it was locked. */
static bool still_there(int fd, const char *path)
{
    struct stat held, named;
    return fstat(fd, &held) == 0 && lstat(path, &named) == 0 && held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

static bool has_ended(const json_t *events)
{
    return text_equal(json_text(json_array_get(events, json_array_size(events) - 1), "event"), "end");
}

struct journal *journal_open(const char *state_dir, const char *id, json_t **events, struct error *e)
{
    off_t sound;
    *events = NULL;
    if (!id_good(id, strlen(id))) {
        failed(e, id, "no name for a journal");
        return NULL;
    }
    char *path = path_of(state_dir, id, suffix);
    int fd = state_open(path, O_RDWR | O_APPEND, e);
    if (fd < 0) {
        free(path);
        return NULL;
    }
    struct journal *journal = journal_new(fd, path);
    if (!state_lock(fd, LOCK_EX, LOCK_WAIT_MS))
        failed(e, path, "another process carries it on");
    else if (!still_there(fd, path))
        failed(e, path, "has ended");
    else if ((*events = read_events(fd, path, &sound, e)) && (has_ended(*events) || ftruncate(fd, sound) != 0)) {
        failed(e, path, has_ended(*events) ? "has ended" : strerror(errno));
        json_decref(*events);
        *events = NULL;
    }
    if (*events)
        return journal;
    journal_free(journal);
    return NULL;
}

static void tell(const char *path, const char *id, journal_each *each, void *arg)
{
    struct error e = {0};
    off_t sound;
    int fd = state_open(path, O_RDONLY, &e);
    if (fd < 0 && errno == ENOENT)
        return; /* it has ended meanwhile */
    struct journal_found found = {.id = id, .held = fd >= 0 && !state_lock(fd, LOCK_SH, 0), .error = &e};
    json_t *events = fd >= 0 ? read_events(fd, path, &sound, &e) : NULL;
    found.events = events;
    bool over = (events && has_ended(events)) || (fd >= 0 && !still_there(fd, path));
    if (over && !found.held && fd >= 0 && still_there(fd, path))
        unlink(path);
    if (!over)
        each(arg, &found);
    json_decref(events);
    if (fd >= 0)
        close(fd);
}

static int is_journal(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name), end = sizeof suffix - 1;
    return len > end && text_ends(entry->d_name, suffix) && id_good(entry->d_name, len - end);
}

bool journal_list(const char *state_dir, journal_each *each, void *arg, struct error *e)
{
    char *dir = file_join(state_dir, "journal");
    struct dirent **names = NULL;
    int count = scandir(dir, &names, is_journal, alphasort);
    bool good = count >= 0 || errno == ENOENT || failed(e, dir, strerror(errno));
    for (int i = 0; i < count; i++) {
        char *path = file_join(dir, names[i]->d_name);
        char *id = mem_strndup(names[i]->d_name, strlen(names[i]->d_name) - (sizeof suffix - 1));
        tell(path, id, each, arg);
        free(id);
        free(path);
        free(names[i]);
    }
    free(names);
    free(dir);
    return good;
}
