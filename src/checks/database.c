/* What the architecture promises of the databases (section 5). */
#include <string.h>

#include "base/str.h"
#include "base/when.h"
#include "checks/rows.h"

#define RESTORABLE_MS INT64_C(600000)

typedef void each_database(struct checking *c, const struct database *d);

static void for_each(struct checking *c, each_database *each)
{
    const struct account *account = checking_account(c);
    for (size_t i = 0; i < account->database.instances.len; i++)
        each(c, &account->database.instances.at[i]);
    if (!account->database.instances.len)
        check_fail(c, account->config->name, "there is no database");
}

static void engine(struct checking *c, const struct database *d) { check_that(c, text_starts(d->engine, "postgres"), d->id, "engine %s", d->engine); }
static void look_engine(struct checking *c) { for_each(c, engine); }

static void multi_az(struct checking *c, const struct database *d)
{
    bool production = checking_account(c)->config->kind == ACCOUNT_PRODUCTION;
    bool apart = *d->standby_zone && strcmp(d->zone, d->standby_zone) != 0;
    if (production)
        check_that(c, d->multi_az && apart, d->id, "%s, primary %s, standby %s", d->multi_az ? "Multi-AZ" : "Single-AZ", d->zone,
                   *d->standby_zone ? d->standby_zone : "none");
    else
        check_that(c, !d->multi_az, d->id, "%s", d->multi_az ? "Multi-AZ, twice the price" : "Single-AZ");
}
static void look_multi_az(struct checking *c) { for_each(c, multi_az); }

static void backups(struct checking *c, const struct database *d)
{
    bool production = checking_account(c)->config->kind == ACCOUNT_PRODUCTION;
    int wanted = production ? 7 : 1;
    char span[32];
    int64_t age = checking_now(c) - d->restorable_at;
    if (d->backup_days < 0)
        check_unknown(c, d->id, "retention not known");
    else
        check_that(c, d->backup_days >= wanted, d->id, "kept %d day%s, %d promised", d->backup_days, d->backup_days == 1 ? "" : "s", wanted);
    if (!strcmp(d->status, "stopped") || !strcmp(d->status, "stopping") || !strcmp(d->status, "starting"))
        return; /* nothing is written, so nothing is lost */
    if (!d->restorable_at)
        check_fail(c, d->id, "no restorable time");
    else
        check_that(c, age < RESTORABLE_MS, d->id, "restorable to %s ago", when_span(age, span, sizeof span));
}
static void look_backups(struct checking *c) { for_each(c, backups); }

static void dr(struct checking *c, const struct database *d)
{
    const struct database_set *set = &checking_account(c)->database;
    const char *home = checking_account(c)->config->region;
    for (size_t i = 0; i < set->backups.len; i++) {
        const struct database_backup *b = &set->backups.at[i];
        if (!strcmp(b->source, d->id) && strcmp(b->region, home) != 0) {
            check_that(c, !strcmp(b->status, "replicating") || !strcmp(b->status, "active"), d->id, "%s in %s", b->status, b->region);
            return;
        }
    }
    if (set->backups_there_unread)
        check_unknown(c, d->id, "the backups in the second region could not be read");
    else
        check_fail(c, d->id, "no automated backup in a second region");
}
static void look_dr(struct checking *c) { for_each(c, dr); }

static void encrypted(struct checking *c, const struct database *d)
{
    const struct database_set *set = &checking_account(c)->database;
    check_that(c, d->encrypted, d->id, "%s", d->encrypted ? "encrypted at rest" : "not encrypted");
    if (set->backups_here_unread || set->backups_there_unread)
        check_unknown(c, d->id, "not all of its backups could be read");
    for (size_t i = 0; i < set->backups.len; i++) {
        const struct database_backup *b = &set->backups.at[i];
        if (strcmp(b->source, d->id) != 0)
            continue;
        if (b->encrypted < 0)
            check_unknown(c, d->id, "whether backups in %s are encrypted is not told", b->region);
        else
            check_that(c, b->encrypted, d->id, "backups in %s %s", b->region, b->encrypted ? "encrypted" : "not encrypted");
    }
}
static void look_encrypted(struct checking *c) { for_each(c, encrypted); }

static void iam_auth(struct checking *c, const struct database *d)
{
    check_that(c, d->iam_auth, d->id, "IAM authentication %s", d->iam_auth ? "on" : "off");
}
static void look_iam_auth(struct checking *c) { for_each(c, iam_auth); }

/* TLS: the instance's parameter group asks for it of every connection. */
static void tls(struct checking *c, const struct database *d)
{
    const struct database_set *set = &checking_account(c)->database;
    for (size_t i = 0; i < set->parameters.len; i++) {
        const struct database_parameters *p = &set->parameters.at[i];
        if (strcmp(p->group, d->parameter_group) != 0)
            continue;
        if (p->force_ssl < 0)
            check_fail(c, d->id, "%s does not set rds.force_ssl", p->group);
        else if (p->force_ssl == 1 && *d->parameter_status && strcmp(d->parameter_status, "in-sync") != 0)
            check_unknown(c, d->id, "rds.force_ssl=1 in %s, which does not hold in full yet: %s", p->group, d->parameter_status);
        else
            check_that(c, p->force_ssl == 1, d->id, "rds.force_ssl=%d in %s", p->force_ssl, p->group);
        return;
    }
    check_unknown(c, d->id, "parameter group %s was not read yet", *d->parameter_group ? d->parameter_group : "–");
}
static void look_tls(struct checking *c) { for_each(c, tls); }

static void in_subnets(struct checking *c, const struct database *d)
{
    const struct account *a = checking_account(c);
    /* a subnet group needs two zones, and development has one: the other is a subnet of no tier */
    bool spare = a->config->kind == ACCOUNT_DEVELOPMENT;
    if (!*d->subnets[0])
        check_unknown(c, d->id, "its subnets are not told");
    else if (!network_knows(&a->network, NETWORK_SUBNETS))
        check_unknown(c, d->id, "which subnets are the databases' could not be read");
    else
        for (size_t i = 0; i < sizeof d->subnets / sizeof *d->subnets && *d->subnets[i]; i++) {
            const struct subnet *s = network_subnet(&a->network, d->subnets[i]);
            check_that(c, s && (s->tier == TIER_DB || (spare && s->tier != TIER_APP)), d->id, "in %s %s (%s)", d->subnets[i],
                       s ? s->cidr : "of another VPC", s ? subnet_tier_name(s->tier) : "unknown");
        }
}

static void private(struct checking *c, const struct database *d)
{
    check_that(c, !d->public_access, d->id, "%s", d->public_access ? "publicly accessible" : "not publicly accessible");
    in_subnets(c, d);
    if (checking_account(c)->config->kind == ACCOUNT_PRODUCTION)
        check_that(c, d->deletion_protection, d->id, "deletion protection %s", d->deletion_protection ? "on" : "off");
}
static void look_private(struct checking *c) { for_each(c, private); }

#define WORKLOADS (CHECK_KIND(ACCOUNT_DEVELOPMENT) | CHECK_KIND(ACCOUNT_PRODUCTION))
#define ROW(name, id_, kinds_, feeds_, promise_, remedy_)                                                                                        \
    const struct check check_db_##name = {                                                                                                          \
        .id = id_, .area = "database", .promise = promise_, .remedy = remedy_, .kinds = kinds_, .feeds = feeds_, .look = look_##name}

ROW(engine, "db-engine", WORKLOADS, FEED_BIT(FEED_DATABASE), "the database is PostgreSQL", "move to an RDS for PostgreSQL instance");
ROW(multi_az, "db-multi-az", WORKLOADS, FEED_BIT(FEED_DATABASE), "production is Multi-AZ with its standby in the other zone; development is single",
    "ModifyDBInstance MultiAZ, in a maintenance window");
ROW(backups, "db-backups", WORKLOADS, FEED_BIT(FEED_DATABASE), "backups are kept 7 days in production, 1 in development, and are recent",
    "ModifyDBInstance BackupRetentionPeriod; look at the instance's events where the restorable time lags");
ROW(dr, "db-dr", CHECK_KIND(ACCOUNT_PRODUCTION), FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_DATABASE_BACKUPS),
    "automated backups are replicated to a second region", "StartDBInstanceAutomatedBackupsReplication in the second region");
ROW(encrypted, "db-encrypted", WORKLOADS, FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_DATABASE_BACKUPS), "storage and backups are encrypted with KMS",
    "copy an encrypted snapshot and restore from it: it cannot be switched on");
ROW(iam_auth, "db-iam-auth", WORKLOADS, FEED_BIT(FEED_DATABASE), "IAM authentication is on", "ModifyDBInstance EnableIAMDatabaseAuthentication");
ROW(tls, "db-tls", WORKLOADS, FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_DATABASE_PARAMETERS), "connections must be encrypted: rds.force_ssl is 1",
    "ModifyDBParameterGroup rds.force_ssl=1 in a group of your own; it is dynamic");
ROW(private, "db-private", WORKLOADS, FEED_BIT(FEED_DATABASE) | FEED_BIT(FEED_NETWORK),
    "not publicly accessible, in the database subnets; production cannot be deleted by mistake",
    "ModifyDBInstance PubliclyAccessible=false, DeletionProtection=true; a subnet group of the database subnets");
