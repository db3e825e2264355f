#include "leads_estate.h"


#include "base/str.h"
#include "edge_estate.h"
#include "platform_estate.h"
#include "ui_estate.h"

#define PUT(to, text) text_copy((to), sizeof(to), (text))
#define KEY "arn:aws:kms:us-east-1:333333333333:key/5a20e7c1-84b3-4f6e-a9d0-1c37e5f8b204"

static void add_interface(struct account_network *n, const char *subnet, const char *addresses, const char *group, const char *about)
{
    struct network_interface *i = vec_add(&n->interfaces);
    *i = (struct network_interface){.about = ""};
    text_format(i->id, sizeof i->id, "eni-%zu", n->interfaces.len);
    PUT(i->subnet, subnet);
    PUT(i->addresses, addresses);
    PUT(i->groups[0], group);
    PUT(i->about, about);
}

/* Pods have one each; what runs on a node of the managed group has the node's. */
static void tie_network(struct account *a)
{
    struct account_network *n = &a->network;
    n->known |= 1u << NETWORK_INTERFACES;
    add_interface(n, "subnet-app-1a", "10.0.11.20", "sg-backend", "");
    add_interface(n, "subnet-app-1b", "10.0.12.23", "sg-backend", "");
    add_interface(n, "subnet-app-1a", "10.0.11.50", "sg-frontend", "");
    add_interface(n, "subnet-app-1b", "10.0.12.52", "sg-frontend", "");
    add_interface(n, "subnet-app-1a", "10.0.11.5 10.0.11.9", "sg-backend", "");
    add_interface(n, "subnet-app-1a", "10.0.11.200", "sg-alb", "ELB app/innovate/6c8f1b2d3e4a5f60");
    add_interface(n, "subnet-app-1a", "10.0.11.201", "sg-endpoints", "VPC Endpoint Interface vpce-logs");
    add_interface(n, "subnet-db-1a", "10.0.21.10", "sg-database", "RDSNetworkInterface");
}

static void tie_database(struct account *a)
{
    struct database *d = &a->database.instances.at[0];
    PUT(d->groups[0], "sg-database");
    PUT(d->subnets[0], "subnet-db-1a");
    PUT(d->subnets[1], "subnet-db-1b");
    PUT(d->key, KEY);
    PUT(d->parameter_group, "innovate-tls");
    PUT(a->security.secrets.at[0].key, "alias/innovate");
}

static void add_alarm(struct alarm *alarm, const char *name, const char *dimension, const char *value)
{
    *alarm = (struct alarm){.state = ALARM_OK, .since = UI_NOW - 900000, .threshold = 1};
    PUT(alarm->name, name);
    PUT(alarm->dimensions[0].name, dimension);
    PUT(alarm->dimensions[0].value, value);
}

static void tie_alarms(struct estate *e)
{
    struct alarm alarms[8];
    add_alarm(&alarms[0], "alb-5xx", "LoadBalancer", "app/innovate/6c8f1b2d3e4a5f60");
    add_alarm(&alarms[1], "rds-cpu", "DBInstanceIdentifier", "innovate-prod");
    add_alarm(&alarms[2], "no-targets", "TargetGroup", "targetgroup/k8s-innovate-backend-10e08a419e/1");
    add_alarm(&alarms[3], "waf-surge", "WebACL", "innovate-edge");
    add_alarm(&alarms[4], "edge-5xx", "DistributionId", "E2INNOVATE0EDG");
    add_alarm(&alarms[5], "restarts", "ClusterName", "innovate-prod");
    PUT(alarms[5].dimensions[1].name, "Namespace");
    PUT(alarms[5].dimensions[1].value, "web");
    add_alarm(&alarms[6], "site", "", "");
    alarms[6].composite = true;
    PUT(alarms[6].rule, "ALARM(\"alb-5xx\") OR ALARM(\"rds-cpu\")");
    add_alarm(&alarms[7], "alb-5", "RepositoryName", "backend"); /* another, though its name stands in one of the rule */
    alarms_set(e, PROD, alarms, 8, UI_NOW);
}

static void add_call(struct estate *e, size_t account, const char *name, const char *user, const char *role, const char *resource)
{
    struct trail_event event = {.at = UI_NOW - 1800000};
    PUT(event.name, name);
    PUT(event.source, "rds");
    PUT(event.user, user);
    PUT(event.role, role);
    PUT(event.resource, resource);
    trail_events_set(e, account, &event, 1);
}

void leads_build(struct estate *e)
{
    registry_build(e, ROOT, UI_NOW);
    images_build(e, ROOT, UI_NOW);
    for (size_t i = 1; i < 4; i += 2) /* the builds that production runs */
        PUT(estate_account_write(e, ROOT)->images.rows.at[i].tags, "v1.8.2 sha-8fd6cad prod-latest");
    for (size_t a = DEV; a < ACCOUNTS; a++) {
        platform_build(e, a, UI_NOW);
        workload_build(e, a, a == DEV ? BUILD_NEW : BUILD_OLD, UI_NOW);
        tie_network(estate_account_write(e, a));
        tie_database(estate_account_write(e, a));
    }
    PUT(estate_account_write(e, PROD)->web_acl.arn, EDGE_BUILD_ACL);
    tie_alarms(e);
    add_call(e, PROD, "RebootDBInstance", "oncall", "TrivetOperator", "innovate-prod");
    add_call(e, ROOT, "CreateUser", "oncall", "", "mara");
    slice_good(e, ROOT, FEED_REGISTRY, UI_NOW, 1800000, UI_NOW + 1800000);
    estate_touch(e);
}
