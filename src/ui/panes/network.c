/* The network: where the load balancers' targets are and how they are, what the VPC is made of, who may talk to whom. */
#include "ui/panes/network.h"

#include <string.h>

#include "ui/panes/panes.h"
#include "ui/value.h"

static const struct account_network *network_of(const struct pane_view *view, struct row_ref row) { return &account_of(view, row)->network; }

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

/* A group's name without the VPC's before it and a machine's mark behind it; and CloudFront's own, which always has the same. */
static const char *brief_group(const struct account_network *n, const struct security_group *g, char *out, size_t size)
{
    char plain[NETWORK_NAME];
    const char *name = group_plain_name(g->name, plain, sizeof plain);
    for (size_t i = 0; i < n->vpcs.len; i++) {
        size_t len = strlen(n->vpcs.at[i].name);
        if (!strcmp(n->vpcs.at[i].id, g->vpc) && text_starts(plain, n->vpcs.at[i].name) && plain[len] == '-')
            name += len + 1;
    }
    text_copy(out, size, !strcmp(g->name, "CloudFront-VPCOrigins-Service-SG") ? "CloudFront" : name);
    return out;
}

/* Of who may talk to whom a narrow window has to show both. */
static const char *brief_name(const struct pane_view *view, struct row_ref row, const char *text, char *out, size_t size)
{
    const struct account_network *n = network_of(view, row);
    const struct group_rule *rule = network_row_kind(row) == ROW_RULE ? &n->rules.at[network_row_at(row)] : NULL;
    const struct security_group *to = rule || network_row_kind(row) == ROW_GROUP ? group_at(n, row) : NULL;
    const struct security_group *from = rule && rule->kind == PEER_GROUP && strcmp(rule->peer, rule->group) ? network_group(n, rule->peer) : NULL;
    char peer[NETWORK_NAME], group[NETWORK_NAME];
    if (!to)
        return text;
    text_format(out, size, "%s → %s", from ? brief_group(n, from, peer, sizeof peer) : rule ? peer_words(n, rule) : "nobody",
                brief_group(n, to, group, sizeof group));
    return out;
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

void network_zones(const struct balancing *b, const char *group, char *out, size_t size)
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
        network_zones(b, b->groups.at[at].arn, out->text, sizeof out->text);
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
    value_format(out, s->public_addresses ? ROLE_BAD : ROLE_TEXT, "%s%s %s%s%s", s->public_addresses ? "PUBLIC addresses, " : "", s->cidr,
                 subnet_tier_name(s->tier), table ? ", routes " : "", table ? table->name : "");
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
    bool open = subnets && acl_opens_all(n, acl->id);
    value_format(out, open ? ROLE_WARN : ROLE_TEXT, "%s%zu subnet%s, %zu rules%s", open ? "LETS ALL IN, " : "", subnets, subnets == 1 ? "" : "s",
                 rules, acl->is_default ? ", the default one" : "");
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

void network_targets_state(const struct balancing *b, const struct target_group *group, struct value *out)
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
        network_targets_state(&account_of(view, row)->balancing, &account_of(view, row)->balancing.groups.at[at], out);
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
    {"name", "NAME", 22, 0, .grow = true, .value = name, .brief = brief_name},
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

/* Not the state alone tells that something is wrong: who is everybody, and what the internet reaches, stands before it. */
static void order(const struct pane_view *view, struct row_ref row, struct value *out)
{
    static void (*const tell[])(const struct pane_view *view, struct row_ref row, struct value *out) = {name, about, state};
    int worst = rank_of_role(ROLE_TEXT);
    for (size_t i = 0; i < sizeof tell / sizeof *tell; i++) {
        tell[i](view, row, out);
        worst = rank_of_role(out->role) < worst ? rank_of_role(out->role) : worst;
    }
    value_count(out, ROLE_TEXT, worst);
}

static void rows(const struct pane_view *view, row_refs *out)
{
    for (int r = 0; r < NETWORK_ROWS; r++)
        for (size_t a = 0; a < view->estate->account_count; a++)
            for (size_t i = 0; i < count_of(&view->estate->accounts[a], (enum network_row)r); i++)
                if (is_shown(&view->estate->accounts[a].network, (enum network_row)r, i))
                    row_add(out, a, (size_t)r << 24 | i);
}

static bool detail(const struct pane_view *view, struct row_ref row, struct detail_key *out)
{
    *out = (struct detail_key){.kind = DETAIL_NETWORK, .account = row.account};
    text_copy(out->ns, sizeof out->ns, words[network_row_kind(row)]);
    id_of(view, row, out->name, sizeof out->name);
    return true;
}

/* Load balancers and security groups by themselves; what the network is made of stands for the whole of it. */
static bool thing(const struct pane_view *view, struct row_ref row, struct thing *out)
{
    static const enum thing_kind kinds[NETWORK_ROWS] = {
        [ROW_BALANCER] = THING_BALANCER, [ROW_VPC] = THING_NETWORK, [ROW_SUBNET] = THING_NETWORK, [ROW_ENDPOINT] = THING_NETWORK,
        [ROW_RULE] = THING_GROUP,        [ROW_GROUP] = THING_GROUP};
    const struct account_network *n = network_of(view, row);
    const struct security_group *group = kinds[network_row_kind(row)] == THING_GROUP ? group_at(n, row) : NULL;
    *out = (struct thing){kinds[network_row_kind(row)], row.account, network_row_kind(row) == ROW_BALANCER ? network_row_at(row) : 0};
    if (out->kind == THING_GROUP && !group)
        out->kind = THING_NONE;
    else if (group)
        out->index = (size_t)(group - n->groups.at);
    return out->kind != THING_NONE;
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
    .draw = network_draw,
    .detail = detail,
    .describe = network_describe,
    .json = network_json,
    .leads = network_leads,
    .lead_feeds = FEED_BIT(FEED_EDGE),
    .is = network_is,
};
