/* `→` and `←`: from each row to what it belongs with, and back to the same row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "leads_estate.h"
#include "platform_estate.h"
#include "ui/internal.h"
#include "ui_estate.h"
#include "ui_picture.h"

static struct console *console(struct estate *e, const char *pane, int rows, int columns)
{
    struct console_options options = {.estate = e, .pane = pane, .unicode = true, .rows = rows, .columns = columns, .now = UI_NOW};
    struct console *c = console_new(&options);
    assert_true(console_draw(c, UI_NOW));
    return c;
}

static struct console *console_of(struct estate *e, const char *pane)
{
    leads_build(e);
    return console(e, pane, 50, 160);
}

static void end(struct console *c, struct estate *e)
{
    console_free(c);
    ui_estate_free(e);
}

static const char *selected(struct console *c, char *out, size_t size)
{
    struct pane_view view = console_view(c);
    struct row_ref row;
    assert_true(table_selected(console_table(c), &row));
    table_identity(console_pane(c), &view, row, out, size);
    return out;
}

/* The pane is open, and the row with this identity selected: account and identity columns, separated by '|'. */
static void assert_at(struct console *c, const char *pane, const char *identity)
{
    char is[600];
    assert_string_equal(console_pane(c)->name, pane);
    selected(c, is, sizeof is);
    for (char *p = is; *p; p++)
        *p = *p == '\t' ? '|' : *p;
    assert_string_equal(strchr(is, '|') + 1, identity);
}

/* → and, in the menu, arrows to the line with this text and Enter. */
static void follow(struct console *c, const char *label)
{
    type_keys(c, "<Right>", UI_NOW);
    if (c->prompt != PROMPT_LEADS)
        return;
    for (size_t i = 0; i < c->leads.count && !strstr(c->leads.at[c->lead].label, label); i++)
        type_keys(c, "<Down>", UI_NOW);
    if (!strstr(c->leads.at[c->lead].label, label))
        fail_msg("no \"%s\" in the menu", label);
    type_keys(c, "<Enter>", UI_NOW);
}

struct hop {
    const char *label, *pane, *identity; /* identity: of the row that is selected on arrival */
};

/* Each hop forward, then all of them back; on each the right row is selected. */
static void walk(const char *pane, const char *keys, const char *start, const struct hop *hops)
{
    struct estate *e = ui_estate();
    struct console *c = console_of(e, pane);
    size_t count = 0;
    type_keys(c, keys, UI_NOW);
    assert_at(c, pane, start);
    for (; hops[count].pane; count++) {
        follow(c, hops[count].label);
        assert_at(c, hops[count].pane, hops[count].identity);
    }
    while (count-- > 0) {
        type_keys(c, "<Left>", UI_NOW);
        assert_at(c, count ? hops[count - 1].pane : pane, count ? hops[count - 1].identity : start);
    }
    type_keys(c, "<Left>", UI_NOW); /* there is nowhere further back */
    assert_at(c, pane, start);
    end(c, e);
}

static void from_a_pod_to_the_database(void **state)
{
    static const struct hop hops[] = {{"node fargate-ip-10-0-12-23", "nodes", "PROD|node|fargate-ip-10-0-12-23.ec2.internal"},
                                      {"subnet app-1b 10.0.12.0/24 in us-east-1b", "network", "PROD|subnet|subnet-app-1b"},
                                      {"security group backend", "network", "PROD|allows|sg-backend sg-alb tcp 8000"},
                                      {"may talk to, tcp 5432: database", "network", "PROD|allows|sg-database sg-backend tcp 5432"},
                                      {"database in it", "database", "PROD|innovate-prod"},
                                      {"secret", "security", "PROD|secret|innovate-prod/database"},
                                      {0}};
    (void)state;
    walk("pods", "/backend-7d9c5b6f4-b<Enter><End>", "PROD|web|backend-7d9c5b6f4-bx2vk", hops);
}

static void the_database_lets_in_the_subnets(struct estate *e)
{
    struct account_network *n = &estate_account_write(e, PROD)->network;
    size_t count = n->rules.len;
    for (size_t i = 0; i < count; i++)
        if (!strcmp(n->rules.at[i].group, "sg-database")) {
            struct group_rule *other = vec_add(&n->rules), *one = &n->rules.at[i];
            one->kind = PEER_CIDR;
            text_copy(one->peer, sizeof one->peer, "10.0.11.0/24");
            *other = *one;
            text_copy(other->peer, sizeof other->peer, "10.0.12.0/24");
        }
    estate_touch(e);
}

/* As the architecture has it: the database takes connections from the application's subnets, whatever group is in them. */
static void from_a_subnet_that_the_database_lets_in(void **state)
{
    struct estate *e = ui_estate();
    struct console *c = console_of(e, "pods");
    (void)state;
    the_database_lets_in_the_subnets(e);
    type_keys(c, "/backend-7d9c5b6f4-b<Enter><End>", UI_NOW);
    follow(c, "database innovate-prod, that lets it in");
    assert_at(c, "database", "PROD|innovate-prod");
    type_keys(c, "<Left>", UI_NOW);
    follow(c, "subnet app-1b");
    follow(c, "may talk to, tcp 5432: database");
    assert_at(c, "network", "PROD|allows|sg-database 10.0.11.0/24 tcp 5432");
    follow(c, "subnet app-1a");
    assert_at(c, "network", "PROD|subnet|subnet-app-1a");
    type_keys(c, "<Left>", UI_NOW);
    follow(c, "database in it");
    assert_at(c, "database", "PROD|innovate-prod");
    end(c, e);
}

/* By the rule's port, and by no rule of what goes out. */
static void who_is_let_in(void **state)
{
    struct estate *e = ui_estate();
    leads_build(e);
    struct account_network *n = &estate_account_write(e, PROD)->network;
    (void)state;
    assert_true(network_admits(n, "sg-database", "10.0.12.23", 5432)); /* by its group */
    assert_false(network_admits(n, "sg-database", "10.0.12.23", 5433));
    assert_false(network_admits(n, "sg-database", "10.0.12.52", 5432)); /* the frontend's */
    assert_false(network_admits(n, "sg-database", "", 5432));
    assert_true(network_admits(n, "sg-endpoints", "10.0.11.77", 443)); /* by its range */
    assert_false(network_admits(n, "sg-endpoints", "10.0.21.10", 443));
    for (size_t i = 0; i < n->rules.len; i++)
        n->rules.at[i].egress = true;
    assert_false(network_admits(n, "sg-database", "10.0.12.23", 5432) || network_admits(n, "sg-endpoints", "10.0.11.77", 443));
    ui_estate_free(e);
}

static void from_an_alarm_to_its_resource(void **state)
{
    static const struct hop database[] = {{"database innovate-prod", "database", "PROD|innovate-prod"}, {0}};
    static const struct hop children[] = {{"made of", "alarms", "PROD|alb-5xx"},
                                          {"load balancer", "network", "PROD|balancer|loadbalancer/app/innovate/6c8f1b2d3e4a5f60"}, {0}};
    (void)state;
    walk("alarms", "/rds-cpu<Enter><End>", "PROD|rds-cpu", database);
    walk("alarms", "/site<Enter>", "PROD|site", children);
}

static void lone_alarm(struct estate *e, size_t account, const char *space, const char *dimension, const char *value)
{
    struct alarm alarm = {.state = ALARM_ALARM, .since = UI_NOW, .name = "lone"};
    text_copy(alarm.namespace_, sizeof alarm.namespace_, space);
    text_copy(alarm.dimensions[0].name, sizeof alarm.dimensions[0].name, dimension);
    text_copy(alarm.dimensions[0].value, sizeof alarm.dimensions[0].value, value);
    alarms_set(e, account, &alarm, 1, UI_NOW);
}

static bool leads_to(struct console *c, const char *pane, const char *label)
{
    struct pane_view view = console_view(c);
    struct row_ref row;
    struct leads found;
    assert_true(table_selected(console_table(c), &row));
    leads_of(&view, console_pane(c), row, false, &found);
    for (size_t i = 0; i < found.count; i++)
        if (!strcmp(found.at[i].pane, pane) && strstr(found.at[i].label, label))
            return true;
    return false;
}

/* There and back: each of them leads to its row, and that one's leads to the alarm. */
static void from_an_alarm_on_what_is_seldom_watched(void **state)
{
    static const struct {
        const char *dimension, *pane, *label;
    } each[] = {{"WebACL", "waf", "web ACL"},           {"NodeName", "nodes", "node"},           {"CertificateArn", "edge", "certificate"},
                {"InstanceId", "network", "instance"},  {"RepositoryName", "images", "images of"}, {"VPC Endpoint Id", "network", "endpoint"}};
    struct estate *e = ui_estate();
    struct console *c = console_of(e, "alarms");
    struct account *prod = estate_account_write(e, PROD);
    const char *const values[] = {"innovateEdge", prod->cluster.nodes.at[0].name,     prod->edge.certificates.at[0].arn, "i-1",
                                  "backend",      prod->network.endpoints.at[0].id};
    (void)state;
    *vec_add(&prod->network.instances) = (struct ec2_instance){.id = "i-1", .name = "addons", .address = "10.0.11.5"};
    text_copy(prod->web_acl.metric, sizeof prod->web_acl.metric, "innovateEdge");
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        size_t account = !strcmp(each[i].pane, "images") ? ROOT : PROD;
        lone_alarm(e, account, "Any", each[i].dimension, values[i]);
        console_draw(c, UI_NOW);
        type_keys(c, "/lone<Enter><Home>", UI_NOW);
        if (!leads_to(c, each[i].pane, each[i].label))
            fail_msg("%s leads not to %s", each[i].dimension, each[i].pane);
        follow(c, each[i].label);
        assert_string_equal(console_pane(c)->name, each[i].pane);
        if (strcmp(each[i].dimension, "VPC Endpoint Id") != 0 && !leads_to(c, "alarms", "alarms on"))
            fail_msg("no way back from %s", each[i].pane);
        alarms_set(e, account, NULL, 0, UI_NOW);
        type_keys(c, "<Left><Esc>", UI_NOW);
    }
    end(c, e);
}

static bool tells_it_is_gone(struct estate *e, const char *dimension, const char *value)
{
    struct pane_view view = {.estate = e, .now = UI_NOW, .unicode = true, .account = SIZE_MAX};
    struct page page = {0};
    bool told = false;
    lone_alarm(e, PROD, "Any", dimension, value);
    pane_find("alarms")->describe(&view, (struct row_ref){PROD, 0}, &page);
    for (size_t i = 0; i < page.lines.len; i++)
        told |= strstr(page.lines.at[i].text, "not there any more") != NULL;
    page_free(&page);
    return told;
}

/* There is no lead to what is gone: its details say why. Of what the pane does not list whole, or could not read, nothing is claimed. */
static void an_alarm_whose_resource_is_gone_says_so(void **state)
{
    struct estate *e = ui_estate();
    (void)state;
    leads_build(e);
    assert_true(tells_it_is_gone(e, "DBInstanceIdentifier", "innovate-old"));
    assert_false(tells_it_is_gone(e, "DBInstanceIdentifier", "innovate-prod"));
    assert_false(tells_it_is_gone(e, "RepositoryName", "never-run"));
    ui_fail(e, PROD, FEED_DATABASE, "AccessDenied", "no");
    estate_account_write(e, PROD)->slices[FEED_DATABASE].state = SLICE_FAILED;
    assert_false(tells_it_is_gone(e, "DBInstanceIdentifier", "innovate-old"));
    ui_estate_free(e);
}

static void an_alarm_on_the_bill_leads_to_whose_it_is(void **state)
{
    struct estate *e = ui_estate();
    struct console *c = console_of(e, "alarms");
    (void)state;
    lone_alarm(e, ROOT, "AWS/Billing", "LinkedAccount", e->config->accounts.at[PROD].id);
    console_draw(c, UI_NOW);
    type_keys(c, "/lone<Enter>", UI_NOW);
    assert_true(leads_to(c, "costs", "costs of prod") && leads_to(c, "budgets", "budgets of prod"));
    lone_alarm(e, ROOT, "AWS/Billing", "Currency", "USD"); /* of all of them together */
    console_draw(c, UI_NOW);
    assert_true(leads_to(c, "costs", "costs of root"));
    lone_alarm(e, ROOT, "AWS/Billing", "LinkedAccount", "999999999999"); /* nobody's here */
    console_draw(c, UI_NOW);
    assert_false(leads_to(c, "costs", "costs of"));
    end(c, e);
}

static void from_an_image_to_the_run_that_built_it(void **state)
{
    static const struct hop hops[] = {{"runs in prod", "pods", "PROD|web|backend-6c9d7f5b8-8hjlc"},
                                      {"image backend 77fe", "images", "root|backend|77fe0000"},
                                      {"built by run 811", "releases", "PROD|811|Show the delivery date"},
                                      {"image frontend", "images", "root|frontend|77fe0000"},
                                      {0}};
    (void)state;
    walk("images", "/backend<Enter><End>", "root|backend|77fe0000", hops);
}

static void from_a_role_to_its_last_use(void **state)
{
    static const struct hop hops[] = {{"may be assumed by user/oncall", "security", "root|user|oncall"},
                                      {"by CloudTrail", "timeline", "13:32:11|root|trail|mara|rds CreateUser"}, {0}};
    static const struct hop session[] = {{"by CloudTrail", "timeline", "13:32:11|PROD|trail|innovate-prod|rds RebootDBInstance"}, {0}};
    (void)state;
    walk("security", "/TrivetOperator<Enter><End>", "PROD|role|TrivetOperator", hops);
    walk("security", "/TrivetOperator<Enter><End>", "PROD|role|TrivetOperator", session);
}

/* Several rows: the pane shows just these, in words; Esc shows all. */
static void several_rows_narrow_the_pane(void **state)
{
    struct estate *e = ui_estate();
    struct console *c = console_of(e, "alarms");
    struct str text = STR_INIT(SCREEN_MAX);
    (void)state;
    type_keys(c, "/restarts<Enter>", UI_NOW);
    follow(c, "pods of the namespace");
    assert_string_equal(console_pane(c)->name, "pods");
    size_t all = console_table(c)->all, some = console_table(c)->rows.len;
    assert_true(some > 4 && some < all);
    cells_text(console_cells(c), &text);
    assert_non_null(strstr(str_text(&text), "rows: pods of the namespace web"));
    str_free(&text);
    type_keys(c, "<Down><Down>", UI_NOW); /* stays narrowed while one looks around */
    assert_int_equal(console_table(c)->rows.len, some);
    type_keys(c, "<Esc>", UI_NOW);
    assert_int_equal(console_table(c)->rows.len, all);
    type_keys(c, "<Left>", UI_NOW);
    assert_at(c, "alarms", "PROD|restarts");
    assert_string_equal(console_table(c)->filter, "restarts");
    end(c, e);
}

/* The pane that one leaves by another way is whole when one comes again. */
static void the_narrowing_ends_with_the_visit(void **state)
{
    struct estate *e = ui_estate();
    struct console *c = console_of(e, "alarms");
    (void)state;
    type_keys(c, "/restarts<Enter>", UI_NOW);
    follow(c, "pods of the namespace");
    type_keys(c, "43", UI_NOW);
    assert_string_equal(console_pane(c)->name, "pods");
    assert_int_equal(console_table(c)->rows.len, console_table(c)->all);
    end(c, e);
}

/* An id that is the beginning of another, and a name that two accounts have. */
static void it_is_that_row_and_no_other(void **state)
{
    struct estate *e = ui_estate();
    struct console *c = console_of(e, "database");
    struct account_network *n = &estate_account_write(e, PROD)->network;
    struct security_group *other = vec_add(&n->groups);
    (void)state;
    *other = n->groups.at[0];
    text_copy(other->id, sizeof other->id, "sg-database-2");
    text_copy(other->name, sizeof other->name, "database-2");
    estate_touch(e);
    type_keys(c, "/dev<Enter>", UI_NOW);
    follow(c, "security group database");
    assert_at(c, "network", "dev|allows|sg-database sg-backend tcp 5432");
    type_keys(c, "<Left><Esc><End>", UI_NOW);
    follow(c, "security group database");
    assert_at(c, "network", "PROD|allows|sg-database sg-backend tcp 5432");
    end(c, e);
}

/* The network is not read yet: one goes there, and the row is selected once it comes. */
static void what_is_not_read_yet_is_waited_for(void **state)
{
    struct estate *e = ui_estate();
    struct console *c = console_of(e, "pods");
    struct account *prod = estate_account_write(e, PROD);
    struct account_network kept = prod->network;
    (void)state;
    prod->network = (struct account_network){0};
    prod->slices[FEED_NETWORK] = (struct slice){.state = SLICE_LOADING};
    estate_touch(e);
    type_keys(c, "/backend-7d9c5b6f4-b<Enter><End>", UI_NOW);
    follow(c, "subnet of 10.0.12.23");
    assert_string_equal(console_pane(c)->name, "network");
    assert_non_null(strstr(c->message, "Network is being read, for subnet of 10.0.12.23"));
    prod->network = kept;
    slice_good(e, PROD, FEED_NETWORK, UI_NOW, 600000, UI_NOW + 600000);
    assert_true(console_draw(c, UI_NOW));
    assert_at(c, "network", "PROD|subnet|subnet-app-1b");
    assert_string_equal(c->message, "");
    end(c, e);
}

/* By what the leads are found is read while their menu is open, and it grows; the marked line stays. */
static void the_menu_grows(void **state)
{
    struct estate *e = ui_estate();
    struct console *c = console_of(e, "pods");
    struct account *prod = estate_account_write(e, PROD);
    struct account_network kept = prod->network;
    char marked[160];
    (void)state;
    prod->network = (struct account_network){0};
    prod->slices[FEED_NETWORK] = (struct slice){.state = SLICE_LOADING};
    estate_touch(e);
    type_keys(c, "/backend-7d9c5b6f4-b<Enter><End><Right><Down><Down><Down><Down>", UI_NOW);
    assert_false(c->leads_whole);
    size_t before = c->leads.count;
    text_copy(marked, sizeof marked, c->leads.at[c->lead].label);
    prod->network = kept;
    slice_good(e, PROD, FEED_NETWORK, UI_NOW, 600000, UI_NOW + 600000);
    assert_true(console_draw(c, UI_NOW));
    assert_true(c->leads_whole);
    assert_int_equal(c->leads.count, before + 2); /* the security group, the database; the subnet is called by its name now */
    assert_string_equal(c->leads.at[c->lead].label, marked);
    type_keys(c, "<Esc>", UI_NOW);
    assert_at(c, "pods", "PROD|web|backend-7d9c5b6f4-bx2vk");
    end(c, e);
}

static void what_is_not_there_is_said(void **state)
{
    struct estate *e = ui_estate();
    struct console *c = console_of(e, "pods");
    struct account *prod = estate_account_write(e, PROD);
    (void)state;
    network_free(&prod->network);
    prod->network = (struct account_network){0};
    prod->slices[FEED_NETWORK] = (struct slice){.state = SLICE_LOADING};
    estate_touch(e);
    type_keys(c, "/backend-7d9c5b6f4-b<Enter><End>", UI_NOW);
    follow(c, "subnet of 10.0.12.23");
    slice_good(e, PROD, FEED_NETWORK, UI_NOW, 600000, UI_NOW + 600000);
    assert_true(console_draw(c, UI_NOW));
    assert_string_equal(c->message, "Network has no row for subnet of 10.0.12.23");
    type_keys(c, "<Left>", UI_NOW);
    assert_at(c, "pods", "PROD|web|backend-7d9c5b6f4-bx2vk");
    end(c, e);
}

static void what_cannot_be_read_is_said(void **state)
{
    struct estate *e = ui_estate();
    struct console *c = console_of(e, "pods");
    struct account *prod = estate_account_write(e, PROD);
    (void)state;
    network_free(&prod->network);
    prod->network = (struct account_network){0};
    prod->slices[FEED_NETWORK] = (struct slice){.state = SLICE_LOADING};
    estate_touch(e);
    type_keys(c, "/backend-7d9c5b6f4-b<Enter><End>", UI_NOW);
    follow(c, "subnet of 10.0.12.23");
    ui_fail(e, PROD, FEED_NETWORK, "AccessDenied", "not authorized to perform: ec2:DescribeSubnets");
    assert_true(console_draw(c, UI_NOW));
    assert_string_equal(c->message, "Network could not be read: whether it has subnet of 10.0.12.23 is not known");
    assert_null(c->wanted.pane);
    end(c, e);
}

static void a_row_that_went_is_told_on_the_way_back(void **state)
{
    struct estate *e = ui_estate();
    struct console *c = console_of(e, "alarms");
    struct alarm one = {.state = ALARM_OK, .name = "other", .threshold = 1};
    (void)state;
    type_keys(c, "/rds-cpu<Enter><End>", UI_NOW);
    follow(c, "database innovate-prod");
    alarms_set(e, PROD, &one, 1, UI_NOW);
    type_keys(c, "<Left>", UI_NOW);
    assert_string_equal(console_pane(c)->name, "alarms");
    assert_string_equal(c->message, "the row that you came from is not there any more");
    end(c, e);
}

/* Without a lead → does nothing, and the footer does not offer it. */
static void no_lead_no_key(void **state)
{
    struct estate *e = ui_estate_bare();
    struct console *c = console(e, "pods", 24, 80);
    struct str text = STR_INIT(SCREEN_MAX);
    (void)state;
    type_keys(c, "<Right><Left>", UI_NOW);
    assert_string_equal(console_pane(c)->name, "pods");
    cells_text(console_cells(c), &text);
    assert_null(strstr(str_text(&text), "related"));
    str_free(&text);
    end(c, e);
}

/* One lead of one row: what is shown is what it means, and the way back ends where it began. */
static void check_lead(struct console *c, const struct lead *lead, const char *from, const char *was)
{
    struct pane_view view = console_view(c);
    struct row_ref first = {0};
    char expected[600], is[600];
    const struct pane *to = pane_find(lead->pane);
    assert_non_null(to);
    lead_go(c, lead);
    assert_true(console_draw(c, UI_NOW));
    view = console_view(c);
    size_t count = lead_count(&view, lead, &first);
    assert_string_equal(console_pane(c)->name, lead->pane);
    assert_null(c->wanted.pane);
    if (count == 0) {
        assert_non_null(strstr(c->message, "has no row for"));
    } else if (count == 1) {
        table_identity(to, &view, first, expected, sizeof expected);
        assert_string_equal(selected(c, is, sizeof is), expected);
        assert_int_equal(console_table(c)->rows.len, console_table(c)->all);
    } else {
        assert_int_equal(console_table(c)->rows.len, count);
        for (size_t i = 0; i < count; i++)
            assert_true(lead_means(&view, to, lead, console_table(c)->rows.at[i]));
    }
    trail_back(c);
    assert_string_equal(console_pane(c)->name, from);
    assert_string_equal(selected(c, is, sizeof is), was);
}

static size_t check_row(struct console *c, struct row_ref row)
{
    struct pane_view view = console_view(c);
    struct leads leads;
    char was[600];
    const char *from = console_pane(c)->name;
    assert_true(table_select_row(console_table(c), &view, row));
    selected(c, was, sizeof was);
    leads_of(&view, console_pane(c), row, false, &leads);
    for (size_t i = 0; i < leads.count; i++) {
        assert_true(text_is_clean(leads.at[i].label, strlen(leads.at[i].label)));
        check_lead(c, &leads.at[i], from, was);
        view = console_view(c);
        assert_true(table_select_row(console_table(c), &view, row));
    }
    return leads.count;
}

static void every_lead_of_every_row_lands(void **state)
{
    struct estate *e = ui_estate();
    struct console *c = console_of(e, "pods");
    (void)state;
    for (size_t p = 0; panes[p]; p++) {
        size_t followed = 0;
        console_open_pane(c, p);
        struct pane_view view = console_view(c);
        row_refs rows = {0};
        if (panes[p]->drawing_only)
            continue;
        table_update(console_table(c), &view);
        panes[p]->rows(&view, &rows);
        assert_true(rows.len > 0);
        for (size_t i = 0; i < rows.len; i++)
            followed += check_row(c, rows.at[i]);
        if (!followed)
            fail_msg("no row of %s leads anywhere", panes[p]->name);
        vec_free(&rows);
    }
    end(c, e);
}

/* What leads nowhere is left out quietly: so no lead may name a pane that is none, and none may be left out for want of room. */
static void leads_are_whole(void **state)
{
    struct estate *e = ui_estate();
    (void)state;
    leads_build(e);
    struct pane_view view = {.estate = e, .now = UI_NOW, .unicode = true, .account = SIZE_MAX};
    for (size_t p = 0; panes[p]; p++) {
        row_refs rows = {0};
        panes[p]->rows(&view, &rows);
        for (size_t i = 0; panes[p]->leads && i < rows.len; i++) {
            struct leads leads = {.count = 0};
            panes[p]->leads(&view, rows.at[i], &leads);
            assert_true(leads.count < LEADS_MAX);
            for (size_t k = 0; k < leads.count; k++)
                assert_non_null(pane_find(leads.at[k].pane));
        }
        vec_free(&rows);
    }
    ui_estate_free(e);
}

static void menu_picture(int rows, int columns)
{
    struct estate *e = ui_estate();
    struct str text = STR_INIT(SCREEN_MAX);
    leads_build(e);
    struct console *c = console(e, "pods", rows, columns);
    type_keys(c, "/backend-7d9c5b6f4-b<Enter><End><Right><Down>", UI_NOW);
    cells_text(console_cells(c), &text);
    check_picture("leads-menu", rows, columns, &text);
    end(c, e);
    str_free(&text);
}

static void narrowed_picture(int rows, int columns)
{
    struct estate *e = ui_estate();
    struct str text = STR_INIT(SCREEN_MAX);
    leads_build(e);
    struct console *c = console(e, "alarms", rows, columns);
    type_keys(c, "/restarts<Enter>", UI_NOW);
    follow(c, "pods of the namespace");
    cells_text(console_cells(c), &text);
    check_picture("leads-narrowed", rows, columns, &text);
    end(c, e);
    str_free(&text);
}

static void pictures(void **state)
{
    (void)state;
    menu_picture(24, 80);
    menu_picture(40, 120);
    narrowed_picture(24, 80);
    narrowed_picture(40, 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_a_pod_to_the_database),
        cmocka_unit_test(from_a_subnet_that_the_database_lets_in),
        cmocka_unit_test(who_is_let_in),
        cmocka_unit_test(from_an_alarm_to_its_resource),
        cmocka_unit_test(from_an_alarm_on_what_is_seldom_watched),
        cmocka_unit_test(an_alarm_on_the_bill_leads_to_whose_it_is),
        cmocka_unit_test(an_alarm_whose_resource_is_gone_says_so),
        cmocka_unit_test(from_an_image_to_the_run_that_built_it),
        cmocka_unit_test(from_a_role_to_its_last_use),
        cmocka_unit_test(several_rows_narrow_the_pane),
        cmocka_unit_test(the_narrowing_ends_with_the_visit),
        cmocka_unit_test(it_is_that_row_and_no_other),
        cmocka_unit_test(what_is_not_read_yet_is_waited_for),
        cmocka_unit_test(the_menu_grows),
        cmocka_unit_test(what_is_not_there_is_said),
        cmocka_unit_test(what_cannot_be_read_is_said),
        cmocka_unit_test(a_row_that_went_is_told_on_the_way_back),
        cmocka_unit_test(no_lead_no_key),
        cmocka_unit_test(every_lead_of_every_row_lands),
        cmocka_unit_test(leads_are_whole),
        cmocka_unit_test(pictures),
    };
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
