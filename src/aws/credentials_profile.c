/* Sources on this machine: the environment, the shared config's profiles, credential_process. */
#include <stdlib.h>
#include <string.h>

#include "aws/credentials_steps.h"
#include "base/json.h"
#include "base/mem.h"

#define PROCESS_MS  60000
#define PROCESS_MAX ((size_t)64 << 10)
#define CHAIN_MAX   8

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

bool source_environment(struct credentials *c)
{
    const char *id = variable("AWS_ACCESS_KEY_ID"), *secret = variable("AWS_SECRET_ACCESS_KEY");
    if (!id || !secret) {
        passed_over(c, !id ? "AWS_ACCESS_KEY_ID is not set" : "AWS_SECRET_ACCESS_KEY is not set");
        return false;
    }
    c->keys = (struct aws_keys){mem_strdup(id), mem_strdup(secret), mem_strdup(variable("AWS_SESSION_TOKEN")), 0};
    credentials_good(c);
    return true;
}

static const char *get(const struct credentials *c, const char *profile, const char *key)
{
    const char *value = aws_config_get(c->core->config, CONFIG_PROFILE, profile, key);
    return value && *value ? value : NULL;
}

static bool static_keys(struct credentials *c, const char *profile)
{
    const char *id = get(c, profile, "aws_access_key_id"), *secret = get(c, profile, "aws_secret_access_key");
    if (!id || !secret)
        return false;
    c->keys = (struct aws_keys){mem_strdup(id), mem_strdup(secret), mem_strdup(get(c, profile, "aws_session_token")), 0};
    text_format(c->source_name, sizeof c->source_name, "profile %s", profile);
    credentials_good(c);
    return true;
}

static void process_done(void *arg, const char *out, size_t len, int exit_status, const struct error *error)
{
    struct credentials *c = arg;
    struct error e = {0};
    c->child = NULL;
    if (error) {
        credentials_fault(c, "CredentialProcess", "profile %s: credential_process: %s", c->profile, error->message);
        return;
    }
    json_t *tree = exit_status == 0 ? json_load(out, len, &e) : NULL;
    if (exit_status != 0)
        credentials_fault(c, "CredentialProcess", "profile %s: credential_process ended with status %d", c->profile, exit_status);
    else if (!tree)
        credentials_fault(c, "CredentialProcess", "profile %s: credential_process: expected JSON", c->profile);
    else if (json_int(tree, "Version", 0) != 1)
        credentials_fault(c, "CredentialProcess", "profile %s: credential_process: expected \"Version\": 1", c->profile);
    else if (!keys_from_json(tree, &c->keys))
        credentials_fault(c, "CredentialProcess", "profile %s: credential_process: expected AccessKeyId and SecretAccessKey", c->profile);
    else
        credentials_good(c);
    json_decref(tree);
}

static bool process(struct credentials *c, const char *profile)
{
    const char *line = get(c, profile, "credential_process");
    if (!line)
        return false;
    char **words = child_split_words(line);
    text_copy(c->profile, sizeof c->profile, profile);
    text_format(c->source_name, sizeof c->source_name, "profile %s (credential_process)", profile);
    if (words && words[0])
        c->child = child_run(c->core->loop, (const char *const *)words, NULL, PROCESS_MS, PROCESS_MAX, process_done, c);
    else
        credentials_fault(c, "CredentialProcess", "profile %s: credential_process: no command, or an open quote", profile);
    child_free_words(words);
    return true;
}

static bool in_chain(const struct credentials *c, const char *profile)
{
    for (size_t i = 0; i < c->roles.len; i++)
        if (!strcmp(c->roles.at[i], profile))
            return true;
    return false;
}

static bool look_in(struct credentials *c, const char *profile);

/* role_arn: where the keys to assume it with come from; it is assumed once they are there (assume_next). */
static bool chained(struct credentials *c, const char *profile)
{
    const char *role = get(c, profile, "role_arn"), *source = get(c, profile, "source_profile"), *named = get(c, profile, "credential_source");
    const char *token = get(c, profile, "web_identity_token_file");
    if (!role)
        return false;
    if (token) {
        text_format(c->source_name, sizeof c->source_name, "profile %s (web identity)", profile);
        assume_web_identity(c, role, token, get(c, profile, "role_session_name"));
        return true;
    }
    if (!source && !named) {
        credentials_fault(c, "ProfileIncomplete", "profile %s: role_arn needs source_profile, credential_source or web_identity_token_file", profile);
        return true;
    }
    if (c->roles.len >= CHAIN_MAX || (in_chain(c, profile) && source)) {
        credentials_fault(c, "ProfileLoop", "profile %s: source_profile goes round in a circle", profile);
        return true;
    }
    *vec_add(&c->roles) = mem_strdup(profile);
    text_format(c->source_name, sizeof c->source_name, "profile %s (role_arn)", profile);
    if (named && !source) {
        if (!one_source(c, named))
            credentials_fault(c, "ProfileIncomplete",
                              "profile %s: credential_source = %s: expected Environment, EcsContainer or Ec2InstanceMetadata", profile, named);
        return true;
    }
    bool itself = !strcmp(source, profile); /* allowed: its own static keys */
    if (itself ? !static_keys(c, profile) : !look_in(c, source))
        credentials_fault(c, "ProfileIncomplete", "profile %s: source_profile %s has no credentials", profile, source);
    return true;
}

static bool look_in(struct credentials *c, const char *profile)
{
    return chained(c, profile) || sso_start(c, profile) || static_keys(c, profile) || process(c, profile);
}

bool source_profile(struct credentials *c)
{
    const char *profile = c->core->profile;
    if (!aws_config_has(c->core->config, CONFIG_PROFILE, profile)) {
        if (c->core->profile_chosen || variable("AWS_PROFILE")) { /* asked for by name: going on to others would surprise */
            credentials_fault(c, "ProfileNotFound", "no profile \"%s\" in the shared config and credentials files", profile);
            return true;
        }
        passed_over(c, "no profile \"%s\" in the shared config and credentials files", profile);
        return false;
    }
    if (look_in(c, profile))
        return true;
    passed_over(c, "profile \"%s\" has no credentials", profile);
    return false;
}
