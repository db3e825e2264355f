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

static bool only_reads(const char *action)
{
    static const char *const pulls[] = {"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
                                        "ecr:GetAuthorizationToken", "ecr:GetRepositoryPolicy", "ecr:GetLifecyclePolicy"};
    for (size_t i = 0; i < sizeof pulls / sizeof *pulls; i++)
        if (text_same_case(action, pulls[i]))
            return true;
    return text_starts(action, "ecr:Describe") || text_starts(action, "ecr:List");
}

static void add_pushes(struct str *all, const json_t *actions)
{
    size_t i;
    json_t *one;
    if (json_is_string(actions) && !only_reads(json_string_value(actions)))
        add_text(all, "", actions);
    json_array_foreach(actions, i, one)
        if (json_is_string(one) && !only_reads(json_string_value(one)))
            add_text(all, "", one);
}

static void map_statement(const json_t *statement, struct str *principals, struct str *pushes)
{
    if (!text_equal(json_text(statement, "Effect"), "Allow"))
        return;
    add_principals(principals, json_object_get(statement, "Principal"));
    if (json_object_get(statement, "NotPrincipal"))
        str_addf(principals, "%s*", principals->len ? " " : "");
    add_pushes(pushes, json_object_get(statement, "Action"));
    if (json_object_get(statement, "NotAction"))
        str_addf(pushes, "%sNotAction", pushes->len ? " " : "");
}

bool map_repository_policy(const json_t *policy, struct ecr_repository *r)
{
    const json_t *statements = json_object_get(policy, "Statement");
    struct str principals = STR_INIT(16384), pushes = STR_INIT(16384);
    size_t i;
    json_t *one;
    if (json_is_object(statements))
        map_statement(statements, &principals, &pushes);
    json_array_foreach(statements, i, one)
        map_statement(one, &principals, &pushes);
    bool whole = !principals.overflow && !pushes.overflow && principals.len < sizeof r->principals;
    text_clean(r->principals, sizeof r->principals, str_text(&principals), principals.len);
    text_clean(r->pushes, sizeof r->pushes, str_text(&pushes), pushes.len);
    str_free(&principals);
    str_free(&pushes);
    return whole;
}
