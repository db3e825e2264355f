/* CloudFront: the distributions in front of the estate. */
#include <string.h>

#include "sim/aws.h"

static json_t *strings(const texts *list)
{
    json_t *items = json_array();
    for (size_t i = 0; i < list->len; i++)
        json_array_append_new(items, json_string(list->at[i]));
    return json_pack("{s:i, s:o}", "Quantity", (int)list->len, "Items", items);
}

static json_t *origins(const struct distribution *d)
{
    return json_pack("{s:i, s:[{s:s, s:s, s:s, s:{s:i}, s:{s:i, s:i, s:s, s:{s:i, s:[s]}}, s:i, s:i}]}", "Quantity", 1, "Items", "Id", "alb", "DomainName",
                     d->origin, "OriginPath", "", "CustomHeaders", "Quantity", 0, "CustomOriginConfig", "HTTPPort", 80, "HTTPSPort", 443,
                     "OriginProtocolPolicy", "https-only", "OriginSslProtocols", "Quantity", 1, "Items", "TLSv1.2", "ConnectionAttempts", 3,
                     "ConnectionTimeout", 10);
}

static json_t *web_acl_arn(const struct account *a, const char *name)
{
    for (size_t i = 0; name && i < a->acls.len; i++)
        if (a->acls.at[i].scope == 0 && strcmp(a->acls.at[i].name, name) == 0)
            return call_text("arn:aws:wafv2:us-east-1:%s:global/webacl/%s/%s", a->id, name, a->acls.at[i].id);
    return json_string("");
}

static json_t *summary(const struct aws_call *call, const struct distribution *d)
{
    const struct account *a = call->account;
    json_t *out = json_pack(
        "{s:s, s:o, s:s, s:s, s:o, s:s, s:o, s:o, s:{s:s, s:s, s:b, s:s}, s:{s:i}, s:{s:i}, s:s, s:s, s:b, s:{s:s, s:s, s:s, s:b}, s:{s:{s:s, s:i}}}", "Id",
        d->id, "ARN", call_text("arn:aws:cloudfront::%s:distribution/%s", a->id, d->id), "ETag", "E2QWRUHAPOMQZL", "Status", "Deployed", "LastModifiedTime",
        call_time(sim_start(call->sim) - INT64_C(20) * 86400000), "DomainName", d->domain, "Aliases", strings(&d->aliases), "Origins", origins(d),
        "DefaultCacheBehavior", "TargetOriginId", "alb", "ViewerProtocolPolicy", "redirect-to-https", "Compress", 1, "CachePolicyId",
        "658327ea-f89d-4fab-a63d-7e88639e58f6", "CacheBehaviors", "Quantity", 0, "CustomErrorResponses", "Quantity", 0, "Comment",
        d->comment ? d->comment : "", "PriceClass", "PriceClass_100", "Enabled", 1, "ViewerCertificate", "ACMCertificateArn",
        d->certificate ? d->certificate : "", "SSLSupportMethod", "sni-only", "MinimumProtocolVersion", "TLSv1.2_2021", "CloudFrontDefaultCertificate", 0,
        "Restrictions", "GeoRestriction", "RestrictionType", "none", "Quantity", 0);
    json_t *more = json_pack("{s:o, s:s, s:b, s:b}", "WebACLId", web_acl_arn(a, d->acl), "HttpVersion", "http2and3", "IsIPV6Enabled", 1, "Staging", 0);
    json_object_update(out, more);
    json_decref(more);
    return out;
}

static json_t *list_distributions(struct aws_call *call)
{
    static const struct call_page page = {"Items", "Marker", "NextMarker", "MaxItems", 1, 1000, 100, "InvalidArgument", NULL};
    const char *most = json_text_or(call->input, "MaxItems", "100");
    json_t *all = json_array();
    for (size_t i = 0; i < call->account->distributions.len; i++)
        json_array_append_new(all, summary(call, &call->account->distributions.at[i]));
    json_t *list = call_page(call, all, &page);
    if (!list)
        return NULL;
    json_object_set_new(list, "Marker", json_string(json_text_or(call->input, "Marker", "")));
    json_object_set_new(list, "MaxItems", json_integer(strtoll(most, NULL, 10)));
    json_object_set_new(list, "IsTruncated", json_boolean(json_object_get(list, "NextMarker") != NULL));
    json_object_set_new(list, "Quantity", json_integer((json_int_t)json_array_size(json_object_get(list, "Items"))));
    return json_pack("{s:o}", "DistributionList", list);
}

const struct aws_handler aws_cloudfront[] = {{"cloudfront", "ListDistributions", list_distributions}, {NULL}};
