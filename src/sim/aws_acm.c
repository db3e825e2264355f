/* ACM: certificates of load balancers and of the edge. */
#include <string.h>

#include "base/text.h"
#include "sim/aws_world.h"

#define LIFE (395 * DAY_MS)

json_t *acm_arn(const struct account *a, const char *id) { return call_text("arn:aws:acm:%s:%s:certificate/%s", a->region, a->id, id); }

static bool is(json_t *take, const char *text)
{
    bool same = strcmp(json_string_value(take), text) == 0;
    json_decref(take);
    return same;
}

static const char *status_of(const struct net_certificate *c) { return c->status ? c->status : "ISSUED"; }
static int64_t end_of(const struct aws_call *call, const struct net_certificate *c) { return (sim_start(call->sim) + c->expires_in) / 1000 * 1000; }

static bool is_used(const struct account *a, const struct net_certificate *c)
{
    bool used = false;
    for (size_t i = 0; i < a->distributions.len; i++)
        used |= a->distributions.at[i].certificate && is(acm_arn(a, c->id), a->distributions.at[i].certificate);
    for (size_t i = 0; i < a->network.balancers.len; i++)
        for (size_t k = 0; k < a->network.balancers.at[i].listeners.len; k++)
            used |= text_equal(a->network.balancers.at[i].listeners.at[k].certificate, c->id);
    return used;
}

static json_t *summary(const struct aws_call *call, const struct net_certificate *c)
{
    int64_t ends = end_of(call, c);
    return json_pack("{s:o, s:s, s:[s], s:s, s:s, s:s, s:b, s:s, s:o, s:o, s:o, s:o}", "CertificateArn", acm_arn(call->account, c->id), "DomainName",
                     c->domain, "SubjectAlternativeNameSummaries", c->domain, "Status", status_of(c), "Type", "AMAZON_ISSUED", "KeyAlgorithm",
                     "RSA-2048", "InUse", is_used(call->account, c), "RenewalEligibility", "ELIGIBLE", "NotBefore", call_time(ends - LIFE),
                     "NotAfter", call_time(ends), "CreatedAt", call_time(ends - LIFE), "IssuedAt", call_time(ends - LIFE));
}

static json_t *list_certificates(struct aws_call *call)
{
    static const struct call_page page = {"CertificateSummaryList", "NextToken", "NextToken", "MaxItems", 1, 1000, 1000, "InvalidArgsException",
                                          NULL};
    const struct account *a = call->account;
    json_t *all = json_array();
    for (size_t i = 0; strcmp(call->region, a->region) == 0 && i < a->network.certificates.len; i++)
        if (call_in(json_object_get(call->input, "CertificateStatuses"), status_of(&a->network.certificates.at[i])))
            json_array_append_new(all, summary(call, &a->network.certificates.at[i]));
    return call_page(call, all, &page);
}

static json_t *describe_certificate(struct aws_call *call)
{
    const struct account *a = call->account;
    const char *wanted = json_text_or(call->input, "CertificateArn", "");
    for (size_t i = 0; strcmp(call->region, a->region) == 0 && i < a->network.certificates.len; i++) {
        const struct net_certificate *c = &a->network.certificates.at[i];
        int64_t ends = end_of(call, c), begins = ends - LIFE;
        if (is(acm_arn(a, c->id), wanted))
            return json_pack("{s:{s:s, s:s, s:[s], s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:s, s:s}}", "Certificate", "CertificateArn", wanted,
                             "DomainName", c->domain, "SubjectAlternativeNames", c->domain, "Status", status_of(c), "Type", "AMAZON_ISSUED",
                             "CreatedAt", call_time(begins), "IssuedAt", call_time(begins), "NotBefore", call_time(begins), "NotAfter",
                             call_time(ends), "KeyAlgorithm", "RSA_2048", "SignatureAlgorithm", "SHA256WITHRSA", "RenewalEligibility", "ELIGIBLE");
    }
    return call_fail(call, "ResourceNotFoundException", "Could not find certificate %s.", wanted);
}

const struct aws_handler aws_acm[] = {{"acm", "DescribeCertificate", describe_certificate}, {"acm", "ListCertificates", list_certificates}, {NULL}};
