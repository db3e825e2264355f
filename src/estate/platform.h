/* What a cluster stands on: its settings in EKS, Fargate profiles, add-ons, daemons, which images its Deployments had before, and under which
 * identity its workloads run. The parts come from calls of their own: what could not be read says why, and hides no other part. */
#ifndef TRIVET_ESTATE_PLATFORM_H
#define TRIVET_ESTATE_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

enum platform_part {
    PLATFORM_CLUSTER,
    PLATFORM_SUPPORT,    /* until when its version is in standard support */
    PLATFORM_FARGATE,
    PLATFORM_ADDONS,     /* those that EKS manages */
    PLATFORM_DAEMONS,
    PLATFORM_WORKLOADS,  /* what Deployments and daemons run as */
    PLATFORM_IDENTITIES, /* service accounts */
    PLATFORM_PAST,       /* images of older revisions */
    PLATFORM_PARTS
};
const char *platform_part_name(enum platform_part part); /* "Fargate profiles" */

struct cluster_settings {
    char status[24], version[16], platform[24];
    char logs[160];        /* kinds of control-plane logs that are on, separated by blanks */
    char secrets_key[200]; /* the KMS key that Secrets are encrypted with; "" none */
    char issuer[200];      /* of the tokens of service accounts */
    char group[32];        /* id of the security group that EKS made for it: of its nodes, and of pods on Fargate */
    char public_from[200]; /* from where the public endpoint is reached, separated by blanks */
    bool private_endpoint, public_endpoint;
    int64_t created_at;
    char support[40];      /* STANDARD_SUPPORT, EXTENDED_SUPPORT… */
    int64_t support_ends;  /* the standard one; 0 not known */
};

struct fargate_profile {
    char name[104], status[24];
    char namespaces[400];  /* of its selectors, separated by blanks; one that asks for labels too is "kube-system{k8s-app=kube-dns}" */
    char subnets[200];
    int64_t created_at;
};

struct managed_addon {
    char name[64], version[48], status[24];
    char issue[200];       /* the first of its issues; "" none */
    int64_t created_at;
};

struct daemon_set {
    char ns[64], name[128];
    int desired, ready;    /* -1 not known */
    int64_t created_at;
};

struct workload {
    char ns[64], name[128], kind[16]; /* Deployment, DaemonSet */
    char service_account[64];
    char static_key[64];   /* the name of a variable that holds an AWS key of its own; "" none. Values are never read */
    char container[64];    /* where that stands */
    /* Of all containers of a pod: what they ask for, and may use at most; 0: none does, or at least one may use any. */
    int64_t cpu_m, cpu_limit_m, memory, memory_limit;
    char variables[800];   /* names of its environment, sorted, separated by blanks; of sources that are taken whole: configmap/NAME, secret/NAME */
    bool more_variables;   /* they are too many to be kept */
};

struct service_identity {
    char ns[64], name[128];
    char role[200];        /* ARN of its annotation; "" none */
};

struct past_image {
    char repository[120], digest[80];
    int64_t at;            /* since when the cluster had it */
};

struct platform {
    unsigned known;        /* bits of enum platform_part */
    char trouble[PLATFORM_PARTS][240]; /* why a part is not known; "" nothing was said */
    struct cluster_settings cluster;
    VEC(struct fargate_profile) profiles;
    VEC(struct managed_addon) addons;
    VEC(struct daemon_set) daemons;
    VEC(struct workload) workloads;
    VEC(struct service_identity) identities;
    VEC(struct past_image) past;
};

bool platform_knows(const struct platform *platform, enum platform_part part);
const struct workload *platform_workload(const struct platform *platform, const char *ns, const char *name);              /* NULL if not there */
const struct service_identity *platform_identity(const struct platform *platform, const char *ns, const char *name);      /* likewise */
bool fargate_covers(const struct fargate_profile *profile, const char *ns); /* whatever labels its pods have */
bool namespace_is_system(const char *ns); /* where add-ons live, not applications */
void platform_free(struct platform *platform);

/* The add-ons that the architecture names. */
enum addon { ADDON_BALANCER, ADDON_DNS, ADDON_METRICS, ADDON_SECRETS, ADDONS };
const char *addon_title(enum addon addon);
bool addon_is(enum addon addon, const char *name); /* of a Deployment or daemon */

#endif
