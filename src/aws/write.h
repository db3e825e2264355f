/* The door to operations that change something (WRITE in operations.txt). Only actions/ may include this. */
#ifndef TRIVET_AWS_WRITE_H
#define TRIVET_AWS_WRITE_H

#include "aws/client.h"

/* As aws_done; request_id: as the service names it, "" where it gave none; of an error's reply too. */
typedef void aws_write_done(void *arg, json_t *output, const char *request_id, const struct error *error);

/* Sent once. It is sent again by itself only if the service has surely not done it: no connection came about, it was throttled, or the signature was
 * refused for a wrong clock or keys that had ended. After any other error (retry_was_not_done() tells) only looking shows whether it was done. */
struct aws_call *aws_call_write(struct aws_session *session, const char *service, const char *operation, const json_t *input,
                                const struct aws_call_options *options, aws_write_done *done, void *arg);

#endif
