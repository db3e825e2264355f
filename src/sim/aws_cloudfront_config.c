/* CloudFront: how a distribution is set up, cache policies, VPC origins. */
#include <string.h>

#include "base/text.h"
#include "sim/aws_world.h"

#define OPTIMIZED "658327ea-f89d-4fab-a63d-7e88639e58f6"

static json_t *strings(const texts *list)
{
    json_t *items = json_array();
    for (size_t i = 0; i < list->len; i++)
        json_array_append_new(items, json_string(list->at[i]));
    return json_pack("{s:i, s:o}", "Quantity", (int)list->len, "Items", items);
}

static json_t *headers(const struct distribution *d)
{
    if (!d->header)
        return json_pack("{s:i}", "Quantity", 0);
    return json_pack("{s:i, s:[{s:s, s:s}]}", "Quantity", 1, "Items", "HeaderName", d->header, "HeaderValue", d->header_value ? d->header_value : "");
}

static json_t *origins(const struct distribution *d)
{
    json_t *one = json_pack("{s:s, s:s, s:s, s:o, s:i, s:i}", "Id", "alb", "DomainName", d->origin, "OriginPath", "", "CustomHeaders", headers(d),
                            "ConnectionAttempts", 3, "ConnectionTimeout", 10);
    if (d->vpc_origin)
        json_object_set_new(one, "VpcOriginConfig",
                            json_pack("{s:s, s:i, s:i}", "VpcOriginId", d->vpc_origin, "OriginReadTimeout", 30, "OriginKeepaliveTimeout", 5));
    else
        json_object_set_new(one, "CustomOriginConfig", json_pack("{s:i, s:i, s:s, s:{s:i, s:[s]}}", "HTTPPort", 80, "HTTPSPort", 443,
                                                                 "OriginProtocolPolicy", "https-only", "OriginSslProtocols", "Quantity", 1, "Items",
                                                                 "TLSv1.2"));
    return json_pack("{s:i, s:[o]}", "Quantity", 1, "Items", one);
}

static json_t *behaviour(const struct edge_behaviour *b)
{
    json_t *out = json_pack("{s:s, s:s, s:b, s:s}", "TargetOriginId", "alb", "ViewerProtocolPolicy", b->viewer ? b->viewer : "redirect-to-https",
                            "Compress", b->compress, "CachePolicyId", b->policy ? b->policy : OPTIMIZED);
    if (b->path)
        json_object_set_new(out, "PathPattern", json_string(b->path));
    return out;
}

static json_t *behaviours(const struct distribution *d)
{
    json_t *items = json_array();
    for (size_t i = 0; i < d->behaviours.len; i++)
        json_array_append_new(items, behaviour(&d->behaviours.at[i]));
    return json_pack("{s:i, s:o}", "Quantity", (int)d->behaviours.len, "Items", items);
}

static json_t *viewer_certificate(const struct distribution *d)
{
    if (!d->certificate)
        return json_pack("{s:b, s:s}", "CloudFrontDefaultCertificate", 1, "MinimumProtocolVersion", "TLSv1");
    return json_pack("{s:b, s:s, s:s, s:s}", "CloudFrontDefaultCertificate", 0, "ACMCertificateArn", d->certificate, "SSLSupportMethod", "sni-only",
                     "MinimumProtocolVersion", d->tls ? d->tls : "TLSv1.2_2021");
}

static json_t *web_acl_arn(const struct account *a, const char *name)
{
    for (size_t i = 0; name && i < a->acls.len; i++)
        if (a->acls.at[i].scope == 0 && strcmp(a->acls.at[i].name, name) == 0)
            return call_text("arn:aws:wafv2:us-east-1:%s:global/webacl/%s/%s", a->id, name, a->acls.at[i].id);
    return json_string("");
}

json_t *cloudfront_parts(const struct aws_call *call, const struct distribution *d)
{
    json_t *out = json_pack("{s:o, s:o, s:o, s:o, s:{s:i}, s:s, s:s, s:b, s:o, s:{s:{s:s, s:i}}}", "Aliases", strings(&d->aliases), "Origins",
                            origins(d), "DefaultCacheBehavior", behaviour(&d->standard), "CacheBehaviors", behaviours(d), "CustomErrorResponses",
                            "Quantity", 0, "Comment", d->comment ? d->comment : "", "PriceClass", "PriceClass_100", "Enabled", !d->disabled,
                            "ViewerCertificate", viewer_certificate(d), "Restrictions", "GeoRestriction", "RestrictionType", "none", "Quantity", 0);
    json_t *more = json_pack("{s:o, s:s, s:b, s:b}", "WebACLId", web_acl_arn(call->account, d->acl), "HttpVersion", "http2and3", "IsIPV6Enabled", 1,
                             "Staging", 0);
    json_object_update(out, more);
    json_decref(more);
    return out;
}

json_t *cloudfront_get_config(struct aws_call *call)
{
    const struct distribution *d = cloudfront_find(call, json_text_or(call->input, "Id", ""));
    if (!d)
        return NULL;
    json_t *config = cloudfront_parts(call, d);
    json_object_set_new(config, "CallerReference", call_text("terraform-%s", d->id));
    json_object_set_new(config, "DefaultRootObject", json_string("index.html"));
    return json_pack("{s:o, s:s}", "DistributionConfig", config, "ETag", "E2QWRUHAPOMQZL");
}

static json_t *policy(const struct aws_call *call, const struct cache_policy *p)
{
    return json_pack("{s:{s:s, s:o, s:{s:s, s:I, s:I, s:I}}, s:s}", "CachePolicy", "Id", p->id, "LastModifiedTime",
                     call_time(sim_start(call->sim) - call->account->age), "CachePolicyConfig", "Name", p->name, "MinTTL",
                     (json_int_t)(p->least / 1000), "DefaultTTL", (json_int_t)(p->usual / 1000), "MaxTTL", (json_int_t)(p->most / 1000), "ETag",
                     "E23ZP02F085DFQ");
}

json_t *cloudfront_get_cache_policy(struct aws_call *call)
{
    static const struct cache_policy managed[] = {
        {(char *)OPTIMIZED, (char *)"Managed-CachingOptimized", 1000, DAY_MS, 365 * DAY_MS},
        {(char *)"4135ea2d-6df8-44a3-9df3-4b5a84be39ad", (char *)"Managed-CachingDisabled", 0, 0, 0}};
    const char *id = json_text_or(call->input, "Id", "");
    for (size_t i = 0; i < call->account->cache_policies.len; i++)
        if (strcmp(call->account->cache_policies.at[i].id, id) == 0)
            return policy(call, &call->account->cache_policies.at[i]);
    for (size_t i = 0; i < sizeof managed / sizeof *managed; i++)
        if (strcmp(managed[i].id, id) == 0)
            return policy(call, &managed[i]);
    return call_fail(call, "NoSuchCachePolicy", "The cache policy does not exist.");
}

static json_t *balancer_arn(const struct account *a, const char *name)
{
    for (size_t i = 0; name && i < a->network.balancers.len; i++)
        if (strcmp(a->network.balancers.at[i].name, name) == 0)
            return call_text("arn:aws:elasticloadbalancing:%s:%s:loadbalancer/app/%s/%s", a->region, a->id, name, a->network.balancers.at[i].id);
    return call_text("arn:aws:ec2:%s:%s:instance/%s", a->region, a->id, name ? name : "i-0");
}

json_t *cloudfront_get_vpc_origin(struct aws_call *call)
{
    const struct account *a = call->account;
    const char *id = json_text_or(call->input, "Id", "");
    for (size_t i = 0; i < a->distributions.len; i++) {
        const struct distribution *d = &a->distributions.at[i];
        json_t *made = call_time(sim_start(call->sim) - a->age / 2);
        if (d->vpc_origin && strcmp(d->vpc_origin, id) == 0)
            return json_pack("{s:{s:s, s:o, s:s, s:s, s:O, s:o, s:{s:s, s:o, s:i, s:i, s:s}}, s:s}", "VpcOrigin", "Id", id, "Arn",
                             call_text("arn:aws:cloudfront::%s:vpcorigin/%s", a->id, id), "AccountId", a->id, "Status", "Deployed", "CreatedTime",
                             made, "LastModifiedTime", made, "VpcOriginEndpointConfig", "Name", d->balancer ? d->balancer : id, "Arn",
                             balancer_arn(a, d->balancer), "HTTPPort", 80, "HTTPSPort", 443, "OriginProtocolPolicy", "https-only", "ETag",
                             "E1PA6795UKMFR9");
        json_decref(made);
    }
    return call_fail(call, "EntityNotFound", "The entity was not found.");
}
