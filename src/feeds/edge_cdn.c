/* CloudFront: the distributions as they are set up, and what hangs on them. */
#include "base/json.h"
#include "base/str.h"
#include "base/text.h"
#include "feeds/edge_reading.h"
#include "feeds/fields.h"
#include "feeds/map.h"

#define ROWS_MAX    500 /* of a distribution's aliases, origins, behaviours */
#define LAST        "10" /* invalidations, of each distribution */
#define WITH_PATHS  3   /* of them, those whose paths are asked for */

static void joined(const json_t *list, const char *member, char *out, size_t size)
{
    struct str text = STR_INIT(1024);
    size_t i;
    json_t *row;
    json_array_foreach(list, i, row)
        str_addf(&text, "%s%s", text.len ? " " : "", member ? json_text_or(row, member, "") : json_string_value(row) ? json_string_value(row) : "");
    text_clean(out, size, str_text(&text), text.len);
    str_free(&text);
}

static void map_origin(const json_t *row, const char *distribution, struct edge_origin *o)
{
    *o = (struct edge_origin){0};
    text_copy(o->distribution, sizeof o->distribution, distribution);
    FIELD(o->id, row, "Id");
    FIELD(o->domain, row, "DomainName");
    FIELD(o->vpc_origin, row, "VpcOriginConfig.VpcOriginId");
    FIELD(o->protocol, row, "CustomOriginConfig.OriginProtocolPolicy");
    joined(json_at(row, "CustomHeaders.Items"), "HeaderName", o->headers, sizeof o->headers);
}

static void map_behaviour(const json_t *row, const char *distribution, struct edge_behaviour *b)
{
    *b = (struct edge_behaviour){.compress = json_flag(row, "Compress", false), .ttl_most = json_int(row, "MaxTTL", -1)};
    text_copy(b->distribution, sizeof b->distribution, distribution);
    FIELD(b->path, row, "PathPattern");
    FIELD(b->origin, row, "TargetOriginId");
    FIELD(b->viewer, row, "ViewerProtocolPolicy");
    FIELD(b->policy, row, "CachePolicyId");
    b->standard = !*b->path;
    if (b->standard)
        text_copy(b->path, sizeof b->path, "*");
}

static void map_certificate_of(const json_t *row, struct edge_distribution *d)
{
    d->own_certificate = !json_flag(row, "ViewerCertificate.CloudFrontDefaultCertificate", false);
    FIELD(d->tls, row, "ViewerCertificate.MinimumProtocolVersion");
    FIELD(d->certificate, row, "ViewerCertificate.ACMCertificateArn");
    if (!*d->certificate)
        FIELD(d->certificate, row, "ViewerCertificate.IAMCertificateId");
}

void map_edge_distribution(const json_t *row, struct account_edge *e)
{
    struct edge_distribution *d = vec_add(&e->distributions);
    size_t i;
    json_t *item;
    *d = (struct edge_distribution){.enabled = json_flag(row, "Enabled", false), .ipv6 = json_flag(row, "IsIPV6Enabled", false)};
    FIELD(d->id, row, "Id");
    FIELD(d->domain, row, "DomainName");
    FIELD(d->status, row, "Status");
    FIELD(d->comment, row, "Comment");
    FIELD(d->web_acl, row, "WebACLId");
    FIELD(d->http, row, "HttpVersion");
    map_certificate_of(row, d);
    json_array_foreach(json_at(row, "Aliases.Items"), i, item) {
        const char *name = json_string_value(item);
        if (name && i < ROWS_MAX) {
            struct edge_alias *alias = vec_add(&e->aliases);
            text_copy(alias->distribution, sizeof alias->distribution, d->id);
            text_clean(alias->name, sizeof alias->name, name, strlen(name));
        }
    }
    json_array_foreach(json_at(row, "Origins.Items"), i, item)
        if (i < ROWS_MAX)
            map_origin(item, d->id, vec_add(&e->origins));
    json_array_foreach(json_at(row, "CacheBehaviors.Items"), i, item)
        if (i < ROWS_MAX)
            map_behaviour(item, d->id, vec_add(&e->behaviours));
    map_behaviour(json_object_get(row, "DefaultCacheBehavior"), d->id, vec_add(&e->behaviours));
}

/* Cache policies. */

void map_edge_policy(const json_t *output, struct edge_policy *p)
{
    const json_t *config = json_at(output, "CachePolicy.CachePolicyConfig");
    *p = (struct edge_policy){.ttl_most = json_int(config, "MaxTTL", -1)};
    FIELD(p->id, output, "CachePolicy.Id");
    FIELD(p->name, config, "Name");
}

static void got_policy(struct edge_reading *r, const json_t *output, size_t arg)
{
    (void)arg;
    map_edge_policy(output, vec_add(&r->edge.policies));
}

static bool asked_before(const struct account_edge *e, size_t behaviour)
{
    for (size_t i = 0; i < behaviour; i++)
        if (!strcmp(e->behaviours.at[i].policy, e->behaviours.at[behaviour].policy))
            return true;
    return false;
}

/* Of those that AWS publishes it is known what they say. */
static void ask_policies(struct edge_reading *r)
{
    size_t count = 0;
    for (size_t i = 0; i < r->edge.behaviours.len; i++) {
        const struct edge_behaviour *b = &r->edge.behaviours.at[i];
        if (*b->policy && !edge_policy_of(&r->edge, b) && !asked_before(&r->edge, i) && edge_room(r, EDGE_POLICIES, count++))
            edge_ask(r, EDGE_POLICIES, "cloudfront", "GetCachePolicy", json_pack("{s:s}", "Id", b->policy), false, got_policy, 0);
    }
}

/* VPC origins. */

void map_edge_vpc_origin(const json_t *output, struct edge_vpc_origin *o)
{
    *o = (struct edge_vpc_origin){0};
    FIELD(o->id, output, "VpcOrigin.Id");
    FIELD(o->status, output, "VpcOrigin.Status");
    FIELD(o->name, output, "VpcOrigin.VpcOriginEndpointConfig.Name");
    FIELD(o->target, output, "VpcOrigin.VpcOriginEndpointConfig.Arn");
}

static void got_vpc_origin(struct edge_reading *r, const json_t *output, size_t arg)
{
    (void)arg;
    map_edge_vpc_origin(output, vec_add(&r->edge.vpc_origins));
}

static void ask_vpc_origins(struct edge_reading *r)
{
    size_t count = 0;
    for (size_t i = 0; i < r->edge.origins.len; i++) {
        bool again = !*r->edge.origins.at[i].vpc_origin;
        for (size_t k = 0; k < i && !again; k++)
            again = !strcmp(r->edge.origins.at[k].vpc_origin, r->edge.origins.at[i].vpc_origin);
        if (!again && edge_room(r, EDGE_VPC_ORIGINS, count++))
            edge_ask(r, EDGE_VPC_ORIGINS, "cloudfront", "GetVpcOrigin", json_pack("{s:s}", "Id", r->edge.origins.at[i].vpc_origin), false,
                     got_vpc_origin, 0);
    }
}

/* Invalidations: the last of each distribution, the newest with their paths. */

void map_edge_invalidation(const json_t *row, const char *distribution, struct edge_invalidation *v)
{
    *v = (struct edge_invalidation){.at = json_when(row, "CreateTime")};
    text_copy(v->distribution, sizeof v->distribution, distribution);
    FIELD(v->id, row, "Id");
    FIELD(v->status, row, "Status");
}

static void got_paths(struct edge_reading *r, const json_t *output, size_t arg)
{
    struct edge_invalidation *v = &r->edge.invalidations.at[arg];
    FIELD(v->status, output, "Invalidation.Status");
    joined(json_at(output, "Invalidation.InvalidationBatch.Paths.Items"), NULL, v->paths, sizeof v->paths);
}

static void got_invalidations(struct edge_reading *r, const json_t *output, size_t arg)
{
    const char *distribution = r->edge.distributions.at[arg].id;
    size_t i;
    json_t *row;
    json_array_foreach(json_at(output, "InvalidationList.Items"), i, row) {
        if (i == EDGE_ROWS_MAX)
            break;
        struct edge_invalidation *v = vec_add(&r->edge.invalidations);
        map_edge_invalidation(row, distribution, v);
        if (i < WITH_PATHS)
            edge_ask(r, EDGE_INVALIDATIONS, "cloudfront", "GetInvalidation", json_pack("{s:s, s:s}", "DistributionId", distribution, "Id", v->id),
                     false, got_paths, r->edge.invalidations.len - 1);
    }
}

static void got_distributions(struct edge_reading *r, const json_t *output, size_t arg)
{
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_at(output, "DistributionList.Items"), i, row)
        if (edge_room(r, EDGE_DISTRIBUTIONS, i))
            map_edge_distribution(row, &r->edge);
    ask_policies(r);
    ask_vpc_origins(r);
    for (i = 0; i < r->edge.distributions.len; i++)
        edge_ask(r, EDGE_INVALIDATIONS, "cloudfront", "ListInvalidations",
                 json_pack("{s:s, s:s}", "DistributionId", r->edge.distributions.at[i].id, "MaxItems", LAST), false, got_invalidations, i);
    edge_ask_certificates(r);
    edge_ask_records(r);
}

void edge_ask_cdn(struct edge_reading *r) { edge_ask(r, EDGE_DISTRIBUTIONS, "cloudfront", "ListDistributions", NULL, true, got_distributions, 0); }
