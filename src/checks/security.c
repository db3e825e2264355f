/* What the architecture promises of the organisation, of who may do what, and of how secrets are kept (sections 2, 8, 9). */
#include <string.h>

#include "base/str.h"
#include "base/when.h"
#include "checks/rows.h"

#define HOUR_MS INT64_C(3600000)

static const struct security *security_of(const struct checking *c) { return &checking_account(c)->security; }
static const char *name_of(const struct checking *c) { return checking_account(c)->config->name; }
static bool is_production(const struct checking *c) { return checking_account(c)->config->kind == ACCOUNT_PRODUCTION; }

/* The organisation. */

/* NULL, having said so, where the profile has no management account. */
static const struct account *management_of(struct checking *c)
{
    const struct account *management = estate_management(checking_estate(c));
    if (!management)
        check_unknown(c, name_of(c), "the profile has no management account to ask");
    return management;
}

static const struct member_account *member_of(const struct account *management, const struct account *account)
{
    for (size_t i = 0; i < management->organization.accounts.len; i++)
        if (!strcmp(management->organization.accounts.at[i].id, account->config->id))
            return &management->organization.accounts.at[i];
    return NULL;
}

static void look_accounts(struct checking *c)
{
    const struct account *management = management_of(c), *account = checking_account(c);
    if (!management)
        return;
    const struct member_account *m = member_of(management, account);
    check_that(c, m && !strcmp(m->status, "ACTIVE"), account->config->id, "%s", m ? m->status : "not in the organisation");
    if (account == management)
        check_that(c, !strcmp(account->organization.feature_set, "ALL"), account->organization.id, "features %s", account->organization.feature_set);
}

static bool reaches(const struct scp *scp, const struct member_account *m)
{
    for (size_t i = 0; i < scp->targets.len; i++) {
        const char *target = scp->targets.at[i];
        if (!strcmp(target, m->id) || text_starts(target, "r-"))
            return true;
        for (size_t p = 0; p < m->parent_count; p++)
            if (!strcmp(target, m->parents[p]))
                return true;
    }
    return false;
}

static void look_scp(struct checking *c)
{
    const struct account *management = management_of(c);
    const struct member_account *m = management ? member_of(management, checking_account(c)) : NULL;
    size_t count = 0;
    if (!management)
        return;
    for (size_t i = 0; m && i < management->organization.scps.len; i++) {
        const struct scp *scp = &management->organization.scps.at[i];
        if (scp->aws_managed || !reaches(scp, m))
            continue;
        check_pass(c, scp->name, "reaches %s", name_of(c));
        count++;
    }
    if (!count && m && management->organization.part)
        check_unknown(c, name_of(c), "what it stands under was not read");
    else if (!count)
        check_fail(c, name_of(c), "no policy of the organisation's own reaches it");
}

static void look_trail(struct checking *c)
{
    const struct trail *t = &checking_account(c)->trail;
    char span[32];
    if (!t->present) {
        check_fail(c, name_of(c), "there is no trail");
        return;
    }
    check_that(c, t->organization, t->name, "%s", t->organization ? "of the whole organisation" : "of this account only");
    check_that(c, t->multi_region, t->name, "%s", t->multi_region ? "all regions" : "one region only");
    check_that(c, t->validated, t->name, "log files %s", t->validated ? "validated" : "not validated");
    check_that(c, t->logging, t->name, "%s", t->logging ? "logging" : "not logging");
    if (t->delivered_at)
        check_that(c, checking_now(c) - t->delivered_at < HOUR_MS, t->name, "delivered %s ago",
                   when_span(checking_now(c) - t->delivered_at, span, sizeof span));
    else
        check_fail(c, t->name, "nothing delivered yet");
    if (*t->delivery_error)
        check_fail(c, t->name, "delivery: %s", t->delivery_error);
}

static void look_no_workload(struct checking *c)
{
    const struct security *s = security_of(c);
    for (size_t i = 0; i < s->workloads.len; i++)
        check_fail(c, s->workloads.at[i].name, "a %s in the management account", s->workloads.at[i].kind);
    if (*s->workloads_unread)
        check_unknown(c, name_of(c), "%s could not be read", s->workloads_unread);
    else if (!s->workloads.len)
        check_pass(c, name_of(c), "no clusters, databases or running instances");
}

/* Root and users. */

static void look_root_mfa(struct checking *c)
{
    const struct account_summary *s = &security_of(c)->identity.summary;
    if (s->root_mfa < 0 || s->root_keys < 0) {
        check_unknown(c, "root user", "IAM does not tell");
        return;
    }
    if (s->root_password == 0 && !s->root_mfa)
        check_pass(c, "root user", "has no password: it cannot sign in");
    else
        check_that(c, s->root_mfa > 0, "root user", "%s", s->root_mfa ? "MFA" : "no MFA");
    check_that(c, s->root_keys == 0, "root user", "%s", s->root_keys ? "has access keys" : "no access keys");
}

static void look_user_mfa(struct checking *c)
{
    const struct credential_set *set = &security_of(c)->credentials;
    size_t count = 0;
    for (size_t i = 0; i < set->users.len; i++) {
        const struct iam_user *u = &set->users.at[i];
        if (u->root || !u->console)
            continue;
        check_that(c, u->mfa, u->name, "signs in %s MFA", u->mfa ? "with" : "without");
        count++;
    }
    if (!count)
        check_pass(c, name_of(c), "no user has a password");
}

static void look_no_keys(struct checking *c)
{
    const struct credential_set *set = &security_of(c)->credentials;
    int64_t limit = checking_estate(c)->config->key_age_ms;
    size_t count = 0;
    for (size_t i = 0; i < set->users.len; i++)
        for (int k = 0; k < 2; k++) {
            const struct iam_user *u = &set->users.at[i];
            int64_t since = u->keys[k].rotated_at ? u->keys[k].rotated_at : u->created_at, age = checking_now(c) - since;
            char span[32];
            if (!u->keys[k].active)
                continue;
            count++;
            if (user_is_pipeline(u))
                check_fail(c, u->name, "an active access key, of a pipeline by its name");
            else if (!since)
                check_unknown(c, u->name, "an active access key, age not known");
            else
                check_that(c, age <= limit, u->name, "an active access key, %s old", when_span(age, span, sizeof span));
        }
    if (!count)
        check_pass(c, name_of(c), "no active access keys");
}

/* Roles. */

/* NULL, having said why. `what`: "reader", "operator". */
static const struct iam_role *role_of(struct checking *c, const char *name, const char *what)
{
    const struct iam_role *role = security_role(security_of(c), name);
    if (!role)
        check_unknown(c, name, "the %s role is not among the account's roles", what);
    else if (role->unread)
        check_unknown(c, role->name, "its trust policy is not understood");
    return role && !role->unread ? role : NULL;
}

static void look_prod_mfa(struct checking *c)
{
    const char *name = checking_account(c)->config->operator_role;
    if (!name) {
        check_na(c, "the profile names no operator role");
        return;
    }
    const struct iam_role *role = role_of(c, name, "operator");
    for (size_t i = 0; role && i < role->trust.len; i++) {
        const struct role_trust *t = &role->trust.at[i];
        if (t->kind == TRUST_WEB)
            check_pass(c, role->name, "%s: by token, no person", t->principal);
        else if (t->kind == TRUST_SAML)
            check_unknown(c, role->name, "%s: whether people sign in there with MFA, AWS is not told", t->principal);
        else
            check_that(c, t->mfa, role->name, "%s %s", t->principal, t->mfa ? "with MFA only" : "without MFA");
    }
    if (role && !role->trust.len)
        check_pass(c, role->name, "nobody may assume it");
}

static void cross_account(struct checking *c, const char *name, const char *what, const char *management)
{
    const struct iam_role *role = name ? role_of(c, name, what) : NULL;
    for (size_t i = 0; role && i < role->trust.len; i++) {
        const struct role_trust *t = &role->trust.at[i];
        bool own_provider = t->kind == TRUST_WEB && trust_is_of(t, checking_account(c)->config->id);
        bool good = (t->kind == TRUST_PRINCIPAL && trust_is_of(t, management)) || own_provider;
        check_that(c, good, role->name, "trusts %s", t->kind == TRUST_ANYONE ? "anyone" : t->principal);
    }
    if (role && !role->trust.len)
        check_pass(c, role->name, "nobody may assume it");
}

static void look_cross_account(struct checking *c)
{
    const struct account_config *config = checking_account(c)->config;
    const struct account *management = management_of(c);
    if (!management)
        return;
    if (!config->role && !config->operator_role)
        check_na(c, "the profile names no role here");
    cross_account(c, config->role, "reader", management->config->id);
    cross_account(c, config->operator_role, "operator", management->config->id);
}

/* Deploying. */

static bool github_provider(const struct security *s)
{
    for (size_t i = 0; i < s->identity.providers.len; i++)
        if (!strcmp(s->identity.providers.at[i].url, GITHUB_TOKENS))
            return true;
    return false;
}

static size_t deploy_role(struct checking *c, const struct iam_role *role)
{
    const struct estate_config *config = checking_estate(c)->config;
    const char *environment = is_production(c) ? config->github_environment : NULL;
    size_t count = 0;
    for (size_t i = 0; i < role->trust.len; i++) {
        const struct role_trust *t = &role->trust.at[i];
        if (!trust_is_github(t))
            continue;
        count++;
        if (!t->subjects.len)
            check_fail(c, role->name, "any repository on GitHub may assume it");
        for (size_t k = 0; k < t->subjects.len; k++) {
            const char *fault = trust_subject_fault(t->subjects.at[k], config->github_repository, environment);
            check_that(c, !fault, role->name, "%s%s%s", t->subjects.at[k], fault ? ": " : "", fault ? fault : "");
        }
    }
    return count;
}

static void look_oidc(struct checking *c)
{
    const struct security *s = security_of(c);
    size_t count = 0;
    if (!checking_estate(c)->config->github_repository) {
        check_na(c, "the profile names no repository");
        return;
    }
    if (s->identity.providers_unread)
        check_unknown(c, GITHUB_TOKENS, "the OIDC providers could not be read");
    else
        check_that(c, github_provider(s), GITHUB_TOKENS, "%s", github_provider(s) ? "provider" : "no such OIDC provider");
    for (size_t i = 0; i < s->identity.roles.len; i++) {
        count += deploy_role(c, &s->identity.roles.at[i]);
        if (s->identity.roles.at[i].unread)
            check_unknown(c, s->identity.roles.at[i].name, "its trust policy is not understood: it may let workflows in");
    }
    if (s->identity.roles_unread)
        check_unknown(c, name_of(c), "the roles could not be read");
    else if (!count)
        check_fail(c, name_of(c), "no role that workflows deploy with");
}

/* False, having said so: nothing is released to this account from GitHub. */
static bool gets_releases(struct checking *c)
{
    if (!checking_account(c)->config->releases)
        check_na(c, checking_estate(c)->config->github_repository ? "releases go to another account" : "the profile names no repository");
    return checking_account(c)->config->releases;
}

static void look_prod_gate(struct checking *c)
{
    const struct deploy_gate *g = &security_of(c)->gate;
    if (!gets_releases(c))
        return;
    if (!checking_estate(c)->config->github_environment) {
        check_na(c, "the profile names no environment on GitHub");
        return;
    }
    if (!g->exists)
        check_fail(c, g->environment, "there is no such environment on GitHub");
    else
        check_that(c, g->reviewers > 0, g->environment, "%s%s", g->reviewers > 0 ? "reviewed by " : "deploys without a reviewer",
                   g->reviewers > 0 ? g->names : "");
}

/* What was deployed the last time: the image is looked through before it goes anywhere. */
static void look_scan(struct checking *c)
{
    const struct deploy_gate *g = &security_of(c)->gate;
    char run[40];
    if (!gets_releases(c))
        return;
    text_format(run, sizeof run, "run %lld", (long long)g->run);
    if (!g->run)
        check_unknown(c, checking_account(c)->config->name, "none of the newest runs of the repository's workflows deployed");
    else if (!*g->scan)
        check_fail(c, run, "has no job or step that scans");
    else
        check_that(c, !*g->deploy, run, "%s%s%s", g->scan, *g->deploy ? ", but not before " : "", g->deploy);
}

/* Secrets. */

static void look_bucket(struct checking *c, enum bucket_use use)
{
    const struct bucket *b = &security_of(c)->buckets[use];
    if (!*b->name) {
        check_na(c, "the profile names no such bucket here");
        return;
    }
    if (!b->exists && !b->unread) {
        check_fail(c, b->name, "there is no such bucket");
        return;
    }
    if (use == BUCKET_STATE && b->unread & BUCKET_VERSIONS)
        check_unknown(c, b->name, "whether it keeps versions could not be read");
    else if (use == BUCKET_STATE)
        check_that(c, b->versioned, b->name, "%s", b->versioned ? "versioned" : "not versioned");
    if (b->unread & BUCKET_ENCRYPTION)
        check_unknown(c, b->name, "its encryption could not be read");
    else
        check_that(c, *b->encryption, b->name, "%s", *b->encryption ? b->encryption : "not encrypted");
    if (b->unread & BUCKET_ACCESS)
        check_unknown(c, b->name, "whether public access is blocked could not be read");
    else
        check_that(c, b->blocked == 4, b->name, "%d of 4 kinds of public access blocked", b->blocked);
}

static void look_state(struct checking *c) { look_bucket(c, BUCKET_STATE); }
static void look_static(struct checking *c) { look_bucket(c, BUCKET_STATIC); }

static bool is_databases(const struct checking *c, const struct secret *s)
{
    const struct account *a = checking_account(c);
    bool found = secret_is_of(s, a->config->database);
    if (a->config->database_secret)
        return !strcmp(s->name, a->config->database_secret);
    for (size_t i = 0; i < a->database.instances.len; i++)
        found |= secret_is_of(s, a->database.instances.at[i].id);
    return found;
}

static void look_rotation(struct checking *c)
{
    const struct security *s = security_of(c);
    size_t count = 0;
    for (size_t i = 0; i < s->secrets.len; i++) {
        const struct secret *one = &s->secrets.at[i];
        int64_t since = one->rotated_at ? checking_now(c) - one->rotated_at : 0;
        char span[32];
        if (!is_databases(c, one))
            continue;
        count++;
        if (!one->rotates)
            check_fail(c, one->name, "does not rotate");
        else if (secret_is_late(one, checking_now(c)))
            check_fail(c, one->name, "should have rotated: last time %s ago", one->rotated_at ? when_span(since, span, sizeof span) : "never");
        else
            check_pass(c, one->name, "rotated %s%s", one->rotated_at ? when_span(since, span, sizeof span) : "not yet",
                       one->rotated_at ? " ago" : "");
    }
    if (!count && checking_account(c)->slices[FEED_SECRETS].part)
        check_unknown(c, name_of(c), "none of the secrets that were read is the database's");
    else if (!count)
        check_fail(c, checking_account(c)->config->database_secret ? checking_account(c)->config->database_secret : name_of(c),
                   "no secret that is the database's");
}

static void look_kms(struct checking *c)
{
    const struct security *s = security_of(c);
    size_t count = 0;
    for (size_t i = 0; i < s->keys.len; i++) {
        const struct kms_key *k = &s->keys.at[i];
        const char *name = *k->alias ? k->alias : k->id;
        if (!*k->state) {
            count++;
            check_unknown(c, name, "its policy does not let it be looked at");
        } else if (k->can_rotate && !strcmp(k->state, "Enabled")) {
            count++;
            if (k->rotation < 0)
                check_unknown(c, name, "its policy does not tell whether it rotates");
            else
                check_that(c, k->rotation, name, "%s", k->rotation ? "rotates" : "does not rotate");
        }
    }
    if (!count)
        check_na(c, "no keys of the customer's own that could rotate");
}

/* Nodes call themselves by their address or by their id: ip-10-0-11-23.ec2.internal, i-0a1b2c3d4e5f60718.us-west-2.compute.internal. */
static bool is_node(const struct managed_instance *m, const char *node)
{
    char address[80], id[80];
    text_format(address, sizeof address, "ip-%s.", m->address);
    for (char *p = address; p[1]; p++)
        if (*p == '.')
            *p = '-';
    text_format(id, sizeof id, "%s.", m->id);
    return !strcmp(m->name, node) || !strcmp(m->id, node) || (*m->address && text_starts(node, address)) || (*m->id && text_starts(node, id));
}

static const struct managed_instance *instance_of(const struct security *s, const char *node)
{
    for (size_t i = 0; i < s->instances.len; i++)
        if (is_node(&s->instances.at[i], node))
            return &s->instances.at[i];
    return NULL;
}

static void look_session_manager(struct checking *c)
{
    const struct cluster *cluster = &checking_account(c)->cluster;
    size_t count = 0;
    if (!checking_account(c)->config->cluster.name) {
        check_na(c, "no cluster");
        return;
    }
    for (size_t i = 0; i < cluster->nodes.len; i++) {
        if (cluster->nodes.at[i].fargate)
            continue;
        const struct managed_instance *m = instance_of(security_of(c), cluster->nodes.at[i].name);
        if (!m && checking_account(c)->slices[FEED_INSTANCES].part)
            check_unknown(c, cluster->nodes.at[i].name, "not among the instances that were read");
        else
            check_that(c, m && !strcmp(m->ping, "Online"), cluster->nodes.at[i].name, "%s", m ? m->ping : "Session Manager does not know it");
        count++;
    }
    if (!count)
        check_na(c, "no nodes but Fargate's, which have no shell");
}

#define WORKLOADS  (CHECK_KIND(ACCOUNT_DEVELOPMENT) | CHECK_KIND(ACCOUNT_PRODUCTION))
#define MANAGEMENT CHECK_KIND(ACCOUNT_MANAGEMENT)
#define PRODUCTION CHECK_KIND(ACCOUNT_PRODUCTION)
#define ROW(group, name, id_, kinds_, promise_, remedy_, ...)                                                                                     \
    const struct check check_##group##_##name = {                                                                                                  \
        .id = id_, .area = "security", .promise = promise_, .remedy = remedy_, .kinds = kinds_, .look = look_##name, __VA_ARGS__}

ROW(org, accounts, "org-accounts", CHECK_ALL, "every account is ACTIVE in the organisation, which has all features on",
    "reopen or invite the account; EnableAllFeatures", .management_feeds = FEED_BIT(FEED_ORGANIZATION));
ROW(org, scp, "org-scp", WORKLOADS, "a service control policy of the organisation's own reaches dev and prod",
    "AttachPolicy to the account, its organisational unit or the root", .management_feeds = FEED_BIT(FEED_ORGANIZATION));
ROW(org, trail, "org-trail", MANAGEMENT, "an organisation trail of all regions, validated, logging, delivered within the hour",
    "StartLogging, UpdateTrail; for a delivery error the bucket's policy", .feeds = FEED_BIT(FEED_TRAIL));
ROW(org, no_workload, "org-no-workload", MANAGEMENT, "nothing runs in the management account", "move it to dev or prod, or delete it",
    .feeds = FEED_BIT(FEED_WORKLOADS));
ROW(iam, root_mfa, "iam-root-mfa", CHECK_ALL, "the root user has MFA and no access keys",
    "sign in as root: Security credentials; or remove root's credentials from the management account", .feeds = FEED_BIT(FEED_IDENTITY));
ROW(iam, user_mfa, "iam-user-mfa", CHECK_ALL, "every user with a password has MFA", "have the user register a device, or delete the password",
    .feeds = FEED_BIT(FEED_CREDENTIALS));
ROW(iam, prod_mfa, "iam-prod-mfa", PRODUCTION, "production's operator role is assumed with MFA only",
    "Bool aws:MultiFactorAuthPresent true in the role's trust policy", .feeds = FEED_BIT(FEED_IDENTITY));
ROW(iam, cross_account, "iam-cross-account", CHECK_ALL, "reader and operator trust the management account or an OIDC provider only",
    "UpdateAssumeRolePolicy: leave out other principals", .feeds = FEED_BIT(FEED_IDENTITY));
ROW(ci, oidc, "ci-oidc", CHECK_ALL, "workflows deploy by OIDC, with roles for the repository only (in prod: and its environment)",
    "CreateOpenIDConnectProvider; StringEquals on the provider's :sub in the trust policy", .feeds = FEED_BIT(FEED_IDENTITY));
ROW(ci, no_keys, "ci-no-keys", CHECK_ALL, "no old access keys, and none of a pipeline", "rotate the key; let pipelines assume a role by OIDC",
    .feeds = FEED_BIT(FEED_CREDENTIALS));
ROW(ci, prod_gate, "ci-prod-gate", PRODUCTION, "the environment on GitHub asks for a reviewer",
    "the repository's Settings, Environments: Required reviewers", .feeds = FEED_BIT(FEED_DEPLOY_GATE));
ROW(ci, scan, "ci-scan", PRODUCTION, "pipelines look through an image before they deploy it", "a job with Trivy or Snyk that the deployments need",
    .feeds = FEED_BIT(FEED_DEPLOY_GATE));
ROW(s3, static, "s3-static", CHECK_ALL, "the bucket of static images is encrypted and blocks public access",
    "PutBucketEncryption, PutPublicAccessBlock",
    .feeds = FEED_BIT(FEED_STATE_BUCKET));
ROW(s3, state, "s3-state", CHECK_ALL, "the state bucket is versioned, encrypted and blocks public access",
    "PutBucketVersioning, PutBucketEncryption, PutPublicAccessBlock", .feeds = FEED_BIT(FEED_STATE_BUCKET));
ROW(sec, rotation, "sec-rotation", WORKLOADS, "the database's secret rotates, and has on time", "RotateSecret; look at the rotation function's log",
    .feeds = FEED_BIT(FEED_SECRETS) | FEED_BIT(FEED_DATABASE));
ROW(kms, kms, "kms-rotation", CHECK_ALL, "the customer's keys rotate", "EnableKeyRotation", .feeds = FEED_BIT(FEED_KEYS));
ROW(ops, session_manager, "ops-session-manager", WORKLOADS, "nodes are reached by Session Manager, without SSH",
    "AmazonSSMManagedInstanceCore on the node role, and the agent", .feeds = FEED_BIT(FEED_INSTANCES) | FEED_BIT(FEED_NODES));
