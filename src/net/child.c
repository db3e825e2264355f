#include "net/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"

extern char **environ;

#define REAP_MS 10

struct child {
    struct loop *loop;
    pid_t pid;
    int out;
    struct loop_watch *watch;
    struct loop_timer *limit, *reaper;
    struct str text;
    struct error error;
    child_done *done;
    void *arg;
};

static void child_free(struct child *child)
{
    loop_unwatch(child->loop, child->watch);
    loop_cancel(child->loop, child->limit);
    loop_cancel(child->loop, child->reaper);
    if (child->out >= 0)
        close(child->out);
    str_wipe(&child->text);
    free(child);
}

void child_cancel(struct child *child)
{
    if (!child)
        return;
    if (child->pid > 0) {
        kill(child->pid, SIGKILL);
        waitpid(child->pid, NULL, 0);
    }
    child_free(child);
}

/* Its output has ended; the process itself may take a moment more. */
static void reap(void *arg)
{
    struct child *child = arg;
    int status = 0;
    child->reaper = NULL;
    if (child->pid > 0 && waitpid(child->pid, &status, WNOHANG) == 0) {
        child->reaper = loop_after(child->loop, REAP_MS, reap, child);
        return;
    }
    child->pid = 0;
    if (child->error.kind == ERROR_NONE && !WIFEXITED(status))
        error_set(&child->error, ERROR_AUTH, "ChildKilled", "the program ended by signal %d", WTERMSIG(status));
    /* It is gone before it is told: a cancel from inside must not find it. */
    struct error error = child->error;
    struct str text = child->text;
    child_done *done = child->done;
    void *done_arg = child->arg;
    bool good = error.kind == ERROR_NONE;
    child->text = (struct str){0};
    child_free(child);
    done(done_arg, good ? str_text(&text) : NULL, good ? text.len : 0, good ? WEXITSTATUS(status) : -1, good ? NULL : &error);
    str_wipe(&text);
}

static void end_reading(struct child *child)
{
    loop_unwatch(child->loop, child->watch);
    child->watch = NULL;
    close(child->out);
    child->out = -1;
    child->reaper = loop_after(child->loop, 0, reap, child);
}

static void on_output(void *arg, short revents)
{
    struct child *child = arg;
    char block[4096];
    (void)revents;
    ssize_t n = read(child->out, block, sizeof block);
    if (n > 0 && str_add(&child->text, block, (size_t)n)) {
        mem_wipe(block, sizeof block);
        return;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        error_set(&child->error, ERROR_AUTH, "ChildOutput", "the program wrote more than %zu bytes", child->text.max);
        kill(child->pid, SIGKILL);
    }
    mem_wipe(block, sizeof block);
    end_reading(child);
}

static void on_limit(void *arg)
{
    struct child *child = arg;
    child->limit = NULL;
    error_set(&child->error, ERROR_TIMEOUT, "ChildTimeout", "the program did not end in time");
    kill(child->pid, SIGKILL);
    if (child->watch)
        end_reading(child);
}

static bool sets(const char *const added[], const char *variable)
{
    size_t name = strcspn(variable, "=");
    for (size_t i = 0; added && added[i]; i++)
        if (strncmp(added[i], variable, name) == 0 && added[i][name] == '=')
            return true;
    return false;
}

/* Whoever looks a name up takes the first that has it: what is added stands in for ours. */
static char **joined_environment(const char *const added[])
{
    VEC(char *) all = {0};
    for (char **v = environ; *v; v++)
        if (!sets(added, *v))
            *vec_add(&all) = *v;
    for (size_t i = 0; added && added[i]; i++)
        *vec_add(&all) = (char *)(uintptr_t)added[i];
    *vec_add(&all) = NULL;
    return all.at;
}

/* Without the signals that the loop holds back, and with nothing of ours open but stdin (null), stdout (the pipe), stderr. */
static int start(struct child *child, const char *const argv[], const char *const env[], int out)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawnattr_init(&how);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK);
    char **environment = joined_environment(env);
    int failed = posix_spawnp(&child->pid, argv[0], &files, &how, (char *const *)(uintptr_t)argv, environment);
    free(environment);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

struct child *child_run(struct loop *loop, const char *const argv[], const char *const env[], int64_t timeout_ms, size_t max_output,
                        child_done *done, void *arg)
{
    struct child *child = mem_new(sizeof *child);
    int ends[2] = {-1, -1};
    child->loop = loop;
    child->done = done;
    child->arg = arg;
    child->out = -1;
    str_init(&child->text, max_output);
    int failed = pipe2(ends, O_CLOEXEC) == 0 ? start(child, argv, env, ends[1]) : errno;
    if (ends[1] >= 0)
        close(ends[1]);
    child->out = ends[0];
    if (failed) {
        child->pid = 0;
        error_set(&child->error, ERROR_AUTH, "ChildNotStarted", "%s: %s", argv[0], strerror(failed));
        child->reaper = loop_after(loop, 0, reap, child);
        return child;
    }
    fcntl(child->out, F_SETFL, O_NONBLOCK);
    child->watch = loop_watch(loop, child->out, POLLIN, on_output, child);
    child->limit = loop_after(loop, timeout_ms, on_limit, child);
    return child;
}

/* One word from *at on, unquoted, into `word`; false on an open quote. */
static bool take_word(const char **at, struct str *word)
{
    char quote = '\0';
    const char *p = *at;
    for (; *p && (quote || (*p != ' ' && *p != '\t')); p++) {
        if (quote ? *p == quote : (*p == '\'' || *p == '"'))
            quote = quote ? '\0' : *p;
        else if (*p == '\\' && quote != '\'' && p[1] && (!quote || p[1] == '"' || p[1] == '\\'))
            str_addc(word, *++p);
        else
            str_addc(word, *p);
    }
    *at = p;
    return !quote;
}

char **child_split_words(const char *line)
{
    VEC(char *) words = {0};
    bool good = true;
    while (good && *(line += strspn(line, " \t"))) {
        struct str word = STR_INIT(STR_TEXT_MAX);
        good = take_word(&line, &word);
        *vec_add(&words) = mem_strdup(str_text(&word));
        str_free(&word);
    }
    *vec_add(&words) = NULL;
    if (good)
        return words.at;
    child_free_words(words.at);
    return NULL;
}

void child_free_words(char **words)
{
    for (size_t i = 0; words && words[i]; i++)
        free(words[i]);
    free(words);
}
