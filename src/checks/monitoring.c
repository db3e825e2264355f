/* What the architecture promises of monitoring (section 9): alarms that tell somebody, and logs that are kept as long as is said. */
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "base/when.h"
#include "checks/rows.h"

#define STUCK_MS INT64_C(3600000)

static const struct watched {
    const char *what, *space, *metrics[2];
    bool edge; /* its alarms are in us-east-1 */
} watched[] = {
    {"load balancer 5xx", "AWS/ApplicationELB", {"HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"}, false},
    {"CloudFront 5xx", "AWS/CloudFront", {"5xxErrorRate", "TotalErrorRate"}, true},
    {"RDS CPU", "AWS/RDS", {"CPUUtilization", ""}, false},
    {"RDS storage", "AWS/RDS", {"FreeStorageSpace", ""}, false},
};

/* By itself, or among what it computes with: errors in a hundred requests are a usual alarm. */
static bool watches(const struct alarm *alarm, const struct watched *w)
{
    for (size_t i = 0; i < 2 && *w->metrics[i]; i++) {
        char part[160];
        text_format(part, sizeof part, "%s:%s", w->space, w->metrics[i]);
        if ((!strcmp(alarm->namespace_, w->space) && !strcmp(alarm->metric, w->metrics[i])) || text_has_word(alarm->parts, part))
            return true;
    }
    return false;
}

/* By its own actions, or by those of one that is made of it. */
static bool tells(const struct account *a, const struct alarm *alarm)
{
    for (size_t i = 0; i < a->alarms.len; i++)
        if (a->alarms.at[i].actions && (&a->alarms.at[i] == alarm || alarm_is_made_of(&a->alarms.at[i], alarm)))
            return true;
    return false;
}

static void look_at_one(struct checking *c, const struct watched *w)
{
    const struct account *a = checking_account(c);
    const struct error *error = &a->slices[FEED_ALARMS].error;
    char text[600];
    const struct alarm *silent = NULL;
    for (size_t i = 0; i < a->alarms.len; i++) {
        const struct alarm *alarm = &a->alarms.at[i];
        if (!watches(alarm, w))
            continue;
        if (tells(a, alarm)) {
            check_pass(c, alarm->name, "%s: %s tells somebody", w->what, *alarm->metric ? alarm->metric : alarm->parts);
            return;
        }
        silent = alarm;
    }
    if (silent)
        check_fail(c, silent->name, "%s: %s tells nobody, it has no action or they are switched off", w->what,
                   *silent->metric ? silent->metric : silent->parts);
    else if (w->edge && strcmp(a->config->region, "us-east-1") != 0 && error->kind != ERROR_NONE) /* which may have been read without that */
        check_unknown(c, a->config->name, "%s: alarms on it are in us-east-1: %s", w->what, error_text(error, text, sizeof text));
    else
        check_fail(c, a->config->name, "%s: no alarm on %s %s", w->what, w->space, w->metrics[0]);
}

static void look_alarms(struct checking *c)
{
    const struct account *a = checking_account(c);
    char span[24];
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++)
        look_at_one(c, &watched[i]);
    for (size_t i = 0; i < a->alarms.len; i++) {
        const struct alarm *alarm = &a->alarms.at[i];
        int64_t since = alarm->since ? checking_now(c) - alarm->since : 0;
        if (alarm->state == ALARM_NO_DATA && since > STUCK_MS)
            check_fail(c, alarm->name, "stuck in INSUFFICIENT_DATA for %s", when_span(since, span, sizeof span));
    }
}

/* Logs. The application's group is where Container Insights' Fluent Bit puts containers' output, or one that says so in its name. */

static bool is_of_application(const struct log_group *g, const char *cluster)
{
    char usual[300];
    text_format(usual, sizeof usual, "/aws/containerinsights/%s/application", cluster);
    return !strcmp(g->name, usual) || (text_contains(g->name, cluster) && text_ends(g->name, "/application"));
}

static bool is_of_cluster(const struct log_group *g, const char *cluster)
{
    char usual[300];
    text_format(usual, sizeof usual, "/aws/eks/%s/cluster", cluster);
    return !strcmp(g->name, usual);
}

static void look_group(struct checking *c, bool (*is_it)(const struct log_group *g, const char *cluster), const char *what, const char *usual)
{
    const struct account *a = checking_account(c);
    bool found = false;
    for (size_t i = 0; i < a->log_groups.len; i++) {
        const struct log_group *g = &a->log_groups.at[i];
        if (!is_it(g, a->config->cluster.name))
            continue;
        found = true;
        if (g->retention_days > 0)
            check_pass(c, g->name, "%s, kept %d days", what, g->retention_days);
        else
            check_fail(c, g->name, "%s, kept for ever: it has no retention", what);
    }
    if (!found && a->slices[FEED_LOG_GROUPS].part)
        check_unknown(c, a->config->name, "none of the log groups that were read is of %s", what);
    else if (!found)
        check_fail(c, a->config->name, "%s has no log group such as %s", what, usual);
}

static void look_logs(struct checking *c)
{
    if (!checking_account(c)->config->cluster.name) {
        check_na(c, "the profile gives it no cluster");
        return;
    }
    look_group(c, is_of_cluster, "the cluster", "/aws/eks/CLUSTER/cluster");
    look_group(c, is_of_application, "the application", "/aws/containerinsights/CLUSTER/application");
}

const struct check check_mon_alarms = {.id = "mon-alarms",
                                       .area = "monitoring",
                                       .promise = "alarms on load balancer and CloudFront 5xx, RDS CPU and storage tell somebody; none is stuck",
                                       .remedy = "cloudwatch PutMetricAlarm with AlarmActions; an alarm without data names a metric or dimension "
                                                 "that is not there",
                                       .kinds = CHECK_KIND(ACCOUNT_PRODUCTION),
                                       .feeds = FEED_BIT(FEED_ALARMS),
                                       .look = look_alarms};
const struct check check_mon_logs = {.id = "mon-logs",
                                     .area = "monitoring",
                                     .promise = "the cluster's and the application's log groups exist, with a retention",
                                     .remedy = "eks UpdateClusterConfig logging for the cluster's, Fluent Bit for the application's; logs "
                                               "PutRetentionPolicy",
                                     .kinds = CHECK_KIND(ACCOUNT_DEVELOPMENT) | CHECK_KIND(ACCOUNT_PRODUCTION),
                                     .feeds = FEED_BIT(FEED_LOG_GROUPS),
                                     .look = look_logs};
