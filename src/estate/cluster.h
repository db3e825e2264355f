/* A cluster's pods, nodes, deployments and autoscalers. Texts of which there are few are pooled for the life of the estate; names, and what
 * keeps taking new values, are owned by the row and go with it. */
#ifndef TRIVET_ESTATE_CLUSTER_H
#define TRIVET_ESTATE_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

struct pod {
    char *name;             /* owned by the row */
    const char *ns;         /* pooled, as all const char * here but node and metrics */
    const char *status;     /* the server's own word: Running, CrashLoopBackOff, Init:0/1, Terminating… */
    const char *node;       /* "" if not placed; owned by the row */
    const char *zone;       /* "" while its node is not known */
    char ip[46];
    bool failing;           /* by its status */
    int ready, containers;  /* 1/2; -1 not known */
    int restarts;           /* -1 not known */
    int64_t restarted_at;   /* last restart, about; 0 none or not known */
    int64_t created_at;     /* about: the server tells a span */
    int cpu_m;              /* millicores; -1 not known */
    int64_t memory;         /* bytes; -1 not known */
    uint32_t seen;          /* number of the list that last had it; for the sweep */
    uint64_t stamp;         /* of its last change; no two pods of the estate share one */
};
bool pod_is_ready(const struct pod *pod);    /* all containers ready, or Completed/Succeeded */
bool pod_is_failing(const struct pod *pod);
bool pod_status_fails(const char *status);   /* one that needs a person: CrashLoopBackOff, ImagePullBackOff, Error, OOMKilled, Evicted, … */

struct node {
    char *name;
    const char *zone, *status, *version, *roles;
    bool fargate;
    int64_t created_at;
    uint32_t seen;
};

struct deployment {
    char *name;
    const char *ns;
    int ready, desired, updated, available; /* -1 not known */
    const char *images;     /* of its containers, separated by commas; "" not known; owned by the row */
    int64_t created_at;
    uint32_t seen;
};

/* By their names: "backend-6c9d7f5b8-2m7rv" is of backend, "backend-worker-…" is not. Where the ReplicaSet's part of it begins; NULL: it is
 * another's. */
const char *pod_revision(const struct pod *pod, const struct deployment *deployment);

struct hpa {
    char *name;
    const char *ns, *target; /* "Deployment/backend" */
    const char *metrics;     /* "cpu: 31%/60%" as the server writes it; owned by the row */
    int min, max, replicas;
    int64_t created_at;
    uint32_t seen;
};

/* An EKS managed node group. */
struct node_group {
    char name[64];
    char status[24]; /* ACTIVE, UPDATING, DEGRADED… */
    int desired, min, max; /* -1 not known */
    char types[64];  /* of its instances: "t3.medium", separated by blanks */
    char version[16], release[40], image[40], capacity[16]; /* Kubernetes, the AMI's release and type, ON_DEMAND or SPOT; "" not told */
    int before, min_before; /* remembered when it was scaled to zero; -1: nothing is */
};

int node_group_size(const struct node_group *group); /* awake: as it is, or as it remembers; 0: not known */

struct pod_index; /* name → row; kept by cluster_index.c */

struct cluster {
    VEC(struct pod) pods;
    VEC(struct node) nodes;
    VEC(struct deployment) deployments;
    VEC(struct hpa) hpas;
    struct pod_index *index;
    uint32_t list; /* running number of lists */
};

/* The Deployment whose ReplicaSet made the pod: backend-6c9d7f5b8-8hjlc is one of backend's. NULL if none did, or its name does not tell. */
const struct deployment *cluster_deployment_of(const struct cluster *cluster, const struct pod *pod);
/* of a name as EC2 gives it, ip-10-0-11-5.ec2.internal; "" if it is none */
const char *node_address(const struct node *node, char *out, size_t size);

struct pod_counts {
    int total, ready, failing, pending;
};
struct pod_counts cluster_count(const struct cluster *cluster);

#endif
