#include "cli/profile.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/find.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "base/when.h"
#include "base/yaml.h"
#include "base/zone.h"
#include "checks/check.h"
#include "cli/profile_internal.h"
#include "estate/network.h"
#include "estate/schedule.h"

#define ACCOUNTS_MAX 1000
#define SESSION_LEAST_MS (INT64_C(15) * 60000) /* what AssumeRole takes */
#define SESSION_MOST_MS  (INT64_C(12) * 3600000)

/* Reads text by a pattern: '#' a digit, other characters themselves. */
static bool matches(const char *text, const char *pattern)
{
    for (; *pattern; text++, pattern++)
        if (*pattern == '#' ? !isdigit((unsigned char)*text) : *text != *pattern)
            return false;
    return *text == '\0';
}

bool profile_text(const struct yaml *node, char **out, bool good, const char *expected, struct error *e)
{
    if (node->kind != YAML_SCALAR || !good)
        return yaml_expected(e, node, expected);
    free(*out);
    *out = mem_strdup(node->text);
    return true;
}

static bool scalar_is(const struct yaml *node, bool (*good)(const char *text)) { return node->kind == YAML_SCALAR && good(node->text); }

static bool is_id(const char *s) { return matches(s, "############"); }

static bool is_name(const char *s)
{
    size_t len = strlen(s);
    return len > 0 && len <= 32 && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") == len;
}

static bool is_role(const char *s)
{
    size_t len = strlen(s);
    bool arn = text_starts(s, "arn:") && strstr(s, ":role/");
    return arn || (len > 0 && len <= 512 && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=,.@_-/") == len);
}

static bool is_session_name(const char *s)
{
    size_t len = strlen(s);
    return len >= 2 && len <= 64 && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=,.@_-") == len;
}

static bool is_region(const char *s)
{
    size_t len = strlen(s);
    return len >= 9 && len <= 24 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == len && strchr(s, '-') && isdigit((unsigned char)s[len - 1]);
}

static bool is_time(const char *s) { return matches(s, "##:##") && atoi(s) < 24 && atoi(s + 3) < 60; }

static bool read_id(const struct yaml *n, void *to, struct error *e)
{
    return profile_text(n, to, scalar_is(n, is_id), "twelve digits in quotes", e);
}
static bool read_name(const struct yaml *n, void *to, struct error *e)
{
    return profile_text(n, to, scalar_is(n, is_name), "up to 32 letters, digits, '-', '_' or '.'", e);
}
static bool read_role(const struct yaml *n, void *to, struct error *e)
{
    return profile_text(n, to, scalar_is(n, is_role), "a role's name or ARN", e);
}
static bool read_region(const struct yaml *n, void *to, struct error *e)
{
    return profile_text(n, to, scalar_is(n, is_region), "a region such as us-east-1", e);
}
static bool read_session_name(const struct yaml *n, void *to, struct error *e)
{
    return profile_text(n, to, scalar_is(n, is_session_name), "2 to 64 letters, digits or any of +=,.@_-", e);
}
static bool read_time(const struct yaml *n, void *to, struct error *e)
{
    return profile_text(n, to, scalar_is(n, is_time), "a time such as \"20:00\"", e);
}

#define TEXT(type, member) {#member, YAML_T_TEXT, offsetof(type, member)}

static bool read_cluster(const struct yaml *node, void *target, struct error *e)
{
    static const struct yaml_field fields[] = {{"name", YAML_T_TEXT, offsetof(struct cluster_config, name), .required = true},
                                               TEXT(struct cluster_config, server),
                                               TEXT(struct cluster_config, ca_file),
                                               TEXT(struct cluster_config, token_file),
                                               TEXT(struct cluster_config, context),
                                               {0}};
    struct cluster_config *cluster = target;
    if (node->kind == YAML_MAP)
        return yaml_read(node, fields, cluster, e);
    return profile_text(node, &cluster->name, node->kind == YAML_SCALAR && *node->text, "a cluster's name, or a mapping with name, server, …", e);
}

/* The network as it is promised: of all accounts, or of one. */

static bool is_cidr(const char *s) { return cidr_within(s, s); }
static bool read_cidr(const struct yaml *n, void *to, struct error *e)
{
    return profile_text(n, to, scalar_is(n, is_cidr), "addresses such as 10.0.0.0/16", e);
}

static bool read_cidrs(const struct yaml *node, void *target, struct error *e)
{
    VEC(char *) *list = target;
    if (node->kind != YAML_LIST || node->count == 0 || node->count > NETWORK_ZONES)
        return yaml_expected(e, node, "a list of one to eight ranges such as 10.0.11.0/24");
    for (size_t i = 0; i < node->count; i++)
        if (!read_cidr(node->items[i], vec_add(list), e))
            return false;
    return true;
}

static const struct yaml_field network_fields[] = {{"vpc", YAML_T_CUSTOM, offsetof(struct network_config, vpc), .read = read_cidr},
                                                   {"app", YAML_T_CUSTOM, offsetof(struct network_config, app), .read = read_cidrs},
                                                   {"db", YAML_T_CUSTOM, offsetof(struct network_config, db), .read = read_cidrs},
                                                   {0}};

/* "postgres://db/app?password=${DRILL_PASSWORD}": from the environment what must not, or cannot, stand in a file. */
static bool take_target(const struct yaml *node, char **to, struct error *e)
{
    struct str text = STR_INIT(4096);
    if (node->kind != YAML_SCALAR || !*node->text)
        return yaml_expected(e, node, "an address");
    for (const char *at = node->text; *at;) {
        size_t len = text_starts(at, "${") ? strcspn(at, "}") : 0;
        char *name = len > 2 && at[len] ? mem_strndup(at + 2, len - 2) : NULL;
        const char *value = name ? getenv(name) : NULL;
        bool missing = name && !value;
        if (missing)
            yaml_error(e, node, "probe: the environment has no %s", name);
        free(name);
        if (missing) {
            str_wipe(&text);
            return false;
        }
        if (value)
            str_adds(&text, value);
        else
            str_addc(&text, *at);
        at += value ? len + 1 : 1;
    }
    *to = mem_strdup(str_text(&text));
    str_wipe(&text);
    return true;
}

static bool read_probes(const struct yaml *node, void *target, struct error *e)
{
    static const char *const kinds[] = {[PROBE_TCP] = "tcp", [PROBE_HTTP] = "http", [PROBE_POSTGRES] = "postgres"};
    struct account_config *account = (struct account_config *)(void *)((char *)target - offsetof(struct account_config, probes));
    if (node->kind != YAML_LIST)
        return yaml_expected(e, node, "a list of {tcp: …}, {http: …} or {postgres: …}");
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml *item = node->items[i];
        int kind = -1;
        for (int k = 0; item->kind == YAML_MAP && item->count == 1 && k < 3; k++)
            if (!strcmp(item->keys[0], kinds[k]))
                kind = k;
        if (kind < 0)
            return yaml_expected(e, item, "{tcp: …}, {http: …} or {postgres: …}");
        struct probe_config *probe = vec_add(&account->probes);
        probe->kind = kind;
        if (!take_target(item->items[0], &probe->target, e))
            return false;
    }
    return true;
}

/* Read with the profile, so that a name that is none is told with its place. */
static bool read_timezone(const struct yaml *n, void *to, struct error *e)
{
    struct shutdown_config *s = (struct shutdown_config *)(void *)((char *)to - offsetof(struct shutdown_config, timezone));
    struct error unknown = {0};
    zone_free(s->zone);
    s->zone = n->kind == YAML_SCALAR ? zone_load(n->text, &unknown) : NULL;
    return profile_text(n, to, s->zone != NULL, "a time zone such as America/New_York", e);
}

static bool read_days(const struct yaml *n, void *to, struct error *e)
{
    struct shutdown_config *s = (struct shutdown_config *)(void *)((char *)to - offsetof(struct shutdown_config, days));
    return profile_text(n, to, n->kind == YAML_SCALAR && schedule_days(n->text, &s->weekdays), "days such as mon-fri or mon,wed", e);
}

static const char *const kinds[] = {"management", "development", "production", NULL};

static const struct yaml_field shutdown_fields[] = {
    {"timezone", YAML_T_CUSTOM, offsetof(struct shutdown_config, timezone), .required = true, .read = read_timezone},
    {"stop", YAML_T_CUSTOM, offsetof(struct shutdown_config, stop), .required = true, .read = read_time},
    {"start", YAML_T_CUSTOM, offsetof(struct shutdown_config, start), .required = true, .read = read_time},
    {"days", YAML_T_CUSTOM, offsetof(struct shutdown_config, days), .required = true, .read = read_days},
    {"scheduler_role", YAML_T_CUSTOM, offsetof(struct shutdown_config, scheduler_role), .read = read_role},
    {0}};

static const struct yaml_field account_fields[] = {
    {"name", YAML_T_CUSTOM, offsetof(struct account_config, name), .required = true, .read = read_name},
    {"id", YAML_T_CUSTOM, offsetof(struct account_config, id), .required = true, .read = read_id},
    {"kind", YAML_T_CHOICE, offsetof(struct account_config, kind), .required = true, .choices = kinds},
    {"role", YAML_T_CUSTOM, offsetof(struct account_config, role), .read = read_role},
    {"operator_role", YAML_T_CUSTOM, offsetof(struct account_config, operator_role), .read = read_role},
    TEXT(struct account_config, external_id),
    TEXT(struct account_config, mfa_serial),
    {"session_name", YAML_T_CUSTOM, offsetof(struct account_config, session_name), .read = read_session_name},
    {"session_duration", YAML_T_DURATION, offsetof(struct account_config, session_ms)},
    {"region", YAML_T_CUSTOM, offsetof(struct account_config, region), .read = read_region},
    {"protect", YAML_T_BOOL, offsetof(struct account_config, protect)},
    {"pipelines", YAML_T_BOOL, offsetof(struct account_config, pipelines)},
    {"cluster", YAML_T_CUSTOM, offsetof(struct account_config, cluster), .read = read_cluster},
    TEXT(struct account_config, database),
    TEXT(struct account_config, database_secret),
    TEXT(struct account_config, state_bucket),
    TEXT(struct account_config, static_bucket),
    {"backup_region", YAML_T_CUSTOM, offsetof(struct account_config, backup_region), .read = read_region},
    TEXT(struct account_config, web_acl),
    TEXT(struct account_config, block_set),
    TEXT(struct account_config, block_set_ipv6),
    {"auto_shutdown", YAML_T_MAP, offsetof(struct account_config, auto_shutdown), .fields = shutdown_fields},
    {"network", YAML_T_MAP, offsetof(struct account_config, network), .fields = network_fields},
    {"probe", YAML_T_CUSTOM, offsetof(struct account_config, probes), .read = read_probes},
    {0},
};

const struct yaml *profile_place(const struct yaml *item, const char *what)
{
    const struct yaml *at = yaml_get(item, what);
    return at ? at : item;
}

static bool is_new(const struct estate_config *config, const struct yaml *item, struct error *e)
{
    size_t last = config->accounts.len - 1;
    const struct account_config *account = &config->accounts.at[last];
    for (size_t i = 0; i < last; i++) {
        const struct account_config *other = &config->accounts.at[i];
        const char *what = !strcmp(other->name, account->name) ? "name" : !strcmp(other->id, account->id) ? "id" : NULL;
        if (what)
            return yaml_error(e, profile_place(item, what), "accounts[%zu].%s: \"%s\" stands in accounts[%zu] already", last, what,
                              *what == 'n' ? account->name : account->id, i);
    }
    if (yaml_get(item, "session_duration") && (account->session_ms < SESSION_LEAST_MS || account->session_ms > SESSION_MOST_MS))
        return yaml_expected(e, profile_place(item, "session_duration"), "from 15m to 12h, as AssumeRole takes it");
    return account->kind == ACCOUNT_DEVELOPMENT || !account->auto_shutdown.stop ||
           yaml_error(e, profile_place(item, "auto_shutdown"), "accounts[%zu].auto_shutdown: only an account of kind development can have it", last);
}

static bool read_accounts(const struct yaml *node, void *target, struct error *e)
{
    struct estate_config *config = (struct estate_config *)(void *)((char *)target - offsetof(struct estate_config, accounts));
    if (node->kind != YAML_LIST || node->count == 0)
        return yaml_expected(e, node, "a list of at least one account");
    if (node->count > ACCOUNTS_MAX)
        return yaml_error(e, node, "accounts: expected at most %d", ACCOUNTS_MAX);
    for (size_t i = 0; i < node->count; i++) {
        struct account_config *account = vec_add(&config->accounts);
        if (!yaml_read(node->items[i], account_fields, account, e) || !is_new(config, node->items[i], e))
            return false;
    }
    return true;
}

static const struct yaml_field objective_fields[] = {{"failover", YAML_T_DURATION, offsetof(struct estate_config, failover_ms)},
                                                     {"cache_hit", YAML_T_PERCENT, offsetof(struct estate_config, cache_hit)},
                                                     {"access_key_age", YAML_T_DURATION, offsetof(struct estate_config, key_age_ms)},
                                                     {0}};

static bool read_objectives(const struct yaml *node, void *target, struct error *e)
{
    return yaml_read(node, objective_fields, (char *)target - offsetof(struct estate_config, failover_ms), e);
}

static bool read_github(const struct yaml *node, void *target, struct error *e)
{
    static const struct yaml_field fields[] = {{"repository", YAML_T_TEXT, offsetof(struct estate_config, github_repository), .required = true},
                                               {"environment", YAML_T_TEXT, offsetof(struct estate_config, github_environment)},
                                               {0}};
    struct estate_config *config = (struct estate_config *)(void *)((char *)target - offsetof(struct estate_config, github_repository));
    if (!yaml_read(node, fields, config, e))
        return false;
    const char *slash = strchr(config->github_repository, '/');
    return (slash && slash != config->github_repository && slash[1] && !strchr(slash + 1, '/')) ||
           yaml_expected(e, profile_place(node, "repository"), "OWNER/NAME");
}

/* A day as its first moment, UTC. */
static bool read_day(const struct yaml *node, void *target, struct error *e)
{
    char text[40];
    bool good = node && node->kind == YAML_SCALAR && matches(node->text, "####-##-##");
    text_format(text, sizeof text, "%sT00:00:00Z", good ? node->text : "");
    return (good && when_parse_iso(text, target)) || yaml_expected(e, node, "a day such as 2026-12-20");
}

static bool read_freeze(const struct yaml *node, void *target, struct error *e)
{
    static const struct yaml_field fields[] = {
        {"from", YAML_T_CUSTOM, offsetof(struct freeze_config, from), .required = true, .read = read_day},
        {"to", YAML_T_CUSTOM, offsetof(struct freeze_config, to), .required = true, .read = read_day},
        TEXT(struct freeze_config, reason),
        {0}};
    struct estate_config *config = (struct estate_config *)(void *)((char *)target - offsetof(struct estate_config, freeze));
    if (node->kind != YAML_LIST || node->count > ACCOUNTS_MAX)
        return yaml_expected(e, node, "a list of {from: DAY, to: DAY}");
    for (size_t i = 0; i < node->count; i++) {
        struct freeze_config *freeze = vec_add(&config->freeze);
        if (!yaml_read(node->items[i], fields, freeze, e))
            return false;
        if (freeze->to < freeze->from)
            return yaml_error(e, profile_place(node->items[i], "to"), "freeze[%zu].to: the day is before from", i);
        freeze->to += 86400000; /* the last day counts */
    }
    return true;
}

/* Every check has a name; a waiver of one that is none would never be noticed. They are many: those that begin alike are told. */
static bool read_check(const struct yaml *n, void *to, struct error *e)
{
    struct str names = STR_INIT(8192);
    bool good = n->kind == YAML_SCALAR && check_find(n->text);
    size_t begin = n->kind == YAML_SCALAR ? strcspn(n->text, "-") : 0;
    for (size_t i = 0; check_rows[i]; i++)
        if (begin && !strncmp(check_rows[i]->id, n->text, begin))
            str_addf(&names, "%s%s", names.len ? " " : "one of ", check_rows[i]->id);
    good = profile_text(n, to, good, names.len ? str_text(&names) : "the name of a check, as \"trivet check\" prints it", e);
    str_free(&names);
    return good;
}

static bool read_waivers(const struct yaml *node, void *target, struct error *e)
{
    static const struct yaml_field fields[] = {
        {"check", YAML_T_CUSTOM, offsetof(struct waiver_config, check), .required = true, .read = read_check},
        TEXT(struct waiver_config, account),
        {"reason", YAML_T_TEXT, offsetof(struct waiver_config, reason), .required = true},
        {"until", YAML_T_CUSTOM, offsetof(struct waiver_config, until), .required = true, .read = read_day},
        {0}};
    struct estate_config *config = (struct estate_config *)(void *)((char *)target - offsetof(struct estate_config, waivers));
    if (node->kind != YAML_LIST || node->count > ACCOUNTS_MAX)
        return yaml_expected(e, node, "a list of {check: ID, reason: TEXT, until: DAY}");
    for (size_t i = 0; i < node->count; i++) {
        struct waiver_config *waiver = vec_add(&config->waivers);
        if (!yaml_read(node->items[i], fields, waiver, e))
            return false;
        waiver->until += 86400000; /* the last day counts */
    }
    return true;
}

static const struct yaml_field profile_fields[] = {
    {"name", YAML_T_CUSTOM, offsetof(struct estate_config, name), .required = true, .read = read_name},
    {"region", YAML_T_CUSTOM, offsetof(struct estate_config, region), .required = true, .read = read_region},
    {"objectives", YAML_T_CUSTOM, offsetof(struct estate_config, failover_ms), .read = read_objectives},
    {"github", YAML_T_CUSTOM, offsetof(struct estate_config, github_repository), .read = read_github},
    {"network", YAML_T_MAP, offsetof(struct estate_config, network), .fields = network_fields},
    {"freeze", YAML_T_CUSTOM, offsetof(struct estate_config, freeze), .read = read_freeze},
    {"waivers", YAML_T_CUSTOM, offsetof(struct estate_config, waivers), .read = read_waivers},
    {"queries", YAML_T_CUSTOM, offsetof(struct estate_config, queries), .read = profile_queries},
    {"accounts", YAML_T_CUSTOM, offsetof(struct estate_config, accounts), .required = true, .read = read_accounts},
    {0},
};

/* config.yaml: the user's own settings, all optional. */
struct settings {
    char *profile, *theme;
};

static bool settings_load(struct settings *settings, struct error *e)
{
    static const struct yaml_field fields[] = {TEXT(struct settings, profile), TEXT(struct settings, theme), {0}};
    char *path = file_xdg("config", "config.yaml");
    bool good = true;
    *settings = (struct settings){0};
    if (path && access(path, F_OK) == 0) {
        struct yaml_doc *doc = yaml_load_file(path, e);
        good = doc && yaml_read(yaml_root(doc), fields, settings, e);
        yaml_doc_free(doc);
    }
    free(path);
    return good;
}

bool settings_theme(char *out, size_t size, struct error *e)
{
    struct settings settings;
    bool good = settings_load(&settings, e);
    text_copy(out, size, settings.theme ? settings.theme : "default");
    free(settings.profile);
    free(settings.theme);
    return good;
}

static char *default_profile(struct error *e)
{
    struct settings settings;
    const char *variable = getenv("TRIVET_PROFILE");
    char *name = NULL;
    if (settings_load(&settings, e)) {
        name = settings.profile ? mem_strdup(settings.profile) : variable && *variable ? mem_strdup(variable) : NULL;
        if (!name)
            error_set(e, ERROR_INPUT, "profile",
                      "no profile: give --profile NAME|FILE, or name one in ~/.config/trivet/config.yaml (profile: NAME) or $TRIVET_PROFILE; "
                      "`trivet demo` needs none");
    }
    free(settings.profile);
    free(settings.theme);
    return name;
}

/* Releases go to the first production account, from the registry of the management accounts. */
static void mark_releases(struct estate_config *config)
{
    bool found = false;
    for (size_t i = 0; config->github_repository && i < config->accounts.len; i++) {
        struct account_config *account = &config->accounts.at[i];
        bool goes_here = account->kind == ACCOUNT_PRODUCTION && !found;
        account->releases = goes_here || account->kind == ACCOUNT_MANAGEMENT;
        found |= goes_here;
    }
}

/* What stands in a profile is printed: reasons, names, serials. Nothing in it may be an order to a terminal. */
static bool is_clean(const struct yaml *node, struct error *e)
{
    size_t len;
    for (const char *at = node->kind == YAML_SCALAR ? node->text : ""; *at; at += len + (at[len] != '\0')) {
        len = strcspn(at, "\n\t");
        if (!text_is_clean(at, len))
            return yaml_expected(e, node, "text without control characters");
    }
    for (size_t i = 0; node->kind != YAML_SCALAR && i < node->count; i++)
        if (!is_clean(node->items[i], e))
            return false;
    return true;
}

bool profile_load(const char *name_or_path, struct estate_config *config, struct error *e)
{
    *config = (struct estate_config){.failover_ms = 120000, .cache_hit = 0.7, .key_age_ms = INT64_C(90) * 86400000};
    char *name = name_or_path ? mem_strdup(name_or_path) : default_profile(e), *path = name ? file_find("profiles", name, ".yaml", e) : NULL;
    struct yaml_doc *doc = path ? yaml_load_file(path, e) : NULL;
    bool good = doc && yaml_read(yaml_root(doc), profile_fields, config, e) && profile_queries_check(yaml_root(doc), config, e) &&
                is_clean(yaml_root(doc), e);
    for (size_t i = 0; good && i < config->accounts.len; i++)
        if (!config->accounts.at[i].region)
            config->accounts.at[i].region = mem_strdup(config->region);
    mark_releases(config);
    yaml_doc_free(doc);
    free(path);
    free(name);
    return good;
}
