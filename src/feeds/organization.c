/* The organisation: its accounts, and which service control policies reach which. And the trail. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "feeds/fields.h"
#include "feeds/internal.h"

#define UNITS_MAX 256 /* two calls each, five a second: a minute and a half */
#define UNIT_NONE SIZE_MAX

/* A policy on an organisational unit reaches all that is under it. So the tree is walked downwards from the units that the organisation's own
 * policies are attached to: a call or two for each unit, however many accounts there are, and none where nothing is attached to a unit. */
struct unit {
    char id[72];
    size_t under; /* which of the units it is in; UNIT_NONE: the walk began here */
};

struct placed {
    char account[16];
    size_t unit;
};

struct reading {
    struct calls calls;
    struct organization organization;
    VEC(struct unit) units;
    VEC(struct placed) placed;
    size_t policies_asked, units_asked;
};

static void got_targets(struct feed_run *run, json_t *output, void *arg);
static void got_unit_units(struct feed_run *run, json_t *output, void *arg);
static void got_unit_accounts(struct feed_run *run, json_t *output, void *arg);

static void free_reading(struct reading *r)
{
    for (size_t i = 0; i < r->organization.scps.len; i++) {
        for (size_t k = 0; k < r->organization.scps.at[i].targets.len; k++)
            free(r->organization.scps.at[i].targets.at[k]);
        vec_free(&r->organization.scps.at[i].targets);
    }
    vec_free(&r->organization.scps);
    vec_free(&r->organization.accounts);
    vec_free(&r->units);
    vec_free(&r->placed);
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

/* What goes out next, so many at a time that no call is left out: first where each policy is attached, then what is under the units. */
static void ask_on(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true};
    struct reading *r = run->state;
    while (r->calls.pending + 2 <= CALLS_MAX / 2 && (r->policies_asked < r->organization.scps.len || r->units_asked < r->units.len)) {
        bool policy = r->policies_asked < r->organization.scps.len;
        void *place = (void *)(uintptr_t)(policy ? r->policies_asked++ : r->units_asked++);
        if (policy) {
            const char *id = r->organization.scps.at[(uintptr_t)place].id;
            calls_add(&r->calls, "organizations", "ListTargetsForPolicy", json_pack("{s:s}", "PolicyId", id), &pages, got_targets, place);
            continue;
        }
        const char *id = r->units.at[(uintptr_t)place].id;
        calls_add(&r->calls, "organizations", "ListAccountsForParent", json_pack("{s:s}", "ParentId", id), &pages, got_unit_accounts, place);
        calls_add(&r->calls, "organizations", "ListOrganizationalUnitsForParent", json_pack("{s:s}", "ParentId", id), &pages, got_unit_units, place);
    }
}

/* The unit's place in the list, as a new one if need be; UNIT_NONE if there are too many. */
static size_t unit_named(struct reading *r, const char *id)
{
    for (size_t i = 0; i < r->units.len; i++)
        if (!strcmp(r->units.at[i].id, id))
            return i;
    if (r->units.len == UNITS_MAX) {
        r->organization.part = true;
        return UNIT_NONE;
    }
    struct unit *unit = vec_add(&r->units);
    *unit = (struct unit){.under = UNIT_NONE};
    text_copy(unit->id, sizeof unit->id, id);
    return r->units.len - 1;
}

static void got_unit_units(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    json_array_foreach(json_at(output, "OrganizationalUnits"), i, row) {
        char id[sizeof r->units.at->id];
        FIELD(id, row, "Id");
        size_t unit = unit_named(r, id);
        if (unit != UNIT_NONE && unit != (uintptr_t)arg)
            r->units.at[unit].under = (uintptr_t)arg;
    }
    ask_on(run);
}

static void got_unit_accounts(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    json_array_foreach(json_at(output, "Accounts"), i, row) {
        struct placed *placed = vec_add(&r->placed);
        *placed = (struct placed){.unit = (uintptr_t)arg};
        FIELD(placed->account, row, "Id");
    }
    ask_on(run);
}

/* Once all is in. A tree is as deep as a member has room for; what a service tells in a circle ends there too. */
static void place_members(struct reading *r)
{
    for (size_t i = 0; i < r->organization.accounts.len; i++) {
        struct member_account *m = &r->organization.accounts.at[i];
        size_t unit = UNIT_NONE;
        for (size_t k = 0; k < r->placed.len && unit == UNIT_NONE; k++)
            if (!strcmp(r->placed.at[k].account, m->id))
                unit = r->placed.at[k].unit;
        for (; unit != UNIT_NONE && m->parent_count < sizeof m->parents / sizeof *m->parents; unit = r->units.at[unit].under)
            text_copy(m->parents[m->parent_count++], sizeof *m->parents, r->units.at[unit].id);
    }
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
    }
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
        if (text_starts(id, "ou-") && !scp->aws_managed)
            unit_named(r, id);
    }
    ask_on(run);
}

static void got_policies(struct feed_run *run, json_t *output, void *arg)
{
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
    ask_on(run);
}

static void done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    run->state = NULL;
    place_members(r);
    if (!error)
        organization_set(feeds_estate(run->feeds), run->account, &r->organization);
    free_reading(r);
    feed_end(run, error);
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
    feed_end(run, error);
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
