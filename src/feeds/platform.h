/* Private to platform.c (EKS) and kube_platform.c (the cluster itself): one reading of what a cluster stands on. */
#ifndef TRIVET_FEEDS_PLATFORM_H
#define TRIVET_FEEDS_PLATFORM_H

#include "feeds/internal.h"

struct platform_reading;

struct platform_call { /* under way */
    struct platform_reading *reading;
    enum platform_part part;
    struct aws_call *aws;
    struct kube_call *kube;
    const void *list; /* kube_platform.c's */
    int page;
    void (*take)(struct platform_reading *reading, json_t *output);
};

struct platform_reading {
    struct feed_run *run;
    struct platform platform;
    VEC(struct platform_call *) calls;
    struct error first; /* of the parts that should be read */
};

struct platform_call *platform_call_new(struct platform_reading *reading, enum platform_part part);
/* The call is over: its part is not known if there was an error. When it was the last, the reading ends. */
void platform_call_end(struct platform_call *call, const struct error *error);

void kube_platform_ask(struct platform_reading *reading); /* kube_platform.c */

#endif
