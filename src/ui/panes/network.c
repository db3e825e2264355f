/* The network: where the load balancers' targets are and how they are, what the VPC is made of, who may talk to whom. */
#include "ui/panes/network.h"

#include <math.h>
#include <string.h>

#include "ui/panes/panes.h"
#include "ui/value.h"

#define SPARK 20

static const struct account_network *network_of(const struct pane_view *view, struct row_ref row) { return &account_of(view, row)->network; }

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

const char *peer_words(const struct account_network *n, const struct group_rule *rule)
{
    const struct security_group *group = rule->kind == PEER_GROUP ? network_group(n, rule->peer) : NULL;
    if (group && !strcmp(rule->peer, rule->group))
        return "itself";
    return group ? group->name : cidr_is_all(rule->peer) ? "everybody" : rule->peer;
}

/* What each kind of row is called, and where. */

static const char *const words[NETWORK_ROWS] = {"targets", "balancer", "vpc", "subnet", "routes", "endpoint", "acl", "allows", "group", "instance"};

const char *network_row_word(enum network_row kind) { return words[kind]; }

static void kind(const struct pane_view *view, struct row_ref row, struct value *out)
{
    (void)view;
    value_text(out, ROLE_DIM, words[network_row_kind(row)]);
}

static const struct security_group *group_at(const struct account_network *n, struct row_ref row)
{
    return network_row_kind(row) == ROW_GROUP ? &n->groups.at[network_row_at(row)] : network_group(n, n->rules.at[network_row_at(row)].group);
}

/* What comes after the account in an ARN: "loadbalancer/app/innovate/6c8f…". */
static const char *arn_end(const char *arn) { return strrchr(arn, ':') ? strrchr(arn, ':') + 1 : arn; }

const char *network_row_id(const struct account *a, struct row_ref row)
{
    const struct account_network *n = &a->network;
    size_t at = network_row_at(row);
    switch (network_row_kind(row)) {
    case ROW_TARGETS:
        return arn_end(a->balancing.groups.at[at].arn);
    case ROW_BALANCER:
        return arn_end(n->balancers.at[at].arn);
    case ROW_VPC:
        return n->vpcs.at[at].id;
    case ROW_SUBNET:
        return n->subnets.at[at].id;
    case ROW_TABLE:
        return n->tables.at[at].id;
    case ROW_ENDPOINT:
        return n->endpoints.at[at].id;
    case ROW_ACL:
        return n->acls.at[at].id;
    case ROW_GROUP:
        return n->groups.at[at].id;
    case ROW_INSTANCE:
        return n->instances.at[at].id;
    default:
        return "";
    }
}

static void id_of(const struct pane_view *view, struct row_ref row, char *out, size_t size)
{
    char ports[24];
    if (network_row_kind(row) != ROW_RULE) {
        text_copy(out, size, network_row_id(account_of(view, row), row));
        return;
    }
    const struct group_rule *rule = &network_of(view, row)->rules.at[network_row_at(row)];
    text_format(out, size, "%s %s %s %s", rule->group, rule->peer, rule->protocol, port_words(rule->from, rule->to, ports, sizeof ports));
}

static void id(const struct pane_view *view, struct row_ref row, struct value *out)
{
    char text[sizeof out->text];
    id_of(view, row, text, sizeof text);
    value_text(out, ROLE_DIM, text);
}

static void name_rule(const struct account_network *n, struct row_ref row, struct value *out)
{
    const struct group_rule *rule = network_row_kind(row) == ROW_RULE ? &n->rules.at[network_row_at(row)] : NULL;
    const struct security_group *group = group_at(n, row);
    bool open = rule && cidr_is_all(rule->peer);
    value_format(out, open ? ROLE_BAD : ROLE_STRONG, "%s → %s", rule ? peer_words(n, rule) : "nobody",
                 group ? group->name : rule ? rule->group : "?");
}

/* "com.amazonaws.us-east-1.ecr.dkr" → "ecr.dkr" */
const char *service_short(const char *service)
{
    static const char start[] = "com.amazonaws.";
    const char *region = text_starts(service, start) ? strchr(service + sizeof start - 1, '.') : NULL;
    return region ? region + 1 : service;
}

static void name(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account_network *n = network_of(view, row);
    size_t at = network_row_at(row);
    switch (network_row_kind(row)) {
    case ROW_TARGETS:
        value_text(out, ROLE_STRONG, account_of(view, row)->balancing.groups.at[at].name);
        break;
    case ROW_BALANCER:
        value_text(out, ROLE_STRONG, n->balancers.at[at].name);
        break;
    case ROW_VPC:
        value_text(out, ROLE_STRONG, n->vpcs.at[at].name);
        break;
    case ROW_SUBNET:
        value_text(out, ROLE_STRONG, n->subnets.at[at].name);
        break;
    case ROW_TABLE:
        value_text(out, ROLE_STRONG, n->tables.at[at].name);
        break;
    case ROW_ENDPOINT:
        value_text(out, ROLE_STRONG, service_short(n->endpoints.at[at].service));
        break;
    case ROW_ACL:
        value_text(out, ROLE_STRONG, n->acls.at[at].name);
        break;
    case ROW_INSTANCE:
        value_text(out, ROLE_STRONG, n->instances.at[at].name);
        break;
    default:
        name_rule(n, row, out);
    }
}

/* Zones. */

static void zones_words(const struct balancing *b, const char *group, char *out, size_t size)
{
    struct zone_health zones[NETWORK_ZONES];
    size_t count = balancing_zones(b, group, zones, NETWORK_ZONES), len = 0;
    *out = '\0';
    for (size_t i = 0; i < count && len + 1 < size; i++) {
        text_format(out + len, size - len, "%s%s %d/%d", i ? "  " : "", *zones[i].zone ? zone_short(zones[i].zone) : "?", zones[i].healthy,
                    zones[i].total);
        len = strlen(out);
    }
}

static void balancer_zones(const struct load_balancer *b, struct value *out)
{
    size_t len = 0;
    value_text(out, ROLE_TEXT, "");
    for (size_t i = 0; i < NETWORK_ZONES && *b->zones[i]; i++) {
        text_format(out->text + len, sizeof out->text - len, "%s%s", i ? " " : "", zone_short(b->zones[i]));
        len = strlen(out->text);
    }
}

static void zone(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account_network *n = network_of(view, row);
    const struct balancing *b = &account_of(view, row)->balancing;
    size_t at = network_row_at(row);
    switch (network_row_kind(row)) {
    case ROW_TARGETS:
        value_text(out, ROLE_TEXT, "");
        zones_words(b, b->groups.at[at].arn, out->text, sizeof out->text);
        break;
    case ROW_BALANCER:
        balancer_zones(&n->balancers.at[at], out);
        break;
    case ROW_SUBNET:
        value_text(out, ROLE_TEXT, zone_short(n->subnets.at[at].zone));
        break;
    case ROW_INSTANCE:
        value_text(out, ROLE_TEXT, zone_short(n->instances.at[at].zone));
        break;
    default:
        value_text(out, ROLE_DIM, "");
    }
}

/* What it is, in a few words. */

static void about_subnet(const struct account_network *n, const struct subnet *s, struct value *out)
{
    const struct route_table *table = network_table_of(n, s);
    value_format(out, s->public_addresses ? ROLE_BAD : ROLE_TEXT, "%s %s%s%s%s", s->cidr, subnet_tier_name(s->tier), table ? ", routes " : "",
                 table ? table->name : "", s->public_addresses ? ", PUBLIC addresses" : "");
}

static void about_table(const struct account_network *n, const struct route_table *t, struct value *out)
{
    size_t count = 0;
    const char *door = NULL;
    for (size_t i = 0; i < n->routes.len; i++)
        if (!strcmp(n->routes.at[i].table, t->id)) {
            count++;
            door = text_starts(n->routes.at[i].via, "igw-") ? n->routes.at[i].via : door;
        }
    value_format(out, door ? ROLE_WARN : ROLE_TEXT, "%zu route%s%s%s%s", count, count == 1 ? "" : "s", t->main ? ", the main table" : "",
                 door ? ", internet by " : "", door ? door : "");
}

static void about_acl(const struct account_network *n, const struct network_acl *acl, struct value *out)
{
    size_t subnets = 0, rules = 0;
    for (size_t i = 0; i < n->acl_links.len; i++)
        subnets += !strcmp(n->acl_links.at[i].to, acl->id);
    for (size_t i = 0; i < n->entries.len; i++)
        rules += !strcmp(n->entries.at[i].acl, acl->id);
    value_format(out, ROLE_TEXT, "%zu subnet%s, %zu rules%s", subnets, subnets == 1 ? "" : "s", rules, acl->is_default ? ", the default one" : "");
}

static void about_balancer(const struct account_network *n, const struct load_balancer *b, struct value *out)
{
    bool open = strcmp(b->scheme, "internal") != 0;
    size_t len;
    value_format(out, open ? ROLE_WARN : ROLE_TEXT, "%s%s%s", b->scheme, strcmp(b->type, "application") ? " " : "",
                 strcmp(b->type, "application") ? b->type : "");
    for (size_t i = 0; i < n->listeners.len; i++)
        if (!strcmp(n->listeners.at[i].balancer, b->arn)) {
            len = strlen(out->text);
            text_format(out->text + len, sizeof out->text - len, ", %s:%d", n->listeners.at[i].protocol, n->listeners.at[i].port);
        }
}

static void about_rule(const struct group_rule *r, struct value *out)
{
    char ports[24];
    value_format(out, ROLE_TEXT, "%s %s", r->protocol, port_words(r->from, r->to, ports, sizeof ports));
}

static void about(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account_network *n = network_of(view, row);
    size_t at = network_row_at(row);
    const struct target_group *group;
    switch (network_row_kind(row)) {
    case ROW_TARGETS:
        group = &account_of(view, row)->balancing.groups.at[at];
        value_format(out, ROLE_TEXT, "%s:%d %s%s", group->protocol, group->port, group->path, *group->balancer ? "" : ", no load balancer uses it");
        break;
    case ROW_BALANCER:
        about_balancer(n, &n->balancers.at[at], out);
        break;
    case ROW_VPC:
        value_format(out, ROLE_TEXT, "%s%s", n->vpcs.at[at].cidr, n->vpcs.at[at].is_default ? ", the default one" : "");
        break;
    case ROW_SUBNET:
        about_subnet(n, &n->subnets.at[at], out);
        break;
    case ROW_TABLE:
        about_table(n, &n->tables.at[at], out);
        break;
    case ROW_ENDPOINT:
        value_format(out, ROLE_TEXT, "%s%s", n->endpoints.at[at].type, n->endpoints.at[at].private_dns ? ", private DNS" : "");
        break;
    case ROW_ACL:
        about_acl(n, &n->acls.at[at], out);
        break;
    case ROW_RULE:
        about_rule(&n->rules.at[at], out);
        break;
    case ROW_GROUP:
        value_text(out, ROLE_DIM, n->groups.at[at].about);
        break;
    default:
        value_format(out, ROLE_TEXT, "%s, %s", n->instances.at[at].type, n->instances.at[at].address);
    }
}

/* How it is. */

uint8_t target_role(const struct balancer_target *t)
{
    return !strcmp(t->state, "healthy") ? ROLE_OK : target_is_bad(t) ? ROLE_BAD : ROLE_WARN;
}

static void state_targets(const struct balancing *b, const struct target_group *group, struct value *out)
{
    struct zone_health zones[NETWORK_ZONES];
    size_t count = balancing_zones(b, group->arn, zones, NETWORK_ZONES);
    int healthy = 0, total = 0;
    for (size_t i = 0; i < count; i++) {
        healthy += zones[i].healthy;
        total += zones[i].total;
    }
    if (total)
        value_format(out, healthy == total ? ROLE_OK : ROLE_BAD, "%d/%d healthy", healthy, total);
    else
        value_text(out, ROLE_DIM, "no target");
}

static void state_word(struct value *out, const char *word, const char *good)
{
    value_text(out, text_same_case(word, good) ? ROLE_OK : ROLE_WARN, word);
}

static void state(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account_network *n = network_of(view, row);
    size_t at = network_row_at(row);
    switch (network_row_kind(row)) {
    case ROW_TARGETS:
        state_targets(&account_of(view, row)->balancing, &account_of(view, row)->balancing.groups.at[at], out);
        break;
    case ROW_BALANCER:
        state_word(out, n->balancers.at[at].state, "active");
        break;
    case ROW_SUBNET:
        if (n->subnets.at[at].free < 0)
            value_unknown(out);
        else
            value_format(out, n->subnets.at[at].free < 16 ? ROLE_WARN : ROLE_TEXT, "%d free", n->subnets.at[at].free);
        break;
    case ROW_ENDPOINT:
        state_word(out, n->endpoints.at[at].state, "available");
        break;
    case ROW_INSTANCE:
        state_word(out, n->instances.at[at].state, "running");
        break;
    default:
        value_text(out, ROLE_DIM, "");
    }
}

static const struct column columns[] = {
    {"account", "ACCT", 5, 0, .identity = true, .value = value_account},
    {"kind", "WHAT", 8, 0, .identity = true, .value = kind},
    {"name", "NAME", 22, 0, .grow = true, .value = name},
    {"zones", "ZONES", 14, 1, .value = zone},
    {"about", "ABOUT", 20, 0, .grow = true, .value = about},
    {"state", "STATE", 12, 0, .value = state},
    {"id", "ID", 24, 5, .identity = true, .value = id},
    {0},
};

static bool lets_in(const struct account_network *n, const char *group)
{
    for (size_t i = 0; i < n->rules.len; i++)
        if (!n->rules.at[i].egress && !strcmp(n->rules.at[i].group, group))
            return true;
    return false;
}

static size_t count_of(const struct account *a, enum network_row row)
{
    const struct account_network *n = &a->network;
    const size_t counts[NETWORK_ROWS] = {[ROW_TARGETS] = a->balancing.groups.len,
                                         [ROW_BALANCER] = n->balancers.len,
                                         [ROW_VPC] = n->vpcs.len,
                                         [ROW_SUBNET] = n->subnets.len,
                                         [ROW_TABLE] = n->tables.len,
                                         [ROW_ENDPOINT] = n->endpoints.len,
                                         [ROW_ACL] = n->acls.len,
                                         [ROW_RULE] = n->rules.len,
                                         [ROW_GROUP] = n->groups.len,
                                         [ROW_INSTANCE] = n->instances.len};
    return counts[row];
}

/* What a group lets out stands in its details, and so does a group that lets somebody in. */
static bool is_shown(const struct account_network *n, enum network_row row, size_t i)
{
    return !(row == ROW_RULE && n->rules.at[i].egress) && !(row == ROW_GROUP && lets_in(n, n->groups.at[i].id));
}

static void order(const struct pane_view *view, struct row_ref row, struct value *out)
{
    state(view, row, out);
    value_count(out, ROLE_TEXT, rank_of_role(out->role));
}

static void rows(const struct pane_view *view, row_refs *out)
{
    for (int r = 0; r < NETWORK_ROWS; r++)
        for (size_t a = 0; a < view->estate->account_count; a++)
            for (size_t i = 0; i < count_of(&view->estate->accounts[a], (enum network_row)r); i++)
                if (is_shown(&view->estate->accounts[a].network, (enum network_row)r, i))
                    row_add(out, a, (size_t)r << 24 | i);
}

/* Above the table: each load balancer in two lines, its counts and its targets by zone. */

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
        state_targets(b, &b->groups.at[i], &health);
        zones_words(b, b->groups.at[i].arn, zones, sizeof zones);
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

static int draw(const struct pane_view *view, struct cells *cells, int top, int height)
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

static bool detail(const struct pane_view *view, struct row_ref row, struct detail_key *out)
{
    *out = (struct detail_key){.kind = DETAIL_NETWORK, .account = row.account};
    text_copy(out->ns, sizeof out->ns, words[network_row_kind(row)]);
    id_of(view, row, out->name, sizeof out->name);
    return true;
}

/* Each target, for scripts that the groups' sums do not serve. */
static void json(const struct pane_view *view, json_t *into)
{
    json_t *targets = json_array();
    for (size_t a = 0; a < view->estate->account_count; a++) {
        const struct balancing *b = &view->estate->accounts[a].balancing;
        for (size_t i = 0; i < b->targets.len; i++) {
            const struct balancer_target *t = &b->targets.at[i];
            const struct target_group *group = balancing_group(b, t->group);
            json_array_append_new(targets, json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:s}", "account", view->estate->accounts[a].config->name,
                                                     "group", group ? group->name : t->group, "target", t->id, "port", t->port, "zone", t->zone,
                                                     "state", t->state, "reason", t->reason));
        }
    }
    json_object_set_new(into, "targets", targets);
}

/* Load balancers by themselves; what the network is made of stands for the whole of it. */
static bool thing(const struct pane_view *view, struct row_ref row, struct thing *out)
{
    enum network_row k = network_row_kind(row);
    (void)view;
    *out = k == ROW_BALANCER ? (struct thing){THING_BALANCER, row.account, network_row_at(row)} : (struct thing){THING_NETWORK, row.account, 0};
    return k == ROW_BALANCER || k == ROW_VPC || k == ROW_SUBNET || k == ROW_ENDPOINT;
}

const struct pane pane_network = {
    .name = "network",
    .title = "Network",
    .about = "VPC, subnets, endpoints, who may talk to whom, targets",
    .feeds = FEED_BIT(FEED_NETWORK) | FEED_BIT(FEED_LOAD_BALANCERS),
    .columns = columns,
    .thing = thing,
    .rows = rows,
    .order = order,
    .draw = draw,
    .detail = detail,
    .describe = network_describe,
    .json = json,
    .leads = network_leads,
    .lead_feeds = FEED_BIT(FEED_EDGE),
    .is = network_is,
};
