#include "estate/platform.h"

#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "estate/registry.h"

const char *platform_part_name(enum platform_part part)
{
    static const char *const names[] = {"cluster",    "version support",  "Fargate profiles",  "managed add-ons",
                                        "daemon sets", "workloads", "service accounts", "older revisions"};
    return names[part];
}

bool platform_knows(const struct platform *p, enum platform_part part) { return p->known & (1u << part); }

const struct workload *platform_workload(const struct platform *p, const char *ns, const char *name)
{
    for (size_t i = 0; i < p->workloads.len; i++)
        if (!strcmp(p->workloads.at[i].ns, ns) && !strcmp(p->workloads.at[i].name, name))
            return &p->workloads.at[i];
    return NULL;
}

const struct service_identity *platform_identity(const struct platform *p, const char *ns, const char *name)
{
    for (size_t i = 0; i < p->identities.len; i++)
        if (!strcmp(p->identities.at[i].ns, ns) && !strcmp(p->identities.at[i].name, name))
            return &p->identities.at[i];
    return NULL;
}

static bool any_matches(const char *patterns, const char *text)
{
    char one[200];
    for (const char *at = patterns + strspn(patterns, " "); *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        text_format(one, sizeof one, "%.*s", (int)strcspn(at, " "), at);
        if (text_fits(text, one))
            return true;
    }
    return false;
}

bool repository_holds(const struct ecr_repository *r, const char *tag)
{
    bool immutable = text_starts(r->mutability, "IMMUTABLE");
    return any_matches(r->excluded, tag) ? !immutable : immutable;
}

bool fargate_covers(const struct fargate_profile *profile, const char *ns) { return any_matches(profile->namespaces, ns); }

bool namespace_is_system(const char *ns)
{
    static const char *const others[] = {"amazon-cloudwatch", "amazon-guardduty", "aws-observability", "cert-manager", "external-dns",
                                         "external-secrets", "gatekeeper-system",  "karpenter",       "monitoring"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcmp(ns, others[i]))
            return true;
    return text_starts(ns, "kube-");
}

void platform_free(struct platform *p)
{
    vec_free(&p->profiles);
    vec_free(&p->addons);
    vec_free(&p->daemons);
    vec_free(&p->workloads);
    vec_free(&p->identities);
    vec_free(&p->past);
}

static const struct {
    const char *title, *words[2]; /* of charts: "aws-load-balancer-controller", "csi-secrets-store-provider-aws", "secrets-store-csi-driver" */
} addons[ADDONS] = {
    [ADDON_BALANCER] = {"AWS Load Balancer Controller", {"load-balancer-controller", NULL}},
    [ADDON_DNS] = {"ExternalDNS", {"external-dns", "externaldns"}},
    [ADDON_METRICS] = {"Metrics Server", {"metrics-server", NULL}},
    [ADDON_SECRETS] = {"Secrets Store CSI Driver", {"secrets-store", NULL}},
};

const char *addon_title(enum addon addon) { return addons[addon].title; }

bool addon_is(enum addon addon, const char *name)
{
    for (size_t i = 0; i < 2 && addons[addon].words[i]; i++)
        if (text_contains(name, addons[addon].words[i]))
            return true;
    return false;
}
