/* CloudFront distributions. */
#ifndef TRIVET_ESTATE_DISTRIBUTION_H
#define TRIVET_ESTATE_DISTRIBUTION_H

#include <stdbool.h>

struct distribution {
    char id[40];
    char domain[120];   /* d3innovate0edg.cloudfront.net */
    char aliases[200];  /* "innovate.example, www.innovate.example" */
    char status[24];    /* Deployed, InProgress */
    bool enabled;
    char web_acl[200];  /* ARN; "" if none stands before it */
    char comment[132];
};

#endif
