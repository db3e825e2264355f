/* Above the network's table: each load balancer in two lines, its counts and its targets by zone. */
#include <math.h>
#include <string.h>

#include "base/when.h"
#include "ui/panes/network.h"
#include "ui/value.h"

#define SPARK   20
#define LATE_MS INT64_C(180000) /* counts that are older say how old */

/* "k8s-innovate-backend-10e08a419e", as the load balancer controller names it, is the backend's. */
static const char *target_group_short(const char *name, char *out, size_t size)
{
    const char *hash = strrchr(name, '-'), *service = NULL;
    for (const char *c = name; hash && c < hash; c++)
        if (*c == '-' && c > name + 4)
            service = service ? service : c + 1;
    if (text_starts(name, "k8s-") && service)
        text_format(out, size, "%.*s", (int)(hash - service), service);
    else
        text_copy(out, size, name);
    return out;
}

static int put(struct cells *cells, int row, int at, uint8_t role, const char *text)
{
    return at < cells->columns - 1 ? at + cells_put(cells, row, at, cells->columns - 1 - at, role, text) : at;
}

static double last_5xx(const struct balancer_series *s, double *points)
{
    double all[BALANCER_POINTS];
    balancer_answers(s, all, points);
    return waf_rate(points, 1);
}

static void draw_counts(const struct pane_view *view, const struct account *a, const char *balancer, struct cells *cells, int row)
{
    struct value account;
    const struct balancer_series *s = balancing_series(&a->balancing, balancer);
    double points[BALANCER_POINTS], errors = s ? last_5xx(s, points) : NAN, latency = s ? waf_rate(s->latency, 1) : NAN;
    char text[300], requests[64], failed[64];
    const char *name_of = strchr(balancer, '/') ? strchr(balancer, '/') + 1 : balancer;
    value_account(view, (struct row_ref){.account = (uint32_t)a->index}, &account);
    int at = put(cells, row, 1, account.role, account.text);
    text_format(text, sizeof text, " %.*s", (int)strcspn(name_of, "/"), name_of);
    at = put(cells, row, at, ROLE_STRONG, text);
    if (s && view->now - a->balancing.series_end > LATE_MS) {
        text_format(text, sizeof text, "   %s ago:", when_span(view->now - a->balancing.series_end, requests, sizeof requests));
        at = put(cells, row, at, ROLE_STALE, text);
    }
    text_format(text, sizeof text, "   %s requests/min   5xx ", text_grouped(s ? waf_rate(s->requests, 1) : NAN, requests, sizeof requests));
    at = put(cells, row, at, ROLE_TEXT, text);
    text_format(text, sizeof text, "%s/min ", text_grouped(errors, failed, sizeof failed));
    at = put(cells, row, at, errors > 0 ? ROLE_WARN : ROLE_TEXT, text);
    if (s)
        at = put(cells, row, at, ROLE_SPARK, spark(points, BALANCER_POINTS, SPARK, text, sizeof text));
    if (!isnan(latency)) {
        text_format(text, sizeof text, "   %.0f ms", latency * 1000);
        put(cells, row, at, ROLE_TEXT, text);
    }
}

static void draw_targets(const struct balancing *b, const char *balancer, struct cells *cells, int row)
{
    int at = 3;
    char text[200], zones[120];
    for (size_t i = 0; i < b->groups.len; i++) {
        struct value health;
        if (strcmp(b->groups.at[i].balancer, balancer) != 0)
            continue;
        network_targets_state(b, &b->groups.at[i], &health);
        network_zones(b, b->groups.at[i].arn, zones, sizeof zones);
        at = put(cells, row, at, ROLE_TEXT, target_group_short(b->groups.at[i].name, text, sizeof text));
        text_format(text, sizeof text, " %s    ", *zones ? zones : "no target");
        at = put(cells, row, at, health.role, text);
    }
}

static bool seen(const struct balancing *b, size_t group)
{
    for (size_t i = 0; i < group; i++)
        if (!strcmp(b->groups.at[i].balancer, b->groups.at[group].balancer))
            return true;
    return !*b->groups.at[group].balancer;
}

int network_draw(const struct pane_view *view, struct cells *cells, int top, int height)
{
    int row = top;
    for (size_t a = 0; a < view->estate->account_count; a++) {
        const struct account *account = &view->estate->accounts[a];
        for (size_t g = 0; g < account->balancing.groups.len && row + 2 < top + height; g++) {
            if (seen(&account->balancing, g))
                continue;
            draw_counts(view, account, account->balancing.groups.at[g].balancer, cells, row++);
            draw_targets(&account->balancing, account->balancing.groups.at[g].balancer, cells, row++);
        }
    }
    return row > top ? row - top + 1 : 0;
}
