/* Route 53: hosted zones and their records, in the order of names read from the right. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "sim/aws_world.h"

#define CLOUDFRONT_ZONE "Z2FDTNDATAQYW2" /* of every alias to a distribution */
#define ELB_ZONE        "Z35SXDOTRQ7X7K"

static int64_t limit(const struct aws_call *call, int64_t most)
{
    int64_t asked = strtoll(json_text_or(call->input, "MaxItems", "0"), NULL, 10);
    return asked > 0 && asked < most ? asked : most;
}

static json_t *zone_row(const struct hosted_zone *z)
{
    return json_pack("{s:o, s:o, s:o, s:{s:b}, s:i}", "Id", call_text("/hostedzone/%s", z->id), "Name", call_text("%s.", z->name), "CallerReference",
                     call_text("terraform-%s", z->id), "Config", "PrivateZone", z->is_private, "ResourceRecordSetCount", (int)z->records.len);
}

static json_t *list_hosted_zones(struct aws_call *call)
{
    const struct account *a = call->account;
    const char *marker = json_text_or(call->input, "Marker", "");
    int64_t most = limit(call, 100);
    size_t at = 0;
    while (*marker && at < a->zones_of_dns.len && strcmp(a->zones_of_dns.at[at].id, marker) != 0)
        at++;
    if (*marker && at == a->zones_of_dns.len)
        return call_fail(call, "InvalidInput", "The marker is not valid.");
    json_t *rows = json_array();
    for (; at < a->zones_of_dns.len && (int64_t)json_array_size(rows) < most; at++)
        json_array_append_new(rows, zone_row(&a->zones_of_dns.at[at]));
    json_t *out = json_pack("{s:o, s:s, s:b, s:o}", "HostedZones", rows, "Marker", marker, "IsTruncated", at < a->zones_of_dns.len, "MaxItems",
                            call_text("%lld", (long long)most));
    if (at < a->zones_of_dns.len)
        json_object_set_new(out, "NextMarker", json_string(a->zones_of_dns.at[at].id));
    return out;
}

/* Records. Names are compared by their labels from the right: "www.innovate.example" is "example.innovate.www". */

static void turned(const char *name, char *out, size_t size)
{
    size_t len = strlen(name), end = len > 0 && name[len - 1] == '.' ? len - 1 : len;
    *out = '\0';
    for (size_t at = end; end > 0 && at > 0;) {
        size_t from = at;
        while (from > 0 && name[from - 1] != '.')
            from--;
        size_t used = strlen(out);
        text_format(out + used, size - used, "%s%.*s", used ? "\001" : "", (int)(at - from), name + from);
        at = from ? from - 1 : 0;
    }
}

static int compare(const char *name, const char *type, const char *other, const char *other_type)
{
    char a[512], b[512];
    turned(name, a, sizeof a);
    turned(other, b, sizeof b);
    int order = strcmp(a, b);
    return order ? order : strcmp(type, other_type);
}

static int by_name(const void *a, const void *b)
{
    const struct zone_record *x = *(const struct zone_record *const *)a, *y = *(const struct zone_record *const *)b;
    return compare(x->name, x->type, y->name, y->type);
}

/* A wildcard is told by its code. */
static json_t *told_name(const char *name) { return *name == '*' ? call_text("\\052%s.", name + 1) : call_text("%s.", name); }

static json_t *record_row(const struct zone_record *r)
{
    json_t *out = json_pack("{s:o, s:s}", "Name", told_name(r->name), "Type", r->type), *values = json_array();
    if (r->alias)
        json_object_set_new(out, "AliasTarget", json_pack("{s:s, s:o, s:b}", "HostedZoneId",
                                                          text_contains(r->alias, "cloudfront.net") ? CLOUDFRONT_ZONE : ELB_ZONE, "DNSName",
                                                          call_text("%s.", r->alias), "EvaluateTargetHealth", 0));
    for (size_t i = 0; i < r->values.len; i++)
        json_array_append_new(values, json_pack("{s:s}", "Value", r->values.at[i]));
    if (!r->alias) {
        json_object_set(out, "ResourceRecords", values);
        json_object_set_new(out, "TTL", json_integer(r->ttl ? r->ttl / 1000 : 300));
    }
    json_decref(values);
    return out;
}

static json_t *records_from(const struct aws_call *call, const struct hosted_zone *z, const struct zone_record *const *sorted)
{
    const char *name = json_text_or(call->input, "StartRecordName", ""), *type = json_text_or(call->input, "StartRecordType", "");
    int64_t most = limit(call, 300);
    size_t at = 0;
    while (at < z->records.len && *name && compare(sorted[at]->name, sorted[at]->type, name, type) < 0)
        at++;
    json_t *rows = json_array();
    for (; at < z->records.len && (int64_t)json_array_size(rows) < most; at++)
        json_array_append_new(rows, record_row(sorted[at]));
    json_t *out = json_pack("{s:o, s:b, s:o}", "ResourceRecordSets", rows, "IsTruncated", at < z->records.len, "MaxItems",
                            call_text("%lld", (long long)most));
    if (at < z->records.len) {
        json_object_set_new(out, "NextRecordName", told_name(sorted[at]->name));
        json_object_set_new(out, "NextRecordType", json_string(sorted[at]->type));
    }
    return out;
}

static json_t *list_records(struct aws_call *call)
{
    const struct account *a = call->account;
    const char *id = json_text_or(call->input, "HostedZoneId", "");
    for (size_t i = 0; i < a->zones_of_dns.len; i++) {
        const struct hosted_zone *z = &a->zones_of_dns.at[i];
        if (strcmp(z->id, id) != 0)
            continue;
        VEC(const struct zone_record *) sorted = {0};
        for (size_t k = 0; k < z->records.len; k++)
            *vec_add(&sorted) = &z->records.at[k];
        if (sorted.len)
            qsort(sorted.at, sorted.len, sizeof *sorted.at, by_name);
        json_t *out = records_from(call, z, sorted.at);
        vec_free(&sorted);
        return out;
    }
    return call_fail(call, "NoSuchHostedZone", "No hosted zone found with ID: %s", id);
}

const struct aws_handler aws_route53[] = {{"route53", "ListHostedZones", list_hosted_zones}, {"route53", "ListResourceRecordSets", list_records},
                                          {NULL}};
