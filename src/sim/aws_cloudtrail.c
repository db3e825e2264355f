/* CloudTrail: an account's own trails, and the organisation's, which every member account sees. */
#include <string.h>

#include "sim/aws.h"
#include "sim/trail.h"

#define MINUTE  INT64_C(60000)
#define SHOWN_MS (2 * MINUTE) /* an event is there to look up some minutes later */

struct place {
    const struct account *owner;
    const struct trail *trail;
    char arn[240];
};

static bool next(const struct aws_call *call, size_t *i, size_t *k, struct place *out)
{
    const struct scenario *s = call->sim->scenario;
    for (; *i < s->accounts.len; (*i)++, *k = 0)
        while (*k < s->accounts.at[*i].trails.len) {
            const struct account *owner = &s->accounts.at[*i];
            const struct trail *trail = &owner->trails.at[(*k)++];
            bool here = strcmp(call->region, owner->region) == 0 || trail->multi_region;
            if (!here || (owner != call->account && !trail->organization))
                continue;
            out->owner = owner;
            out->trail = trail;
            text_format(out->arn, sizeof out->arn, "arn:aws:cloudtrail:%s:%s:trail/%s", owner->region, owner->id, trail->name);
            return true;
        }
    return false;
}

static json_t *describe_trails(struct aws_call *call)
{
    const json_t *names = json_object_get(call->input, "trailNameList");
    bool shadows = json_flag(call->input, "includeShadowTrails", true);
    json_t *list = json_array();
    struct place p;
    for (size_t i = 0, k = 0; next(call, &i, &k, &p);) {
        bool shadow = p.owner != call->account || strcmp(p.owner->region, call->region) != 0;
        if ((shadow && !shadows) || !(call_in(names, p.arn) || (p.owner == call->account && call_in(names, p.trail->name))))
            continue;
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:b, s:b}", "Name", p.trail->name, "TrailARN", p.arn,
                                              "S3BucketName", p.trail->bucket, "HomeRegion", p.owner->region, "IncludeGlobalServiceEvents", 1,
                                              "IsMultiRegionTrail", p.trail->multi_region, "LogFileValidationEnabled", p.trail->validated,
                                              "IsOrganizationTrail", p.trail->organization, "HasCustomEventSelectors", 0, "HasInsightSelectors", 0));
    }
    return json_pack("{s:o}", "trailList", list);
}

static json_t *get_trail_status(struct aws_call *call)
{
    const char *name = json_text_or(call->input, "Name", "");
    struct place p;
    for (size_t i = 0, k = 0; next(call, &i, &k, &p);) {
        if (strcmp(name, p.arn) != 0 && (p.owner != call->account || strcmp(name, p.trail->name) != 0))
            continue;
        int64_t delivered = (call->now - MINUTE) / (5 * MINUTE) * (5 * MINUTE), started = sim_start(call->sim) - p.owner->age;
        json_t *out = json_pack("{s:b, s:o, s:o}", "IsLogging", p.trail->logging, "LatestDeliveryTime", call_time(delivered), "StartLoggingTime",
                                call_time(started));
        if (p.trail->delivery_error)
            json_object_set_new(out, "LatestDeliveryError", json_string(p.trail->delivery_error));
        if (p.trail->validated)
            json_object_set_new(out, "LatestDigestDeliveryTime", call_time(call->now / (60 * MINUTE) * (60 * MINUTE)));
        return out;
    }
    return call_fail(call, "TrailNotFoundException", "Unknown trail: %s for the user: %s", name, call->account->id);
}

/* Event history: newest first. ReadOnly=false is all there is: reads are not kept. */
static bool asks_for_it(const struct aws_call *call, const struct trail_record *r)
{
    size_t i;
    json_t *attribute;
    int64_t from = json_when(call->input, "StartTime"), to = json_when(call->input, "EndTime");
    json_array_foreach(json_object_get(call->input, "LookupAttributes"), i, attribute) {
        const char *key = json_text_or(attribute, "AttributeKey", ""), *value = json_text_or(attribute, "AttributeValue", "");
        const char *has = !strcmp(key, "ReadOnly") ? "false" : !strcmp(key, "EventName") ? r->name : !strcmp(key, "EventSource") ? r->source
                          : !strcmp(key, "Username") ? r->user : !strcmp(key, "ResourceName") ? r->resource : !strcmp(key, "EventId") ? r->id : "";
        if (strcmp(has, value) != 0)
            return false;
    }
    return (!from || r->at >= from) && (!to || r->at <= to);
}

/* Who it was: a user, or a role's session with the role behind it. */
static json_t *identity_of(const struct aws_call *call, const struct trail_record *r)
{
    const char *role = strstr(r->arn, ":assumed-role/");
    char name[128];
    if (!role)
        return json_pack("{s:s, s:s, s:s, s:s}", "type", "IAMUser", "arn", r->arn, "accountId", call->account->id, "userName", r->user);
    role += strlen(":assumed-role/");
    text_format(name, sizeof name, "%.*s", (int)strcspn(role, "/"), role);
    return json_pack("{s:s, s:s, s:s, s:{s:{s:s, s:o, s:s, s:s}}}", "type", "AssumedRole", "arn", r->arn, "accountId", call->account->id,
                     "sessionContext", "sessionIssuer", "type", "Role", "arn", call_text("arn:aws:iam::%s:role/%s", call->account->id, name),
                     "accountId", call->account->id, "userName", name);
}

static json_t *event_json(const struct aws_call *call, const struct trail_record *r)
{
    json_t *whole = json_pack("{s:o, s:s, s:s, s:s, s:s, s:s}", "userIdentity", identity_of(call, r), "eventName", r->name, "eventSource", r->source,
                              "awsRegion", call->region, "eventID", r->id, "recipientAccountId", call->account->id);
    if (*r->code)
        json_object_set_new(whole, "errorCode", json_string(r->code));
    char *text = json_dumps(whole, JSON_COMPACT);
    json_t *out = json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:[]}", "EventId", r->id, "EventName", r->name, "ReadOnly", "false", "EventTime",
                            call_time(r->at / 1000 * 1000), "EventSource", r->source, "Username", r->user, "CloudTrailEvent", text, "Resources");
    if (*r->resource)
        json_array_append_new(json_object_get(out, "Resources"), json_pack("{s:s}", "ResourceName", r->resource));
    free(text);
    json_decref(whole);
    return out;
}

static json_t *lookup_events(struct aws_call *call)
{
    static const struct call_page pages = {.list = "Events", .token_in = "NextToken", .token_out = "NextToken", .limit_in = "MaxResults", .least = 1,
                                           .most = 50,
                                          .usual = 50, .bad_token = "InvalidNextTokenException"};
    json_t *all = json_array();
    const struct trail_record *r;
    size_t account = (size_t)(call->account - call->sim->scenario->accounts.at);
    bool home = strcmp(call->region, call->account->region) == 0;
    for (size_t i = 0; home && (r = trail_book_at(call->sim->trail, i)); i++)
        if (r->account == account && call->now - r->at >= SHOWN_MS && asks_for_it(call, r))
            json_array_append_new(all, event_json(call, r));
    return call_page(call, all, &pages);
}

const struct aws_handler aws_cloudtrail[] = {
    {"cloudtrail", "LookupEvents", lookup_events},
   
    {"cloudtrail", "DescribeTrails", describe_trails}, {"cloudtrail", "GetTrailStatus", get_trail_status}, {NULL}};
