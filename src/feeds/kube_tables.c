/* Live tables: pods, deployments and autoscalers by namespace (a Table without objects does not tell the namespace), nodes as a whole. One driver
 * for all; a family says which columns it reads and what it does with a row. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/when.h"
#include "feeds/internal.h"

#define NAMESPACES_EVERY_MS 60000
#define NAMESPACES_MAX      500
#define CELLS_MAX           16

struct family {
    const char *path;            /* "/api/v1/namespaces/%s/pods"; without %s: the whole cluster */
    const char *const *columns;  /* titles as the server writes them, NULL-terminated; cells come in this order */
    bool metadata, lesser;
    void (*row)(struct feed_run *run, const char *ns, uint32_t list, const char *const cells[], const struct kube_row *row);
    void (*gone)(struct feed_run *run, const char *ns, const char *name);
    void (*sweep)(struct feed_run *run, const char *ns, uint32_t list);
};

struct live;
struct one_table { /* one namespace's table */
    struct live *live;
    char *ns;      /* "" for the whole cluster */
    struct kube_table *table;
    uint32_t list;
    int at[CELLS_MAX]; /* where each of the family's columns stands; -1: not there */
    bool synced, failed, kept;
    struct error error;
};

struct live { /* a feed of one account while it runs */
    struct feed_run *run;
    const struct family *family;
    struct kube *kube;
    struct kube_call *namespaces;
    struct loop_timer *timer;
    bool too_many; /* namespaces: the rest is not shown */
    VEC(struct one_table *) tables;
};

static struct estate *estate_of(struct feed_run *run) { return feeds_estate(run->feeds); }
static int64_t now_of(struct feed_run *run) { return loop_wall(feeds_loop(run->feeds)); }

static void on_columns(void *arg, const char *const *names, size_t count)
{
    struct one_table *t = arg;
    for (size_t c = 0; t->live->family->columns[c]; c++) {
        t->at[c] = -1;
        for (size_t i = 0; i < count; i++)
            if (text_same_case(names[i], t->live->family->columns[c]))
                t->at[c] = (int)i;
    }
}

static void on_begin(void *arg)
{
    struct one_table *t = arg;
    t->list = pods_begin(estate_of(t->live->run), t->live->run->account);
}

static void on_row(void *arg, const struct kube_row *row, bool modified)
{
    struct one_table *t = arg;
    const char *cells[CELLS_MAX] = {0};
    (void)modified;
    for (size_t c = 0; t->live->family->columns[c]; c++)
        if (t->at[c] >= 0 && (size_t)t->at[c] < row->cell_count)
            cells[c] = row->cells[t->at[c]];
    t->live->family->row(t->live->run, t->ns, t->list, cells, row);
}

static void on_gone(void *arg, const char *name)
{
    struct one_table *t = arg;
    t->live->family->gone(t->live->run, t->ns, name);
}

/* The slice is good once every namespace is in, and as long as none fails. */
static void report(struct live *live)
{
    bool all = live->tables.len > 0;
    struct error many = {0};
    for (size_t i = 0; i < live->tables.len; i++) {
        if (live->tables.at[i]->failed) {
            feed_failed(live->run, &live->tables.at[i]->error);
            return;
        }
        all &= live->tables.at[i]->synced;
    }
    if (all && live->too_many)
        error_set(&many, ERROR_PROTOCOL, "TooMany", "more than %d namespaces: the rest is not shown", NAMESPACES_MAX);
    if (all && live->too_many)
        feed_more(live->run);
    if (all)
        feed_end_partly(live->run, true, &many);
}

static void on_synced(void *arg)
{
    struct one_table *t = arg;
    t->live->family->sweep(t->live->run, t->ns, t->list);
    t->synced = true;
    t->failed = false;
    report(t->live);
}

static void on_failed(void *arg, const struct error *error)
{
    struct one_table *t = arg;
    t->failed = true;
    t->error = *error;
    report(t->live);
}

static const struct kube_table_handler handler = {on_columns, on_begin, on_row, on_gone, on_synced, on_failed};

static void open_table(struct live *live, const char *ns)
{
    struct one_table *t = mem_new(sizeof *t);
    struct str path = STR_INIT(1024), name = STR_INIT(512);
    percent_add(&name, ns, strlen(ns), false);
    const char *place = strstr(live->family->path, "%s");
    str_add(&path, live->family->path, place ? (size_t)(place - live->family->path) : strlen(live->family->path));
    if (place)
        str_addf(&path, "%s%s", str_text(&name), place + 2);
    *t = (struct one_table){.live = live, .ns = mem_strdup(ns), .kept = true};
    *vec_add(&live->tables) = t;
    struct kube_table_options options = {.path = str_text(&path), .metadata = live->family->metadata, .lesser = live->family->lesser};
    t->table = kube_table_start(live->kube, &options, &handler, t);
    str_free(&path);
    str_free(&name);
}

static void close_table(struct live *live, size_t i, bool sweep)
{
    struct one_table *t = live->tables.at[i];
    kube_table_stop(t->table);
    if (sweep)
        live->family->sweep(live->run, t->ns, UINT32_MAX);
    free(t->ns);
    free(t);
    vec_remove(&live->tables, i);
}

static void ask_namespaces(void *arg);

static void take_namespace(struct live *live, const char *name)
{
    for (size_t i = 0; i < live->tables.len; i++)
        if (strcmp(live->tables.at[i]->ns, name) == 0) {
            live->tables.at[i]->kept = true;
            return;
        }
    if (live->tables.len < NAMESPACES_MAX)
        open_table(live, name);
}

static void got_namespaces(void *arg, json_t *object, const struct error *error)
{
    struct live *live = arg;
    size_t i;
    json_t *row;
    live->namespaces = NULL;
    struct error odd = {0};
    if (!error && !text_equal(json_text(object, "kind"), "NamespaceList")) {
        error_set(&odd, ERROR_PROTOCOL, "BadReply", "no list of namespaces");
        error = &odd;
    }
    live->timer = loop_after(feeds_loop(live->run->feeds), error ? NAMESPACES_EVERY_MS / 4 : NAMESPACES_EVERY_MS, ask_namespaces, live);
    if (error) {
        feed_failed(live->run, error);
        return;
    }
    for (size_t k = 0; k < live->tables.len; k++)
        live->tables.at[k]->kept = false;
    json_array_foreach(json_at(object, "items"), i, row)
        if (*json_text_or(row, "metadata.name", ""))
            take_namespace(live, json_text(row, "metadata.name"));
    for (size_t k = live->tables.len; k-- > 0;)
        if (!live->tables.at[k]->kept)
            close_table(live, k, true);
    live->too_many = *json_text_or(object, "metadata.continue", "") != '\0';
    if (live->tables.len == 0)
        feed_good(live->run);
    else
        report(live);
}

static void ask_namespaces(void *arg)
{
    struct live *live = arg;
    live->timer = NULL;
    live->namespaces = kube_get(live->kube, "/api/v1/namespaces?limit=500", got_namespaces, live);
}

static void start_live(struct feed_run *run, const struct family *family)
{
    struct live *live = run->state = mem_new(sizeof *live);
    *live = (struct live){.run = run, .family = family, .kube = feeds_kube(run->feeds, run->account)};
    if (strstr(family->path, "%s"))
        ask_namespaces(live);
    else
        open_table(live, "");
}

static void stop_live(struct feed_run *run)
{
    struct live *live = run->state;
    run->state = NULL;
    kube_cancel(live->namespaces);
    loop_cancel(feeds_loop(run->feeds), live->timer);
    while (live->tables.len)
        close_table(live, live->tables.len - 1, false);
    vec_free(&live->tables);
    free(live);
}

static bool has_cluster(const struct account_config *account) { return account->cluster.name != NULL; }

static int number(const char *text, int otherwise)
{
    long n = text && *text >= '0' && *text <= '9' ? strtol(text, NULL, 10) : otherwise;
    return n > INT_MAX ? INT_MAX : (int)n;
}

/* "1/2" */
static void pair(const char *text, int *first, int *second)
{
    const char *slash = text ? strchr(text, '/') : NULL;
    *first = slash ? number(text, -1) : -1;
    *second = slash ? number(slash + 1, -1) : -1;
}

static int64_t created(struct feed_run *run, const char *age)
{
    int64_t ms;
    return age && when_parse_span(age, &ms) ? now_of(run) - ms : 0;
}

/* "3 (5m12s ago)": when that was. */
static int64_t restarted(struct feed_run *run, const char *text)
{
    const char *open = text ? strchr(text, '(') : NULL;
    char span[32];
    int64_t ms;
    if (!open)
        return 0;
    text_format(span, sizeof span, "%.*s", (int)strcspn(open + 1, " )"), open + 1);
    return when_parse_span(span, &ms) ? now_of(run) - ms : 0;
}

static const char *known(const char *text) { return text && strcmp(text, "<none>") != 0 ? text : ""; }

static const char *const pod_columns[] = {"Name", "Ready", "Status", "Restarts", "Age", "IP", "Node", NULL};

static void pod_row(struct feed_run *run, const char *ns, uint32_t list, const char *const c[], const struct kube_row *row)
{
    struct pod_row out = {.ns = ns,
                          .name = row->name,
                          .status = c[2] ? c[2] : "Unknown",
                          .node = known(c[6]),
                          .ip = known(c[5]),
                          .restarts = number(c[3], -1),
                          .restarted_at = restarted(run, c[3]),
                          .created_at = created(run, c[4])};
    (void)list;
    pair(c[1], &out.ready, &out.containers);
    pods_put(estate_of(run), run->account, &out, now_of(run));
}

static void pod_gone(struct feed_run *run, const char *ns, const char *name) { pods_gone(estate_of(run), run->account, ns, name, now_of(run)); }
static void pod_sweep(struct feed_run *run, const char *ns, uint32_t list) { pods_sweep(estate_of(run), run->account, ns, list, now_of(run)); }

static const struct family pods = {"/api/v1/namespaces/%s/pods", pod_columns, false, false, pod_row, pod_gone, pod_sweep};
static void start_pods(struct feed_run *run) { start_live(run, &pods); }
const struct feed_type feed_pods = {.feed = FEED_PODS, .wanted = has_cluster, .start = start_pods, .stop = stop_live};

static const char *const node_columns[] = {"Name", "Status", "Roles", "Age", "Version", NULL};

static void node_row(struct feed_run *run, const char *ns, uint32_t list, const char *const c[], const struct kube_row *row)
{
    const json_t *labels = json_at(row->object, "metadata.labels");
    const char *zone = json_string_value(json_object_get(labels, "topology.kubernetes.io/zone"));
    (void)ns;
    nodes_put(estate_of(run), run->account, row->name, zone, c[1], c[4], known(c[2]), created(run, c[3]), list, now_of(run));
}

static void node_gone(struct feed_run *run, const char *ns, const char *name)
{
    (void)ns;
    nodes_gone(estate_of(run), run->account, name);
}

static void node_sweep(struct feed_run *run, const char *ns, uint32_t list)
{
    (void)ns;
    nodes_sweep(estate_of(run), run->account, list);
}

static const struct family nodes = {"/api/v1/nodes", node_columns, true, true, node_row, node_gone, node_sweep};
static void start_nodes(struct feed_run *run) { start_live(run, &nodes); }
const struct feed_type feed_nodes = {.feed = FEED_NODES, .wanted = has_cluster, .start = start_nodes, .stop = stop_live};

static const char *const deployment_columns[] = {"Name", "Ready", "Up-to-date", "Available", "Age", "Images", NULL};

static void deployment_row(struct feed_run *run, const char *ns, uint32_t list, const char *const c[], const struct kube_row *row)
{
    struct deployment out = {.name = (char *)(uintptr_t)row->name, .ns = ns, .updated = number(c[2], -1), .available = number(c[3], -1),
                             .images = known(c[5]), .created_at = created(run, c[4])};
    pair(c[1], &out.ready, &out.desired);
    deployments_put(estate_of(run), run->account, &out, list, now_of(run));
}

static void deployment_gone(struct feed_run *run, const char *ns, const char *name) { deployments_gone(estate_of(run), run->account, ns, name); }
static void deployment_sweep(struct feed_run *run, const char *ns, uint32_t list) { deployments_sweep(estate_of(run), run->account, ns, list); }

static const struct family deployments = {"/apis/apps/v1/namespaces/%s/deployments", deployment_columns, false, true, deployment_row, deployment_gone,
                                          deployment_sweep};
static void start_deployments(struct feed_run *run) { start_live(run, &deployments); }
const struct feed_type feed_deployments = {.feed = FEED_DEPLOYMENTS, .wanted = has_cluster, .start = start_deployments, .stop = stop_live};

static const char *const hpa_columns[] = {"Name", "Reference", "Targets", "MinPods", "MaxPods", "Replicas", "Age", NULL};

static void hpa_row(struct feed_run *run, const char *ns, uint32_t list, const char *const c[], const struct kube_row *row)
{
    struct hpa out = {.name = (char *)(uintptr_t)row->name,
                      .ns = ns,
                      .target = known(c[1]),
                      .metrics = known(c[2]),
                      .min = number(c[3], -1),
                      .max = number(c[4], -1),
                      .replicas = number(c[5], -1),
                      .created_at = created(run, c[6])};
    hpas_put(estate_of(run), run->account, &out, list, now_of(run));
}

static void hpa_gone(struct feed_run *run, const char *ns, const char *name) { hpas_gone(estate_of(run), run->account, ns, name); }
static void hpa_sweep(struct feed_run *run, const char *ns, uint32_t list) { hpas_sweep(estate_of(run), run->account, ns, list); }

static const struct family hpas = {"/apis/autoscaling/v2/namespaces/%s/horizontalpodautoscalers", hpa_columns, false, true, hpa_row, hpa_gone,
                                   hpa_sweep};
static void start_hpas(struct feed_run *run) { start_live(run, &hpas); }
const struct feed_type feed_hpas = {.feed = FEED_HPAS, .wanted = has_cluster, .start = start_hpas, .stop = stop_live};
