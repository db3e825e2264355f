/* The profile's `queries:`: queries of Logs Insights that are kept by a name. */
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "cli/profile_internal.h"
#include "estate/insights.h"

#define QUERIES_MAX 100

static bool is_line(const char *s, size_t most) { return *s && strlen(s) <= most && text_is_clean(s, strlen(s)); }

static bool read_name(const struct yaml *n, void *to, struct error *e)
{
    return profile_text(n, to, n->kind == YAML_SCALAR && is_line(n->text, QUERY_NAME_MAX), "a name of up to 60 characters", e);
}

/* Written in several lines, it is one: the service takes either, a screen has one. */
static bool read_query(const struct yaml *n, void *to, struct error *e)
{
    char **out = to;
    if (!profile_text(n, to, n->kind == YAML_SCALAR && *n->text && strlen(n->text) <= QUERY_TEXT_MAX, "a query of up to 4000 characters", e))
        return false;
    for (char *p = *out; *p; p++)
        *p = *p == '\n' || *p == '\t' ? ' ' : *p;
    for (size_t len = strlen(*out); len && (*out)[len - 1] == ' ';)
        (*out)[--len] = '\0';
    return is_line(*out, QUERY_TEXT_MAX) || yaml_expected(e, n, "a query without control characters");
}

static bool is_group(const char *s)
{
    size_t len = strlen(s);
    return len > 0 && len <= 255 && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_/.#") == len;
}

static bool read_groups(const struct yaml *node, void *target, struct error *e)
{
    VEC(char *) *list = target;
    if (node->kind != YAML_LIST || node->count == 0 || node->count > INSIGHTS_GROUPS_MAX)
        return yaml_expected(e, node, "a list of one to fifty log groups, by name or how it begins");
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml *n = node->items[i];
        if (!profile_text(n, vec_add(list), n->kind == YAML_SCALAR && is_group(n->text), "a log group's name, or how it begins", e))
            return false;
    }
    return true;
}

bool profile_queries(const struct yaml *node, void *target, struct error *e)
{
    static const struct yaml_field fields[] = {{"name", YAML_T_CUSTOM, offsetof(struct query_config, name), .required = true, .read = read_name},
                                               {"query", YAML_T_CUSTOM, offsetof(struct query_config, query), .required = true, .read = read_query},
                                               {"groups", YAML_T_CUSTOM, offsetof(struct query_config, groups), .read = read_groups},
                                               {"account", YAML_T_TEXT, offsetof(struct query_config, account)},
                                               {"since", YAML_T_DURATION, offsetof(struct query_config, since_ms)},
                                               {0}};
    struct estate_config *config = (struct estate_config *)(void *)((char *)target - offsetof(struct estate_config, queries));
    if (node->kind != YAML_LIST || node->count > QUERIES_MAX)
        return yaml_expected(e, node, "a list of {name: TEXT, query: TEXT}");
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml *item = node->items[i];
        struct query_config *query = vec_add(&config->queries);
        if (!yaml_read(item, fields, query, e))
            return false;
        if (query_named(config, query->name) != query)
            return yaml_error(e, profile_place(item, "name"), "queries[%zu].name: \"%s\" stands there already", i, query->name);
        if (yaml_get(item, "since") && (query->since_ms < 60000 || query->since_ms > INSIGHTS_SINCE_MOST))
            return yaml_expected(e, profile_place(item, "since"), "from 1m to 31d");
    }
    return true;
}

bool profile_queries_check(const struct yaml *root, const struct estate_config *config, struct error *e)
{
    const struct yaml *list = yaml_get(root, "queries");
    struct str names = STR_INIT(65536);
    bool good = true;
    for (size_t a = 0; a < config->accounts.len; a++)
        str_addf(&names, "%s%s", a ? ", " : "one of ", config->accounts.at[a].name);
    for (size_t i = 0; good && i < config->queries.len; i++) {
        const char *account = config->queries.at[i].account;
        bool found = !account;
        for (size_t a = 0; a < config->accounts.len && !found; a++)
            found = !strcmp(config->accounts.at[a].name, account) || !strcmp(config->accounts.at[a].id, account);
        if (!found)
            good = yaml_expected(e, profile_place(list->items[i], "account"), str_text(&names));
    }
    str_free(&names);
    return good;
}
