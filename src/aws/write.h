/* The door to operations that change something (WRITE in operations.txt). Only actions/ may include this. */
#ifndef TRIVET_AWS_WRITE_H
#define TRIVET_AWS_WRITE_H

#include "aws/client.h"

struct aws_call *aws_call_write(struct aws_session *session, const char *service, const char *operation, const json_t *input,
                                const struct aws_call_options *options, aws_done *done, void *arg);

#endif
