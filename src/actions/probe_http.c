/* Asks for a page and looks at the status alone. */
#include <stdlib.h>
#include <string.h>

#include "actions/probe_internal.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"

#define EVERY_MS 500
#define LIMIT_MS 2000

struct get {
    struct probe *probe;
    struct http_call *call;
    struct loop_timer *timer;
};

static void attempt(void *arg);

/* Who it is that asks, and what is asked for, may be secrets: neither is shown. */
static void *open_http(struct probe *probe)
{
    struct get *get = mem_new(sizeof *get);
    const char *url = probe->target, *host = strstr(url, "://");
    get->probe = probe;
    host = host ? host + 3 : url;
    size_t authority = strcspn(host, "/?#"), path = strcspn(host, "?#");
    bool named = memchr(host, '@', authority);
    for (const char *at; (at = memchr(host, '@', authority));) {
        authority -= (size_t)(at + 1 - host);
        path -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    struct str shown = STR_INIT(STR_TEXT_MAX);
    const char *scheme = text_starts(url, "http://") ? "http://" : text_starts(url, "https://") ? "https://" : "";
    str_addf(&shown, "%s%.*s%s", scheme, (int)path, host, host[path] ? "?…" : "");
    text_clean(probe->shown, sizeof probe->shown, str_text(&shown), shown.len);
    str_free(&shown);
    if (!*scheme || authority == 0)
        probe_refuse(probe, "%s is no http:// or https:// address", probe->shown);
    else if (named)
        probe_refuse(probe, "the address for %s holds a name or a password, which logs would show: leave it out", probe->shown);
    else if (!http_url_allowed(url))
        probe_refuse(probe, "%s: http:// is only used on loopback; give an https:// address", probe->shown);
    return get;
}

/* The page itself is nothing to us, however long. */
static bool ignore(void *arg, const char *data, size_t len)
{
    (void)arg, (void)data, (void)len;
    return true;
}

static void answered(void *arg, const struct http_reply *reply, const struct error *error)
{
    struct get *get = arg;
    char text[32];
    get->call = NULL;
    if (error)
        probe_bad(get->probe, error->message);
    else if (reply->status >= 200 && reply->status < 400)
        probe_good(get->probe);
    else {
        text_format(text, sizeof text, "HTTP status %d", reply->status);
        probe_bad(get->probe, text);
    }
    get->timer = loop_after(get->probe->loop, probe_rest(get->probe, EVERY_MS), attempt, get);
}

static void attempt(void *arg)
{
    struct get *get = arg;
    const struct http_request request = {.method = "GET", .url = get->probe->target, .connect_timeout_ms = LIMIT_MS, .total_timeout_ms = LIMIT_MS,
                                         .label = "probe"};
    get->timer = NULL;
    probe_begin(get->probe);
    get->call = http_send(get->probe->http, &request, ignore, answered, get);
}

static void silence(struct get *get)
{
    http_cancel(get->call);
    get->call = NULL;
    loop_cancel(get->probe->loop, get->timer);
    get->timer = NULL;
}

static void stop_http(void *own)
{
    struct get *get = own;
    silence(get);
    probe_ended(get->probe);
}

static void close_http(void *own)
{
    silence(own);
    free(own);
}

const struct probe_type probe_http = {open_http, attempt, stop_http, close_http};
