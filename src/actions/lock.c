#include "actions/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "actions/state.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/when.h"

#define HOLDER_MAX ((size_t)16384)

struct lock {
    int fd;
};

static void add_process(json_t *holder, const char *key, int64_t now_ms)
{
    const struct passwd *user = getpwuid(geteuid());
    char host[256] = "", name[64], at[40];
    gethostname(host, sizeof host - 1);
    text_format(name, sizeof name, "%ld", (long)geteuid());
    json_object_set_new(holder, "key", json_string(key));
    json_object_set_new(holder, "pid", json_integer((json_int_t)getpid()));
    json_object_set_new(holder, "user", json_string(user ? user->pw_name : name));
    json_object_set_new(holder, "host", json_string(host));
    json_object_set_new(holder, "since", json_string(when_iso_ms(now_ms, at, sizeof at)));
}

/* Who holds it may be about to write who it is. */
static void tell_holder(int fd, const char *key, struct error *e)
{
    char text[HOLDER_MAX + 1], clock[40];
    struct error ignored;
    ssize_t n = pread(fd, text, HOLDER_MAX, 0);
    json_t *holder = n > 0 ? json_load(text, (size_t)n, &ignored) : NULL;
    int64_t since = json_when(holder, "since");
    if (json_is_object(holder))
        error_set(e, ERROR_INPUT, "Held", "%s: %s by %s@%s, pid %lld, since %s", key, json_text_or(holder, "action", "an action"),
                  json_text_or(holder, "user", "?"), json_text_or(holder, "host", "?"), (long long)json_int(holder, "pid", 0),
                  when_clock(since, clock, sizeof clock));
    else
        error_set(e, ERROR_INPUT, "Held", "%s: another action is running", key);
    json_decref(holder);
}

static bool write_holder(int fd, const json_t *holder)
{
    char *text = state_line(holder, HOLDER_MAX);
    bool good = text && ftruncate(fd, 0) == 0 && file_write_all(fd, text, strlen(text));
    free(text);
    return good;
}

static char *lock_path(const char *state_dir, const char *key)
{
    char hash[SHA256_HEX_SIZE];
    struct str path = STR_INIT(STR_TEXT_MAX);
    digest_sha256_hex(key, strlen(key), hash);
    str_addf(&path, "%s/locks/%.32s", state_dir, hash);
    return str_take(&path);
}

struct lock *lock_take(const char *state_dir, const char *key, int64_t now_ms, json_t *take_holder, struct error *e)
{
    struct lock *lock = NULL;
    char *path = lock_path(state_dir, key);
    int fd = state_make(state_dir, NULL, e) && state_make(state_dir, "locks", e) ? state_open(path, O_RDWR | O_CREAT | O_APPEND, e) : -1;
    json_t *holder = take_holder ? take_holder : json_object();
    add_process(holder, key, now_ms);
    if (fd >= 0 && !state_lock(fd, LOCK_EX, 0))
        tell_holder(fd, key, e);
    else if (fd >= 0 && !write_holder(fd, holder))
        error_set(e, ERROR_INPUT, "lock", "%s: %s", path, strerror(errno));
    else if (fd >= 0) {
        lock = mem_new(sizeof *lock);
        lock->fd = fd;
    }
    if (!lock && fd >= 0)
        close(fd);
    json_decref(holder);
    free(path);
    return lock;
}

void lock_release(struct lock *lock)
{
    if (!lock)
        return;
    (void)!ftruncate(lock->fd, 0); /* nobody's name is left in it */
    close(lock->fd);
    free(lock);
}
