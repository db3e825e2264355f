/* The life of pods: scheduled, pulled, started, ready; crashed and started again; deleted. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "sim/kube.h"

#define BACKOFF_MIN_MS 10000
#define BACKOFF_MAX_MS 300000
#define CRASH_SHOWN_MS 1500
#define INIT_MS        2500
#define NO_NODE_MS     10000

bool kube_pod_ready(const struct kube_object *pod)
{
    const struct kube_pod *p = pod->pod;
    if (p->cut_off)
        return false;
    for (size_t i = 0; i < p->template->container_count; i++)
        if (!p->at[p->template->init_count + i].ready)
            return false;
    return true;
}

static size_t total(const struct kube_template *t) { return t->init_count + t->container_count; }

static struct kube_object *pod_new(struct kube_sim *k, struct kube_template *t)
{
    static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
    char name[300];
    size_t len;
    do {
        text_format(name, sizeof name, "%.250s", t->generate_name);
        len = strlen(name);
        for (int i = 0; i < 5; i++)
            name[len++] = letters[(size_t)(kube_random(k) * (sizeof letters - 1))];
        name[len] = '\0';
    } while (kube_find(k, KUBE_POD, t->ns, name));
    struct kube_object *o = kube_object_new(k, KUBE_POD, t->ns, name);
    o->pod = mem_new(sizeof *o->pod + total(t) * sizeof *o->pod->at);
    o->pod->template = t;
    t->refs++;
    for (size_t i = 0; i < total(t); i++)
        o->pod->at[i].reason = t->init_count ? "PodInitializing" : "ContainerCreating";
    return o;
}

static const struct kube_object *owner_of(const struct kube_sim *k, const struct kube_template *t)
{
    return kube_find(k, KUBE_REPLICASET, t->ns, t->owner_name);
}

void kube_pod_create(struct kube_sim *k, struct kube_template *t)
{
    struct kube_object *o = pod_new(k, t);
    o->pod->step = POD_UNSCHEDULED;
    o->pod->next_at = k->now + kube_around(k, t->app->fargate ? k->timing.schedule : k->timing.schedule / 20 + 1);
    kube_put(k, o);
    if (owner_of(k, t))
        kube_event(k, owner_of(k, t), NULL, "Normal", "SuccessfulCreate", "replicaset-controller", "Created pod: %s", o->name);
}

/* The zone with the fewest pods of the same application, as a topology spread constraint has it. */
static size_t choose_zone(const struct kube_sim *k, const struct kube_template *t)
{
    size_t best = 0, fewest = SIZE_MAX;
    for (size_t z = 0; z < k->zones.len; z++) {
        size_t count = 0;
        if (k->zones.at[z].failed_at)
            continue;
        for (size_t i = 0; i < k->store[KUBE_POD].len; i++) {
            const struct kube_object *o = k->store[KUBE_POD].at[i];
            if (o->pod->template->app == t->app && !o->deletion_at && *o->pod->node &&
                strcmp(kube_node_zone(k, o->pod->node), k->zones.at[z].name) == 0)
                count++;
        }
        if (count < fewest) {
            fewest = count;
            best = z;
        }
    }
    return best;
}

uint32_t kube_next_ip(struct kube_sim *k, size_t zone)
{
    uint32_t *used = &k->zones.at[zone].used;
    *used = (*used + 1 + (uint32_t)(kube_random(k) * 5)) % 0xfff0;
    return k->zones.at[zone].base + (*used % 244) + 4 + (*used / 244 << 8);
}

/* A node of the managed group, or one of those for load; in this zone if it has any. NULL if there is none at all. */
static const struct kube_node_config *choose_node(struct kube_sim *k, bool spare, const char *zone)
{
    const struct kube_node_config *chosen = NULL;
    size_t near = 0, all = 0;
    for (size_t i = 0; i < k->nodes.len; i++) {
        const struct kube_node_config *node = &k->nodes.at[i];
        if (node->spare != spare || node->gone_at || !kube_zone_there(k, node->zone))
            continue;
        bool here = strcmp(node->zone, zone) == 0;
        all++;
        near += here;
        if (here ? kube_random(k) * (double)near < 1 : near == 0 && kube_random(k) * (double)all < 1)
            chosen = node;
    }
    return chosen;
}

static void place(struct kube_sim *k, struct kube_object *o, int64_t at)
{
    struct kube_pod *p = o->pod;
    size_t zone = p->template->app->spare ? (size_t)(kube_random(k) * (double)k->zones.len) : choose_zone(k, p->template);
    if (p->template->app->fargate) {
        uint32_t ip = kube_next_ip(k, zone);
        text_format(p->node, sizeof p->node, "fargate-ip-%u-%u-%u-%u.ec2.internal", ip >> 24, (ip >> 16) & 255, (ip >> 8) & 255, ip & 255);
        kube_node_create(k, p->node, ip, k->zones.at[zone].name, "", true, at);
        p->host_ip = ip;
    } else {
        const struct kube_node_config *node = choose_node(k, p->template->app->spare, k->zones.at[zone].name);
        text_copy(p->node, sizeof p->node, node ? node->name : "");
        p->host_ip = node ? node->ip : 0;
    }
    p->scheduled_at = at;
}

static void give_ip(struct kube_sim *k, struct kube_object *o)
{
    size_t zone = 0;
    const char *name = kube_node_zone(k, o->pod->node);
    for (size_t z = 0; z < k->zones.len; z++)
        if (strcmp(k->zones.at[z].name, name) == 0)
            zone = z;
    o->pod->ip = o->pod->template->app->fargate ? o->pod->host_ip : kube_next_ip(k, zone);
}

static const char *container_name(const struct kube_pod *p, size_t i)
{
    const json_t *inits = json_object_get(p->template->spec, "initContainers"), *list = json_object_get(p->template->spec, "containers");
    return json_text_or(i < p->template->init_count ? json_array_get(inits, i) : json_array_get(list, i - p->template->init_count), "name", "");
}

static const char *container_image(const struct kube_pod *p, size_t i)
{
    return json_text_or(json_array_get(json_object_get(p->template->spec, "containers"), i), "image", "");
}

static void tell(struct kube_sim *k, const struct kube_object *o, const char *type, const char *reason, const char *format, const char *what)
{
    char path[160], message[900];
    if (o->pod->template->app->spare)
        return;
    text_format(path, sizeof path, "spec.containers{%s}", container_name(o->pod, o->pod->template->init_count));
    text_copy(message, sizeof message, format);
    char *place_of = strstr(message, "%s");
    struct str text = STR_INIT(2048);
    if (place_of) {
        str_add(&text, message, (size_t)(place_of - message));
        str_adds(&text, what);
        str_adds(&text, place_of + 2);
    } else {
        str_adds(&text, message);
    }
    kube_event(k, o, path, type, reason, "kubelet", "%s", str_text(&text));
    str_free(&text);
}

static void run_container(struct kube_container *c, int64_t at)
{
    c->state = CONTAINER_RUNNING;
    c->reason = NULL;
    c->started_at = at;
}

static void start_all(struct kube_pod *p, int64_t at)
{
    for (size_t i = p->template->init_count; i < total(p->template); i++)
        if (p->at[i].state != CONTAINER_RUNNING)
            run_container(&p->at[i], at);
}

static void set_ready(struct kube_pod *p, bool ready, int64_t at)
{
    for (size_t i = p->template->init_count; i < total(p->template); i++)
        p->at[i].ready = ready && p->at[i].state == CONTAINER_RUNNING;
    p->ready_at = at;
}

void kube_pod_create_running(struct kube_sim *k, struct kube_template *t, int64_t at, int restarts)
{
    struct kube_object *o = pod_new(k, t);
    struct kube_pod *p = o->pod;
    o->created_at = at;
    place(k, o, at);
    give_ip(k, o);
    p->initialized_at = at + 4000;
    for (size_t i = 0; i < t->init_count; i++)
        p->at[i] = (struct kube_container){
            .state = CONTAINER_TERMINATED, .ready = true, .reason = "Completed", .started_at = at + 2000, .finished_at = at + 4000};
    start_all(p, at + 6000);
    set_ready(p, true, at + 12000);
    struct kube_container *main_one = &p->at[t->init_count];
    if (restarts > 0) {
        main_one->restarts = restarts;
        main_one->last_reason = "Error";
        main_one->last_exit_code = 1;
        main_one->last_started_at = at + 6000;
        main_one->last_finished_at = k->now - (int64_t)(kube_random(k) * (double)(k->now - at - 20000)) - 10000;
        main_one->started_at = main_one->last_finished_at + 1000;
        p->ready_at = main_one->started_at + 6000;
    }
    p->step = POD_READY;
    p->next_at = KUBE_NEVER;
    if (t->fail == FAIL_CRASH || t->fail == FAIL_OOM) {
        p->step = POD_STARTED;
        set_ready(p, false, at);
        p->next_at = k->now + kube_around(k, 4000);
    } else if (t->fail == FAIL_UNREADY) {
        p->step = POD_STARTED;
        set_ready(p, false, at);
        p->next_at = k->now;
    } else if (t->fail == FAIL_IMAGE || t->image_error) {
        p->step = POD_CREATING;
        set_ready(p, false, at);
        for (size_t i = t->init_count; i < total(t); i++)
            p->at[i] = (struct kube_container){.reason = "ContainerCreating"};
        p->next_at = k->now;
    }
    kube_put(k, o);
}

/* The node of a Fargate pod goes with it. */
static void pod_gone(struct kube_sim *k, struct kube_object *o)
{
    char node[sizeof o->pod->node];
    bool fargate = o->pod->template->app->fargate;
    text_copy(node, sizeof node, o->pod->node);
    kube_remove(k, o);
    struct kube_object *gone = fargate && *node ? kube_find(k, KUBE_NODE, "", node) : NULL;
    if (gone)
        kube_remove(k, gone);
}

const struct kube_object *kube_pod_delete(struct kube_sim *k, const struct kube_object *pod, int64_t grace_ms)
{
    if (grace_ms == 0 || !*pod->pod->node) { /* what runs nowhere is gone at once */
        pod_gone(k, kube_find(k, KUBE_POD, pod->ns, pod->name));
        return NULL;
    }
    if (pod->deletion_at)
        return pod;
    struct kube_object *o = kube_edit(pod);
    if (grace_ms < 0)
        grace_ms = json_int(pod->pod->template->spec, "terminationGracePeriodSeconds", 30) * 1000;
    int64_t stop = kube_around(k, k->timing.stop);
    o->deletion_at = k->now + grace_ms;
    o->pod->gone_at = k->now + (stop < grace_ms ? stop : grace_ms);
    set_ready(o->pod, false, k->now);
    for (size_t i = o->pod->template->init_count; i < total(o->pod->template); i++)
        o->pod->at[i].ready = pod->pod->at[i].ready; /* still serving until it stops */
    const struct kube_object *stored = kube_put(k, o);
    tell(k, stored, "Normal", "Killing", "Stopping container %s", container_name(stored->pod, stored->pod->template->init_count));
    return stored;
}

/* Steps: each changes a copy and says when the next is due. */

static void step_schedule(struct kube_sim *k, struct kube_object *o)
{
    struct kube_pod *p = o->pod;
    if (p->template->fail == FAIL_PENDING) {
        kube_event(k, o, NULL, "Warning", "FailedScheduling", p->template->app->fargate ? "fargate-scheduler" : "default-scheduler",
                   "0/%zu nodes are available: %zu Insufficient cpu. preemption: 0/%zu nodes are available: %zu No preemption victims found for "
                   "incoming pod.",
                   k->store[KUBE_NODE].len, k->store[KUBE_NODE].len, k->store[KUBE_NODE].len, k->store[KUBE_NODE].len);
        p->next_at = k->now + 60000;
        return;
    }
    if (!p->template->app->fargate && !p->template->app->spare && k->nodes_scaled && !kube_node_there(k)) {
        kube_event(k, o, NULL, "Warning", "FailedScheduling", "default-scheduler",
                   "0/%zu nodes are available: %zu node(s) had untolerated taint(s). preemption: 0/%zu nodes are available: %zu Preemption is not "
                   "helpful for scheduling.",
                   k->store[KUBE_NODE].len, k->store[KUBE_NODE].len, k->store[KUBE_NODE].len, k->store[KUBE_NODE].len);
        p->next_at = k->now + NO_NODE_MS;
        return;
    }
    place(k, o, k->now);
    kube_event(k, o, NULL, "Normal", "Scheduled", p->template->app->fargate ? "fargate-scheduler" : "default-scheduler",
               "Successfully assigned %s/%s to %s", o->ns, o->name, p->node);
    tell(k, o, "Normal", "Pulling", "Pulling image \"%s\"", container_image(p, 0));
    p->step = POD_PULLING;
    p->next_at = k->now + kube_around(k, k->timing.start);
}

static void step_pull(struct kube_sim *k, struct kube_object *o)
{
    struct kube_pod *p = o->pod;
    if (!p->ip)
        give_ip(k, o);
    if (p->template->init_count) {
        run_container(&p->at[0], k->now);
        p->step = POD_INIT;
        p->next_at = k->now + kube_around(k, INIT_MS);
        return;
    }
    p->initialized_at = k->now;
    p->step = POD_CREATING;
    p->next_at = k->now;
}

static void step_init(struct kube_sim *k, struct kube_object *o)
{
    struct kube_pod *p = o->pod;
    for (size_t i = 0; i < p->template->init_count; i++) {
        if (p->at[i].state == CONTAINER_TERMINATED)
            continue;
        if (p->at[i].state == CONTAINER_RUNNING) {
            p->at[i].state = CONTAINER_TERMINATED;
            p->at[i].ready = true;
            p->at[i].reason = "Completed";
            p->at[i].finished_at = k->now;
            continue;
        }
        run_container(&p->at[i], k->now);
        p->next_at = k->now + kube_around(k, INIT_MS);
        return;
    }
    p->initialized_at = k->now;
    p->step = POD_CREATING;
    p->next_at = k->now + 500;
}

static void step_start(struct kube_sim *k, struct kube_object *o)
{
    struct kube_pod *p = o->pod;
    const char *name = container_name(p, p->template->init_count);
    start_all(p, k->now);
    tell(k, o, "Normal", "Created", "Created container: %s", name);
    tell(k, o, "Normal", "Started", "Started container %s", name);
    p->step = POD_STARTED;
    p->next_at = k->now + kube_around(k, k->timing.ready);
}

static bool pull_fails(struct kube_sim *k, struct kube_object *o)
{
    struct kube_pod *p = o->pod;
    struct kube_container *c = &p->at[p->template->init_count];
    if (p->template->fail != FAIL_IMAGE && !p->template->image_error)
        return false;
    bool first = strcmp(c->reason, "ErrImagePull") != 0;
    if (first) {
        tell(k, o, "Warning", "Failed", "Failed to pull image: %s", p->template->image_error ? p->template->image_error : "manifest unknown");
        tell(k, o, "Warning", "Failed", "Error: ErrImagePull", "");
    } else {
        tell(k, o, "Normal", "BackOff", "Back-off pulling image \"%s\"", container_image(p, 0));
        tell(k, o, "Warning", "Failed", "Error: ImagePullBackOff", "");
    }
    c->reason = first ? "ErrImagePull" : "ImagePullBackOff";
    p->next_at = k->now + (first ? 3000 : kube_around(k, 30000));
    return true;
}

static void step_create(struct kube_sim *k, struct kube_object *o)
{
    if (pull_fails(k, o))
        return;
    tell(k, o, "Normal", "Pulled", "Successfully pulled image \"%s\" in 2.114s (2.114s including waiting). Image size: 61452210 bytes.",
         container_image(o->pod, 0));
    step_start(k, o);
}

static void crash(struct kube_sim *k, struct kube_object *o, bool oom)
{
    struct kube_pod *p = o->pod;
    struct kube_container *c = &p->at[p->template->init_count];
    c->state = CONTAINER_TERMINATED;
    c->reason = oom ? "OOMKilled" : "Error";
    c->exit_code = oom ? 137 : 1;
    c->finished_at = k->now;
    c->ready = false;
    p->ready_at = k->now;
    p->step = POD_CRASHED;
    p->next_at = k->now + CRASH_SHOWN_MS;
}

static void step_started(struct kube_sim *k, struct kube_object *o)
{
    struct kube_pod *p = o->pod;
    int fail = p->template->fail;
    if (fail == FAIL_CRASH || fail == FAIL_OOM) {
        crash(k, o, fail == FAIL_OOM);
    } else if (fail == FAIL_UNREADY) {
        tell(k, o, "Warning", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", "");
        p->next_at = k->now + 10000;
    } else {
        set_ready(p, true, k->now);
        p->step = POD_READY;
        p->next_at = KUBE_NEVER;
    }
}

static void step_backoff(struct kube_sim *k, struct kube_object *o)
{
    struct kube_pod *p = o->pod;
    p->at[p->template->init_count].restarts++;
    tell(k, o, "Normal", "Pulled", "Container image \"%s\" already present on machine", container_image(p, 0));
    step_start(k, o);
}

static void step_crashed(struct kube_sim *k, struct kube_object *o)
{
    struct kube_pod *p = o->pod;
    struct kube_container *c = &p->at[p->template->init_count];
    bool recent = c->last_reason && c->finished_at - c->last_finished_at < 2 * BACKOFF_MAX_MS;
    int64_t wait = BACKOFF_MIN_MS << (c->restarts < 5 ? c->restarts : 5);
    c->last_reason = c->reason;
    c->last_exit_code = c->exit_code;
    c->last_started_at = c->started_at;
    c->last_finished_at = c->finished_at;
    c->state = CONTAINER_WAITING;
    c->reason = "CrashLoopBackOff";
    p->step = POD_BACKOFF;
    p->next_at = k->now + (wait < BACKOFF_MAX_MS ? wait : BACKOFF_MAX_MS);
    if (recent)
        tell(k, o, "Warning", "BackOff", "Back-off restarting failed container %s", container_name(p, p->template->init_count));
    else
        step_backoff(k, o); /* the first time it is started again at once */
}

static void (*const steps[])(struct kube_sim *, struct kube_object *) = {
    [POD_UNSCHEDULED] = step_schedule, [POD_PULLING] = step_pull,    [POD_INIT] = step_init,       [POD_CREATING] = step_create,
    [POD_STARTED] = step_started,      [POD_CRASHED] = step_crashed, [POD_BACKOFF] = step_backoff,
};

/* Steps may add events, and events may be told by a pod that is gone: so each pod is looked up by its place anew. */
static void step_pod(struct kube_sim *k, size_t i)
{
    struct kube_object *stored = k->store[KUBE_POD].at[i];
    if (!steps[stored->pod->step]) {
        stored->pod->next_at = KUBE_NEVER;
        return;
    }
    struct kube_object *o = kube_edit(stored);
    steps[o->pod->step](k, o);
    kube_put(k, o);
}

/* Now and then a container of an application ends by itself. */
static void restart_one(struct kube_sim *k)
{
    size_t count = 0, chosen;
    for (size_t i = 0; i < k->store[KUBE_POD].len; i++) {
        const struct kube_object *o = k->store[KUBE_POD].at[i];
        count += o->pod->step == POD_READY && !o->deletion_at && o->pod->template->app->fargate && !kube_pod_lost(k, o);
    }
    if (!count)
        return;
    chosen = (size_t)(kube_random(k) * (double)count);
    for (size_t i = 0; i < k->store[KUBE_POD].len; i++) {
        const struct kube_object *o = k->store[KUBE_POD].at[i];
        if (o->pod->step != POD_READY || o->deletion_at || !o->pod->template->app->fargate || kube_pod_lost(k, o) || chosen-- > 0)
            continue;
        struct kube_object *copy = kube_edit(o);
        tell(k, o, "Warning", "Unhealthy", "Liveness probe failed: Get \"http://%s/healthz\": context deadline exceeded", o->name);
        crash(k, copy, kube_random(k) < 0.4);
        kube_put(k, copy);
        return;
    }
}

void kube_pods_step(struct kube_sim *k)
{
    for (size_t i = k->store[KUBE_POD].len; i-- > 0;) {
        struct kube_object *o = k->store[KUBE_POD].at[i];
        if (kube_pod_lost(k, o))
            continue; /* nothing moves there, as far as anybody knows */
        if (o->deletion_at && o->pod->gone_at <= k->now)
            pod_gone(k, o);
        else if (!o->deletion_at && o->pod->next_at <= k->now)
            step_pod(k, i);
    }
    if (k->timing.restart && k->now >= k->restart_at) {
        if (k->restart_at)
            restart_one(k);
        k->restart_at = k->now + kube_around(k, k->timing.restart);
    }
}
