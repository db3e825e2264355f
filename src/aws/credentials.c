#include "aws/credentials.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/credentials_steps.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

/* Each source in its order. It either starts (and later ends the search by keys or an error), or says why it is passed over. */
static const struct {
    const char *name;
    bool (*start)(struct credentials *c);
} sources[] = {
    {"environment", source_environment},
    {"profile", source_profile},
    {"web identity", source_web_identity},
    {"container", source_container},
    {"instance metadata", source_instance},
};
enum { SOURCE_COUNT = sizeof sources / sizeof *sources };

bool keys_from_json(const json_t *tree, struct aws_keys *keys)
{
    const char *id = json_text(tree, "AccessKeyId"), *secret = json_text(tree, "SecretAccessKey"), *token = json_text(tree, "SessionToken");
    if (!token)
        token = json_text(tree, "Token");
    if (!id || !secret || !*id || !*secret)
        return false;
    aws_keys_free(keys);
    *keys = (struct aws_keys){mem_strdup(id), mem_strdup(secret), token && *token ? mem_strdup(token) : NULL, json_when(tree, "Expiration")};
    return true;
}

const char *usual_session_name(char *out, size_t size)
{
    const char *user = getenv("USER");
    text_format(out, size < 65 ? size : 65, "trivet-%s", user && *user ? user : "console");
    for (char *c = out; *c; c++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-", *c))
            *c = '-';
    return out;
}

void passed_over(struct credentials *c, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    str_adds(&c->passed, c->passed.len ? "; " : "");
    str_addf(&c->passed, "%s: ", sources[c->source].name);
    str_addv(&c->passed, format, ap);
    va_end(ap);
}

static void credentials_free(struct credentials *c)
{
    struct loop *loop = c->core->loop;
    loop_cancel(loop, c->timer);
    exchange_cancel(c->exchange);
    http_cancel(c->call);
    child_cancel(c->child);
    aws_keys_free(&c->keys);
    mem_free_secret(c->secret);
    mem_free_secret(c->mfa_code);
    str_free(&c->passed);
    for (size_t i = 0; i < c->roles.len; i++)
        free(c->roles.at[i]);
    vec_free(&c->roles);
    json_decref(c->sso);
    free(c);
}

void credentials_cancel(struct credentials *c)
{
    if (c)
        credentials_free(c);
}

static void tell(void *arg)
{
    struct credentials *c = arg;
    struct credentials_handler handler = *c->handler;
    void *user = c->arg;
    struct aws_keys keys = c->keys;
    struct error error = c->error;
    char name[128];
    text_copy(name, sizeof name, c->source_name);
    c->keys = (struct aws_keys){0};
    c->timer = NULL;
    credentials_free(c);
    handler.done(user, keys.access_key_id ? &keys : NULL, name, keys.access_key_id ? NULL : &error);
    aws_keys_free(&keys);
}

static void end(struct credentials *c)
{
    loop_cancel(c->core->loop, c->timer);
    c->timer = loop_after(c->core->loop, 0, tell, c);
}

void credentials_failed(struct credentials *c, const struct error *error)
{
    aws_keys_free(&c->keys);
    c->error = *error;
    end(c);
}

void credentials_fault(struct credentials *c, const char *code, const char *format, ...)
{
    char text[480];
    struct error e = {0};
    va_list ap;
    va_start(ap, format);
    struct str s = STR_INIT(sizeof text);
    str_addv(&s, format, ap);
    va_end(ap);
    error_set(&e, ERROR_AUTH, code, "%s", str_text(&s));
    str_free(&s);
    credentials_failed(c, &e);
}

/* Keys are had: the roles that the profile chains on them come next, innermost first. */
void credentials_good(struct credentials *c)
{
    if (!*c->source_name)
        text_copy(c->source_name, sizeof c->source_name, sources[c->source].name);
    if (c->roles.len)
        assume_next(c);
    else
        end(c);
}

void next_source(struct credentials *c)
{
    for (c->source++; c->source < SOURCE_COUNT; c->source++)
        if (sources[c->source].start(c))
            return;
    struct error e = {0};
    const char *broken = aws_config_problem(c->core->config);
    error_set(&e, ERROR_AUTH, "NoCredentials", "no credentials found. %s%s%s", str_text(&c->passed), broken ? "; " : "", broken ? broken : "");
    credentials_failed(c, &e);
}

/* credential_source names a source by hand: it alone is tried. */
bool one_source(struct credentials *c, const char *name)
{
    static const struct {
        const char *name;
        size_t source;
    } names[] = {{"Environment", 0}, {"EcsContainer", 3}, {"Ec2InstanceMetadata", 4}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i].name)) {
            c->source = names[i].source;
            c->named = true;
            if (!sources[c->source].start(c))
                credentials_fault(c, "NoCredentials", "credential_source = %s: %s", name, str_text(&c->passed));
            return true;
        }
    return false;
}

struct credentials *credentials_find(struct aws_core *core, const struct credentials_handler *handler, void *arg)
{
    struct credentials *c = mem_new(sizeof *c);
    c->core = core;
    c->handler = handler;
    c->arg = arg;
    str_init(&c->passed, 4096);
    c->source = (size_t)-1;
    if (core->profile_chosen) { /* an option on the command line stands before the environment */
        c->source = 0;
        passed_over(c, "a profile was chosen");
    }
    next_source(c);
    return c;
}
