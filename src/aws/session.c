#include "aws/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"

#define RENEW_MS     300000 /* ahead of expiry */
#define RENEW_MFA_MS 30000  /* a person is not asked while the old keys still do */
#define RETRY_MS     15000

static int64_t now_of(const struct aws_session *s) { return loop_wall(s->aws->core.loop) + s->aws->core.skew_ms; }

const char *session_region(const struct aws_session *session) { return session->role.region ? session->role.region : session->aws->core.region; }

static void set_state(struct aws_session *s, enum aws_session_state state)
{
    s->state = state;
    if (s->aws->changed)
        s->aws->changed(s->aws->changed_arg, s);
}

static bool is_busy(const struct aws_session *s) { return s->finding || s->assuming || s->waits_for_base || s->timer || s->state == AWS_SESSION_MFA; }

static bool keys_last(const struct aws_session *s, int64_t margin_ms)
{
    return s->keys.access_key_id && (!s->keys.expires_at || s->keys.expires_at - now_of(s) > margin_ms);
}

static int64_t margin(const struct aws_session *s) { return s->role.mfa_serial ? RENEW_MFA_MS : RENEW_MS; }

const struct aws_keys *session_keys(struct aws_session *s)
{
    bool resting = loop_now(s->aws->core.loop) < s->retry_at;
    /* A renewal that failed moments ago does not take away keys that are still good. */
    return keys_last(s, resting ? 0 : margin(s)) ? &s->keys : NULL;
}

static void wake(struct aws_session *s, const struct error *error)
{
    struct session_waiter *list = s->waiters;
    s->waiters = NULL;
    while (list) {
        struct session_waiter *next = list->next;
        list->next = NULL;
        list->ready(list->arg, error);
        list = next;
    }
}

static void ready(struct aws_session *s)
{
    s->error = (struct error){0};
    /* Keys that come with little time left are used all the same, and asked for anew in a while: a program may hand out cached ones. */
    s->retry_at = keys_last(s, margin(s)) ? 0 : loop_now(s->aws->core.loop) + RETRY_MS;
    s->base_renewed = false;
    set_state(s, AWS_SESSION_READY);
    wake(s, NULL);
}

static void failed(struct aws_session *s, const struct error *error)
{
    struct error kept = *error;
    s->error = kept;
    s->retry_at = loop_now(s->aws->core.loop) + RETRY_MS;
    s->base_renewed = false;
    if (keys_last(s, 0)) {
        set_state(s, AWS_SESSION_READY);
        wake(s, NULL);
        return;
    }
    aws_keys_free(&s->keys);
    set_state(s, AWS_SESSION_FAILED);
    wake(s, &kept);
}

static void fail_fire(void *arg)
{
    struct aws_session *s = arg;
    s->timer = NULL;
    failed(s, &s->soon);
}

/* On the next pass, so that nobody is called back from inside the call by which they began to wait. */
static void fail_soon(struct aws_session *s, const struct error *error)
{
    s->soon = *error;
    s->timer = loop_after(s->aws->core.loop, 0, fail_fire, s);
}

static void ask_for_code(struct aws_session *s, const char *serial, const struct error *refused)
{
    struct error declined = {0};
    if (s->declined) {
        error_set(&declined, ERROR_AUTH, "MFADeclined", "no MFA code was given for %s", serial);
        if (s->finding)
            credentials_mfa(s->finding, NULL);
        else
            fail_soon(s, &declined);
        return;
    }
    text_copy(s->mfa_serial, sizeof s->mfa_serial, serial);
    s->error = refused ? *refused : (struct error){0};
    set_state(s, AWS_SESSION_MFA);
}

/* The base session: the credential chain. */

static void found(void *arg, const struct aws_keys *keys, const char *source, const struct error *error)
{
    struct aws_session *s = arg;
    s->finding = NULL;
    if (error) {
        failed(s, error);
        return;
    }
    aws_keys_copy(&s->keys, keys);
    text_copy(s->source, sizeof s->source, source);
    ready(s);
}

static void chain_wants_code(void *arg, const char *serial, const struct error *refused) { ask_for_code(arg, serial, refused); }

static const struct credentials_handler chain = {found, chain_wants_code};

/* A role: AssumeRole with the base session's keys. */

static void assume(struct aws_session *s);

static void assumed(void *arg, json_t *output, const struct error *error)
{
    struct aws_session *s = arg;
    struct aws_session *base = s->aws->sessions.at[0];
    s->assuming = NULL;
    bool had_code = s->mfa_code != NULL;
    mem_free_secret(s->mfa_code);
    s->mfa_code = NULL;
    if (session_is_over(error) && !s->base_renewed) {
        s->base_renewed = true;
        session_expired(base, &base->keys);
        assume(s);
    } else if (error && had_code && error_is(error, "AccessDenied") && strstr(error->message, "MultiFactorAuthentication"))
        ask_for_code(s, s->role.mfa_serial, error);
    else if (error)
        failed(s, error);
    else if (keys_from_json(json_at(output, "Credentials"), &s->keys)) {
        const char *arn = json_text_or(output, "AssumedRoleUser.Arn", "");
        text_clean(s->arn, sizeof s->arn, arn, strlen(arn));
        ready(s);
    } else {
        struct error none = {0};
        error_set(&none, ERROR_PROTOCOL, "NoCredentials", "AssumeRole answered without keys");
        failed(s, &none);
    }
}

static void base_ready(void *arg, const struct error *error)
{
    struct aws_session *s = arg;
    s->waits_for_base = false;
    if (error)
        failed(s, error);
    else
        assume(s);
}

static void ask_sts(struct aws_session *s, const struct aws_keys *keys)
{
    char name[80];
    json_t *input = json_pack("{s:s, s:s, s:i}", "RoleArn", s->role.role_arn, "RoleSessionName",
                              s->role.session_name ? s->role.session_name : usual_session_name(name, sizeof name), "DurationSeconds",
                              s->role.duration_s ? s->role.duration_s : 3600);
    if (s->role.external_id)
        json_object_set_new(input, "ExternalId", json_string(s->role.external_id));
    if (s->mfa_code) {
        json_object_set_new(input, "SerialNumber", json_string(s->role.mfa_serial));
        json_object_set_new(input, "TokenCode", json_string(s->mfa_code));
    }
    struct exchange_request request = {.service = "sts", .operation = "AssumeRole", .input = input, .region = session_region(s), .keys = keys};
    s->assuming = exchange_start(&s->aws->core, &request, assumed, s);
    json_decref(input);
}

static void assume(struct aws_session *s)
{
    struct aws_session *base = s->aws->sessions.at[0];
    const struct aws_keys *keys = session_keys(base);
    struct error e = {0};
    if (!keys) {
        s->base_wait = (struct session_waiter){.ready = base_ready, .arg = s};
        s->waits_for_base = session_wait(base, &s->base_wait, &e);
        if (!s->waits_for_base)
            fail_soon(s, &e);
    } else if (s->role.mfa_serial && !s->mfa_code)
        ask_for_code(s, s->role.mfa_serial, NULL);
    else
        ask_sts(s, keys);
}

static void start(struct aws_session *s)
{
    if (s->state != AWS_SESSION_READY) /* a renewal goes on behind keys that are shown as they are */
        set_state(s, AWS_SESSION_LOADING);
    if (s->role.role_arn)
        assume(s);
    else
        s->finding = credentials_find(&s->aws->core, &chain, s);
}

bool session_wait(struct aws_session *s, struct session_waiter *waiter, struct error *e)
{
    if (!is_busy(s)) {
        if (s->state == AWS_SESSION_FAILED && loop_now(s->aws->core.loop) < s->retry_at) {
            *e = s->error;
            return false;
        }
        start(s);
    }
    waiter->next = s->waiters;
    s->waiters = waiter;
    return true;
}

void session_unwait(struct aws_session *s, struct session_waiter *waiter)
{
    for (struct session_waiter **at = &s->waiters; *at; at = &(*at)->next)
        if (*at == waiter) {
            *at = waiter->next;
            return;
        }
}

bool session_is_over(const struct error *error)
{
    static const char *const codes[] = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}; /* the last is EC2's word */
    for (size_t i = 0; error && i < sizeof codes / sizeof *codes; i++)
        if (error_is(error, codes[i]))
            return true;
    return false;
}

void session_expired(struct aws_session *s, const struct aws_keys *used)
{
    if (!s->keys.access_key_id || !text_equal(s->keys.access_key_id, used->access_key_id))
        return;
    bool from_profile = !s->role.role_arn && !s->keys.expires_at;
    aws_keys_free(&s->keys);
    s->retry_at = 0;
    if (from_profile) { /* somebody may have written new ones meanwhile */
        aws_config_free(s->aws->core.config);
        s->aws->core.config = aws_config_load();
    }
    if (s->state != AWS_SESSION_MFA) /* somebody is being asked already */
        set_state(s, AWS_SESSION_NEVER);
}

void aws_session_mfa(struct aws_session *s, const char *code)
{
    s->declined = code == NULL;
    if (s->state != AWS_SESSION_MFA) {
        s->retry_at = 0;
        return;
    }
    struct error declined = {0};
    s->state = AWS_SESSION_LOADING;
    if (s->finding)
        credentials_mfa(s->finding, code);
    else if (code) {
        mem_free_secret(s->mfa_code);
        s->mfa_code = mem_strdup(code);
        assume(s);
    } else {
        error_set(&declined, ERROR_AUTH, "MFADeclined", "no MFA code was given for %s", s->mfa_serial);
        failed(s, &declined);
        return;
    }
    if (s->state == AWS_SESSION_LOADING)
        set_state(s, AWS_SESSION_LOADING);
}

/* What was begun to get keys. */
static void stop_asking(struct aws_session *s)
{
    credentials_cancel(s->finding);
    exchange_cancel(s->assuming);
    loop_cancel(s->aws->core.loop, s->timer);
    if (s->waits_for_base)
        session_unwait(s->aws->sessions.at[0], &s->base_wait);
    mem_free_secret(s->mfa_code);
    s->finding = NULL;
    s->assuming = NULL;
    s->timer = NULL;
    s->waits_for_base = s->base_renewed = false;
    s->mfa_code = NULL;
}

void aws_session_forget(struct aws_session *s)
{
    aws_keys_free(&s->keys);
    *s->arn = '\0';
    s->declined = false;
    s->retry_at = 0;
    if (s->waiters) /* somebody's call goes on */
        return;
    stop_asking(s);
    s->error = (struct error){0};
    set_state(s, AWS_SESSION_NEVER);
}

void aws_session_ask_again(struct aws_session *s)
{
    if (!s->declined)
        return;
    s->declined = false;
    s->retry_at = 0;
}

void aws_session_look(const struct aws_session *s, struct aws_session_info *out)
{
    *out = (struct aws_session_info){.state = s->state,
                                     .expires_at = s->keys.access_key_id ? s->keys.expires_at : 0,
                                     .source = s->role.role_arn ? "AssumeRole" : s->source,
                                     .mfa_serial = s->state == AWS_SESSION_MFA ? s->mfa_serial : NULL,
                                     .region = session_region(s),
                                     .arn = *s->arn ? s->arn : NULL,
                                     .error = s->error};
}

/* Calls a second and burst, where a service is known to be narrow; the rest is for good manners. */
struct rate *session_rate(struct aws_session *s, const char *service)
{
    static const struct {
        const char *service;
        double per_second, burst;
    } limits[] = {{"cloudtrail", 2, 2}, {"organizations", 5, 20}, {"budgets", 5, 20}, {"wafv2", 10, 20}, {NULL, 20, 40}};
    const struct aws_service *found = aws_service_find(&aws_table, service);
    size_t i = 0;
    if (!found)
        return NULL;
    struct rate *rate = &s->rates[found - aws_table.services];
    while (limits[i].service && strcmp(limits[i].service, service) != 0)
        i++;
    if (rate->burst == 0)
        rate_init(rate, limits[i].per_second, limits[i].burst);
    return rate;
}

void session_free(struct aws_session *s)
{
    stop_asking(s);
    aws_keys_free(&s->keys);
    free((char *)(uintptr_t)s->role.role_arn);
    free((char *)(uintptr_t)s->role.external_id);
    free((char *)(uintptr_t)s->role.session_name);
    free((char *)(uintptr_t)s->role.mfa_serial);
    free((char *)(uintptr_t)s->role.region);
    free(s->rates);
    free(s);
}
