/* What CloudTrail has recorded: writes of the last day, newest first. LookupEvents allows two requests a second for an account and region, and shows
 * an event some minutes after it; so it is asked seldom, and only for the newest pages. What global services record (IAM, CloudFront, WAF) is in a
 * region of theirs. */
#include <stdlib.h>

#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define BACK_MS INT64_C(86400000)

#define READ_MAX (2 * TRAIL_EVENTS_MAX) /* of which machines' own may be many */

typedef VEC(struct trail_event) trail_events;

/* What the call was about, by the request itself: of the resources that CloudTrail lists with it the first may be another, and for many services it
 * lists none. The more special names stand first. */
static void map_resource(const json_t *row, const json_t *record, struct trail_event *event)
{
    static const char *const names[] = {
        "dBInstanceIdentifier", "nodegroupName", "addonName", "fargateProfileName", "alarmName", "alarmNames.0", "repositoryName",
        "logGroupName", "budgetName", "secretId", "keyId", "targetGroupArn", "loadBalancerArn", "pipelineName", "bucketName", "groupId",
        "roleName", "userName", "distributionId"};
    char path[60];
    for (size_t i = 0; i < sizeof names / sizeof *names && !*event->resource; i++) {
        text_format(path, sizeof path, "requestParameters.%s", names[i]);
        FIELD(event->resource, record, path);
    }
    if (!*event->resource)
        FIELD(event->resource, row, "Resources.0.ResourceName");
    if (!*event->resource)
        FIELD(event->resource, record, "requestParameters.name"); /* of a cluster, a web ACL, a schedule */
}

void map_trail_event(const json_t *row, struct trail_event *event)
{
    static const char issuer[] = "userIdentity.sessionContext.sessionIssuer.userName"; /* of the record, as errorCode is */
    struct error e = {0};
    const char *whole = json_text_or(row, "CloudTrailEvent", "");
    json_t *record = json_load_reply(whole, strlen(whole), &e);
    const char *code = json_string_value(json_object_get(record, "errorCode")); /* of the record, which is no part of the model */
    *event = (struct trail_event){.at = json_when(row, "EventTime")};
    FIELD(event->name, row, "EventName");
    FIELD(event->source, row, "EventSource");
    event->source[strcspn(event->source, ".")] = '\0';
    FIELD(event->user, row, "Username");
    FIELD(event->role, record, issuer);
    if (!*event->user)
        FIELD(event->user, record, "userIdentity.invokedBy"); /* a service of AWS's, on its own account */
    map_resource(row, record, event);
    if (code)
        text_clean(event->error, sizeof event->error, code, strlen(code));
    json_decref(record);
}

bool trail_event_is_heartbeat(const struct trail_event *event)
{
    static const char *const names[][2] = {{"ssm", "UpdateInstanceInformation"},       {"ssm", "UpdateInstanceAssociationStatus"},
                                           {"ssm", "PutInventory"},                    {"ssm", "PutComplianceItems"},
                                           {"logs", "CreateLogStream"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(event->source, names[i][0]) && !strcmp(event->name, names[i][1]))
            return true;
    return false;
}

struct reading {
    struct calls calls;
    trail_events rows;
    bool any;
};

static void got_events(struct feed_run *run, json_t *output, void *own)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    r->any |= own != NULL;
    json_array_foreach(json_object_get(output, "Events"), i, row) {
        map_trail_event(row, vec_add(&r->rows));
        if (trail_event_is_heartbeat(&r->rows.at[r->rows.len - 1]))
            r->rows.len--;
    }
}

static int newest_first(const void *a, const void *b)
{
    int64_t x = ((const struct trail_event *)a)->at, y = ((const struct trail_event *)b)->at;
    return x < y ? 1 : x > y ? -1 : 0;
}

static void stop(struct feed_run *run)
{
    struct reading *r = run->state;
    if (!r)
        return;
    calls_cancel(&r->calls);
    vec_free(&r->rows);
    free(r);
    run->state = NULL;
}

static void done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    bool any = r->any;
    if (r->rows.len)
        qsort(r->rows.at, r->rows.len, sizeof *r->rows.at, newest_first);
    if (any)
        trail_events_set(feeds_estate(run->feeds), run->account, r->rows.at, r->rows.len);
    stop(run);
    feed_end_partly(run, any, error);
}

static void start(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true, .max_items = READ_MAX, .some = true};
    struct reading *r = run->state = mem_new(sizeof *r);
    json_t *input = json_pack("{s:[{s:s, s:s}], s:I, s:i}", "LookupAttributes", "AttributeKey", "ReadOnly", "AttributeValue", "false", "StartTime",
                              (json_int_t)((loop_wall(feeds_loop(run->feeds)) - BACK_MS) / 1000), "MaxResults", 50);
    calls_begin(&r->calls, run, done);
    calls_both(&r->calls, "cloudtrail", "LookupEvents", input, &pages, got_events);
    calls_end(&r->calls);
}

const struct feed_type feed_trail_events = {
    .feed = FEED_TRAIL_EVENTS, .interval_ms = 300000, .focus_ms = 60000, .start = start, .stop = stop, .focus_only = true};
