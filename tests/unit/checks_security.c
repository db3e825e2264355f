/* Each check of security: it passes on an estate as the architecture has it, and fails by the very thing that a test bends. And what IAM sends, as it
 * is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "checks/check.h"
#include "feeds/map.h"
#include "security_estate.h"
#include "ui_estate.h"

#define DAY INT64_C(86400000)

static enum check_verdict verdict_at(struct estate *e, const char *id, size_t account)
{
    check_results results;
    enum check_verdict found = CHECK_NA;
    size_t seen = 0;
    checks_run(e, UI_NOW, &results);
    for (size_t i = 0; i < results.len; i++)
        if (!strcmp(results.at[i].check->id, id) && results.at[i].account == account) {
            found = results.at[i].verdict;
            seen++;
        }
    checks_free(&results);
    assert_int_equal(seen, 1);
    return found;
}

static struct estate *begin(void)
{
    struct estate *e = ui_estate();
    struct estate_config *config = (struct estate_config *)(uintptr_t)e->config;
    config->github_environment = mem_strdup("production");
    config->accounts.at[PROD].releases = true;
    config->accounts.at[ROOT].state_bucket = mem_strdup("innovate-tfstate");
    for (size_t a = 0; a < ACCOUNTS; a++)
        config->accounts.at[a].operator_role = mem_strdup("TrivetOperator");
    text_copy(estate_account_write(e, ROOT)->organization.feature_set, 24, "ALL");
    for (size_t a = DEV; a <= PROD; a++) { /* those that Session Manager knows are the nodes */
        struct account *account = estate_account_write(e, a);
        vec_clear(&account->security.instances);
        account->cluster.nodes.at[0].fargate = false;
        for (size_t i = 0; i < account->cluster.nodes.len; i++) {
            struct managed_instance *m = vec_add(&account->security.instances);
            text_copy(m->name, sizeof m->name, account->cluster.nodes.at[i].name);
            text_copy(m->ping, sizeof m->ping, "Online");
        }
    }
    return e;
}

static struct security *security_at(struct estate *e, size_t account) { return &estate_account_write(e, account)->security; }

static void what_is_as_promised_passes(void **state)
{
    static const char *const ids[] = {"org-accounts", "org-scp", "org-trail", "org-no-workload", "iam-root-mfa", "iam-user-mfa", "iam-prod-mfa",
                                      "iam-cross-account", "ci-oidc", "ci-no-keys", "ci-prod-gate", "ci-scan", "s3-state", "s3-static",
                                      "sec-rotation", "kms-rotation", "ops-session-manager"};
    struct estate *e = begin();
    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        for (size_t a = 0; a < ACCOUNTS; a++) {
            enum check_verdict verdict = verdict_at(e, ids[i], a);
            if (verdict != CHECK_PASS && verdict != CHECK_NA)
                fail_msg("%s in %zu: %s", ids[i], a, check_verdict_name(verdict));
        }
    ui_estate_free(e);
}

/* What is bent. */

static void suspended(struct estate *e) { text_copy(estate_account_write(e, ROOT)->organization.accounts.at[PROD].status, 24, "SUSPENDED"); }
static void not_a_member(struct estate *e) { text_copy(estate_account_write(e, ROOT)->organization.accounts.at[PROD].id, 16, "444444444444"); }
static void billing_only(struct estate *e) { text_copy(estate_account_write(e, ROOT)->organization.feature_set, 24, "CONSOLIDATED_BILLING"); }
static void only_of_aws(struct estate *e)
{
    struct organization *o = &estate_account_write(e, ROOT)->organization;
    for (size_t i = 0; i < o->scps.len; i++)
        o->scps.at[i].aws_managed = true;
}
static void another_unit(struct estate *e)
{
    struct organization *o = &estate_account_write(e, ROOT)->organization;
    for (size_t i = 1; i < o->scps.len; i++)
        while (o->scps.at[i].targets.len) {
            free(o->scps.at[i].targets.at[0]);
            vec_remove(&o->scps.at[i].targets, 0);
        }
    *vec_add(&o->scps.at[1].targets) = mem_strdup("ou-1");
    text_copy(o->accounts.at[PROD].parents[0], 72, "ou-2");
    o->accounts.at[PROD].parent_count = 1;
}
static struct trail *trail_of(struct estate *e) { return &estate_account_write(e, ROOT)->trail; }
static void no_trail(struct estate *e) { trail_of(e)->present = false; }
static void own_trail(struct estate *e) { trail_of(e)->organization = false; }
static void silent_trail(struct estate *e) { trail_of(e)->logging = false; }
static void late_trail(struct estate *e) { trail_of(e)->delivered_at = UI_NOW - 2 * 3600000; }
static void never_delivered(struct estate *e) { trail_of(e)->delivered_at = 0; }
static void trail_error(struct estate *e) { text_copy(trail_of(e)->delivery_error, 120, "AccessDenied"); }
static void workload(struct estate *e) { text_copy(vec_add(&security_at(e, ROOT)->workloads)->kind, 12, "cluster"); }
static void root_without_mfa(struct estate *e) { security_at(e, PROD)->identity.summary.root_mfa = 0; }
static void root_with_keys(struct estate *e) { security_at(e, PROD)->identity.summary.root_keys = 1; }
static void user_without_mfa(struct estate *e) { security_at(e, ROOT)->credentials.users.at[1].mfa = false; }
static void old_key(struct estate *e) { security_at(e, ROOT)->credentials.users.at[1].keys[0].rotated_at = UI_NOW - 91 * DAY; }
static void pipeline_key(struct estate *e) { text_copy(security_at(e, ROOT)->credentials.users.at[1].name, 72, "webapp-ci"); }
static void operator_without_mfa(struct estate *e) { security_at(e, PROD)->identity.roles.at[1].trust.at[0].mfa = false; }
static void stranger(struct estate *e)
{
    text_copy(security_at(e, PROD)->identity.roles.at[0].trust.at[0].principal, 200, "arn:aws:iam::999999999999:root");
}
static void anyone(struct estate *e) { security_at(e, PROD)->identity.roles.at[0].trust.at[0].kind = TRUST_ANYONE; }
static void no_provider(struct estate *e) { vec_clear(&security_at(e, PROD)->identity.providers); }
static void set_subject(struct estate *e, const char *subject)
{
    struct role_trust *t = &security_at(e, PROD)->identity.roles.at[2].trust.at[0];
    free(t->subjects.at[0]);
    t->subjects.at[0] = mem_strdup(subject);
}
static void other_repository(struct estate *e) { set_subject(e, "repo:innovate/webapp2:environment:production"); }
static void any_branch(struct estate *e) { set_subject(e, "repo:innovate/webapp:*"); }
static void no_reviewer(struct estate *e) { security_at(e, PROD)->gate.reviewers = 0; }
static void no_environment(struct estate *e) { security_at(e, PROD)->gate.exists = false; }
static void no_bucket(struct estate *e) { security_at(e, ROOT)->buckets[BUCKET_STATE].exists = false; }
static void no_versions(struct estate *e) { security_at(e, ROOT)->buckets[BUCKET_STATE].versioned = false; }
static void no_encryption(struct estate *e) { *security_at(e, ROOT)->buckets[BUCKET_STATE].encryption = '\0'; }
static void half_public(struct estate *e) { security_at(e, ROOT)->buckets[BUCKET_STATE].blocked = 3; }
static void no_static(struct estate *e) { security_at(e, ROOT)->buckets[BUCKET_STATIC].exists = false; }
static void public_static(struct estate *e) { security_at(e, ROOT)->buckets[BUCKET_STATIC].blocked = 0; }
static void not_scanned(struct estate *e) { *security_at(e, PROD)->gate.scan = '\0'; }
static void scanned_late(struct estate *e) { text_copy(security_at(e, PROD)->gate.deploy, 80, "deploy-dev"); }
static void secret_stands(struct estate *e) { security_at(e, PROD)->secrets.at[0].rotates = false; }
static void secret_late(struct estate *e) { security_at(e, PROD)->secrets.at[0].next_at = UI_NOW - 3 * DAY; }
static void no_secret(struct estate *e) { text_copy(security_at(e, PROD)->secrets.at[0].name, 160, "something-else"); }
static void key_stands(struct estate *e) { security_at(e, PROD)->keys.at[0].rotation = 0; }
static void no_instance(struct estate *e) { vec_clear(&security_at(e, PROD)->instances); }

static const struct bent {
    const char *id;
    size_t account;
    void (*bend)(struct estate *e);
} bents[] = {
    {"org-accounts", PROD, suspended},      {"org-accounts", PROD, not_a_member},  {"org-accounts", ROOT, billing_only},
    {"org-scp", PROD, only_of_aws}, {"org-scp", PROD, another_unit}, {"org-trail", ROOT, no_trail}, {"org-trail", ROOT, own_trail},
    {"org-trail", ROOT, silent_trail}, {"org-trail", ROOT, late_trail}, {"org-trail", ROOT, never_delivered}, {"org-trail", ROOT, trail_error},
    {"org-no-workload", ROOT, workload}, {"iam-root-mfa", PROD, root_without_mfa}, {"iam-root-mfa", PROD, root_with_keys},
    {"iam-user-mfa", ROOT, user_without_mfa}, {"ci-no-keys", ROOT, old_key}, {"ci-no-keys", ROOT, pipeline_key},
    {"iam-prod-mfa", PROD, operator_without_mfa}, {"iam-cross-account", PROD, stranger}, {"iam-cross-account", PROD, anyone},
    {"ci-oidc", PROD, no_provider}, {"ci-oidc", PROD, other_repository}, {"ci-oidc", PROD, any_branch}, {"ci-prod-gate", PROD, no_reviewer},
    {"ci-prod-gate", PROD, no_environment}, {"s3-state", ROOT, no_bucket}, {"s3-state", ROOT, no_versions}, {"s3-state", ROOT, no_encryption},
    {"s3-state", ROOT, half_public}, {"sec-rotation", PROD, secret_stands}, {"sec-rotation", PROD, secret_late}, {"sec-rotation", PROD, no_secret},
    {"s3-static", ROOT, no_static}, {"s3-static", ROOT, public_static}, {"ci-scan", PROD, not_scanned}, {"ci-scan", PROD, scanned_late},
    {"kms-rotation", PROD, key_stands}, {"ops-session-manager", PROD, no_instance},
};

static void providers_unread(struct estate *e)
{
    vec_clear(&security_at(e, PROD)->identity.providers);
    security_at(e, PROD)->identity.providers_unread = true;
}
static void roles_unread(struct estate *e)
{
    struct identity_set *set = &security_at(e, PROD)->identity;
    identity_clear(set);
    *vec_add(&set->providers) = (struct oidc_provider){.url = GITHUB_TOKENS};
    set->roles_unread = true;
}
static void workloads_unread(struct estate *e) { text_copy(security_at(e, ROOT)->workloads_unread, 40, "databases"); }
static void bucket_unread(struct estate *e) { security_at(e, ROOT)->buckets[BUCKET_STATE] = (struct bucket){"state", BUCKET_ALL, .blocked = 0}; }
static void versions_unread(struct estate *e)
{
    no_versions(e);
    security_at(e, ROOT)->buckets[BUCKET_STATE].unread = BUCKET_VERSIONS;
}
static void access_unread(struct estate *e)
{
    half_public(e);
    security_at(e, ROOT)->buckets[BUCKET_STATE].unread = BUCKET_ACCESS;
}
static void some_secrets(struct estate *e)
{
    no_secret(e);
    slice_part(e, PROD, FEED_SECRETS);
}
static void some_instances(struct estate *e)
{
    no_instance(e);
    slice_part(e, PROD, FEED_INSTANCES);
}
static void some_groups(struct estate *e)
{
    vec_clear(&estate_account_write(e, PROD)->log_groups);
    slice_part(e, PROD, FEED_LOG_GROUPS);
}
static void copies_unread(struct estate *e)
{
    database_backups_set(e, PROD, NULL, 0);
    database_backups_unread(e, PROD, false, true);
}

/* What a part of which could not be read has not failed for want of it. */
static void what_was_not_read_has_not_failed(void **state)
{
    static const struct bent unread[] = {
        {"ci-oidc", PROD, providers_unread}, {"ci-oidc", PROD, roles_unread}, {"org-no-workload", ROOT, workloads_unread},
        {"s3-state", ROOT, bucket_unread}, {"s3-state", ROOT, versions_unread}, {"s3-state", ROOT, access_unread},
        {"sec-rotation", PROD, some_secrets}, {"ops-session-manager", PROD, some_instances}, {"db-dr", PROD, copies_unread},
        {"mon-logs", PROD, some_groups},
    };
    (void)state;
    for (size_t i = 0; i < sizeof unread / sizeof *unread; i++) {
        struct estate *e = begin();
        unread[i].bend(e);
        enum check_verdict verdict = verdict_at(e, unread[i].id, unread[i].account);
        if (verdict != CHECK_UNKNOWN)
            fail_msg("%s, row %zu: %s", unread[i].id, i, check_verdict_name(verdict));
        ui_estate_free(e);
    }
}

static void each_deviation_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bents / sizeof *bents; i++) {
        struct estate *e = begin();
        bents[i].bend(e);
        enum check_verdict verdict = verdict_at(e, bents[i].id, bents[i].account);
        if (verdict != CHECK_FAIL)
            fail_msg("%s, row %zu: %s", bents[i].id, i, check_verdict_name(verdict));
        ui_estate_free(e);
    }
}

static void what_is_not_known_is_no_pass(void **state)
{
    struct estate *e = begin();
    (void)state;
    security_at(e, PROD)->keys.at[0].rotation = -1;
    assert_int_equal(verdict_at(e, "kms-rotation", PROD), CHECK_UNKNOWN);
    *security_at(e, DEV)->keys.at[0].state = '\0';
    assert_int_equal(verdict_at(e, "kms-rotation", DEV), CHECK_UNKNOWN);
    security_at(e, PROD)->identity.roles.at[1].unread = true;
    assert_int_equal(verdict_at(e, "iam-prod-mfa", PROD), CHECK_UNKNOWN);
    assert_int_equal(verdict_at(e, "ci-oidc", PROD), CHECK_UNKNOWN);
    text_copy(security_at(e, DEV)->identity.roles.at[1].name, 68, "Renamed");
    assert_int_equal(verdict_at(e, "iam-cross-account", DEV), CHECK_UNKNOWN);
    security_at(e, DEV)->identity.summary.root_mfa = -1;
    assert_int_equal(verdict_at(e, "iam-root-mfa", DEV), CHECK_UNKNOWN);
    ui_estate_free(e);
}

static void free_role(struct iam_role *r)
{
    struct identity_set set = {0};
    *vec_add(&set.roles) = *r;
    identity_clear(&set);
}

/* Nothing is released to it: a second production account, or a profile without a repository. */
static void what_gets_no_releases_has_no_gate(void **state)
{
    struct estate *e = begin();
    (void)state;
    ((struct estate_config *)(uintptr_t)e->config)->accounts.at[PROD].releases = false;
    security_at(e, PROD)->gate = (struct deploy_gate){0};
    slice_none(e, PROD, FEED_DEPLOY_GATE);
    assert_int_equal(verdict_at(e, "ci-prod-gate", PROD), CHECK_NA);
    assert_int_equal(verdict_at(e, "ci-scan", PROD), CHECK_NA);
    ui_estate_free(e);
}

/* People of another house's directory: AWS is not told whether they have MFA. */
static void saml_is_no_token_of_a_machine(void **state)
{
    struct estate *e = begin();
    struct iam_role read = {0};
    (void)state;
    map_trust("{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRoleWithSAML\","
              "\"Principal\":{\"Federated\":\"arn:aws:iam::333333333333:saml-provider/Okta\"}}}", &read);
    assert_int_equal(read.trust.at[0].kind, TRUST_SAML);
    *vec_add(&security_at(e, PROD)->identity.roles.at[1].trust) = read.trust.at[0];
    vec_free(&read.trust);
    assert_int_equal(verdict_at(e, "iam-prod-mfa", PROD), CHECK_UNKNOWN);
    assert_int_equal(verdict_at(e, "iam-cross-account", PROD), CHECK_FAIL);
    ui_estate_free(e);
}

static void a_role_that_is_not_understood_may_deploy(void **state)
{
    struct str policy = STR_INIT(1 << 16);
    struct iam_role read = {0};
    struct estate *e = begin();
    (void)state;
    str_adds(&policy, "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRoleWithWebIdentity\",\"Principal\":{\"Federated\":"
                      "\"arn:aws:iam::333333333333:oidc-provider/" GITHUB_TOKENS "\"},\"Condition\":{\"StringLike\":{\"" GITHUB_TOKENS ":sub\":[");
    for (int i = 0; i < 60; i++)
        str_addf(&policy, "\"repo:innovate/webapp:ref:%d\",", i);
    str_adds(&policy, "\"repo:*\"]}}}}");
    map_trust(str_text(&policy), &read);
    assert_true(read.unread);
    security_at(e, DEV)->identity.roles.at[2].unread = read.unread;
    assert_int_equal(verdict_at(e, "ci-oidc", DEV), CHECK_UNKNOWN);
    free_role(&read);
    str_free(&policy);
    ui_estate_free(e);
}

/* Nodes that are called by what they are, not by where they are. */
static void a_node_by_its_id_is_known(void **state)
{
    struct estate *e = begin();
    struct account *a = estate_account_write(e, PROD);
    char name[] = "i-0a1b2c3d4e5f60718.us-west-2.compute.internal";
    (void)state;
    size_t at = 0;
    while (a->cluster.nodes.at[at].fargate)
        at++;
    text_copy(a->security.instances.at[at].name, 80, "EC2AMAZ-1");
    text_copy(a->security.instances.at[at].id, 40, "i-0a1b2c3d4e5f60718");
    char *kept = a->cluster.nodes.at[at].name;
    a->cluster.nodes.at[at].name = name;
    assert_int_equal(verdict_at(e, "ops-session-manager", PROD), CHECK_PASS);
    text_copy(a->security.instances.at[at].id, 40, "i-0a1b2c3d4e5f6071");
    assert_int_equal(verdict_at(e, "ops-session-manager", PROD), CHECK_FAIL);
    a->cluster.nodes.at[at].name = kept;
    ui_estate_free(e);
}

/* Keys beyond those that are read may stand still. */
static void what_was_read_in_part_is_no_pass(void **state)
{
    struct estate *e = begin();
    (void)state;
    slice_part(e, PROD, FEED_KEYS);
    assert_int_equal(verdict_at(e, "kms-rotation", PROD), CHECK_UNKNOWN);
    assert_int_equal(verdict_at(e, "kms-rotation", DEV), CHECK_PASS);
    security_at(e, PROD)->keys.at[0].rotation = 0;
    assert_int_equal(verdict_at(e, "kms-rotation", PROD), CHECK_FAIL);
    ui_estate_free(e);
}

static void an_account_is_as_the_organisation_has_it(void **state)
{
    static const char *const rows[] = {"{\"State\":\"ACTIVE\"}", "{\"Status\":\"ACTIVE\"}",
                                       "{\"State\":\"ACTIVE\",\"Status\":\"SUSPENDED\"}"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct member_account m;
        struct error e = {0};
        json_t *row = json_load(rows[i], strlen(rows[i]), &e);
        map_member_account(row, &m);
        assert_string_equal(m.status, "ACTIVE");
        json_decref(row);
    }
}

/* There may be an old trail beside the one that counts, and one of another part of the house. */
static void of_several_trails_the_one_that_keeps_the_promise_counts(void **state)
{
    const struct trail own = {.present = true, .name = "own", .logging = true, .multi_region = true, .validated = true, .delivered_at = 1},
                       good = {.present = true, .name = "good", .organization = true, .logging = true, .multi_region = true, .validated = true,
                               .delivered_at = 1},
                       old = {.present = true, .name = "old", .organization = true, .multi_region = true, .validated = true};
    (void)state;
    assert_string_equal(trail_best((struct trail[]){own, good, old}, 3)->name, "good");
    assert_string_equal(trail_best((struct trail[]){old, good, own}, 3)->name, "good");
    assert_string_equal(trail_best((struct trail[]){own, old}, 2)->name, "old");
    assert_null(trail_best(NULL, 0));
}

/* As organisations are: policies on units, units in units; and a member's root that has no password. */
static void a_unit_s_policy_reaches_what_is_under_it(void **state)
{
    struct estate *e = begin();
    (void)state;
    another_unit(e);
    struct member_account *m = &estate_account_write(e, ROOT)->organization.accounts.at[PROD];
    text_copy(m->parents[1], 72, "ou-1");
    m->parent_count = 2;
    assert_int_equal(verdict_at(e, "org-scp", PROD), CHECK_PASS);
    m->parent_count = 0;
    assert_int_equal(verdict_at(e, "org-scp", PROD), CHECK_FAIL);
    estate_account_write(e, ROOT)->organization.part = true; /* a very large organisation */
    assert_int_equal(verdict_at(e, "org-scp", PROD), CHECK_UNKNOWN);
    security_at(e, PROD)->identity.summary = (struct account_summary){.root_mfa = 0, .root_keys = 0, .root_password = 0};
    assert_int_equal(verdict_at(e, "iam-root-mfa", PROD), CHECK_PASS);
    ui_estate_free(e);
}

/* Trust policies as they are written. */

#define STATEMENT(more) "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\"," more "}]}"
#define ONCALL          "\"Principal\":{\"AWS\":\"arn:aws:iam::111111111111:user/oncall\"},\"Action\":\"sts:AssumeRole\""

static void mfa_is_demanded_or_not(void **state)
{
    static const struct {
        const char *policy;
        bool mfa;
    } rows[] = {
        {STATEMENT(ONCALL), false},
        {STATEMENT(ONCALL ",\"Condition\":{\"Bool\":{\"aws:MultiFactorAuthPresent\":\"true\"}}"), true},
        {STATEMENT(ONCALL ",\"Condition\":{\"bool\":{\"AWS:multifactorauthpresent\":[true]}}"), true},
        {STATEMENT(ONCALL ",\"Condition\":{\"Bool\":{\"aws:MultiFactorAuthPresent\":\"false\"}}"), false},
        {STATEMENT(ONCALL ",\"Condition\":{\"Bool\":{\"aws:MultiFactorAuthPresent\":[\"true\",\"false\"]}}"), false},
        {STATEMENT(ONCALL ",\"Condition\":{\"BoolIfExists\":{\"aws:MultiFactorAuthPresent\":\"true\"}}"), false},
        {STATEMENT(ONCALL ",\"Condition\":{\"NumericLessThan\":{\"aws:MultiFactorAuthAge\":\"3600\"}}"), true},
        {STATEMENT(ONCALL "},{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\","
                          "\"Condition\":{\"BoolIfExists\":{\"aws:MultiFactorAuthPresent\":\"false\"}}"), true},
        {STATEMENT(ONCALL "},{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\","
                          "\"Condition\":{\"Bool\":{\"aws:MultiFactorAuthPresent\":\"false\"}}"), false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct iam_role r = {0};
        map_trust(rows[i].policy, &r);
        assert_false(r.unread);
        assert_int_equal(r.trust.len, 1);
        assert_int_equal(r.trust.at[0].mfa, rows[i].mfa);
        free_role(&r);
    }
}

static void principals_of_all_kinds(void **state)
{
    struct iam_role r = {0};
    (void)state;
    map_trust("%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%5B%22sts%3AAssumeRoleWithWebIdentity%22%5D"
              "%2C%22Principal%22%3A%7B%22Federated%22"
              "%3A%22arn%3Aaws%3Aiam%3A%3A333333333333%3Aoidc-provider%2Ftoken.actions.githubusercontent.com%22%7D"
              "%2C%22Condition%22%3A%7B%22ForAnyValue%3AStringLike%22%3A"
              "%7B%22token.actions.githubusercontent.com%3Asub%22%3A%5B%22repo%3Aa%2Fb%3A*%22%2C%22repo%3Ac%2Fd%3A*%22%5D%7D%7D%7D%7D", &r);
    map_trust(STATEMENT("\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\""), &r);
    map_trust(STATEMENT("\"Principal\":{\"AWS\":\"*\"},\"Action\":\"*\""), &r);
    map_trust(STATEMENT("\"NotPrincipal\":{\"AWS\":\"1\"},\"Action\":\"sts:*\""), &r);
    map_trust(STATEMENT("\"Principal\":{\"Service\":[\"ec2.amazonaws.com\",\"ssm.amazonaws.com\"]},\"Action\":\"sts:AssumeRole\""), &r);
    map_trust(STATEMENT("\"Principal\":{\"AWS\":\"222222222222\"},\"Action\":\"sts:TagSession\""), &r);
    assert_false(r.unread);
    assert_int_equal(r.trust.len, 6);
    assert_true(trust_is_github(&r.trust.at[0]) && trust_is_of(&r.trust.at[0], "333333333333") && !trust_is_of(&r.trust.at[0], "33333333333"));
    assert_int_equal(r.trust.at[0].subjects.len, 2);
    assert_string_equal(r.trust.at[0].subjects.at[1], "repo:c/d:*");
    for (size_t i = 1; i < 4; i++)
        assert_int_equal(r.trust.at[i].kind, TRUST_ANYONE);
    assert_int_equal(r.trust.at[5].kind, TRUST_SERVICE);
    map_trust("no policy", &r);
    assert_true(r.unread);
    free_role(&r);
}

/* More subjects than are kept, the last of them for anybody; and a repository's policy that is longer than there is room for. */
static void what_does_not_fit_is_not_taken_for_read(void **state)
{
    struct str text = STR_INIT(65536);
    struct error e = {0};
    struct iam_role r = {0};
    struct ecr_repository repository = {.policy = -1};
    (void)state;
    str_adds(&text, "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRoleWithWebIdentity\",\"Principal\":{\"Federated\":"
                    "\"arn:aws:iam::1:oidc-provider/" GITHUB_TOKENS "\"},\"Condition\":{\"StringLike\":{\"" GITHUB_TOKENS ":sub\":[");
    for (int i = 0; i < 40; i++)
        str_adds(&text, "\"repo:a/b:*\",");
    str_adds(&text, "\"*\"]}}}}");
    map_trust(str_text(&text), &r);
    assert_int_equal(r.trust.len, 1);
    assert_true(r.unread);
    free_role(&r);
    str_clear(&text);
    str_adds(&text, "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"ecr:BatchGetImage\",\"Principal\":{\"AWS\":[");
    for (int i = 0; i < 300; i++)
        str_adds(&text, "\"222222222222\",");
    json_t *small = json_loads("{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"ecr:BatchGetImage\",\"Principal\":{\"AWS\":\"1\"}}}", 0, NULL);
    assert_true(map_repository_policy(small, &repository));
    assert_string_equal(repository.principals, "1");
    str_adds(&text, "\"*\"]}}}");
    json_t *large = json_load(str_text(&text), text.len, &e);
    assert_true(map_repository_policy(large, &repository)); /* a hundred accounts have room */
    assert_true(text_ends(repository.principals, " *"));
    json_decref(large);
    str_clear(&text);
    str_adds(&text, "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"ecr:BatchGetImage\",\"Principal\":{\"AWS\":[");
    for (int i = 0; i < 700; i++)
        str_adds(&text, "\"222222222222\",");
    str_adds(&text, "\"*\"]}}}");
    large = json_load(str_text(&text), text.len, &e);
    assert_false(map_repository_policy(large, &repository));
    json_decref(large);
    json_decref(small);
    str_free(&text);
}

static void subjects_are_held_against_the_repository(void **state)
{
    (void)state;
    assert_null(trust_subject_fault("repo:a/b:environment:production", "a/b", "production"));
    assert_null(trust_subject_fault("repo:a/b:ref:refs/heads/main", "a/b", NULL));
    assert_non_null(trust_subject_fault("repo:a/b:ref:refs/heads/main", "a/b", "production"));
    assert_non_null(trust_subject_fault("repo:a/b:environment:production-2", "a/b", "production"));
    assert_non_null(trust_subject_fault("repo:a/b*", "a/b", NULL));
    assert_non_null(trust_subject_fault("repo:a/*", "a/b", NULL));
    assert_non_null(trust_subject_fault("*", "a/b", NULL));
}

/* The credential report. */

static void the_report_is_read_by_its_head(void **state)
{
    static const char report[] =
        "user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active,access_key_1_last_rotated,"
                                 "access_key_1_last_used_date,access_key_1_last_used_service\r\n"
                                 "<root_account>,arn:aws:iam::1:root,2024-01-02T03:04:05+00:00,not_supported,no_information,true,false,N/A,N/A,"
                                 "N/A\r\n\"a,\"\"b\",arn,2025-01-02T03:04:05+00:00,true,2026-11-01T00:00:00Z,false,true,2026-10-01T00:00:00+00:00,"
                                 "N/A,s3";
    struct credential_set set = {0};
    struct error e = {0};
    (void)state;
    assert_true(map_credentials(report, sizeof report - 1, &set, &e));
    assert_int_equal(set.users.len, 2);
    assert_true(set.users.at[0].root && set.users.at[0].mfa && !set.users.at[0].console && !set.users.at[0].signed_in_at);
    assert_string_equal(set.users.at[1].name, "a,\"b");
    assert_true(set.users.at[1].console && !set.users.at[1].mfa && set.users.at[1].keys[0].active && !set.users.at[1].keys[1].active);
    assert_true(set.users.at[1].keys[0].rotated_at > 0 && set.users.at[1].keys[0].used_at == 0);
    vec_free(&set.users);
}

/* A line that does not fit would put one column's flag into another. */
static void a_line_that_does_not_fit_is_refused(void **state)
{
    static const char *const reports[] = {"", "user,arn\na,b,c", "user,arn\na", "name,arn\na,b", "user\na", "user,arn\n\"a,b"};
    (void)state;
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
        struct credential_set set = {0};
        struct error e = {0};
        assert_false(map_credentials(reports[i], strlen(reports[i]), &set, &e));
        vec_free(&set.users);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_as_promised_passes),
        cmocka_unit_test(each_deviation_is_found), cmocka_unit_test(what_was_not_read_has_not_failed),
        cmocka_unit_test(what_is_not_known_is_no_pass),
        cmocka_unit_test(what_gets_no_releases_has_no_gate),
        cmocka_unit_test(saml_is_no_token_of_a_machine),
        cmocka_unit_test(a_role_that_is_not_understood_may_deploy),
        cmocka_unit_test(a_node_by_its_id_is_known),
        cmocka_unit_test(what_was_read_in_part_is_no_pass),
        cmocka_unit_test(an_account_is_as_the_organisation_has_it),
        cmocka_unit_test(of_several_trails_the_one_that_keeps_the_promise_counts),
        cmocka_unit_test(a_unit_s_policy_reaches_what_is_under_it),
        cmocka_unit_test(mfa_is_demanded_or_not),
        cmocka_unit_test(principals_of_all_kinds),
        cmocka_unit_test(what_does_not_fit_is_not_taken_for_read), cmocka_unit_test(subjects_are_held_against_the_repository),
        cmocka_unit_test(the_report_is_read_by_its_head),
        cmocka_unit_test(a_line_that_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
