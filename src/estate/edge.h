/* The edge of an account: the names in DNS, CloudFront's distributions with their origins and behaviours, certificates, invalidations, where the web
 * ACL's log goes, and what the distributions count. Flat arrays, tied by ids. `edge` moves seldom (feeds/edge_reading.c), `edge_traffic` all the time
 * (feeds/edge_traffic.c). The value of a header that an origin is sent is a secret and is not kept. */
#ifndef TRIVET_ESTATE_EDGE_H
#define TRIVET_ESTATE_EDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "estate/waf.h"

#define EDGE_ID     40
#define EDGE_ARN    256
#define EDGE_NAME   256 /* of a host */
#define EDGE_POINTS WAF_POINTS
#define EDGE_HOURS  24

/* What is read by calls of its own, and can be missing alone. */
enum edge_part { EDGE_DISTRIBUTIONS, EDGE_POLICIES, EDGE_VPC_ORIGINS, EDGE_INVALIDATIONS, EDGE_ZONES, EDGE_RECORDS, EDGE_CERTIFICATES, EDGE_LOGGING,
                 EDGE_PARTS };
#define EDGE_NAMES (1u << EDGE_DISTRIBUTIONS | 1u << EDGE_ZONES | 1u << EDGE_RECORDS) /* bits: all that tells where names lead */
const char *edge_part_name(enum edge_part part); /* "cache policies" */

struct edge_distribution {
    char id[EDGE_ID], domain[EDGE_NAME], status[24], comment[132], web_acl[EDGE_ARN], certificate[EDGE_ARN], tls[24], http[16];
    bool enabled, ipv6;
    bool own_certificate; /* false: CloudFront's default one */
};

struct edge_alias {
    char distribution[EDGE_ID], name[EDGE_NAME];
};

struct edge_origin {
    char distribution[EDGE_ID], id[132], domain[EDGE_NAME], headers[160], protocol[24]; /* headers: the names that it is sent; "" none */
    char vpc_origin[EDGE_ID]; /* "" none */
};
struct edge_vpc_origin {
    char id[EDGE_ID], name[132], status[24], target[EDGE_ARN]; /* target: ARN of the load balancer or instance */
};

struct edge_behaviour {
    /* path: "*" of the default one; policy: "" its own times stand here */
    char distribution[EDGE_ID], path[200], origin[132], viewer[24], policy[EDGE_ID];
    bool standard, compress;
    int64_t ttl_most; /* seconds that an answer is kept at the most; -1 not known */
};
struct edge_policy {
    char id[EDGE_ID], name[132];
    int64_t ttl_most;
};

struct edge_invalidation {
    char distribution[EDGE_ID], id[24], status[24], paths[200]; /* paths: "" not asked for */
    int64_t at;
};

struct edge_zone {
    char id[EDGE_ID], name[EDGE_NAME]; /* without the last dot */
    bool is_private;
    int64_t records; /* how many it has; -1 not known */
};
/* Of the zones, those with a name of a distribution or of an origin. */
struct edge_record {
    /* target: what an alias or CNAME leads to, or the values; set: of a routing policy */
    char zone[EDGE_ID], name[EDGE_NAME], type[12], target[EDGE_NAME], set[64];
    bool alias;
};

struct edge_certificate {
    char arn[EDGE_ARN], domain[EDGE_NAME], status[24], type[24], renewal[24];
    bool used;
    int64_t expires_at; /* 0 not known */
};

struct edge_log { /* where a web ACL's log goes */
    char acl[EDGE_ARN], to[EDGE_ARN];
};

struct account_edge {
    unsigned known, failed; /* bits of enum edge_part: that could be read, now or before; that could not be the last time */
    VEC(struct edge_distribution) distributions;
    VEC(struct edge_alias) aliases;
    VEC(struct edge_origin) origins;
    VEC(struct edge_behaviour) behaviours; /* the default one of a distribution last, as CloudFront tries them */
    VEC(struct edge_policy) policies;
    VEC(struct edge_vpc_origin) vpc_origins;
    VEC(struct edge_invalidation) invalidations; /* newest first, of each distribution */
    VEC(struct edge_zone) zones;
    VEC(struct edge_record) records;
    VEC(struct edge_certificate) certificates;
    VEC(struct edge_log) logs;
};

struct edge_series {
    char distribution[EDGE_ID];
    /* a minute, oldest first; NAN where there is no datum */
    double requests[EDGE_POINTS], bytes[EDGE_POINTS];
    double errors_4xx[EDGE_POINTS], errors_5xx[EDGE_POINTS], errors[EDGE_POINTS], hits[EDGE_POINTS]; /* per cent */
    double latency[EDGE_POINTS];                                                              /* p99 of the origin, ms */
    double day_requests[EDGE_HOURS], day_hits[EDGE_HOURS];                                    /* the same by the hour */
};

struct edge_traffic {
    VEC(struct edge_series) series;
    int64_t end;     /* wall ms of the end of the last minute; 0: none yet */
    int64_t day_end; /* of the last hour */
};

void edge_free(struct account_edge *edge); /* the rows; not the struct itself */

bool edge_knows(const struct account_edge *edge, enum edge_part part);
bool edge_knows_names(const struct account_edge *edge);
const struct edge_distribution *edge_distribution(const struct account_edge *edge, const char *id); /* NULL */
/* NULL: an origin group, or none */
const struct edge_origin *edge_origin_of(const struct account_edge *edge, const struct edge_behaviour *behaviour);
const struct edge_certificate *edge_certificate(const struct account_edge *edge, const char *arn); /* NULL */
const struct edge_zone *edge_zone_of(const struct account_edge *edge, const char *name, bool is_private); /* the nearest that holds the name; NULL */
/* Where the records of our zones lead a name of a distribution. */
enum edge_lead { EDGE_LEADS_HERE, EDGE_LEADS_ELSEWHERE, EDGE_HAS_NO_RECORD, EDGE_IN_NO_ZONE /* of this account: not known */ };
enum edge_lead edge_lead_of(const struct account_edge *edge, const struct edge_alias *alias, const char **target); /* target: where one leads; NULL */
const struct edge_series *edge_series_of(const struct edge_traffic *traffic, const char *distribution); /* NULL */
/* The newest datum that is not older than `minutes`: CloudFront's come late. NAN if there is none. */
double edge_latest(const double points[EDGE_POINTS], int minutes);
/* The metrics beyond the usual ones (hits, latency) are paid for and must be switched on. False: requests were counted, hits were not. */
bool edge_more_metrics(const struct edge_series *series);
/* Of the last 24 hours, weighted by the requests of each; per cent. NAN if nothing is known. */
double edge_day_hits(const struct edge_series *series);
/* Of a behaviour: as read, or as AWS publishes it of its own; NULL: it has none, or it is not known. */
const struct edge_policy *edge_policy_of(const struct account_edge *edge, const struct edge_behaviour *behaviour);
/* Is an answer kept at the edge? 1 yes, 0 no, -1 not known. */
int edge_caches(const struct account_edge *edge, const struct edge_behaviour *behaviour);
const struct edge_vpc_origin *edge_vpc_origin(const struct account_edge *edge, const char *id); /* NULL */
/* "TLSv1.2_2021" or one that came after it. */
bool edge_tls_is_new(const char *policy);
/* Does the name lead to a load balancer, by its own domain, by records of the zones, or by a VPC origin? Its ARN or name in DNS, or NULL. */
const char *edge_balancer(const struct account_edge *edge, const struct edge_origin *origin);

#endif
