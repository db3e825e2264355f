/* Where a service is spoken to, and with which region its calls are signed. Partitions and global services as botocore's
 * endpoints.json has them; AWS_ENDPOINT_URL[_SERVICE], endpoint_url and [services] of the shared config stand before them. */
#ifndef TRIVET_AWS_ENDPOINT_H
#define TRIVET_AWS_ENDPOINT_H

#include "aws/config_file.h"
#include "aws/shape.h"

struct aws_endpoint {
    char base[320];   /* "https://rds.us-east-1.amazonaws.com", no closing '/' */
    char host[280];   /* with the port where it is not the scheme's own */
    char path[160];   /* of a configured endpoint: "" or "/prefix" */
    char region[32];  /* to sign with */
};

/* Where the global services of the region's partition are: "us-east-1". */
const char *aws_global_region(const char *region);
/* Letters, digits and '-'. A region becomes part of a host's name, and may have been written by a stranger: into an image's address. */
bool aws_region_good(const char *region);

/* `host_prefix` ("" or NULL for none) comes from the operation; it is left out for configured endpoints. */
bool aws_endpoint_resolve(const struct aws_config *config, const char *profile, const struct aws_service *service, const char *region,
                          const char *host_prefix, struct aws_endpoint *out, struct error *e);

#endif
