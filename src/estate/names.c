/* The words for the estate's enums, and small questions about single rows. */
#include <math.h>
#include <string.h>

#include "base/str.h"
#include "estate/estate.h"

const char *account_kind_name(enum account_kind kind)
{
    static const char *const names[] = {"management", "development", "production"};
    return names[kind];
}

const char *feed_name(enum feed feed)
{
    static const char *const names[FEED_COUNT] = {
        [FEED_SESSION] = "session",
        [FEED_ORGANIZATION] = "organization",
        [FEED_TRAIL] = "trail",
        [FEED_PODS] = "pods",
        [FEED_NODES] = "nodes",
        [FEED_DEPLOYMENTS] = "deployments",
        [FEED_HPAS] = "hpas",
        [FEED_POD_METRICS] = "pod-metrics",
        [FEED_DATABASE] = "database",
        [FEED_DATABASE_EVENTS] = "database-events",
        [FEED_DATABASE_BACKUPS] = "database-backups",
        [FEED_BUDGETS] = "budgets",
        [FEED_BUDGET_SUBSCRIBERS] = "budget-subscribers",
        [FEED_WEB_ACL] = "web-acl",
        [FEED_WAF_METRICS] = "waf-metrics",
        [FEED_WAF_SAMPLES] = "waf-samples",
        [FEED_BLOCK_SETS] = "block-sets",
        [FEED_DISTRIBUTIONS] = "distributions",
        [FEED_ALARMS] = "alarms",
        [FEED_RELEASES] = "releases",
        [FEED_IMAGES] = "images",
        [FEED_NODE_GROUPS] = "node-groups",
        [FEED_SCHEDULES] = "schedules",
        [FEED_DRILLS] = "drills",
        [FEED_PIPELINES] = "pipelines",
        [FEED_REGISTRY] = "registry",
        [FEED_PLATFORM] = "platform",
        [FEED_DATABASE_PARAMETERS] = "database-parameters",
        [FEED_DATABASE_LOAD] = "database-load",
        [FEED_COSTS] = "costs",
        [FEED_COST_WATCH] = "cost-watch",
        [FEED_LOG_GROUPS] = "log-groups",
        [FEED_ALARM_METRICS] = "alarm-metrics",
        [FEED_ALARM_HISTORY] = "alarm-history",
        [FEED_TRAIL_EVENTS] = "trail-events",
        [FEED_OWN_ACTIONS] = "own-actions",
        [FEED_IDENTITY] = "identity",
        [FEED_CREDENTIALS] = "credentials",
        [FEED_KEYS] = "keys",
        [FEED_SECRETS] = "secrets",
        [FEED_INSTANCES] = "instances",
        [FEED_STATE_BUCKET] = "state-bucket",
        [FEED_SERVICE_ACCOUNTS] = "service-accounts",
        [FEED_WORKLOADS] = "workloads",
        [FEED_DEPLOY_GATE] = "deploy-gate",
        [FEED_NETWORK] = "network",
        [FEED_LOAD_BALANCERS] = "load-balancers",
        [FEED_EDGE] = "edge",
        [FEED_EDGE_METRICS] = "edge-metrics",
    };
    return names[feed];
}

int node_group_size(const struct node_group *g) { return g->desired > 0 ? g->desired : g->before > 0 ? g->before : 0; }

const char *slice_state_name(enum slice_state state)
{
    static const char *const names[] = {"none", "never", "loading", "fresh", "stale", "failed"};
    return names[state];
}

const char *session_state_name(enum session_state state)
{
    static const char *const names[] = {"never", "loading", "mfa", "ready", "failed"};
    return names[state];
}

const char *alarm_comparison_sign(enum alarm_comparison comparison)
{
    static const char *const signs[] = {"", ">", ">=", "<", "<="};
    return signs[comparison];
}

bool alarm_crosses(const struct alarm *alarm, double value)
{
    switch (alarm->comparison) {
    case COMPARE_GREATER:
        return value > alarm->threshold;
    case COMPARE_GREATER_EQUAL:
        return value >= alarm->threshold;
    case COMPARE_LESS:
        return value < alarm->threshold;
    case COMPARE_LESS_EQUAL:
        return value <= alarm->threshold;
    case COMPARE_OTHERWISE:
        break;
    }
    return false;
}

const char *alarm_state_name(enum alarm_state state)
{
    static const char *const names[] = {"OK", "ALARM", "INSUFFICIENT_DATA"};
    return names[state];
}

const char *budget_state_name(enum budget_state state)
{
    static const char *const names[] = {"unknown", "ok", "threshold passed", "forecast over", "over"};
    return names[state];
}

bool slice_has_data(const struct slice *slice) { return slice->state == SLICE_FRESH || slice->state == SLICE_STALE; }

static bool threshold_passed(const struct budget *b, const struct budget_notification *n)
{
    double value = n->forecasted ? b->forecast : b->actual;
    double threshold = n->percent ? b->limit * n->threshold / 100 : n->threshold;
    return n->alarm || value > threshold; /* false while value is NAN */
}

enum budget_state budget_state(const struct budget *b)
{
    if (isnan(b->limit) || isnan(b->actual))
        return BUDGET_UNKNOWN;
    if (b->actual > b->limit)
        return BUDGET_OVER;
    if (b->forecast > b->limit)
        return BUDGET_FORECAST_OVER;
    for (size_t i = 0; i < b->notifications.len; i++)
        if (threshold_passed(b, &b->notifications.at[i]))
            return BUDGET_THRESHOLD;
    return BUDGET_OK;
}

bool budget_alarming(const struct budget *b)
{
    enum budget_state state = budget_state(b);
    return state > BUDGET_THRESHOLD || (state == BUDGET_THRESHOLD && b->actual >= b->limit * 0.8);
}

bool pod_is_ready(const struct pod *pod)
{
    return strcmp(pod->status, "Completed") == 0 || strcmp(pod->status, "Succeeded") == 0 || (pod->containers > 0 && pod->ready == pod->containers);
}

const char *pod_revision(const struct pod *pod, const struct deployment *d)
{
    size_t len = strlen(d->name);
    if (strcmp(pod->ns, d->ns) != 0 || strncmp(pod->name, d->name, len) != 0 || pod->name[len] != '-')
        return NULL;
    const char *revision = pod->name + len + 1, *dash = strchr(revision, '-');
    return dash && !strchr(dash + 1, '-') ? revision : NULL;
}

bool pod_is_failing(const struct pod *pod) { return pod->failing; }

bool pod_status_fails(const char *status)
{
    static const char *const statuses[] = {"CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "CreateContainerConfigError",
                                           "CreateContainerError", "RunContainerError", "Error", "OOMKilled", "Evicted", "Failed", "Unknown",
                                           "NodeLost", "ContainerCannotRun", "DeadlineExceeded", "StartError"};
    if (text_starts(status, "Init:"))
        status += 5;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (strcmp(status, statuses[i]) == 0)
            return true;
    return text_starts(status, "ExitCode:") || text_starts(status, "Signal:");
}

const struct deployment *cluster_deployment_of(const struct cluster *cluster, const struct pod *pod)
{
    for (size_t i = 0; i < cluster->deployments.len; i++) {
        const struct deployment *d = &cluster->deployments.at[i];
        size_t len = strlen(d->name);
        if (strcmp(d->ns, pod->ns) != 0 || !text_starts(pod->name, d->name) || pod->name[len] != '-')
            continue;
        const char *second = strchr(pod->name + len + 1, '-');
        if (second && !strchr(second + 1, '-'))
            return d;
    }
    return NULL;
}

const char *node_address(const struct node *node, char *out, size_t size)
{
    const char *at = text_starts(node->name, "fargate-") ? node->name + strlen("fargate-") : node->name;
    int a, b, c, d, used = 0;
    *out = '\0';
    if (sscanf(at, "ip-%3d-%3d-%3d-%3d%n", &a, &b, &c, &d, &used) == 4 && (at[used] == '.' || !at[used]))
        text_format(out, size, "%d.%d.%d.%d", a, b, c, d);
    return out;
}

struct pod_counts cluster_count(const struct cluster *cluster)
{
    struct pod_counts counts = {0};
    for (size_t i = 0; i < cluster->pods.len; i++) {
        const struct pod *pod = &cluster->pods.at[i];
        counts.total++;
        counts.ready += pod_is_ready(pod);
        counts.failing += pod_is_failing(pod);
        counts.pending += strcmp(pod->status, "Pending") == 0 || strcmp(pod->status, "ContainerCreating") == 0;
    }
    return counts;
}

const struct waf_series *web_acl_series(const struct web_acl *acl, const char *metric)
{
    for (size_t i = 0; i < acl->series.len; i++)
        if (strcmp(acl->series.at[i].rule, metric) == 0)
            return &acl->series.at[i];
    return NULL;
}

const char *waf_rule_short(const char *name)
{
    static const char managed[] = "AWSManagedRules";
    size_t len = sizeof managed - 1;
    return text_starts(name, managed) && name[len] ? name + len : name;
}

double waf_rate(const double points[WAF_POINTS], int minutes)
{
    double sum = 0;
    int known = 0;
    for (int i = WAF_POINTS; i-- > 0 && i >= WAF_POINTS - minutes - RATE_LATE && known < minutes;)
        if (!isnan(points[i])) {
            sum += points[i];
            known++;
        }
    return known ? sum / known : NAN;
}

const struct change *change_at(const struct change_feed *feed, size_t i)
{
    if (i >= feed->count || i >= CHANGES_MAX)
        return NULL;
    return &feed->ring[(feed->count - 1 - i) % CHANGES_MAX];
}

const char *log_view_line(const struct log_view *log, size_t i)
{
    if (i >= log->count || i >= LOG_LINES_MAX)
        return NULL;
    return log->lines[(log->count - 1 - i) % LOG_LINES_MAX];
}

const char *account_role_arn(const struct account_config *account, const char *role, char *out, size_t size)
{
    const char *partition = text_starts(account->region, "cn-") ? "aws-cn" : text_starts(account->region, "us-gov-") ? "aws-us-gov" : "aws";
    if (text_starts(role, "arn:"))
        text_copy(out, size, role);
    else
        text_format(out, size, "arn:%s:iam::%s:role/%s", partition, account->id, role);
    return out;
}

const char *account_block_set(const struct account_config *account, bool six)
{
    const char *name = six ? account->block_set_ipv6 : account->block_set;
    return name ? name : six ? "trivet-blocked-ipv6" : "trivet-blocked";
}
