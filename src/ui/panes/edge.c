/* The edge: what the distributions count, and from the name in DNS to the origin what stands before the site. */
#include "ui/panes/edge.h"

#include <math.h>
#include <string.h>

#include "base/when.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

#define SPARK      16
#define LATE       15 /* minutes that CloudFront's data may be behind */
#define DAY_MS     INT64_C(86400000)
#define MANY_4XX   5 /* per cent */

static const char *const words[EDGE_ROWS] = {"cdn", "behaviour", "origin", "record", "certificate", "cleared"};

static const struct account_edge *edge_of(const struct pane_view *view, struct row_ref row) { return &account_of(view, row)->edge; }

const char *edge_days_left(const struct edge_certificate *c, int64_t now, uint8_t *role, char *out, size_t size)
{
    int64_t left = c->expires_at - now;
    *role = !c->expires_at ? ROLE_UNKNOWN : !c->used ? ROLE_DIM : left < 14 * DAY_MS ? ROLE_BAD : left < 30 * DAY_MS ? ROLE_WARN : ROLE_OK;
    if (!c->expires_at)
        text_copy(out, size, "–");
    else if (left <= 0)
        text_copy(out, size, "expired");
    else
        text_format(out, size, "%lldd left", (long long)(left / DAY_MS));
    return out;
}

const char *edge_cache_words(const struct account_edge *e, const struct edge_behaviour *b, char *out, size_t size)
{
    const struct edge_policy *policy = edge_policy_of(e, b);
    int64_t most = policy ? policy->ttl_most : b->ttl_most;
    char span[24];
    int caches = edge_caches(e, b);
    if (caches == 1)
        text_format(out, size, "cached up to %s", when_span(most * 1000, span, sizeof span));
    else
        text_copy(out, size, caches ? "caching not known" : "not cached");
    return out;
}

static void kind(const struct pane_view *view, struct row_ref row, struct value *out)
{
    (void)view;
    value_text(out, ROLE_DIM, words[edge_row_kind(row)]);
}

static void id_of(const struct pane_view *view, struct row_ref row, char *out, size_t size)
{
    const struct account_edge *e = edge_of(view, row);
    size_t at = edge_row_at(row);
    switch (edge_row_kind(row)) {
    case ROW_CDN:
        text_copy(out, size, e->distributions.at[at].id);
        break;
    case ROW_BEHAVIOUR:
        text_format(out, size, "%s %s", e->behaviours.at[at].distribution, e->behaviours.at[at].path);
        break;
    case ROW_ORIGIN:
        text_format(out, size, "%s %s", e->origins.at[at].distribution, e->origins.at[at].id);
        break;
    case ROW_RECORD:
        text_format(out, size, "%s %s %s %s", e->records.at[at].zone, e->records.at[at].name, e->records.at[at].type, e->records.at[at].set);
        break;
    case ROW_CERTIFICATE:
        text_copy(out, size, e->certificates.at[at].arn);
        break;
    default:
        text_format(out, size, "%s %s", e->invalidations.at[at].distribution, e->invalidations.at[at].id);
    }
}

static void id(const struct pane_view *view, struct row_ref row, struct value *out)
{
    char text[sizeof out->text];
    id_of(view, row, text, sizeof text);
    value_text(out, ROLE_DIM, text);
}

static void name_cdn(const struct account_edge *e, const struct edge_distribution *d, struct value *out)
{
    size_t len;
    value_text(out, ROLE_STRONG, "");
    for (size_t i = 0; i < e->aliases.len; i++)
        if (!strcmp(e->aliases.at[i].distribution, d->id)) {
            len = strlen(out->text);
            text_format(out->text + len, sizeof out->text - len, "%s%s", len ? ", " : "", e->aliases.at[i].name);
        }
    if (!*out->text)
        text_copy(out->text, sizeof out->text, d->domain);
}

static void name(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account_edge *e = edge_of(view, row);
    size_t at = edge_row_at(row);
    switch (edge_row_kind(row)) {
    case ROW_CDN:
        name_cdn(e, &e->distributions.at[at], out);
        break;
    case ROW_BEHAVIOUR:
        value_text(out, ROLE_STRONG, e->behaviours.at[at].path);
        break;
    case ROW_ORIGIN:
        value_text(out, ROLE_STRONG, e->origins.at[at].domain);
        break;
    case ROW_RECORD:
        value_format(out, ROLE_STRONG, "%s %s", e->records.at[at].name, e->records.at[at].type);
        break;
    case ROW_CERTIFICATE:
        value_text(out, ROLE_STRONG, e->certificates.at[at].domain);
        break;
    default:
        value_text(out, ROLE_TEXT, *e->invalidations.at[at].paths ? e->invalidations.at[at].paths : e->invalidations.at[at].id);
    }
}

/* What it is, in a few words. */

static void about_cdn(const struct account *a, const struct edge_distribution *d, struct value *out)
{
    bool ours = *d->web_acl && !strcmp(d->web_acl, a->web_acl.arn);
    const char *acl = strstr(d->web_acl, "/webacl/");
    char other[132];
    text_format(other, sizeof other, "%.*s", acl ? (int)strcspn(acl + 8, "/") : 0, acl ? acl + 8 : "");
    value_format(out, *d->web_acl ? ROLE_TEXT : ROLE_BAD, "%s, %s%s", d->tls, !*d->web_acl ? "NO web ACL" : ours ? a->web_acl.name : "web ACL ",
                 ours ? "" : other);
}

static void about_origin(const struct account_edge *e, const struct edge_origin *o, struct value *out)
{
    const struct edge_vpc_origin *inner = *o->vpc_origin ? edge_vpc_origin(e, o->vpc_origin) : NULL;
    value_format(out, *o->headers ? ROLE_TEXT : ROLE_WARN, "%s%s, %s%s", inner ? "VPC origin " : *o->vpc_origin ? "VPC origin" : o->protocol,
                 inner ? inner->name : "", *o->headers ? "sent " : "sent no header", o->headers);
}

static void about_record(const struct account_edge *e, const struct edge_record *r, struct value *out)
{
    bool site = false, right = false;
    for (size_t i = 0; i < e->aliases.len; i++) {
        const struct edge_distribution *d = edge_distribution(e, e->aliases.at[i].distribution);
        site |= text_same_case(e->aliases.at[i].name, r->name);
        right |= text_same_case(e->aliases.at[i].name, r->name) && d && text_same_case(d->domain, r->target);
    }
    value_format(out, site && !right ? ROLE_BAD : ROLE_TEXT, "%s%s", r->alias ? "alias to " : "", r->target);
}

static void about_behaviour(const struct account_edge *e, const struct edge_behaviour *b, struct value *out)
{
    char text[80];
    bool open = !strcmp(b->viewer, "allow-all");
    value_format(out, open ? ROLE_WARN : ROLE_TEXT, "%s, %s%s", edge_cache_words(e, b, text, sizeof text), b->viewer,
                 b->compress ? ", compressed" : "");
}

static void about(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account_edge *e = edge_of(view, row);
    size_t at = edge_row_at(row);
    switch (edge_row_kind(row)) {
    case ROW_CDN:
        about_cdn(account_of(view, row), &e->distributions.at[at], out);
        break;
    case ROW_BEHAVIOUR:
        about_behaviour(e, &e->behaviours.at[at], out);
        break;
    case ROW_ORIGIN:
        about_origin(e, &e->origins.at[at], out);
        break;
    case ROW_RECORD:
        about_record(e, &e->records.at[at], out);
        break;
    case ROW_CERTIFICATE:
        value_format(out, e->certificates.at[at].used ? ROLE_TEXT : ROLE_DIM, "%s%s", e->certificates.at[at].status,
                     e->certificates.at[at].used ? "" : ", not in use");
        break;
    default:
        value_span(out, ROLE_TEXT, e->invalidations.at[at].at, view->now);
    }
}

static void state(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account_edge *e = edge_of(view, row);
    size_t at = edge_row_at(row);
    uint8_t role;
    char text[40];
    switch (edge_row_kind(row)) {
    case ROW_CDN:
        value_text(out, !e->distributions.at[at].enabled || strcmp(e->distributions.at[at].status, "Deployed") ? ROLE_WARN : ROLE_OK,
                   e->distributions.at[at].enabled ? e->distributions.at[at].status : "disabled");
        break;
    case ROW_CERTIFICATE:
        edge_days_left(&e->certificates.at[at], view->now, &role, text, sizeof text);
        value_text(out, role, text);
        break;
    case ROW_CLEARED:
        value_text(out, strcmp(e->invalidations.at[at].status, "Completed") ? ROLE_WARN : ROLE_OK, e->invalidations.at[at].status);
        break;
    default:
        value_text(out, ROLE_DIM, "");
    }
}

static const struct column columns[] = {
    {"account", "ACCT", 5, 1, .identity = true, .value = value_account},
    {"kind", "WHAT", 11, 0, .identity = true, .value = kind},
    {"name", "NAME", 22, 0, .grow = true, .value = name},
    {"about", "ABOUT", 24, 0, .grow = true, .value = about},
    {"state", "STATE", 10, 0, .value = state},
    {"id", "ID", 24, 5, .identity = true, .value = id},
    {0},
};

static size_t count_of(const struct account_edge *e, enum edge_row row)
{
    const size_t counts[EDGE_ROWS] = {e->distributions.len, e->behaviours.len, e->origins.len, e->records.len, e->certificates.len,
                                      e->invalidations.len};
    return counts[row];
}

static void rows(const struct pane_view *view, row_refs *out)
{
    for (int r = 0; r < EDGE_ROWS; r++)
        for (size_t a = 0; a < view->estate->account_count; a++)
            for (size_t i = 0; i < count_of(&view->estate->accounts[a].edge, (enum edge_row)r); i++)
                row_add(out, a, (size_t)r << 24 | i);
}

/* Above the table: each distribution in two lines, its requests and hits, its errors and latency. */

static int put(struct cells *cells, int row, int at, uint8_t role, const char *text)
{
    return at < cells->columns - 1 ? at + cells_put(cells, row, at, cells->columns - 1 - at, role, text) : at;
}

static int put_spark(struct cells *cells, int row, int at, const double *points)
{
    char text[SPARK * 4 + 2];
    return put(cells, row, at, ROLE_SPARK, spark(points, EDGE_POINTS, SPARK, text, sizeof text));
}

static void draw_hits(const struct pane_view *view, const struct account *a, const struct edge_distribution *d, struct cells *cells, int row)
{
    const struct edge_series *s = edge_series_of(&a->edge_traffic, d->id);
    double day = s ? edge_day_hits(s) : NAN;
    struct value account, called;
    char text[300], number[64], hour[24];
    bool low = !isnan(day) && day < view->estate->config->cache_hit * 100;
    value_account(view, (struct row_ref){.account = (uint32_t)a->index}, &account);
    name_cdn(&a->edge, d, &called);
    int at = put(cells, row, 1, account.role, account.text);
    text_format(text, sizeof text, " %.*s", (int)strcspn(called.text, ","), called.text);
    at = put(cells, row, at, ROLE_STRONG, text);
    if (s && !edge_more_metrics(s)) {
        at = put(cells, row, at, ROLE_UNKNOWN, "   hits –: additional metrics are off");
    } else {
        text_format(text, sizeof text, "   hits %s ", percent_text(s ? edge_latest(s->hits, LATE) : NAN, 0, hour, sizeof hour));
        at = put(cells, row, at, ROLE_TEXT, text);
        at = s ? put_spark(cells, row, at, s->hits) : at;
        text_format(text, sizeof text, " 24h %s", percent_text(day, 0, number, sizeof number));
        at = put(cells, row, at, low ? ROLE_WARN : ROLE_STRONG, text);
    }
    text_format(text, sizeof text, "   %s requests/min", text_grouped(s ? edge_latest(s->requests, LATE) : NAN, number, sizeof number));
    put(cells, row, at, ROLE_TEXT, text);
}

static int put_errors(struct cells *cells, int row, int at, const char *what, const double *points, bool many)
{
    double rate = points ? edge_latest(points, LATE) : NAN;
    char text[64], number[24];
    text_format(text, sizeof text, "%s %s ", what, percent_text(rate, 2, number, sizeof number));
    at = put(cells, row, at, many ? ROLE_BAD : ROLE_TEXT, text);
    return points ? put_spark(cells, row, at, points) : at;
}

static void draw_errors(const struct account *a, const struct edge_distribution *d, struct cells *cells, int row)
{
    const struct edge_series *s = edge_series_of(&a->edge_traffic, d->id);
    double latency = s ? edge_latest(s->latency, LATE) : NAN;
    char text[64];
    int at = put_errors(cells, row, 3, "4xx", s ? s->errors_4xx : NULL, s && edge_latest(s->errors_4xx, LATE) >= MANY_4XX);
    at = put_errors(cells, row, at + 3, "5xx", s ? s->errors_5xx : NULL, s && edge_fails(s));
    if (isnan(latency))
        return;
    text_format(text, sizeof text, "   origin p99 %.0f ms", latency);
    put(cells, row, at, ROLE_TEXT, text);
}

static int draw(const struct pane_view *view, struct cells *cells, int top, int height)
{
    int row = top;
    for (size_t a = 0; a < view->estate->account_count; a++) {
        const struct account *account = &view->estate->accounts[a];
        for (size_t i = 0; i < account->edge.distributions.len && row + 2 < top + height; i++) {
            if (!account->edge.distributions.at[i].enabled)
                continue;
            draw_hits(view, account, &account->edge.distributions.at[i], cells, row++);
            draw_errors(account, &account->edge.distributions.at[i], cells, row++);
        }
    }
    return row > top ? row - top + 1 : 0;
}

static bool detail(const struct pane_view *view, struct row_ref row, struct detail_key *out)
{
    *out = (struct detail_key){.kind = DETAIL_EDGE, .account = row.account};
    text_copy(out->ns, sizeof out->ns, words[edge_row_kind(row)]);
    id_of(view, row, out->name, sizeof out->name);
    return true;
}

static json_t *number_or_null(double value) { return isnan(value) ? json_null() : json_real(value); }

/* What stands above the table. */
static void json(const struct pane_view *view, json_t *into)
{
    json_t *traffic = json_array();
    char end[40];
    for (size_t a = 0; a < view->estate->account_count; a++) {
        const struct edge_traffic *t = &view->estate->accounts[a].edge_traffic;
        for (size_t i = 0; i < t->series.len; i++) {
            const struct edge_series *s = &t->series.at[i];
            json_array_append_new(traffic, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "account",
                                                     view->estate->accounts[a].config->name, "distribution", s->distribution, "until",
                                                     when_iso(t->end, end, sizeof end), "requests_per_minute",
                                                     number_or_null(edge_latest(s->requests, LATE)), "bytes_per_minute",
                                                     number_or_null(edge_latest(s->bytes, LATE)), "errors_4xx",
                                                     number_or_null(edge_latest(s->errors_4xx, LATE)), "errors_5xx",
                                                     number_or_null(edge_latest(s->errors_5xx, LATE)), "hit_ratio",
                                                     number_or_null(edge_latest(s->hits, LATE)), "hit_ratio_day", number_or_null(edge_day_hits(s)),
                                                     "latency_p99_ms", number_or_null(edge_latest(s->latency, LATE)), "additional_metrics",
                                                     edge_more_metrics(s)));
        }
    }
    json_object_set_new(into, "traffic", traffic);
}

static void targets(const struct pane_view *view, struct row_ref row, struct targets *out)
{
    const struct account_edge *e = edge_of(view, row);
    size_t at = edge_row_at(row);
    enum edge_row kind_of = edge_row_kind(row);
    if (kind_of == ROW_RECORD || kind_of == ROW_CERTIFICATE)
        return;
    target_add(view, out, TARGET_DISTRIBUTION, row.account, "",
               kind_of == ROW_CDN         ? e->distributions.at[at].id
               : kind_of == ROW_BEHAVIOUR ? e->behaviours.at[at].distribution
               : kind_of == ROW_ORIGIN    ? e->origins.at[at].distribution
                                          : e->invalidations.at[at].distribution);
}

/* Sets and rules are the WAF pane's; its distributions are listed for the actions on one. */
const struct pane pane_edge = {
    .name = "edge",
    .title = "Edge",
    .about = "DNS, distribution, hit ratio, certificates, invalidations",
    .feeds = FEED_BIT(FEED_EDGE) | FEED_BIT(FEED_EDGE_METRICS) | FEED_BIT(FEED_WEB_ACL) | FEED_BIT(FEED_DISTRIBUTIONS),
    .columns = columns,
    .rows = rows,
    .draw = draw,
    .detail = detail,
    .describe = edge_describe,
    .json = json,
    .targets = targets,
    .leads = edge_leads,
    .lead_feeds = FEED_BIT(FEED_NETWORK),
    .is = edge_is,
};
