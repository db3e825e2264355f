#include "sim/sim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "sim/alarms.h"
#include "sim/aws_world.h"
#include "sim/internal.h"
#include "sim/trail.h"

#define SLICE_MS   2000
#define SLICES_MAX 50

/* The clock and chance. */

int64_t sim_start(const struct sim *sim) { return sim->start_wall; }
int64_t sim_now(const struct sim *sim)
{
    return sim->held_at ? sim->held_at : sim->start_wall + (int64_t)((double)(when_monotonic() - sim->start_monotonic) * sim->speed);
}

static uint64_t mix(uint64_t x) /* splitmix64's output function */
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static double fraction(uint64_t x) { return (double)(x >> 11) * 0x1p-53; }

double sim_random(struct sim *sim) { return fraction(mix(sim->random += UINT64_C(0x9e3779b97f4a7c15))); }

double sim_noise(const struct sim *sim, const char *what, int64_t at)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (const char *c = what; *c; c++)
        hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
    return fraction(mix(mix(hash ^ (uint64_t)sim->scenario->seed) + (uint64_t)at * UINT64_C(0x9e3779b97f4a7c15)));
}

const char *sim_github_token(const struct sim *sim) { return sim->scenario->github_token; }

/* Making the world. */

static bool add_modules(struct sim *sim, struct error *e)
{
    const struct scenario *s = sim->scenario;
    sim->clusters = mem_new_array(s->accounts.len, sizeof *sim->clusters);
    for (size_t i = 0; i < s->accounts.len; i++)
        if (s->accounts.at[i].kubernetes && !(sim->clusters[i] = kube_sim_new(sim, i, s->accounts.at[i].kubernetes, e)))
            return false;
    return !s->github || (sim->github = github_sim_new(sim, s->github, e)) != NULL;
}

static void step_to(struct sim *sim, int64_t now, void (*step)(struct kube_sim *kube, int64_t now))
{
    sim->stepped_to = now;
    world_step(sim, now);
    for (size_t i = 0; i < sim->scenario->accounts.len; i++)
        if (sim->clusters[i])
            step(sim->clusters[i], now);
    if (sim->github)
        github_sim_step(sim->github, now);
}

/* What is to have happened before the first question. From then on the clock runs. */
static void run_ahead(struct sim *sim)
{
    int64_t until = sim->start_wall + sim->scenario->begun;
    while (sim->held_at < until) {
        sim->held_at = sim->held_at + SECOND_MS < until ? sim->held_at + SECOND_MS : until;
        step_to(sim, sim->held_at, kube_sim_step);
        alarms_step(sim->alarms, sim->held_at);
    }
    sim->start_monotonic = when_monotonic() - (int64_t)((double)sim->scenario->begun / sim->speed);
    sim->held_at = 0;
}

struct sim *sim_new(const struct sim_options *options, struct faults *faults, struct error *e)
{
    struct sim *sim = mem_new(sizeof *sim);
    sim->faults = faults;
    sim->speed = options->speed;
    sim->quiet = options->quiet;
    sim->scenario = scenario_load(options->scenario, e);
    if (sim->scenario) {
        sim->held_at = sim->start_wall = sim->stepped_to = when_wall() - sim->scenario->begun;
        if (options->seed >= 0)
            sim->scenario->seed = options->seed;
        sim->random = (uint64_t)sim->scenario->seed;
        sim->auth = auth_new(sim->scenario);
        if (add_modules(sim, e)) {
            sim->world = world_new(sim);
            sim->alarms = alarms_new(sim);
            sim->trail = trail_book_new(sim);
            run_ahead(sim);
            return sim;
        }
    }
    sim_free(sim);
    return NULL;
}

void sim_free(struct sim *sim)
{
    if (!sim)
        return;
    for (size_t i = 0; sim->clusters && i < sim->scenario->accounts.len; i++)
        if (sim->clusters[i])
            kube_sim_free(sim->clusters[i]);
    if (sim->github)
        github_sim_free(sim->github);
    alarms_free(sim->alarms);
    trail_book_free(sim->trail);
    world_free(sim);
    auth_free(sim->auth);
    faults_free(sim->faults);
    free(sim->clusters);
    scenario_free(sim->scenario);
    free(sim);
}

/* In slices, so that at a high speed one thing still follows from the other. */
static void catch_up(struct sim *sim, int64_t now)
{
    int64_t span = now - sim->stepped_to, slice = span / SLICES_MAX > SLICE_MS ? span / SLICES_MAX : SLICE_MS;
    while (sim->stepped_to + slice < now)
        step_to(sim, sim->stepped_to + slice, kube_sim_advance);
}

void sim_step(struct sim *sim)
{
    int64_t now = sim_now(sim);
    catch_up(sim, now);
    step_to(sim, now, kube_sim_step);
    alarms_step(sim->alarms, now);
}

void sim_set_port(struct sim *sim, int port) { sim->port = port; }

void sim_print_env(const struct sim *sim)
{
    const struct scenario *s = sim->scenario;
    const char *region = s->accounts.at[0].region;
    printf("export AWS_ENDPOINT_URL=http://127.0.0.1:%d\nexport AWS_ACCESS_KEY_ID=%s\nexport AWS_SECRET_ACCESS_KEY=%s\n", sim->port,
           s->user.access_key_id, s->user.secret_access_key);
    printf("export AWS_REGION=%s\nexport AWS_DEFAULT_REGION=%s\n", region, region);
    printf("export GITHUB_API_URL=http://127.0.0.1:%d/github\nexport GITHUB_TOKEN=%s\n\n", sim->port, s->github_token ? s->github_token : "");
    fflush(stdout);
}

/* Kubernetes: who asks, and of which cluster. */

static bool bearer_header(const void *context, const char *name, struct str *value)
{
    const char *const *pairs = context; /* name, value, name, value, NULL */
    for (; *pairs; pairs += 2)
        if (strcmp(*pairs, name) == 0)
            return str_adds(value, pairs[1]);
    return false;
}

#define TOKEN_MS (15 * 60000) /* EKS takes a token for a quarter of an hour, whatever X-Amz-Expires says */

/* The token is a presigned GetCallerIdentity that covers the cluster's name. */
static bool bearer_identity(struct sim *sim, const char *authorization, const char *cluster, struct identity *who)
{
    struct str url = STR_INIT(8192), message = STR_INIT(4096);
    const char *token = authorization && text_starts(authorization, "Bearer k8s-aws-v1.") ? authorization + 18 : NULL;
    bool good = token && base64_decode(token, strlen(token), &url) && !url.overflow;
    char *p = good ? strstr(url.data, "://") : NULL, *path = p ? strchr(p + 3, '/') : NULL, *query = path ? strchr(path, '?') : NULL;
    if (query) {
        char *host = mem_strndup(p + 3, (size_t)(path - p - 3));
        *query++ = '\0';
        const char *const headers[] = {"host", host, "x-k8s-aws-id", cluster, NULL};
        struct auth_input in = {.method = "GET", .path = path, .query = query, .body = "", .header = bearer_header, .context = headers};
        good = strstr(query, "Action=GetCallerIdentity") && strstr(query, "x-k8s-aws-id") &&
               auth_verify(sim->auth, &in, when_wall(), sim_now(sim), TOKEN_MS, who, &message) == AUTH_OK;
        free(host);
    } else {
        good = false;
    }
    str_free(&url);
    str_free(&message);
    return good;
}

static bool refuse(struct error *e, int status, const char *code, const char *message)
{
    error_set(e, ERROR_SERVICE, code, "%s", message);
    e->status = status;
    return false;
}

static bool kube_may(struct sim *sim, const char *authorization, size_t account, const char *cluster, struct identity *who, struct error *e)
{
    if (!bearer_identity(sim, authorization, cluster, who) || who->account != account)
        return refuse(e, 401, "Unauthorized", "Unauthorized");
    if (auth_may(who, "eks", "AccessKubernetesApi"))
        return true;
    error_set(e, ERROR_SERVICE, "Forbidden", "forbidden: User \"%s\" may not eks:AccessKubernetesApi on cluster \"%s\"", who->arn, cluster);
    e->status = 403;
    return false;
}

static void kube_status(struct server_reply *reply, int status, const char *reason, const char *message)
{
    json_t *body = json_pack("{s:s, s:s, s:{}, s:s, s:s, s:s, s:i}", "kind", "Status", "apiVersion", "v1", "metadata", "status", "Failure", "message",
                             message, "reason", reason, "code", status);
    char *text = json_dumps(body, JSON_COMPACT);
    reply_status(reply, status);
    reply_header(reply, "Content-Type", "application/json");
    str_adds(reply_body(reply), text);
    free(text);
    json_decref(body);
}

/* Faults for what is not AWS; true if the reply is made already. */
static bool befall(struct sim *sim, const char *service, const char *method, const char *account, struct server_reply *reply)
{
    struct fault_effect fault;
    char message[200];
    faults_apply(sim->faults, service, method, account, &fault);
    reply_delay(reply, fault.delay_ms);
    if (fault.kind == FAULT_TRUNCATE)
        reply_truncate(reply);
    if (fault.kind == FAULT_ABORT)
        reply_abort(reply);
    if (fault.kind == FAULT_HTML)
        sim_html(reply);
    if (fault.kind == FAULT_THROTTLE || fault.kind == FAULT_ERROR) {
        bool throttle = fault.kind == FAULT_THROTTLE;
        text_format(message, sizeof message, "%s", throttle ? "too many requests, please try again later" : fault.code);
        if (throttle)
            reply_header(reply, "Retry-After", "1");
        kube_status(reply, throttle ? 429 : fault.status ? fault.status : 500, throttle ? "TooManyRequests" : fault.code, message);
    }
    return fault.kind != FAULT_NONE && fault.kind != FAULT_TRUNCATE;
}

void sim_html(struct server_reply *reply)
{
    reply_status(reply, 503);
    reply_header(reply, "Content-Type", "text/html");
    str_adds(reply_body(reply),
             "<html><head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n<center><h1>503 Service Temporarily "
                                "Unavailable</h1></center>\r\n</body></html>\r\n");
}

/* /k8s/<account id>/<cluster>/… ; the access is the IAM action that EKS itself asks for. */
static void handle_kube(struct sim *sim, const struct server_request *request, struct server_reply *reply, struct sim_note *note)
{
    char cluster[128] = "", account[16] = "";
    const char *p = request->path + strlen("/k8s/"), *slash = strchr(p, '/'), *rest = slash ? strchr(slash + 1, '/') : NULL;
    struct error e = {0};
    struct identity who;
    if (rest) {
        text_format(account, sizeof account, "%.*s", (int)(slash - p), p);
        text_format(cluster, sizeof cluster, "%.*s", (int)(rest - slash - 1), slash + 1);
    }
    text_copy(note->service, sizeof note->service, "kubernetes");
    text_copy(note->account, sizeof note->account, account);
    if (befall(sim, "kubernetes", request->method, account, reply))
        return;
    for (size_t i = 0; i < sim->scenario->accounts.len; i++) {
        const struct account *a = &sim->scenario->accounts.at[i];
        if (!sim->clusters[i] || strcmp(a->id, account) != 0 || strcmp(a->cluster.name, cluster) != 0)
            continue;
        if (kube_may(sim, server_header(request, "Authorization"), i, cluster, &who, &e))
            kube_sim_handle(sim->clusters[i], rest, request, reply, who.arn, auth_may(&who, "eks", "MutateViaKubernetesApi"));
        else
            kube_status(reply, e.status, e.code, e.message);
        return;
    }
    kube_status(reply, 404, "NotFound", "no such cluster");
}

static void handle_github(struct sim *sim, const struct server_request *request, struct server_reply *reply, struct sim_note *note)
{
    const char *rest = request->path + strlen("/github");
    text_copy(note->service, sizeof note->service, "github");
    if (!befall(sim, "github", request->method, "", reply))
        github_sim_handle(sim->github, *rest ? rest : "/", request, reply);
}

/* /health/<account id>/<database>: the application's page behind which that database stands. For who has no server of its own to be asked. */
static void handle_health(struct sim *sim, const struct server_request *request, struct server_reply *reply, struct sim_note *note)
{
    const char *p = request->path + strlen("/health/"), *slash = strchr(p, '/');
    text_copy(note->service, sizeof note->service, "application");
    reply_header(reply, "Content-Type", "text/plain");
    for (size_t i = 0; slash && i < sim->scenario->accounts.len; i++) {
        const struct account *a = &sim->scenario->accounts.at[i];
        for (size_t k = 0; k < a->databases.len && strlen(a->id) == (size_t)(slash - p) && text_starts(p, a->id); k++)
            if (strcmp(a->databases.at[k].id, slash + 1) == 0) {
                bool answers = db_answers(&world_account(sim, a)->databases[k], sim_now(sim));
                reply_status(reply, answers ? 200 : 503);
                str_adds(reply_body(reply), answers ? "ok\n" : "the database does not answer\n");
                return;
            }
    }
    reply_status(reply, 404);
}

static void log_request(const struct sim *sim, const struct server_request *request, const struct sim_note *note, int status)
{
    char path[200], method[16], clock[32];
    text_clean(path, sizeof path, request->path, strlen(request->path));
    text_clean(method, sizeof method, request->method, strlen(request->method));
    fprintf(stderr, "%s %s %s %d %s%s%s %s %s\n", when_iso_ms(sim_now(sim), clock, sizeof clock), method, path, status, note->service,
            *note->operation ? "." : "", note->operation, note->account, note->code);
}

void sim_handle(void *arg, const struct server_request *request, struct server_reply *reply)
{
    struct sim *sim = arg;
    struct sim_note note = {0};
    catch_up(sim, sim_now(sim));
    if (text_starts(request->path, "/k8s/"))
        handle_kube(sim, request, reply, &note);
    else if (sim->github && (text_starts(request->path, "/github/") || strcmp(request->path, "/github") == 0))
        handle_github(sim, request, reply, &note);
    else if (text_starts(request->path, "/health/"))
        handle_health(sim, request, reply, &note);
    else
        aws_handle(sim, request, reply, &note);
    if (!sim->quiet)
        log_request(sim, request, &note, reply_status_of(reply));
}
