/* Clusters, a registry and images as the architecture has them, for tests of checks and of panes. */
#ifndef TRIVET_TESTS_PLATFORM_ESTATE_H
#define TRIVET_TESTS_PLATFORM_ESTATE_H

#include "estate/write.h"

#define BUILD_OLD "sha256:77fe000000000000000000000000000000000000000000000000000000000000" /* what production runs */
#define BUILD_NEW "sha256:91ab000000000000000000000000000000000000000000000000000000000000" /* what development runs */
#define BUILD_REGISTRY "111111111111.dkr.ecr.us-east-1.amazonaws.com/"

void platform_build(struct estate *e, size_t account, int64_t now); /* settings, Fargate, add-ons, identities, revisions, node group */
void registry_build(struct estate *e, size_t account, int64_t now); /* repositories frontend and backend */
/* frontend, backend and add-ons: Deployments, pods, nodes, autoscalers */
void workload_build(struct estate *e, size_t account, const char *digest, int64_t now);
void images_build(struct estate *e, size_t account, int64_t now);   /* both builds of both repositories */

#endif
