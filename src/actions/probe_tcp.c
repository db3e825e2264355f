/* Connects and hangs up at once. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "actions/probe_internal.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "net/resolve.h"

#define EVERY_MS 250
#define LIMIT_MS 1000

struct tcp {
    struct probe *probe;
    char *host, *port;
    struct loop_timer *timer; /* the limit while trying, the next attempt otherwise */
    struct resolve *lookup;   /* one that is slow outlives the attempt and serves the next */
    struct resolve_address addresses[RESOLVE_MAX];
    size_t count, next;
    int fd;
    struct loop_watch *watch;
    bool trying;
};

static void attempt(void *arg);
static void connect_next(struct tcp *tcp, int last_error);

static bool is_port(const char *s)
{
    size_t digits = strspn(s, "0123456789");
    return digits > 0 && digits < 6 && !s[digits] && atoi(s) > 0 && atoi(s) < 65536;
}

/* "host:port" or "[v6]:port" */
static bool split(struct tcp *tcp, const char *target)
{
    const char *colon = strrchr(target, ':');
    if (!colon || colon == target || !is_port(colon + 1))
        return false;
    size_t len = (size_t)(colon - target);
    bool brackets = target[0] == '[' && target[len - 1] == ']' && len > 2;
    if (!brackets && memchr(target, ':', len))
        return false;
    tcp->host = mem_strndup(target + brackets, len - 2 * brackets);
    tcp->port = mem_strdup(colon + 1);
    return true;
}

static void *open_tcp(struct probe *probe)
{
    struct tcp *tcp = mem_new(sizeof *tcp);
    *tcp = (struct tcp){.probe = probe, .fd = -1};
    text_clean(probe->shown, sizeof probe->shown, probe->target, strlen(probe->target));
    if (!split(tcp, probe->target))
        probe_refuse(probe, "%s is no HOST:PORT", probe->shown);
    return tcp;
}

static void hang_up(struct tcp *tcp)
{
    loop_unwatch(tcp->probe->loop, tcp->watch);
    tcp->watch = NULL;
    if (tcp->fd >= 0)
        close(tcp->fd);
    tcp->fd = -1;
}

static void end_attempt(struct tcp *tcp, const char *error)
{
    struct probe *probe = tcp->probe;
    tcp->trying = false;
    hang_up(tcp);
    loop_cancel(probe->loop, tcp->timer);
    if (error)
        probe_bad(probe, error);
    else
        probe_good(probe);
    tcp->timer = loop_after(probe->loop, probe_rest(probe, EVERY_MS), attempt, tcp);
}

static void on_limit(void *arg)
{
    struct tcp *tcp = arg;
    tcp->timer = NULL;
    end_attempt(tcp, tcp->lookup ? "the name was not found out within 1 s" : "no connection within 1 s");
}

static void connected(void *arg, short revents)
{
    struct tcp *tcp = arg;
    int error = 0;
    (void)revents;
    if (getsockopt(tcp->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error}) != 0)
        error = errno;
    if (!error)
        end_attempt(tcp, NULL);
    else
        connect_next(tcp, error);
}

/* The first address that can be reached is the service. */
static void connect_next(struct tcp *tcp, int last_error)
{
    hang_up(tcp);
    while (tcp->next < tcp->count) {
        const struct resolve_address *to = &tcp->addresses[tcp->next++];
        tcp->fd = socket(to->at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (tcp->fd >= 0 && (connect(tcp->fd, (const struct sockaddr *)&to->at, to->len) == 0 || errno == EINPROGRESS)) {
            tcp->watch = loop_watch(tcp->probe->loop, tcp->fd, POLLOUT, connected, tcp);
            return;
        }
        last_error = errno;
        hang_up(tcp);
    }
    end_attempt(tcp, strerror(last_error));
}

static void looked_up(void *arg, const struct resolve_address *addresses, size_t count, const struct error *error)
{
    struct tcp *tcp = arg;
    tcp->lookup = NULL;
    if (!tcp->trying)
        return; /* the attempt was over before; the next asks anew */
    if (error) {
        end_attempt(tcp, error->message);
        return;
    }
    memcpy(tcp->addresses, addresses, count * sizeof *addresses);
    tcp->count = count;
    tcp->next = 0;
    connect_next(tcp, 0);
}

static void attempt(void *arg)
{
    struct tcp *tcp = arg;
    struct probe *probe = tcp->probe;
    probe_begin(probe);
    tcp->trying = true;
    tcp->timer = loop_after(probe->loop, LIMIT_MS, on_limit, tcp); /* the one that called, if one did, is void */
    if (!tcp->lookup)
        tcp->lookup = resolve_start(probe->loop, tcp->host, tcp->port, looked_up, tcp);
}

static void silence(struct tcp *tcp)
{
    hang_up(tcp);
    loop_cancel(tcp->probe->loop, tcp->timer);
    tcp->timer = NULL;
    resolve_cancel(tcp->lookup);
    tcp->lookup = NULL;
}

static void stop_tcp(void *own)
{
    struct tcp *tcp = own;
    silence(tcp);
    probe_ended(tcp->probe);
}

static void close_tcp(void *own)
{
    struct tcp *tcp = own;
    silence(tcp);
    free(tcp->host);
    free(tcp->port);
    free(tcp);
}

const struct probe_type probe_tcp = {open_tcp, attempt, stop_tcp, close_tcp};
