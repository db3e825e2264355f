/* The organisation: its accounts, and which service control policies reach which. And the trail. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "feeds/fields.h"
#include "feeds/internal.h"

struct reading {
    struct calls calls;
    struct organization organization;
};

static void free_reading(struct reading *r)
{
    for (size_t i = 0; i < r->organization.scps.len; i++) {
        for (size_t k = 0; k < r->organization.scps.at[i].targets.len; k++)
            free(r->organization.scps.at[i].targets.at[k]);
        vec_free(&r->organization.scps.at[i].targets);
    }
    vec_free(&r->organization.scps);
    vec_free(&r->organization.accounts);
    free(r);
}

static void got_organization(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    (void)arg;
    FIELD(r->organization.id, output, "Organization.Id");
    FIELD(r->organization.feature_set, output, "Organization.FeatureSet");
    FIELD(r->organization.master_id, output, "Organization.MasterAccountId");
}

static void ask_parent(struct feed_run *run, size_t member, const char *child);

static void got_parents(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t member = (uintptr_t)arg;
    struct member_account *m = &r->organization.accounts.at[member];
    if (m->parent_count == sizeof m->parents / sizeof *m->parents || !json_text(output, "Parents.0.Id"))
        return;
    char *parent = m->parents[m->parent_count++];
    FIELD(m->parents[m->parent_count - 1], output, "Parents.0.Id");
    if (text_equal(json_text(output, "Parents.0.Type"), "ORGANIZATIONAL_UNIT"))
        ask_parent(run, member, parent);
}

/* A policy on an organisational unit reaches what is under it. */
static void ask_parent(struct feed_run *run, size_t member, const char *child)
{
    struct reading *r = run->state;
    calls_add(&r->calls, "organizations", "ListParents", json_pack("{s:s}", "ChildId", child), NULL, got_parents, (void *)(uintptr_t)member);
}

static void ask_parents(struct feed_run *run)
{
    struct reading *r = run->state;
    for (size_t i = 0; i < r->organization.accounts.len; i++)
        if (estate_account(feeds_estate(run->feeds), r->organization.accounts.at[i].id))
            ask_parent(run, i, r->organization.accounts.at[i].id);
}

static void got_accounts(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_at(output, "Accounts"), i, row) {
        struct member_account *m = vec_add(&r->organization.accounts);
        FIELD(m->id, row, "Id");
        FIELD(m->name, row, "Name");
        FIELD(m->email, row, "Email");
        FIELD(m->status, row, "Status");
        m->joined_at = json_when(row, "JoinedTimestamp");
    }
    ask_parents(run);
}

static void got_targets(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    struct scp *scp = &r->organization.scps.at[(uintptr_t)arg];
    size_t i;
    json_t *row;
    json_array_foreach(json_at(output, "Targets"), i, row) {
        char id[80];
        FIELD(id, row, "TargetId");
        *vec_add(&scp->targets) = mem_strdup(id);
    }
}

static void got_policies(struct feed_run *run, json_t *output, void *arg)
{
    static const struct aws_call_options pages = {.all_pages = true};
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_at(output, "Policies"), i, row) {
        struct scp *scp = vec_add(&r->organization.scps);
        FIELD(scp->id, row, "Id");
        FIELD(scp->name, row, "Name");
        scp->aws_managed = json_flag(row, "AwsManaged", false);
    }
    for (size_t k = 0; k < r->organization.scps.len; k++)
        calls_add(&r->calls, "organizations", "ListTargetsForPolicy", json_pack("{s:s}", "PolicyId", r->organization.scps.at[k].id), &pages,
                  got_targets, (void *)(uintptr_t)k);
}

static void done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    run->state = NULL;
    if (!error)
        organization_set(feeds_estate(run->feeds), run->account, &r->organization);
    free_reading(r);
    if (error)
        feed_failed(run, error);
    else
        feed_good(run);
}

static void start(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true};
    struct reading *r = run->state = mem_new(sizeof *r);
    calls_begin(&r->calls, run, done);
    calls_add(&r->calls, "organizations", "DescribeOrganization", NULL, NULL, got_organization, NULL);
    calls_add(&r->calls, "organizations", "ListAccounts", NULL, &pages, got_accounts, NULL);
    calls_add(&r->calls, "organizations", "ListPolicies", json_pack("{s:s}", "Filter", "SERVICE_CONTROL_POLICY"), &pages, got_policies, NULL);
    calls_end(&r->calls);
}

static void stop(struct feed_run *run)
{
    struct reading *r = run->state;
    calls_cancel(&r->calls);
    free_reading(r);
    run->state = NULL;
}

static bool is_management(const struct account_config *account) { return account->kind == ACCOUNT_MANAGEMENT; }

const struct feed_type feed_organization = {
    .feed = FEED_ORGANIZATION, .interval_ms = 900000, .focus_ms = 900000, .wanted = is_management, .start = start, .stop = stop};

/* The trail: the organisation's own if there is one, else the first. */

struct trail_reading {
    struct calls calls;
    struct trail trail;
};

static void got_status(struct feed_run *run, json_t *output, void *arg)
{
    struct trail_reading *r = run->state;
    (void)arg;
    r->trail.logging = json_flag(output, "IsLogging", false);
    r->trail.delivered_at = json_when(output, "LatestDeliveryTime");
    FIELD(r->trail.delivery_error, output, "LatestDeliveryError");
}

static void got_trails(struct feed_run *run, json_t *output, void *arg)
{
    struct trail_reading *r = run->state;
    const json_t *list = json_at(output, "trailList"), *best = json_array_get(list, 0);
    (void)arg;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_flag(json_array_get(list, i), "IsOrganizationTrail", false))
            best = json_array_get(list, i);
    if (!best)
        return;
    r->trail.present = true;
    FIELD(r->trail.name, best, "Name");
    FIELD(r->trail.bucket, best, "S3BucketName");
    r->trail.organization = json_flag(best, "IsOrganizationTrail", false);
    r->trail.multi_region = json_flag(best, "IsMultiRegionTrail", false);
    r->trail.validated = json_flag(best, "LogFileValidationEnabled", false);
    const char *name = json_text(best, "TrailARN");
    calls_add(&r->calls, "cloudtrail", "GetTrailStatus", json_pack("{s:s}", "Name", name ? name : r->trail.name), NULL, got_status, NULL);
}

static void trail_done(struct feed_run *run, const struct error *error)
{
    struct trail_reading *r = run->state;
    run->state = NULL;
    if (!error)
        trail_set(feeds_estate(run->feeds), run->account, &r->trail);
    free(r);
    if (error)
        feed_failed(run, error);
    else
        feed_good(run);
}

static void trail_start(struct feed_run *run)
{
    struct trail_reading *r = run->state = mem_new(sizeof *r);
    calls_begin(&r->calls, run, trail_done);
    calls_add(&r->calls, "cloudtrail", "DescribeTrails", NULL, NULL, got_trails, NULL);
    calls_end(&r->calls);
}

static void trail_stop(struct feed_run *run)
{
    struct trail_reading *r = run->state;
    calls_cancel(&r->calls);
    free(r);
    run->state = NULL;
}

const struct feed_type feed_trail = {
    .feed = FEED_TRAIL, .interval_ms = 300000, .focus_ms = 300000, .wanted = is_management, .start = trail_start, .stop = trail_stop};
