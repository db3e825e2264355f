/* What Enter shows of a row of the network pane: all about it, in words. */
#include <string.h>

#include "base/when.h"
#include "ui/panes/network.h"
#include "ui/value.h"

static void gap(struct page *out, const char *title)
{
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "%s", title);
}

/* Why nothing stands there: it could not be read, or it is so. */
static void say_missing(const struct account_network *n, enum network_part part, const char *none, struct page *out)
{
    if (network_knows(n, part))
        page_add(out, ROLE_DIM, "%s", none);
    else
        page_add(out, ROLE_UNKNOWN, "not known: they could not be read");
}

static const char *count_words(int count, char *out, size_t size)
{
    text_format(out, size, count < 0 ? "–" : "%d", count);
    return out;
}

static void describe_targets(const struct pane_view *view, const struct account *a, const struct target_group *g, struct page *out)
{
    const struct balancer_series *s = balancing_series(&a->balancing, g->balancer);
    char text[400];
    page_add(out, ROLE_STRONG, "%s   %s targets, %s port %d", g->name, g->type, g->protocol, g->port);
    page_add(out, ROLE_TEXT, "health check   %s, answer %s", g->path, *g->matcher ? g->matcher : "–");
    page_add(out, *g->balancer ? ROLE_TEXT : ROLE_WARN, "load balancer  %s", *g->balancer ? g->balancer : "none uses it");
    if (s) {
        page_add(out, ROLE_SPARK, "requests       %s", spark(s->requests, BALANCER_POINTS, BALANCER_POINTS, text, sizeof text));
        page_add(out, ROLE_SPARK, "5xx of targets %s", spark(s->target_5xx, BALANCER_POINTS, BALANCER_POINTS, text, sizeof text));
        page_add(out, ROLE_SPARK, "5xx of its own %s", spark(s->balancer_5xx, BALANCER_POINTS, BALANCER_POINTS, text, sizeof text));
        page_add(out, ROLE_DIM, "the load balancer's last hour, to %s, all its groups together",
                 when_clock(a->balancing.series_end, text, sizeof text));
    }
    gap(out, "TARGETS");
    bool any = false;
    for (size_t i = 0; i < a->balancing.targets.len; i++) {
        const struct balancer_target *t = &a->balancing.targets.at[i];
        if (strcmp(t->group, g->arn) != 0)
            continue;
        page_add(out, target_role(t), "%-16s %-6d %-4s %-10s %s", t->id, t->port, zone_short(t->zone), t->state, t->reason);
        any = true;
    }
    if (!any)
        page_add(out, ROLE_DIM, "none: nothing answers here");
    (void)view;
}

static void describe_action(const struct listener_action *action, const char *indent, struct page *out)
{
    page_add(out, ROLE_TEXT, "%s→ %s%s%s%s%s", indent, action->type, *action->status ? " " : "", action->status, *action->target ? " " : "",
             action->target);
}

static void describe_rule_of_listener(const struct listener_rule *r, struct page *out)
{
    page_add(out, *r->header ? ROLE_TEXT : ROLE_WARN, "  %-6s %s%s%s%s%s%s", r->priority, *r->header ? "header " : "no header asked for", r->header,
             *r->paths ? "  path " : "", r->paths, *r->hosts ? "  host " : "", r->hosts);
    describe_action(&r->action, "         ", out);
}

static void describe_listener(const struct pane_view *view, const struct account_network *n, const struct listener *l, struct page *out)
{
    char text[40];
    page_add(out, ROLE_STRONG, "%s:%d   %s", l->protocol, l->port, l->policy);
    for (size_t i = 0; i < n->certificates.len; i++) {
        const struct alb_certificate *c = &n->certificates.at[i];
        if (!strcmp(c->arn, l->certificate))
            page_add(out, c->expires_at - view->now < INT64_C(30) * 86400000 ? ROLE_BAD : ROLE_TEXT, "  certificate of %s, %s, until %s", c->domain,
                     c->status, c->expires_at ? when_date(c->expires_at, text, sizeof text) : "–");
    }
    for (size_t i = 0; i < n->listener_rules.len; i++)
        if (!strcmp(n->listener_rules.at[i].listener, l->arn))
            describe_rule_of_listener(&n->listener_rules.at[i], out);
    page_add(out, strcmp(l->action.type, "forward") ? ROLE_TEXT : ROLE_WARN, "  all else");
    describe_action(&l->action, "         ", out);
}

static void describe_balancer(const struct pane_view *view, const struct account_network *n, const struct load_balancer *b, struct page *out)
{
    page_add(out, ROLE_STRONG, "%s   %s %s   %s", b->name, b->scheme, b->type, b->state);
    page_add(out, ROLE_TEXT, "name in DNS   %s", b->dns);
    page_add(out, ROLE_TEXT, "cross-zone    %s", b->cross_zone < 0 ? "not known" : b->cross_zone ? "on" : "OFF");
    for (size_t i = 0; i < NETWORK_ZONES && *b->zones[i]; i++)
        page_add(out, ROLE_TEXT, "zone          %s", b->zones[i]);
    for (size_t i = 0; i < BALANCER_GROUPS && *b->groups[i]; i++) {
        const struct security_group *g = network_group(n, b->groups[i]);
        page_add(out, ROLE_TEXT, "group         %s  %s", b->groups[i], g ? g->name : "");
    }
    gap(out, "LISTENERS");
    bool any = false;
    for (size_t i = 0; i < n->listeners.len; i++)
        if (!strcmp(n->listeners.at[i].balancer, b->arn)) {
            describe_listener(view, n, &n->listeners.at[i], out);
            any = true;
        }
    if (!any)
        say_missing(n, NETWORK_LISTENERS, "none", out);
}

static void describe_routes(const struct account_network *n, const struct route_table *t, struct page *out)
{
    for (size_t i = 0; i < n->routes.len; i++) {
        const struct table_route *r = &n->routes.at[i];
        if (!strcmp(r->table, t->id))
            page_add(out, r->dead || text_starts(r->via, "igw-") ? ROLE_WARN : ROLE_TEXT, "%-22s via %s%s", r->to, r->via,
                     r->dead ? "   BLACKHOLE" : "");
    }
}

static void describe_acl_rules(const struct account_network *n, const struct network_acl *acl, struct page *out)
{
    char ports[24];
    for (int egress = 0; egress < 2; egress++)
        for (size_t i = 0; i < n->entries.len; i++) {
            const struct acl_entry *e = &n->entries.at[i];
            if (e->egress == (egress == 1) && !strcmp(e->acl, acl->id))
                page_add(out, e->allow ? ROLE_TEXT : ROLE_DIM, "%-3s %5d  %-5s %-20s %-6s %s", egress ? "out" : "in", e->number,
                         e->allow ? "allow" : "deny", e->cidr, e->protocol, port_words(e->from, e->to, ports, sizeof ports));
        }
}

static void describe_subnet(const struct account *a, const struct subnet *s, struct page *out)
{
    const struct account_network *n = &a->network;
    const struct route_table *table = network_table_of(n, s);
    const struct network_acl *acl = network_acl_of(n, s);
    char left[24];
    page_add(out, ROLE_STRONG, "%s   %s   %s   tier %s", s->name, s->cidr, s->zone, subnet_tier_name(s->tier));
    page_add(out, ROLE_TEXT, "id %s, of %s", s->id, s->vpc);
    page_add(out, s->public_addresses ? ROLE_BAD : ROLE_TEXT, "hands out public addresses: %s   addresses left: %s",
             s->public_addresses ? "YES" : "no", count_words(s->free, left, sizeof left));
    gap(out, "ROUTES");
    if (table) {
        page_add(out, ROLE_DIM, "by %s %s", table->id, table->main ? "(the main table)" : table->name);
        describe_routes(n, table, out);
    } else {
        say_missing(n, NETWORK_ROUTES, "none: it has no route table", out);
    }
    gap(out, "NETWORK ACL");
    if (acl) {
        page_add(out, ROLE_DIM, "%s %s", acl->id, acl->is_default ? "(the default one)" : acl->name);
        describe_acl_rules(n, acl, out);
    } else {
        say_missing(n, NETWORK_ACLS, "none", out);
    }
    gap(out, "INSTANCES AND DATABASES HERE");
    for (size_t i = 0; i < n->instances.len; i++)
        if (!strcmp(n->instances.at[i].subnet, s->id))
            page_add(out, ROLE_TEXT, "%s  %s  %s", n->instances.at[i].id, n->instances.at[i].name, n->instances.at[i].state);
    for (size_t i = 0; s->tier == TIER_DB && i < a->database.instances.len; i++) {
        const struct database *d = &a->database.instances.at[i];
        if (!strcmp(d->zone, s->zone) || !strcmp(d->standby_zone, s->zone))
            page_add(out, ROLE_TEXT, "%s  has its %s in this zone", d->id, !strcmp(d->zone, s->zone) ? "primary" : "standby");
    }
}

static void describe_table(const struct account_network *n, const struct route_table *t, struct page *out)
{
    page_add(out, ROLE_STRONG, "%s   %s%s", t->name, t->id, t->main ? "   main" : "");
    gap(out, "ROUTES");
    describe_routes(n, t, out);
    gap(out, "SUBNETS");
    for (size_t i = 0; i < n->subnets.len; i++)
        if (network_table_of(n, &n->subnets.at[i]) == t)
            page_add(out, ROLE_TEXT, "%-26s %-18s %s", n->subnets.at[i].name, n->subnets.at[i].cidr, n->subnets.at[i].zone);
}

static void describe_acl(const struct account_network *n, const struct network_acl *acl, struct page *out)
{
    page_add(out, ROLE_STRONG, "%s   %s%s", acl->name, acl->id, acl->is_default ? "   the default one" : "");
    gap(out, "RULES");
    describe_acl_rules(n, acl, out);
    gap(out, "SUBNETS");
    for (size_t i = 0; i < n->acl_links.len; i++) {
        const struct subnet *s = !strcmp(n->acl_links.at[i].to, acl->id) ? network_subnet(n, n->acl_links.at[i].subnet) : NULL;
        if (s)
            page_add(out, ROLE_TEXT, "%-26s %-18s %s", s->name, s->cidr, s->zone);
    }
}

static void describe_side(const struct account_network *n, const struct security_group *g, bool egress, struct page *out)
{
    bool any = false;
    char ports[24];
    for (size_t i = 0; i < n->rules.len; i++) {
        const struct group_rule *r = &n->rules.at[i];
        if (r->egress != egress || strcmp(r->group, g->id) != 0)
            continue;
        page_add(out, !egress && cidr_is_all(r->peer) ? ROLE_BAD : ROLE_TEXT, "%-34s %-5s %-11s %s", peer_words(n, r), r->protocol,
                 port_words(r->from, r->to, ports, sizeof ports), r->peer);
        any = true;
    }
    if (!any)
        page_add(out, ROLE_DIM, "nobody");
}

static void describe_group(const struct account *a, const struct security_group *g, struct page *out)
{
    const struct account_network *n = &a->network;
    page_add(out, ROLE_STRONG, "%s   %s", g->name, g->id);
    page_add(out, ROLE_TEXT, "%s", g->about);
    gap(out, "WHO MAY TALK TO IT");
    describe_side(n, g, false, out);
    gap(out, "WHOM IT MAY TALK TO");
    describe_side(n, g, true, out);
    gap(out, "WHAT IS IN IT");
    for (size_t i = 0; i < n->balancers.len; i++)
        for (size_t k = 0; k < BALANCER_GROUPS; k++)
            if (!strcmp(n->balancers.at[i].groups[k], g->id))
                page_add(out, ROLE_TEXT, "load balancer %s", n->balancers.at[i].name);
    for (size_t i = 0; i < a->database.instances.len; i++)
        for (size_t k = 0; k < sizeof a->database.instances.at->groups / sizeof *a->database.instances.at->groups; k++)
            if (!strcmp(a->database.instances.at[i].groups[k], g->id))
                page_add(out, ROLE_TEXT, "database %s", a->database.instances.at[i].id);
    page_add(out, ROLE_DIM, "load balancers and databases are looked for here; what else is in it is not");
}

static void describe_vpc(const struct account_network *n, const struct vpc *v, struct page *out)
{
    page_add(out, ROLE_STRONG, "%s   %s   %s%s", v->name, v->cidr, v->id, v->is_default ? "   the default one" : "");
    page_add(out, ROLE_TEXT, "EBS volumes are encrypted by default: %s",
             !network_knows(n, NETWORK_EBS) || n->ebs_encrypted < 0 ? "not known" : n->ebs_encrypted ? "yes" : "NO");
    gap(out, "SUBNETS");
    bool any = false;
    for (size_t i = 0; i < n->subnets.len; i++) {
        char left[24];
        if (strcmp(n->subnets.at[i].vpc, v->id) != 0)
            continue;
        page_add(out, ROLE_TEXT, "%-26s %-18s %-12s %-6s %s free", n->subnets.at[i].name, n->subnets.at[i].cidr, n->subnets.at[i].zone,
                 subnet_tier_name(n->subnets.at[i].tier), count_words(n->subnets.at[i].free, left, sizeof left));
        any = true;
    }
    if (!any)
        say_missing(n, NETWORK_SUBNETS, "none", out);
}

static void describe_endpoint(const struct vpc_endpoint *e, struct page *out)
{
    page_add(out, ROLE_STRONG, "%s   %s   %s", e->service, e->type, e->state);
    page_add(out, ROLE_TEXT, "id %s, of %s", e->id, e->vpc);
    page_add(out, ROLE_TEXT, "private DNS %s", e->private_dns ? "on" : "off");
}

static void describe_instance(const struct pane_view *view, const struct account_network *n, const struct ec2_instance *i, struct page *out)
{
    const struct subnet *s = network_subnet(n, i->subnet);
    char text[40];
    page_add(out, ROLE_STRONG, "%s   %s   %s   %s", i->name, i->id, i->type, i->state);
    page_add(out, ROLE_TEXT, "%s in %s, %s %s", i->address, i->zone, i->subnet, s ? s->name : "");
    if (i->launched_at)
        page_add(out, ROLE_TEXT, "launched %s ago", when_span(view->now - i->launched_at, text, sizeof text));
}

void network_describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    const struct account *a = account_of(view, row);
    const struct account_network *n = &a->network;
    const struct security_group *g;
    size_t at = network_row_at(row);
    switch (network_row_kind(row)) {
    case ROW_TARGETS:
        describe_targets(view, a, &a->balancing.groups.at[at], out);
        break;
    case ROW_BALANCER:
        describe_balancer(view, n, &n->balancers.at[at], out);
        break;
    case ROW_VPC:
        describe_vpc(n, &n->vpcs.at[at], out);
        break;
    case ROW_SUBNET:
        describe_subnet(a, &n->subnets.at[at], out);
        break;
    case ROW_TABLE:
        describe_table(n, &n->tables.at[at], out);
        break;
    case ROW_ENDPOINT:
        describe_endpoint(&n->endpoints.at[at], out);
        break;
    case ROW_ACL:
        describe_acl(n, &n->acls.at[at], out);
        break;
    case ROW_RULE:
        g = network_group(n, n->rules.at[at].group);
        if (g)
            describe_group(a, g, out);
        break;
    case ROW_GROUP:
        describe_group(a, &n->groups.at[at], out);
        break;
    default:
        describe_instance(view, n, &n->instances.at[at], out);
    }
}
