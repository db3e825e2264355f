#include "security_estate.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "put.h"

#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)

struct build {
    struct estate *e;
    size_t account;
    const char *id; /* of the account */
    bool management, production;
    int64_t now;
};

static struct role_trust *trust(struct iam_role *role, enum trust_kind kind, const char *principal, const char *subject)
{
    struct role_trust *t = vec_add(&role->trust);
    t->kind = kind;
    PUT(t->principal, principal);
    if (subject)
        *vec_add(&t->subjects) = mem_strdup(subject);
    return t;
}

static struct iam_role *role(const struct build *b, struct identity_set *set, const char *name, int64_t used)
{
    struct iam_role *r = vec_add(&set->roles);
    *r = (struct iam_role){.created_at = b->now - 600 * DAY, .used_at = b->now - used, .use_known = true, .session_s = 3600};
    PUT(r->name, name);
    text_format(r->arn, sizeof r->arn, "arn:aws:iam::%s:role/%s", b->id, name);
    return r;
}

static void add_identity(const struct build *b)
{
    struct identity_set set =
        {.summary = {.root_mfa = 1, .root_keys = 0, .root_password = 1, .users = b->management ? 2 : 0, .roles = 4, .mfa_devices = 1}};
    struct oidc_provider *p = vec_add(&set.providers);
    char github[120];
    text_format(github, sizeof github, "arn:aws:iam::%s:oidc-provider/" GITHUB_TOKENS, b->id);
    p->created_at = b->now - 700 * DAY;
    PUT(p->arn, github);
    PUT(p->url, GITHUB_TOKENS);
    PUT(p->audiences, "sts.amazonaws.com");
    if (!b->management) {
        p = vec_add(&set.providers);
        p->created_at = b->now - 398 * DAY;
        text_format(p->arn, sizeof p->arn, "arn:aws:iam::%s:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/9A8B7C6D", b->id);
        PUT(p->url, "oidc.eks.us-east-1.amazonaws.com/id/9A8B7C6D");
        PUT(p->audiences, "sts.amazonaws.com");
    }
    trust(role(b, &set, "TrivetReader", 4 * 60000), TRUST_PRINCIPAL, "arn:aws:iam::111111111111:root", NULL);
    trust(role(b, &set, "TrivetOperator", 51 * HOUR), TRUST_PRINCIPAL, "arn:aws:iam::111111111111:user/oncall", NULL)->mfa = true;
    trust(role(b, &set, "GitHubDeploy", 5 * HOUR), TRUST_WEB, github,
          b->production ? "repo:innovate/webapp:environment:production" : "repo:innovate/webapp:ref:refs/heads/main");
    if (!b->management)
        trust(role(b, &set, "innovate-backend", 540000), TRUST_WEB, "arn:aws:iam::1:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/9A8B7C6D",
              "system:serviceaccount:innovate:backend");
    identity_set(b->e, b->account, &set, b->now);
}

static void add_credentials(const struct build *b)
{
    struct credential_set set = {.generated_at = b->now - 2 * HOUR};
    struct iam_user *root = vec_add(&set.users);
    root->root = root->mfa = true;
    root->created_at = b->now - 800 * DAY;
    PUT(root->name, "<root_account>");
    if (b->management) {
        struct iam_user *u = vec_add(&set.users);
        *u = (struct iam_user){.console = true, .mfa = true, .created_at = b->now - 640 * DAY, .signed_in_at = b->now - 3 * HOUR};
        u->keys[0].active = true;
        u->keys[0].rotated_at = b->now - 41 * DAY;
        u->keys[0].used_at = b->now - 120000;
        PUT(u->keys[0].service, "sts");
        PUT(u->name, "oncall");
    }
    credentials_set(b->e, b->account, &set, b->now);
}

static void add_keys(const struct build *b)
{
    struct kms_key k = {.can_rotate = true, .rotation = 1, .period_days = 365, .created_at = b->now - 398 * DAY, .next_at = b->now + 332 * DAY};
    PUT(k.id, "5a20e7c1-84b3-4f6e-a9d0-1c37e5f8b204");
    PUT(k.alias, "alias/innovate");
    PUT(k.description, "Database and secrets");
    PUT(k.state, "Enabled");
    PUT(k.spec, "SYMMETRIC_DEFAULT");
    keys_set(b->e, b->account, &k, 1);
}

static void add_secrets(const struct build *b)
{
    struct secret s = {.rotates = true, .every_days = 30, .rotated_at = b->now - 19 * DAY, .next_at = b->now + 11 * DAY,
                       .changed_at = b->now - 19 * DAY,
                       .used_at = b->now - 20 * HOUR};
    PUT(s.name, b->production ? "innovate-prod/database" : "innovate-dev/database");
    secrets_set(b->e, b->account, &s, 1, b->now);
}

static void add_cluster(const struct build *b)
{
    struct managed_instance m = {.seen_at = b->now - 2 * 60000};
    struct service_account s = {.ns = "innovate", .name = "backend"};
    PUT(m.id, "i-0a1b2c3d4e5f60718");
    PUT(m.name, "ip-10-0-11-5.ec2.internal");
    PUT(m.address, "10.0.11.5");
    PUT(m.ping, "Online");
    PUT(m.agent, "3.3.3050.0");
    PUT(m.platform, "Bottlerocket");
    text_format(s.role, sizeof s.role, "arn:aws:iam::%s:role/innovate-backend", b->id);
    instances_set(b->e, b->account, &m, 1);
    service_accounts_set(b->e, b->account, &s, 1);
}

static void add_bucket(const struct build *b)
{
    struct bucket buckets[BUCKETS] = {{.exists = true, .versioned = true, .blocked = 4}, {.exists = true, .blocked = 4}};
    PUT(buckets[BUCKET_STATE].name, "innovate-tfstate");
    PUT(buckets[BUCKET_STATE].encryption, "aws:kms");
    PUT(buckets[BUCKET_STATIC].name, "innovate-static");
    PUT(buckets[BUCKET_STATIC].encryption, "AES256");
    buckets_set(b->e, b->account, buckets);
}

static void add_gate(const struct build *b)
{
    struct deploy_gate gate = {.exists = true, .reviewers = 2, .wait_minutes = -1, .no_self_review = true, .run = 405};
    PUT(gate.scan, "scan");
    PUT(gate.environment, "production");
    PUT(gate.names, "rosa-kim, ines-park");
    deploy_gate_set(b->e, b->account, &gate);
}

void security_build(struct estate *e, size_t account, int64_t now)
{
    const struct account_config *config = e->accounts[account].config;
    struct build b = {.e = e, .account = account, .id = config->id, .management = config->kind == ACCOUNT_MANAGEMENT,
                      .production = config->kind == ACCOUNT_PRODUCTION, .now = now};
    add_identity(&b);
    add_credentials(&b);
    add_keys(&b);
    if (b.management) {
        add_bucket(&b);
        workloads_set(e, account, NULL, 0, "");
    } else {
        add_secrets(&b);
        add_cluster(&b);
    }
    if (b.production)
        add_gate(&b);
    for (int f = 0; f < FEED_COUNT; f++) {
        feed_mask bit = FEED_BIT(f), management = FEED_BIT(FEED_STATE_BUCKET) | FEED_BIT(FEED_WORKLOADS),
                  clusters = FEED_BIT(FEED_INSTANCES) | FEED_BIT(FEED_SERVICE_ACCOUNTS) | FEED_BIT(FEED_SECRETS);
        if (!(FEEDS_SECURITY & bit))
            continue;
        bool none = (management & bit && !b.management) || (clusters & bit && b.management) || (bit == FEED_BIT(FEED_DEPLOY_GATE) && !b.production);
        if (none)
            slice_none(e, account, (enum feed)f);
        else
            slice_good(e, account, (enum feed)f, now, 1800000, now + 1800000);
    }
}
