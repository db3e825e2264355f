/* Short ways to read a jansson tree, and strict loading of what comes from outside. All results are borrowed. */
#ifndef TRIVET_BASE_JSON_H
#define TRIVET_BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* Path steps are member names or array indices joined by '.': "Engine.0.Name". NULL if any step is missing. */
json_t *json_at(const json_t *tree, const char *path);
const char *json_text(const json_t *tree, const char *path);               /* NULL if absent or no string */
const char *json_text_or(const json_t *tree, const char *path, const char *otherwise);
double json_number(const json_t *tree, const char *path, double otherwise); /* also a number in a string: Budgets sends "12.5" */
int64_t json_int(const json_t *tree, const char *path, int64_t otherwise);
bool json_flag(const json_t *tree, const char *path, bool otherwise);
/* A timestamp member: our AWS parser gives these as a number, seconds since 1970 (fraction kept). In ms, 0 if absent.
 * ISO strings (Kubernetes, GitHub) are read too. */
int64_t json_when(const json_t *tree, const char *path);

/* Refuses duplicate keys, trailing bytes, embedded NUL, depth over jansson's limit. NULL on error, `e` says where. */
json_t *json_load(const char *text, size_t len, struct error *e);
/* The same for a service's reply: what strangers wrote into its strings cannot make it unreadable (base/repair.h). */
json_t *json_load_reply(const char *text, size_t len, struct error *e);

/* Writes a tree as YAML (block style; strings quoted where YAML needs it), for `y`. Foreign strings are
 * cleaned. False once `out` is full. */
bool json_to_yaml(const json_t *tree, struct str *out);

#endif
