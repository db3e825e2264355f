/* CloudWatch's alarms: what fires, since when and why, and what somebody has acknowledged on this machine. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

static const struct alarm *alarm_of(const struct pane_view *view, struct row_ref row) { return &account_of(view, row)->alarms.at[row.index]; }

static uint8_t role_of(const struct alarm *a)
{
    if (a->state == ALARM_ALARM)
        return *a->acknowledged_by ? ROLE_WARN : ROLE_BAD;
    return a->state == ALARM_OK ? ROLE_OK : ROLE_UNKNOWN;
}

static void state(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct alarm *a = alarm_of(view, row);
    value_text(out, role_of(a), a->state == ALARM_NO_DATA ? "NO DATA" : alarm_state_name(a->state));
}
static void since(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_span(out, ROLE_DIM, alarm_of(view, row)->since, view->now);
}
static void name(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_STRONG, alarm_of(view, row)->name); }
static void metric(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct alarm *a = alarm_of(view, row);
    value_text(out, ROLE_DIM, a->composite ? "of other alarms" : a->metric);
}
static void threshold(const struct pane_view *view, struct row_ref row, struct value *out)
{
    char text[64];
    value_number(out, ROLE_DIM, alarm_of(view, row)->threshold, "%s", text_grouped(alarm_of(view, row)->threshold, text, sizeof text));
}
/* Its metric against its limit, the one drawing of pane and details: scaled to the greater of both, so that a limit that is far off shows as such.
 * *crossed: bit by bit, the first 64 points that are beyond it. */
static const char *spark_of(const struct alarm *a, const double *points, size_t count, uint64_t *crossed, char *out, size_t size)
{
    *crossed = 0;
    for (size_t i = 0; i < count && i < 64; i++)
        *crossed |= (uint64_t)alarm_crosses(a, points[i]) << i;
    return spark_to(points, count, count, isnan(a->threshold) ? 0 : a->threshold, out, size);
}

/* "> 20", "> 1,500", "< 5G": short, for it stands beside the drawing. */
static const char *limit_of(const struct alarm *a, char *out, size_t size)
{
    const char *sign = alarm_comparison_sign(a->comparison);
    char plain[64];
    if (isnan(a->threshold))
        text_copy(out, size, "a band");
    else
        text_format(out, size, "%s%s%s", sign, *sign ? " " : "", alarm_amount(a->threshold, plain, sizeof plain));
    return out;
}

static const struct alarm_trend *trend_of(const struct account *account, const struct alarm *a)
{
    for (size_t i = 0; i < account->alarm_trends.len; i++)
        if (!strcmp(account->alarm_trends.at[i].name, a->name))
            return &account->alarm_trends.at[i];
    return NULL;
}

static bool has_datum(const struct alarm_trend *t)
{
    for (size_t i = 0; i < ALARM_TREND; i++)
        if (!isnan(t->points[i]))
            return true;
    return false;
}

static void trend(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct alarm *a = alarm_of(view, row);
    const struct alarm_trend *t = trend_of(account_of(view, row), a);
    const char *why = a->composite ? "– other alarms" : a->math ? "– metric math" : t && !has_datum(t) ? "– no datum" : NULL;
    char line[ALARM_TREND * 4 + 8], limit[80];
    uint64_t crossed;
    if (!why && value_waits(out, &account_of(view, row)->slices[FEED_ALARM_METRICS]))
        return;
    if (why || !t) {
        value_unknown(out);
        text_copy(out->text, sizeof out->text, why ? why : "–");
        return;
    }
    value_format(out, ROLE_SPARK, "%s %s", spark_of(a, t->points, ALARM_TREND, &crossed, line, sizeof line), limit_of(a, limit, sizeof limit));
    out->marked = crossed;
    out->mark_role = a->state == ALARM_OK ? ROLE_WARN : role_of(a);
}

static void tells(const struct pane_view *view, struct row_ref row, struct value *out) { value_flag(out, alarm_of(view, row)->actions); }
static void acknowledged(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_text(out, ROLE_DIM, alarm_of(view, row)->acknowledged_by);
}
static void reason(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_TEXT, alarm_of(view, row)->reason); }

static const char *brief_reason(const struct pane_view *view, struct row_ref row, const char *text, char *out, size_t size)
{
    (void)view, (void)row;
    return alarm_reason_brief(text, out, size);
}

static const struct column columns[] = {
    {"account", "ACCT", 5, 0, .identity = true, .value = value_account},
    {"state", "STATE", 7, 0, .value = state},
    {"since", "SINCE", 7, 0, .right = true, .value = since},
    {"name", "ALARM", 23, 0, .identity = true, .value = name},
    {"acknowledged", "ACKED BY", 10, 2, .value = acknowledged},
    {"trend", "LAST 3H, LIMIT", 20, 1, .screen_only = true, .value = trend},
    {"metric", "METRIC", 34, 3, .value = metric},
    {"threshold", "LIMIT", 9, 3, .right = true, .value = threshold},
    {"tells", "TELLS", 5, 4, .value = tells},
    {"reason", "REASON", 11, 1, .grow = true, .value = reason, .brief = brief_reason},
    {0},
};

static void rows(const struct pane_view *view, row_refs *out)
{
    for (size_t a = 0; a < view->estate->account_count; a++)
        for (size_t i = 0; i < view->estate->accounts[a].alarms.len; i++)
            row_add(out, a, i);
}

static bool detail(const struct pane_view *view, struct row_ref row, struct detail_key *out)
{
    *out = (struct detail_key){.kind = DETAIL_ALARM, .account = row.account};
    text_copy(out->name, sizeof out->name, alarm_of(view, row)->name);
    return true;
}

/* Who has acknowledged what stands above the table: the column has no room in a narrow window. */
static int draw(const struct pane_view *view, struct cells *cells, int top, int height)
{
    char text[400] = "";
    for (size_t i = 0; i < view->estate->account_count; i++)
        for (size_t k = 0; k < view->estate->accounts[i].alarms.len; k++) {
            const struct alarm *a = &view->estate->accounts[i].alarms.at[k];
            size_t len = strlen(text);
            if (*a->acknowledged_by)
                text_format(text + len, sizeof text - len, "%s%s by %s", len ? ", " : "acknowledged: ", a->name, a->acknowledged_by);
        }
    if (!*text || height < 4)
        return 0;
    cells_put(cells, top, 1, cells->columns - 2, ROLE_WARN, text);
    return 2;
}

/* Its metric, and where the limit lies against what is drawn. */
static void describe_metric(const struct pane_view *view, const struct alarm *a, struct page *out)
{
    const struct detail *d = &view->estate->detail;
    char line[ALARM_POINTS * 4 + 8], low[64], high[64], last[64], limit[64], span[24], text[600];
    double least = NAN, most = NAN, newest = NAN;
    uint64_t crossed;
    if (d->key.kind != DETAIL_ALARM || strcmp(d->key.name, a->name) != 0 || !d->point_s)
        return;
    if (d->points_error.kind != ERROR_NONE)
        page_add(out, ROLE_BAD, "✗ metric: %s", error_text(&d->points_error, text, sizeof text));
    if (!d->points_read)
        return;
    for (size_t i = 0; i < ALARM_POINTS; i++) {
        double value = d->points[i];
        least = !isnan(value) && !(value >= least) ? value : least;
        most = !isnan(value) && !(value <= most) ? value : most;
        newest = isnan(value) ? newest : value;
    }
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "%s OVER %s, A PERIOD OF %ds EACH", d->statistic,
             when_span((int64_t)ALARM_POINTS * d->point_s * 1000, span, sizeof span), d->point_s);
    if (isnan(newest)) {
        page_add(out, ROLE_WARN, "no datum: the metric was not written, or under other dimensions");
        return;
    }
    page_add(out, ROLE_SPARK, "%s", spark_of(a, d->points, ALARM_POINTS, &crossed, line, sizeof line));
    for (size_t i = 0; i < ALARM_POINTS; i++)
        line[i] = crossed >> i & 1 ? '^' : ' ';
    line[ALARM_POINTS] = '\0';
    if (crossed)
        page_add(out, role_of(a) == ROLE_OK ? ROLE_WARN : role_of(a), "%s", line);
    page_add(out, ROLE_TEXT, "now %s   from %s to %s   limit %s: %s", text_grouped(newest, last, sizeof last), text_grouped(least, low, sizeof low),
             text_grouped(most, high, sizeof high), limit_of(a, limit, sizeof limit),
             crossed                   ? "^ is beyond it"
             : a->threshold > most     ? "above all of it"
             : a->threshold < least    ? "below all of it"
             : isnan(a->threshold)     ? "not drawn"
                                       : "reached, not crossed");
}

/* What a metric is of: by the name of its dimension, the pane and the word that it is known by there. `all`: what the pane does not list is not
 * there. */
static const struct resource {
    const char *dimension, *pane, *word, *called;
    bool all;
} resources[] = {
    {"DBInstanceIdentifier", "database", "database", "database", .all = true},
    {"TargetGroup", "network", "targets", "target group", .all = true},
    {"LoadBalancer", "network", "balancer", "load balancer", .all = true},
    {"WebACL", "waf", "acl metric", "web ACL"},
    {"Rule", "waf", "metric", "rule"},
    {"DistributionId", "edge", "cdn", "distribution", .all = true},
    {"Namespace", "pods", "namespace", "pods of the namespace"},
    {"ClusterName", "nodes", "cluster", "cluster"},
    {"PodName", "pods", "deployment", "pods of"},
    {"RepositoryName", "images", "repository", "images of"},
    {"LogGroupName", "logs", LEAD_CALLED, "log group"},
    {"InstanceId", "network", "instance", "instance"},
    {"NodeName", "nodes", "node", "node"},
    {"FullPodName", "pods", "pod", "pod"},
    {"CertificateArn", "edge", "certificate", "certificate"},
    {"VPC Endpoint Id", "network", "endpoint", "endpoint"},
    {"BucketName", "security", LEAD_CALLED, "bucket"},
};

/* An alarm may outlive what it watches: then it never fires again, or always. */
static bool is_gone(const struct pane_view *view, size_t account, const struct alarm_dimension *d)
{
    for (const struct resource *r = resources; r < resources + sizeof resources / sizeof *resources; r++) {
        struct lead lead = {.pane = r->pane, .word = r->word, .account = account};
        struct row_ref first;
        if (!r->all || strcmp(r->dimension, d->name) != 0)
            continue;
        text_copy(lead.name, sizeof lead.name, d->value);
        return lead_is_known(view, &lead) && !lead_count(view, &lead, &first);
    }
    return false;
}

static void describe_dimensions(const struct pane_view *view, struct row_ref row, struct page *out)
{
    const struct alarm *a = alarm_of(view, row);
    for (size_t i = 0; i < ALARM_DIMENSIONS && *a->dimensions[i].name; i++) {
        const struct alarm_dimension *d = &a->dimensions[i];
        bool gone = is_gone(view, row.account, d);
        page_add(out, gone ? ROLE_WARN : ROLE_TEXT, "%s %s %s%s", i ? "          " : "of        ", d->name, d->value,
                 gone ? "   which is not there any more" : "");
    }
}

static void describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    const struct alarm *a = alarm_of(view, row);
    char at[64], span[24], text[64];
    page_add(out, role_of(a), "%s   since %s, %s", alarm_state_name(a->state), a->since ? when_date(a->since, at, sizeof at) : "–",
             a->since ? when_span(view->now - a->since, span, sizeof span) : "–");
    if (*a->description)
        page_add(out, ROLE_TEXT, "%s", a->description);
    if (*a->acknowledged_by)
        page_add(out, ROLE_WARN, "acknowledged by %s at %s, until its state changes", a->acknowledged_by,
                 when_date(a->acknowledged_at, at, sizeof at));
    if (*a->acknowledged_why)
        page_add(out, ROLE_WARN, "because    %s", a->acknowledged_why);
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_TEXT, "reason     %s", *a->reason ? a->reason : "–");
    if (a->composite)
        page_add(out, ROLE_TEXT, "metric     none: it is made of other alarms; y shows its rule");
    else
        page_add(out, ROLE_TEXT, "metric     %s %s   limit %s", a->namespace_, a->metric, text_grouped(a->threshold, text, sizeof text));
    describe_dimensions(view, row, out);
    page_add(out, ROLE_TEXT, "tells      %s", a->actions ? "somebody, by its actions" : "nobody: it has no action, or they are switched off");
    page_add(out, ROLE_DIM, "%s", a->arn);
    describe_metric(view, a, out);
}

static void targets(const struct pane_view *view, struct row_ref row, struct targets *out)
{
    target_add(view, out, TARGET_ALARM, row.account, "", alarm_of(view, row)->name);
}

/* What CloudWatch knows of the bill is metered for each linked account in the management account. */
static void lead_of_charges(const struct pane_view *view, const struct alarm *a, size_t account, struct leads *out)
{
    const char *linked = alarm_dimension(a, "LinkedAccount");
    const struct account *of = *linked ? estate_account(view->estate, linked) : &view->estate->accounts[account];
    if (strcmp(a->namespace_, "AWS/Billing") != 0 || !of)
        return;
    lead_add(out, "costs", of->index, "service", "all services", "costs of %s", of->config->name);
    lead_add(out, "budgets", of->index, LEAD_ALL, "", "budgets of %s", of->config->name);
}

static void leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    const struct alarm *a = alarm_of(view, row);
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
        const char *value = alarm_dimension(a, resources[i].dimension);
        lead_add(out, resources[i].pane, row.account, resources[i].word, value, "%s %s", resources[i].called, value);
    }
    lead_of_charges(view, a, row.account, out);
    if (a->composite)
        lead_add(out, "alarms", row.account, "made into", a->name, "alarms that it is made of");
    lead_add(out, "alarms", row.account, "made of", a->name, "alarms that are made of it");
    lead_add(out, "timeline", row.account, "subject", a->name, "all that happened to it");
}

static const struct alarm *alarm_called(const struct account *account, const char *name)
{
    for (size_t i = 0; i < account->alarms.len; i++)
        if (!strcmp(account->alarms.at[i].name, name))
            return &account->alarms.at[i];
    return NULL;
}

/* The words are the names of dimensions, too. */
static bool is(const struct pane_view *view, struct row_ref row, const char *word, const char *name)
{
    const struct alarm *a = alarm_of(view, row), *other = text_starts(word, "made ") ? alarm_called(account_of(view, row), name) : NULL;
    if (other)
        return !strcmp(word, "made into") ? alarm_is_made_of(other, a) : alarm_is_made_of(a, other);
    return !strcmp(word, "alarm") ? !strcmp(a->name, name) : !strcmp(alarm_dimension(a, word), name);
}

const struct pane pane_alarms = {
    .name = "alarms",
    .title = "Alarms",
    .about = "what fires, since when and why; what was acknowledged",
    .feeds = FEED_BIT(FEED_ALARMS),
    .also = FEED_BIT(FEED_ALARM_METRICS),
    .columns = columns,
    .sort = 2,
    .rows = rows,
    .detail = detail,
    .draw = draw,
    .describe = describe,
    .targets = targets,
    .leads = leads,
    .is = is,
};
