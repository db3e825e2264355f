/* The organisation: its accounts, and which service control policies reach which. And the trail. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

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
};

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
}

static const struct aws_call_options pages = {.all_pages = true};

/* The unit's place in the list, as a new one if need be, of which it is asked what is under it; UNIT_NONE if there are too many. */
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
    void *place = (void *)(uintptr_t)(r->units.len - 1);
    calls_each(&r->calls, "organizations", "ListAccountsForParent", json_pack("{s:s}", "ParentId", id), &pages, got_unit_accounts, place);
    calls_each(&r->calls, "organizations", "ListOrganizationalUnitsForParent", json_pack("{s:s}", "ParentId", id), &pages, got_unit_units, place);
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

/* "Status" was taken out of the replies in September 2026; what stands in for the service at times tells nothing else. */
void map_member_account(const json_t *row, struct member_account *m)
{
    *m = (struct member_account){0};
    FIELD(m->id, row, "Id");
    FIELD(m->name, row, "Name");
    FIELD(m->status, row, "State");
    if (!*m->status)
        FIELD(m->status, row, "Status");
}

static void got_accounts(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_at(output, "Accounts"), i, row)
        map_member_account(row, vec_add(&r->organization.accounts));
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
        calls_each(&r->calls, "organizations", "ListTargetsForPolicy", json_pack("{s:s}", "PolicyId", scp->id), &pages, got_targets,
                   (void *)(uintptr_t)i);
    }
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

/* The trail: of several the one that keeps most of what is promised. */

#define TRAILS_MAX 32 /* five a region, and those of other regions that show here too */

struct trail_reading {
    struct calls calls;
    VEC(struct trail) trails;
};

void map_trail(const json_t *row, struct trail *trail)
{
    *trail = (struct trail){.present = true, .organization = json_flag(row, "IsOrganizationTrail", false),
                            .multi_region = json_flag(row, "IsMultiRegionTrail", false),
                            .validated = json_flag(row, "LogFileValidationEnabled", false)};
    FIELD(trail->name, row, "Name");
    FIELD(trail->bucket, row, "S3BucketName");
}

static void got_status(struct feed_run *run, json_t *output, void *arg)
{
    struct trail *trail = &((struct trail_reading *)run->state)->trails.at[(uintptr_t)arg];
    trail->logging = json_flag(output, "IsLogging", false);
    trail->delivered_at = json_when(output, "LatestDeliveryTime");
    FIELD(trail->delivery_error, output, "LatestDeliveryError");
}

static void got_trails(struct feed_run *run, json_t *output, void *arg)
{
    struct trail_reading *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_at(output, "trailList"), i, row)
        if (i < TRAILS_MAX)
            map_trail(row, vec_add(&r->trails));
    for (i = 0; i < r->trails.len; i++) {
        const char *arn = json_text(json_array_get(json_at(output, "trailList"), i), "TrailARN");
        calls_add(&r->calls, "cloudtrail", "GetTrailStatus", json_pack("{s:s}", "Name", arn ? arn : r->trails.at[i].name), NULL, got_status,
                  (void *)(uintptr_t)i);
    }
}

static int kept_by(const struct trail *t)
{
    return t->organization * 32 + t->logging * 16 + !*t->delivery_error * 8 + (t->delivered_at > 0) * 4 + t->multi_region * 2 + t->validated;
}

const struct trail *trail_best(const struct trail *trails, size_t count)
{
    const struct trail *best = NULL;
    for (size_t i = 0; i < count; i++)
        if (!best || kept_by(&trails[i]) > kept_by(best))
            best = &trails[i];
    return best;
}

static void trail_end(struct feed_run *run)
{
    struct trail_reading *r = run->state;
    run->state = NULL;
    vec_free(&r->trails);
    free(r);
}

static void trail_done(struct feed_run *run, const struct error *error)
{
    static const struct trail none;
    struct trail_reading *r = run->state;
    const struct trail *best = trail_best(r->trails.at, r->trails.len);
    if (!error)
        trail_set(feeds_estate(run->feeds), run->account, best ? best : &none);
    trail_end(run);
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
    calls_cancel(&((struct trail_reading *)run->state)->calls);
    trail_end(run);
}

const struct feed_type feed_trail = {
    .feed = FEED_TRAIL, .interval_ms = 300000, .focus_ms = 300000, .wanted = is_management, .start = trail_start, .stop = trail_stop};
