/* The AWS side: a handler for each operation, from JSON to JSON. A handler gets an input that fits the operation's shape, and a
 * caller who may call it; it returns the output (which aws.c holds against the output shape), or NULL after call_fail(). */
#ifndef TRIVET_SIM_AWS_H
#define TRIVET_SIM_AWS_H

#include <jansson.h>

#include "base/json.h"
#include "sim/internal.h"

struct aws_call {
    struct sim *sim;
    const struct identity *who;    /* NULL for unsigned operations */
    const struct account *account; /* the caller's; NULL likewise */
    const char *service, *operation, *region;
    int64_t now; /* simulated, ms */
    json_t *input;
    struct error *error;
};

struct aws_handler {
    const char *service, *operation; /* ends with service NULL */
    json_t *(*handle)(struct aws_call *call);
};

extern const struct aws_handler aws_sts[], aws_sso[], aws_organizations[], aws_rds[], aws_budgets[], aws_cloudwatch[], aws_wafv2[], aws_cloudtrail[],
    aws_eks[], aws_ec2[], aws_cloudfront[], aws_ecr[], aws_scheduler[], aws_codepipeline[], aws_network[], aws_interfaces[], aws_elbv2[], aws_acm[],
    aws_iam[], aws_secrets[], aws_route53[], aws_ce[], aws_logs[];

#define EKS_GROUP "sg-0f1e2d3c4b5a69788" /* the security group that EKS makes for a cluster */
const char *network_subnet_in(const struct account *account, const char *zone); /* the id of the first */

/* Returns NULL. The status is the model's for that code, or else 400. */
json_t *call_fail(struct aws_call *call, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The protocol's own AccessDenied. */
json_t *call_denied(struct aws_call *call, const char *resource);

/* Whether roles and service control policies let them; false with the protocol's own AccessDenied. */
bool aws_permitted(const struct sim *sim, const struct identity *who, const char *service, const char *operation, struct error *e);
/* The operation's handler, for what the simulated estate calls by itself. NULL with call->error. */
json_t *aws_carry_out(struct aws_call *call);

/* One page of a list: takes `all`, gives {list: [...], token_out: "..."}. */
struct call_page {
    const char *list, *token_in, *token_out; /* member names */
    const char *limit_in;                    /* the member that limits a page; NULL: none */
    int64_t least, most, usual;              /* of that limit; outside is refused */
    const char *bad_token, *bad_limit;       /* error codes; NULL: as bad_token */
};
json_t *call_page(struct aws_call *call, json_t *all, const struct call_page *page);

json_t *call_time(int64_t ms); /* a timestamp member, whole seconds kept exact */
json_t *call_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
int64_t call_ms(const json_t *input, const char *member, int64_t otherwise);
/* Does the `Filters: [{Name, Values}]` list let this value pass under that name? */
bool call_filter(const json_t *input, const char *name, const char *value);
bool call_in(const json_t *list, const char *text); /* true also for no list or an empty one */

/* Opaque tokens for lists that call_page() does not fit. make: the caller frees. */
char *call_token(const struct aws_call *call, size_t offset);
bool call_token_read(const struct aws_call *call, const char *token, size_t *offset);

#endif
