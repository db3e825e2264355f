/* A repository's policy: whom it lets in, and to what. */
#include <string.h>

#include "feeds/fields.h"
#include "feeds/map.h"

static void add_text(struct str *all, const char *prefix, const json_t *one)
{
    if (json_is_string(one))
        str_addf(all, "%s%s%s", all->len ? " " : "", prefix, json_string_value(one));
}

/* A text, or a list of them. */
static void add_texts(struct str *all, const char *prefix, const json_t *value)
{
    size_t i;
    json_t *one;
    add_text(all, prefix, value);
    json_array_foreach(value, i, one)
        add_text(all, prefix, one);
}

/* "*", or {"AWS": …, "Service": …}. */
static void add_principals(struct str *all, const json_t *principal)
{
    char prefix[40];
    const char *kind;
    json_t *value;
    add_text(all, "", principal);
    json_object_foreach((json_t *)(uintptr_t)principal, kind, value) {
        text_format(prefix, sizeof prefix, "%s:", kind);
        add_texts(all, strcmp(kind, "AWS") ? prefix : "", value);
    }
}

/* Whatever case they are written in, actions are the same. */
static bool action_fits(const char *action, const char *pattern)
{
    char x[100], y[100];
    text_copy(x, sizeof x, action);
    text_copy(y, sizeof y, pattern);
    text_upper(x, sizeof x);
    text_upper(y, sizeof y);
    return text_fits(x, y);
}

/* What a statement allows may be a pattern itself: the whole of it has to be reading. */
static bool only_reads(const char *action)
{
    static const char *const reads[] = {"ecr:BatchCheck*", "ecr:BatchGet*", "ecr:Get*", "ecr:Describe*", "ecr:List*"};
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
        if (action_fits(action, reads[i]))
            return true;
    return false;
}

static void add_pushes(struct str *all, const json_t *actions)
{
    for (size_t i = 0; i < texts_count(actions); i++)
        if (!only_reads(texts_at(actions, i)))
            str_addf(all, "%s%s", all->len ? " " : "", texts_at(actions, i));
}

static bool allows(const json_t *actions, const char *action)
{
    for (size_t i = 0; i < texts_count(actions); i++)
        if (action_fits(action, texts_at(actions, i)))
            return true;
    return false;
}

/* A pull takes both. */
static bool lets_pull(const json_t *statement)
{
    const json_t *actions = json_object_get(statement, "Action"), *but = json_object_get(statement, "NotAction");
    bool denied = allows(but, "ecr:BatchGetImage") || allows(but, "ecr:GetDownloadUrlForLayer");
    return but ? !denied : allows(actions, "ecr:BatchGetImage") && allows(actions, "ecr:GetDownloadUrlForLayer");
}

/* One of both is enough. */
static bool denies_pull(const json_t *statement)
{
    const json_t *actions = json_object_get(statement, "Action"), *but = json_object_get(statement, "NotAction");
    bool get = allows(but ? but : actions, "ecr:BatchGetImage"), layers = allows(but ? but : actions, "ecr:GetDownloadUrlForLayer");
    return but ? !get || !layers : get || layers;
}

static bool is_everybody(const json_t *principal)
{
    const json_t *aws = json_object_get(principal, "AWS");
    for (size_t i = 0; i < texts_count(aws); i++)
        if (!strcmp(texts_at(aws, i), "*"))
            return true;
    return json_is_string(principal) && !strcmp(json_string_value(principal), "*");
}

struct reading {
    struct str principals, pullers, pushes;
    bool conditional, denies, denies_all;
};

static void map_statement(const json_t *statement, struct reading *r)
{
    const json_t *principal = json_object_get(statement, "Principal");
    if (text_equal(json_text(statement, "Effect"), "Deny") && denies_pull(statement)) {
        r->denies = true;
        r->denies_all |= !principal || is_everybody(principal);
    }
    if (!text_equal(json_text(statement, "Effect"), "Allow"))
        return;
    if (is_everybody(principal) && json_object_size(json_object_get(statement, "Condition"))) {
        r->conditional = true; /* the condition says who */
    } else {
        add_principals(&r->principals, principal);
        if (lets_pull(statement))
            add_principals(&r->pullers, principal);
    }
    if (json_object_get(statement, "NotPrincipal"))
        str_addf(&r->principals, "%s*", r->principals.len ? " " : "");
    add_pushes(&r->pushes, json_object_get(statement, "Action"));
    if (json_object_get(statement, "NotAction"))
        str_addf(&r->pushes, "%sNotAction", r->pushes.len ? " " : "");
}

/* What was cut or is no text of a policy would be read wrongly. */
static bool whole(char *to, size_t size, struct str *text)
{
    bool good = text_clean(to, size, str_text(text), text->len) && !text->overflow;
    str_free(text);
    return good;
}

bool map_repository_policy(const json_t *policy, struct ecr_repository *r)
{
    const json_t *statements = json_object_get(policy, "Statement");
    struct reading reading = {STR_INIT(16384), STR_INIT(16384), STR_INIT(16384), false, false, false};
    size_t i;
    json_t *one;
    if (json_is_object(statements))
        map_statement(statements, &reading);
    json_array_foreach(statements, i, one)
        map_statement(one, &reading);
    r->conditional = reading.conditional;
    r->denies = reading.denies;
    r->denies_all = reading.denies_all;
    bool principals = whole(r->principals, sizeof r->principals, &reading.principals);
    bool pullers = whole(r->pullers, sizeof r->pullers, &reading.pullers);
    return whole(r->pushes, sizeof r->pushes, &reading.pushes) && principals && pullers;
}
