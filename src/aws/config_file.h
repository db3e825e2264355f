/* The shared config and credentials files (~/.aws/config, ~/.aws/credentials, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE).
 * Source: "Shared config and credentials files", AWS SDKs and Tools Reference Guide. */
#ifndef TRIVET_AWS_CONFIG_FILE_H
#define TRIVET_AWS_CONFIG_FILE_H

#include <stdbool.h>

#include "base/error.h"

enum config_kind { CONFIG_PROFILE, CONFIG_SSO_SESSION, CONFIG_SERVICES };

struct aws_config;
/* Reads both files; one that is missing is as an empty one. What cannot be read is told by aws_config_problem(). */
struct aws_config *aws_config_load(void);
void aws_config_free(struct aws_config *config); /* wipes */
/* Borrowed; NULL if absent. The credentials file stands before the config file. Values nested under a key are "key.inner". */
const char *aws_config_get(const struct aws_config *config, enum config_kind kind, const char *section, const char *key);
bool aws_config_has(const struct aws_config *config, enum config_kind kind, const char *section);
const char *aws_config_problem(const struct aws_config *config); /* "file:line: …" of the first, or NULL */

#endif
