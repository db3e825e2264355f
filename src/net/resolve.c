#include "net/resolve.h"

#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

/* Shared by the loop and the thread; whoever lets go of it last frees it. */
struct job {
    atomic_int holders;
    char *host, *port;
    int bell; /* an eventfd: rung once the answer is in */
    int failed;
    struct addrinfo *found;
};

struct resolve {
    struct loop *loop;
    struct job *job;
    struct loop_watch *watch;
    resolve_done *done;
    void *arg;
};

static void release(struct job *job)
{
    if (atomic_fetch_sub(&job->holders, 1) > 1)
        return;
    if (job->found)
        freeaddrinfo(job->found);
    if (job->bell >= 0)
        close(job->bell);
    free(job->host);
    free(job->port);
    free(job);
}

static void look_up(struct job *job, int flags)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    job->failed = getaddrinfo(job->host, job->port, &hints, &job->found);
}

static void ring(struct job *job) { (void)!write(job->bell, &(uint64_t){1}, sizeof(uint64_t)); }

static void *run(void *arg)
{
    struct job *job = arg;
    look_up(job, 0);
    ring(job);
    release(job);
    return NULL;
}

/* Signals are the loop's: a thread that takes one would end the program. */
static bool start_thread(struct job *job)
{
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    atomic_fetch_add(&job->holders, 1);
    bool started = pthread_create(&thread, NULL, run, job) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started)
        pthread_detach(thread);
    else
        release(job);
    return started;
}

static void answered(void *arg, short revents)
{
    struct resolve *resolve = arg;
    uint64_t rung;
    struct resolve_address list[RESOLVE_MAX];
    struct error error = {0};
    size_t count = 0;
    (void)revents;
    if (read(resolve->job->bell, &rung, sizeof rung) != (ssize_t)sizeof rung)
        return;
    const struct job *job = resolve->job;
    for (const struct addrinfo *a = job->failed ? NULL : job->found; a && count < RESOLVE_MAX; a = a->ai_next)
        if (a->ai_addrlen <= sizeof list[count].at) {
            memcpy(&list[count].at, a->ai_addr, a->ai_addrlen);
            list[count++].len = a->ai_addrlen;
        }
    if (count == 0)
        error_set(&error, ERROR_NETWORK, "UnknownHost", "%s: %s", job->host, job->failed ? gai_strerror(job->failed) : "the name has no address");
    resolve_done *done = resolve->done;
    void *done_arg = resolve->arg;
    resolve_cancel(resolve); /* gone before it is told */
    done(done_arg, count ? list : NULL, count, count ? NULL : &error);
}

struct resolve *resolve_start(struct loop *loop, const char *host, const char *port, resolve_done *done, void *arg)
{
    struct resolve *resolve = mem_new(sizeof *resolve);
    struct job *job = mem_new(sizeof *job);
    *job = (struct job){.host = mem_strdup(host), .port = mem_strdup(port), .bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    atomic_init(&job->holders, 1);
    *resolve = (struct resolve){.loop = loop, .job = job, .done = done, .arg = arg};
    resolve->watch = loop_watch(loop, job->bell, POLLIN, answered, resolve);
    look_up(job, AI_NUMERICHOST); /* asks nobody */
    if (job->failed == 0 || !start_thread(job))
        ring(job);
    return resolve;
}

void resolve_cancel(struct resolve *resolve)
{
    if (!resolve)
        return;
    loop_unwatch(resolve->loop, resolve->watch);
    release(resolve->job);
    free(resolve);
}
