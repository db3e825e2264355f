/* What is compared of databases, web ACLs, secrets, alarms, log groups and budgets. */
#include <math.h>
#include <string.h>

#include "ui/compare.h"

/* Databases. */

static const struct database *database_of(const struct subject *of) { return &of->account->database.instances.at[of->index]; }

static void db_status(const struct subject *of, struct value *out) { value_text(out, ROLE_TEXT, database_of(of)->status); }
static void db_engine(const struct subject *of, struct value *out)
{
    value_format(out, ROLE_TEXT, "%s %s", database_of(of)->engine, database_of(of)->version);
}
static void db_class(const struct subject *of, struct value *out) { value_text(out, ROLE_TEXT, database_of(of)->class); }
static void db_multi_az(const struct subject *of, struct value *out) { value_flag(out, database_of(of)->multi_az); }
static void db_storage(const struct subject *of, struct value *out)
{
    if (database_of(of)->storage_gib < 0)
        value_unknown(out);
    else
        value_number(out, ROLE_TEXT, database_of(of)->storage_gib, "%d GiB", database_of(of)->storage_gib);
}
static void db_storage_type(const struct subject *of, struct value *out)
{
    if (*database_of(of)->storage_type)
        value_text(out, ROLE_TEXT, database_of(of)->storage_type);
    else
        value_unknown(out);
}
static void db_encrypted(const struct subject *of, struct value *out) { value_flag(out, database_of(of)->encrypted); }
static void db_iam_auth(const struct subject *of, struct value *out) { value_flag(out, database_of(of)->iam_auth); }
static void db_public(const struct subject *of, struct value *out) { value_flag(out, database_of(of)->public_access); }
static void db_protected(const struct subject *of, struct value *out) { value_flag(out, database_of(of)->deletion_protection); }
static void db_port(const struct subject *of, struct value *out) { value_count(out, ROLE_TEXT, database_of(of)->port); }
static void db_backups(const struct subject *of, struct value *out)
{
    if (database_of(of)->backup_days < 0)
        value_unknown(out);
    else
        value_number(out, ROLE_TEXT, database_of(of)->backup_days, "%d d", database_of(of)->backup_days);
}

static void db_copies(const struct subject *of, struct value *out)
{
    const struct database_set *set = &of->account->database;
    if (set->backups_there_unread)
        value_unknown(out);
    else
        value_text(out, ROLE_TEXT, "none");
    for (size_t i = 0; i < set->backups.len; i++)
        if (!strcmp(set->backups.at[i].source, database_of(of)->id) && strcmp(set->backups.at[i].region, of->account->config->region) != 0)
            value_text(out, ROLE_TEXT, set->backups.at[i].region);
}

static void db_tls(const struct subject *of, struct value *out)
{
    const struct database_set *set = &of->account->database;
    value_unknown(out);
    for (size_t i = 0; i < set->parameters.len; i++)
        if (!strcmp(set->parameters.at[i].group, database_of(of)->parameter_group) && set->parameters.at[i].force_ssl >= 0)
            value_flag(out, set->parameters.at[i].force_ssl);
}

/* Development by its plan, so that a database which stands still in production is a difference all the same. */
static bool meant_asleep(struct difference *d, size_t dev)
{
    return d->of[dev].account->config->auto_shutdown.stop && strcmp(d->value[!dev].text, "available") == 0 &&
           (!strcmp(d->value[dev].text, "stopped") || !strcmp(d->value[dev].text, "stopping") || !strcmp(d->value[dev].text, "starting"));
}

const struct fact facts_of_database[] = {
    {"status", FEED_DATABASE, db_status, .meant = meant_asleep, .because = "dev sleeps by its plan"},
    {"engine", FEED_DATABASE, db_engine},
    {"class", FEED_DATABASE, db_class, .meant = meant_smaller, .because = "dev is smaller"},
    {"Multi-AZ", FEED_DATABASE, db_multi_az, .meant = meant_more, .because = "dev is single-AZ"},
    {"storage", FEED_DATABASE, db_storage, .meant = meant_more, .because = "dev is smaller"},
    {"storage type", FEED_DATABASE, db_storage_type},
    {"encrypted", FEED_DATABASE, db_encrypted},
    {"TLS enforced", FEED_DATABASE_PARAMETERS, db_tls},
    {"IAM sign-in", FEED_DATABASE, db_iam_auth},
    {"public", FEED_DATABASE, db_public},
    {"port", FEED_DATABASE, db_port},
    {"protected", FEED_DATABASE, db_protected, .meant = meant_more, .because = "dev may be deleted"},
    {"backups kept", FEED_DATABASE, db_backups, .meant = meant_more, .because = "dev keeps fewer days"},
    {"copied to", FEED_DATABASE_BACKUPS, db_copies, .meant = meant_has, .because = "only prod's backups are copied"},
    {0},
};

/* Web ACLs. */

static void acl_default(const struct subject *of, struct value *out)
{
    if (*of->account->web_acl.default_action)
        value_text(out, ROLE_TEXT, of->account->web_acl.default_action);
    else
        value_unknown(out);
}

static void acl_rules(const struct subject *of, struct str *out)
{
    const struct web_acl *acl = &of->account->web_acl;
    for (size_t i = 0; i < acl->rules.len; i++) {
        const struct waf_rule *r = &acl->rules.at[i];
        str_addf(out, "%s %s", r->name, r->action);
        if (r->limit)
            str_addf(out, " from %lld on", (long long)r->limit);
        str_addc(out, '\n');
    }
}

static void acl_logged(const struct subject *of, struct value *out)
{
    const struct account_edge *e = &of->account->edge;
    if (!edge_knows(e, EDGE_LOGGING)) {
        value_unknown(out);
        return;
    }
    value_flag(out, false);
    for (size_t i = 0; i < e->logs.len; i++)
        if (!strcmp(e->logs.at[i].acl, of->account->web_acl.arn))
            value_flag(out, true);
}

const struct fact facts_of_web_acl[] = {
    {"default action", FEED_WEB_ACL, acl_default},
    {"rules", FEED_WEB_ACL, .list = acl_rules},
    {"logged", FEED_EDGE, acl_logged},
    {0},
};

/* Secrets. */

static const struct secret *secret_at(const struct subject *of) { return &of->account->security.secrets.at[of->index]; }
static void secret_rotates(const struct subject *of, struct value *out) { value_flag(out, secret_at(of)->rotates); }
static void secret_every(const struct subject *of, struct value *out)
{
    const struct secret *s = secret_at(of);
    if (s->every_days > 0)
        value_number(out, ROLE_TEXT, s->every_days, "%d d", s->every_days);
    else
        value_or_none(out, s->schedule);
}

const struct fact facts_of_secret[] = {
    {"rotates", FEED_SECRETS, secret_rotates},
    {"every", FEED_SECRETS, secret_every},
    {0},
};

/* Alarms. */

static const struct alarm *alarm_at(const struct subject *of) { return &of->account->alarms.at[of->index]; }
static void alarm_metric(const struct subject *of, struct value *out)
{
    value_text(out, ROLE_TEXT, alarm_at(of)->composite ? "of others" : alarm_at(of)->metric);
}
static void alarm_threshold(const struct subject *of, struct value *out)
{
    char text[64];
    if (isnan(alarm_at(of)->threshold))
        value_text(out, ROLE_TEXT, "none");
    else
        value_number(out, ROLE_TEXT, alarm_at(of)->threshold, "%s", text_grouped(alarm_at(of)->threshold, text, sizeof text));
}
static void alarm_tells(const struct subject *of, struct value *out) { value_flag(out, alarm_at(of)->actions); }

const struct fact facts_of_alarm[] = {
    {"metric", FEED_ALARMS, alarm_metric},
    {"threshold", FEED_ALARMS, alarm_threshold, .meant = meant_any, .because = "it fits the account's size"},
    {"tells somebody", FEED_ALARMS, alarm_tells, .meant = meant_more, .because = "prod is watched more closely"},
    {0},
};

/* Log groups. */

static void log_kept(const struct subject *of, struct value *out)
{
    int days = of->account->log_groups.at[of->index].retention_days;
    if (days)
        value_number(out, ROLE_TEXT, days, "%d d", days);
    else
        value_number(out, ROLE_TEXT, 1e9, "for ever");
}
static void log_class(const struct subject *of, struct value *out) { value_or_none(out, of->account->log_groups.at[of->index].class); }

const struct fact facts_of_log_group[] = {
    {"kept", FEED_LOG_GROUPS, log_kept, .meant = meant_more, .because = "dev keeps fewer days"},
    {"class", FEED_LOG_GROUPS, log_class},
    {0},
};

/* Budgets. */

static const struct budget *budget_at(const struct subject *of) { return &of->account->budgets.at[of->index]; }
static void budget_limit(const struct subject *of, struct value *out)
{
    char text[64];
    value_number(out, ROLE_TEXT, budget_at(of)->limit, "%s", money(budget_at(of)->limit, budget_at(of)->unit, text, sizeof text));
}
static void budget_period(const struct subject *of, struct value *out) { value_or_none(out, budget_at(of)->period); }
static void budget_covers(const struct subject *of, struct value *out) { value_text(out, ROLE_TEXT, budget_at(of)->part ? "a part" : "everything"); }
static void budget_alerts(const struct subject *of, struct str *out)
{
    const struct budget *b = budget_at(of);
    for (size_t i = 0; i < b->notifications.len; i++) {
        const struct budget_notification *n = &b->notifications.at[i];
        str_addf(out, "%s %.10g%s", n->forecasted ? "forecast" : "actual", n->threshold, n->percent ? "%" : "");
        str_adds(out, n->subscribers ? "\n" : " tells nobody\n");
    }
}

const struct fact facts_of_budget[] = {
    {"limit", FEED_BUDGETS, budget_limit, .meant = meant_more, .because = "dev costs less"},
    {"period", FEED_BUDGETS, budget_period},
    {"covers", FEED_BUDGETS, budget_covers},
    {"alerts", FEED_BUDGET_SUBSCRIBERS, .list = budget_alerts},
    {0},
};
