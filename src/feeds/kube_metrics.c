/* What pods use now, from metrics.k8s.io: a list the size of the cluster, so only while the Pods pane is looked at. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "feeds/internal.h"
#include "feeds/quantity.h"

static void on_pod(void *arg, const json_t *pod)
{
    struct feed_run *run = arg;
    double cpu = 0, memory = 0;
    size_t i;
    json_t *container;
    json_array_foreach(json_object_get(pod, "containers"), i, container) {
        cpu += quantity(json_text_or(container, "usage.cpu", "0"));
        memory += quantity(json_text_or(container, "usage.memory", "0"));
    }
    const char *ns = json_text(pod, "metadata.namespace"), *name = json_text(pod, "metadata.name");
    if (ns && name)
        pods_metrics(feeds_estate(run->feeds), run->account, ns, name, (int)quantity_whole(cpu * 1000 + 0.5, INT_MAX),
                     quantity_whole(memory, INT64_MAX));
}

static void answered(void *arg, json_t *head, const struct error *error)
{
    struct feed_run *run = arg;
    (void)head;
    run->state = NULL;
    feed_end(run, error);
}

static void ask(struct feed_run *run)
{
    run->state = kube_get_items(feeds_kube(run->feeds, run->account), "/apis/metrics.k8s.io/v1beta1/pods", on_pod, answered, run);
}

/* The pods that the figures belong to come first. */
static void start(struct feed_run *run)
{
    if (!feed_await(run, FEED_PODS, ask))
        ask(run);
}

static void stop(struct feed_run *run)
{
    kube_cancel(run->state);
    run->state = NULL;
}

/* Four megabytes of it for 10,000 pods: what nobody would see the difference of is not worth a hundredth of a processor. */
#define PODS_USUAL 2000
#define TIMES_MAX  6

static int stretch(const struct account *account)
{
    size_t times = (account->cluster.pods.len + PODS_USUAL - 1) / PODS_USUAL;
    return times < 1 ? 1 : times < TIMES_MAX ? (int)times : TIMES_MAX;
}

static bool has_cluster(const struct account_config *account) { return account->cluster.name != NULL; }

const struct feed_type feed_pod_metrics = {
    .feed = FEED_POD_METRICS, .interval_ms = 30000, .focus_ms = 30000, .wanted = has_cluster, .start = start, .stop = stop, .focus_only = true,
    .stretch = stretch};
