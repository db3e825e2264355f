#include "net/loop.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/vec.h"
#include "base/when.h"
#include "net/multi.h"

#define WAIT_MAX_MS 3600000

struct loop_timer {
    int64_t due;
    uint64_t pass; /* in which it was made: it fires in a later one */
    void (*fire)(void *arg);
    void *arg;
    struct loop_timer *next;
};

struct loop_watch {
    int fd;
    short events;
    bool gone; /* taken away during a pass; freed at its end */
    void (*ready)(void *arg, short revents);
    void *arg;
};

struct signal_handler {
    int signo;
    void (*caught)(void *arg, int signo);
    void *arg;
};

struct loop {
    CURLM *multi;
    void (*finished)(void *arg, CURL *easy, CURLcode result);
    void *finished_arg;
    struct loop_timer *timers; /* soonest first */
    VEC(struct loop_watch *) watches;
    VEC(struct curl_waitfd) polled;
    VEC(struct signal_handler) signals;
    struct loop_watch *signal_watch;
    int signal_fd;
    sigset_t caught, before;
    void (*hook)(void *arg);
    void *hook_arg;
    uint64_t pass;
    int64_t now, wall;
    size_t transfers; /* also those that are done and not yet told: curl's own count leaves these out */
    bool stopped, in_transfers;
};

static void read_clocks(struct loop *loop)
{
    loop->now = when_monotonic();
    loop->wall = when_wall();
}

struct loop *loop_new(void)
{
    struct loop *loop = mem_new(sizeof *loop);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    loop->multi = curl_multi_init();
    loop->signal_fd = -1;
    sigemptyset(&loop->caught);
    read_clocks(loop);
    return loop;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    while (loop->timers)
        loop_cancel(loop, loop->timers);
    for (size_t i = 0; i < loop->watches.len; i++)
        free(loop->watches.at[i]);
    if (loop->signal_fd >= 0) {
        close(loop->signal_fd);
        sigprocmask(SIG_SETMASK, &loop->before, NULL);
    }
    vec_free(&loop->watches);
    vec_free(&loop->polled);
    vec_free(&loop->signals);
    curl_multi_cleanup(loop->multi);
    free(loop);
}

int64_t loop_now(const struct loop *loop) { return loop->now; }
int64_t loop_wall(const struct loop *loop) { return loop->wall; }
CURLM *loop_multi(struct loop *loop) { return loop->multi; }

void loop_transfer_add(struct loop *loop, CURL *easy)
{
    curl_multi_add_handle(loop->multi, easy);
    loop->transfers++;
}

void loop_transfer_remove(struct loop *loop, CURL *easy)
{
    curl_multi_remove_handle(loop->multi, easy);
    loop->transfers--;
}

void loop_on_transfer(struct loop *loop, void (*finished)(void *, CURL *, CURLcode), void *arg)
{
    loop->finished = finished;
    loop->finished_arg = arg;
}

void loop_on_pass(struct loop *loop, void (*hook)(void *), void *arg)
{
    loop->hook = hook;
    loop->hook_arg = arg;
}

struct loop_timer *loop_after(struct loop *loop, int64_t delay_ms, void (*fire)(void *), void *arg)
{
    struct loop_timer *timer = mem_new(sizeof *timer);
    *timer = (struct loop_timer){.due = when_monotonic() + (delay_ms > 0 ? delay_ms : 0), .pass = loop->pass, .fire = fire, .arg = arg};
    struct loop_timer **at = &loop->timers;
    while (*at && (*at)->due <= timer->due)
        at = &(*at)->next;
    timer->next = *at;
    *at = timer;
    return timer;
}

void loop_cancel(struct loop *loop, struct loop_timer *timer)
{
    struct loop_timer **at = &loop->timers;
    while (*at && *at != timer)
        at = &(*at)->next;
    if (!timer || !*at)
        return;
    *at = timer->next;
    free(timer);
}

/* The first due timer that was made before this pass, taken out of the list. */
static struct loop_timer *take_due(struct loop *loop)
{
    for (struct loop_timer **at = &loop->timers; *at && (*at)->due <= loop->now; at = &(*at)->next)
        if ((*at)->pass < loop->pass) {
            struct loop_timer *timer = *at;
            *at = timer->next;
            return timer;
        }
    return NULL;
}

static void fire_timers(struct loop *loop)
{
    struct loop_timer *timer;
    while ((timer = take_due(loop))) {
        void (*fire)(void *) = timer->fire;
        void *arg = timer->arg;
        free(timer);
        fire(arg);
    }
}

struct loop_watch *loop_watch(struct loop *loop, int fd, short events, void (*ready)(void *, short), void *arg)
{
    struct loop_watch *watch = mem_new(sizeof *watch);
    *watch = (struct loop_watch){.fd = fd, .events = events, .ready = ready, .arg = arg};
    *vec_add(&loop->watches) = watch;
    return watch;
}

void loop_watch_events(struct loop_watch *watch, short events) { watch->events = events; }

void loop_unwatch(struct loop *loop, struct loop_watch *watch)
{
    (void)loop;
    if (watch)
        watch->gone = true;
}

static void sweep_watches(struct loop *loop)
{
    for (size_t i = loop->watches.len; i-- > 0;)
        if (loop->watches.at[i]->gone) {
            free(loop->watches.at[i]);
            vec_remove(&loop->watches, i);
        }
}

static void on_signals(void *arg, short revents)
{
    struct loop *loop = arg;
    struct signalfd_siginfo info;
    (void)revents;
    while (read(loop->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
        for (size_t i = 0; i < loop->signals.len; i++)
            if (loop->signals.at[i].signo == (int)info.ssi_signo) {
                loop->signals.at[i].caught(loop->signals.at[i].arg, (int)info.ssi_signo);
                break;
            }
}

static bool update_signalfd(struct loop *loop)
{
    if (loop->signal_fd < 0)
        sigprocmask(SIG_BLOCK, NULL, &loop->before);
    int fd = signalfd(loop->signal_fd, &loop->caught, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        return false;
    loop->signal_fd = fd;
    if (!loop->signal_watch)
        loop->signal_watch = loop_watch(loop, fd, POLLIN, on_signals, loop);
    sigset_t mask = loop->before;
    for (size_t i = 0; i < loop->signals.len; i++)
        sigaddset(&mask, loop->signals.at[i].signo);
    return sigprocmask(SIG_SETMASK, &mask, NULL) == 0;
}

bool loop_signal(struct loop *loop, int signo, void (*caught)(void *, int), void *arg)
{
    for (size_t i = 0; i < loop->signals.len; i++)
        if (loop->signals.at[i].signo == signo) {
            vec_remove(&loop->signals, i);
            break;
        }
    if (caught) {
        *vec_add(&loop->signals) = (struct signal_handler){signo, caught, arg};
        sigaddset(&loop->caught, signo);
    } else {
        sigdelset(&loop->caught, signo);
    }
    return update_signalfd(loop);
}

static int wait_for(const struct loop *loop, int64_t limit)
{
    int64_t wait = limit < WAIT_MAX_MS ? limit : WAIT_MAX_MS;
    if (loop->timers && loop->timers->due - loop->now < wait)
        wait = loop->timers->due - loop->now;
    return wait > 0 ? (int)wait : 0;
}

static void wait_for_anything(struct loop *loop, int64_t limit)
{
    vec_clear(&loop->polled);
    for (size_t i = 0; i < loop->watches.len; i++) {
        const struct loop_watch *watch = loop->watches.at[i];
        struct curl_waitfd *wait = vec_add(&loop->polled);
        wait->fd = watch->fd;
        /* curl has its own names for three of poll's events. */
        wait->events = (short)(((watch->events & POLLIN) ? CURL_WAIT_POLLIN : 0) | ((watch->events & POLLPRI) ? CURL_WAIT_POLLPRI : 0) |
                               ((watch->events & POLLOUT) ? CURL_WAIT_POLLOUT : 0));
    }
    curl_multi_poll(loop->multi, loop->polled.at, (unsigned)loop->polled.len, wait_for(loop, limit), NULL);
    read_clocks(loop);
}

/* What is ready is asked of poll anew: curl tells only three events, and a hang-up is a fourth. */
static void dispatch_watches(struct loop *loop)
{
    size_t count = loop->watches.len;
    for (size_t i = 0; i < count; i++) {
        struct loop_watch *watch = loop->watches.at[i];
        struct pollfd now = {.fd = watch->fd, .events = watch->events};
        if (!watch->gone && poll(&now, 1, 0) > 0 && now.revents)
            watch->ready(watch->arg, now.revents);
    }
}

bool loop_in_transfers(const struct loop *loop) { return loop->in_transfers; }

static void dispatch_transfers(struct loop *loop)
{
    CURLMsg *message;
    int left;
    loop->in_transfers = true;
    curl_multi_perform(loop->multi, &left);
    loop->in_transfers = false;
    while ((message = curl_multi_info_read(loop->multi, &left))) {
        if (message->msg == CURLMSG_DONE && loop->finished)
            loop->finished(loop->finished_arg, message->easy_handle, message->data.result);
    }
}

static void run_pass(struct loop *loop, int64_t limit)
{
    loop->pass++;
    read_clocks(loop); /* what was done since may have taken a while; the wait is counted from now */
    wait_for_anything(loop, limit);
    dispatch_transfers(loop);
    dispatch_watches(loop);
    fire_timers(loop);
    sweep_watches(loop);
    if (loop->hook)
        loop->hook(loop->hook_arg);
}

static bool has_work(struct loop *loop)
{
    size_t own = loop->signal_watch ? 1 : 0;
    sweep_watches(loop);
    return loop->timers || loop->watches.len > own || loop->transfers > 0;
}

void loop_run(struct loop *loop)
{
    loop->stopped = false;
    while (!loop->stopped && has_work(loop))
        run_pass(loop, WAIT_MAX_MS);
}

void loop_stop(struct loop *loop) { loop->stopped = true; }

bool loop_run_until(struct loop *loop, bool (*done)(void *), void *arg, int64_t timeout_ms)
{
    read_clocks(loop);
    int64_t end = loop->now + timeout_ms;
    loop->stopped = false;
    while (!done(arg)) {
        if (loop->stopped || loop->now >= end || !has_work(loop))
            return done(arg);
        run_pass(loop, end - loop->now);
    }
    return true;
}
