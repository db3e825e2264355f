#include "ui/compare.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

#define LINES_MAX 65536 /* bytes of a list of facts */

const char *comparison_name(enum comparison c)
{
    static const char *const names[COMPARISONS] = {"differs", "not known", "by design", "same"};
    return names[c];
}

const char *comparison_mark(enum comparison c)
{
    static const char *const marks[COMPARISONS] = {"≠", "?", "·", ""};
    return marks[c];
}

uint8_t comparison_role(enum comparison c)
{
    static const uint8_t roles[COMPARISONS] = {ROLE_WARN, ROLE_UNKNOWN, ROLE_TEXT, ROLE_DIM};
    return roles[c];
}

/* The kinds. */

static size_t count_databases(const struct account *a) { return a->database.instances.len; }
static size_t count_deployments(const struct account *a) { return a->cluster.deployments.len; }
static size_t count_clusters(const struct account *a) { return a->config->cluster.name && slice_has_data(&a->slices[FEED_PLATFORM]); }
static size_t count_node_groups(const struct account *a) { return a->node_groups.len; }
static size_t count_profiles(const struct account *a) { return a->platform.profiles.len; }
static size_t count_addons(const struct account *a) { return a->platform.addons.len; }
static size_t count_web_acls(const struct account *a) { return *a->web_acl.name != '\0'; }
static size_t count_balancers(const struct account *a) { return a->network.balancers.len; }
static size_t count_networks(const struct account *a) { return slice_has_data(&a->slices[FEED_NETWORK]); }
static size_t count_groups(const struct account *a) { return a->network.groups.len; }
static size_t count_secrets(const struct account *a) { return a->security.secrets.len; }
static size_t count_alarms(const struct account *a) { return a->alarms.len; }
static size_t count_log_groups(const struct account *a) { return a->log_groups.len; }
static size_t count_budgets(const struct account *a) { return a->budgets.len; }
static size_t count_accounts(const struct account *a) { return a != NULL; }

static void name_database(const struct account *a, size_t i, char *out, size_t size) { text_copy(out, size, a->database.instances.at[i].id); }
static void name_deployment(const struct account *a, size_t i, char *out, size_t size)
{
    text_format(out, size, "%s/%s", a->cluster.deployments.at[i].ns, a->cluster.deployments.at[i].name);
}
static void name_cluster(const struct account *a, size_t i, char *out, size_t size) { (void)i, text_copy(out, size, a->config->cluster.name); }
static void name_node_group(const struct account *a, size_t i, char *out, size_t size) { text_copy(out, size, a->node_groups.at[i].name); }
static void name_profile(const struct account *a, size_t i, char *out, size_t size) { text_copy(out, size, a->platform.profiles.at[i].name); }
static void name_addon(const struct account *a, size_t i, char *out, size_t size) { text_copy(out, size, a->platform.addons.at[i].name); }
static void name_web_acl(const struct account *a, size_t i, char *out, size_t size) { (void)i, text_copy(out, size, a->web_acl.name); }
static void name_balancer(const struct account *a, size_t i, char *out, size_t size) { text_copy(out, size, a->network.balancers.at[i].name); }
static void name_group(const struct account *a, size_t i, char *out, size_t size) { group_plain_name(a->network.groups.at[i].name, out, size); }
static void name_secret(const struct account *a, size_t i, char *out, size_t size) { text_copy(out, size, a->security.secrets.at[i].name); }
static void name_alarm(const struct account *a, size_t i, char *out, size_t size) { text_copy(out, size, a->alarms.at[i].name); }
static void name_log_group(const struct account *a, size_t i, char *out, size_t size) { text_copy(out, size, a->log_groups.at[i].name); }
static void name_budget(const struct account *a, size_t i, char *out, size_t size) { text_copy(out, size, a->budgets.at[i].name); }
static void name_none(const struct account *a, size_t i, char *out, size_t size) { (void)a, (void)i, text_copy(out, size, ""); }

static bool is_production(const struct subject *has) { return has->account->config->kind == ACCOUNT_PRODUCTION; }
static bool is_part(const struct subject *has) { return has->account->budgets.at[has->index].part; }

const struct thing_type thing_types[THING_KINDS] = {
    [THING_DATABASE] = {"database", FEED_DATABASE, true, count_databases, name_database, facts_of_database, NULL, NULL},
    [THING_DEPLOYMENT] = {"deployment", FEED_DEPLOYMENTS, false, count_deployments, name_deployment, facts_of_deployment, NULL, NULL},
    [THING_CLUSTER] = {"cluster", FEED_PLATFORM, true, count_clusters, name_cluster, facts_of_cluster, NULL, NULL},
    [THING_NODE_GROUP] = {"node group", FEED_NODE_GROUPS, true, count_node_groups, name_node_group, facts_of_node_group, NULL, NULL},
    [THING_FARGATE] = {"Fargate", FEED_PLATFORM, true, count_profiles, name_profile, facts_of_fargate, NULL, NULL},
    [THING_ADDON] = {"add-on", FEED_PLATFORM, false, count_addons, name_addon, facts_of_addon, NULL, NULL},
    [THING_WEB_ACL] = {"web ACL", FEED_WEB_ACL, true, count_web_acls, name_web_acl, facts_of_web_acl, is_production,
                       "only prod is on the internet"},
    [THING_BALANCER] = {"ALB", FEED_NETWORK, true, count_balancers, name_balancer, facts_of_balancer, NULL, NULL},
    [THING_NETWORK] = {"network", FEED_NETWORK, true, count_networks, name_none, facts_of_network, NULL, NULL},
    [THING_GROUP] = {"security group", FEED_NETWORK, false, count_groups, name_group, facts_of_group, NULL, NULL},
    [THING_SECRET] = {"secret", FEED_SECRETS, false, count_secrets, name_secret, facts_of_secret, NULL, NULL},
    [THING_ALARM] = {"alarm", FEED_ALARMS, false, count_alarms, name_alarm, facts_of_alarm, is_production, "prod is watched more closely"},
    [THING_LOG_GROUP] = {"logs", FEED_LOG_GROUPS, false, count_log_groups, name_log_group, facts_of_log_group, is_production,
                         "prod is watched more closely"},
    [THING_BUDGET] = {"budget", FEED_BUDGETS, false, count_budgets, name_budget, facts_of_budget, is_part, "of services of its own"},
    [THING_ACCOUNT] = {"account", FEED_SESSION, true, count_accounts, name_none, facts_of_account, NULL, NULL},
};

size_t thing_fact_count(enum thing_kind kind)
{
    size_t count = 0;
    while (thing_types[kind].facts && thing_types[kind].facts[count].label)
        count++;
    return count;
}

feed_mask thing_feeds(enum thing_kind kind)
{
    feed_mask feeds = kind ? FEED_BIT(thing_types[kind].feed) : 0;
    for (size_t i = 0; i < thing_fact_count(kind); i++)
        feeds |= FEED_BIT(thing_types[kind].facts[i].feed);
    return feeds;
}

feed_mask compare_feeds(void)
{
    feed_mask feeds = 0;
    for (int kind = 1; kind < THING_KINDS; kind++)
        feeds |= thing_feeds((enum thing_kind)kind);
    return feeds | FEED_BIT(FEED_IMAGES); /* by which an image's way is told */
}

/* Names. */

static const char *const kind_words[][2] = {
    [ACCOUNT_MANAGEMENT] = {"root", "management"}, [ACCOUNT_DEVELOPMENT] = {"dev", "development"}, [ACCOUNT_PRODUCTION] = {"prod", "production"}};

static size_t word_at(const char *text, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i < len; i++)
        if (tolower((unsigned char)text[i]) != tolower((unsigned char)word[i]))
            return 0;
    return isalnum((unsigned char)text[len]) ? 0 : len;
}

/* What in a text stands for the account, as a star: that tells no difference. */
static void stem(const struct account_config *account, bool own_name, const char *text, char *out, size_t size)
{
    const char *const words[] = {kind_words[account->kind][0], kind_words[account->kind][1], own_name ? account->name : "",
                                 own_name ? account->id : ""};
    size_t to = 0, len = 0;
    for (const char *at = text; *at && to + 1 < size; at += len ? len : 1) {
        bool inside = at > text && isalnum((unsigned char)at[-1]);
        len = 0;
        for (size_t i = 0; !inside && !len && i < sizeof words / sizeof *words; i++)
            len = word_at(at, words[i]);
        out[to++] = len ? '*' : *at;
    }
    out[to] = '\0';
}

static bool same_text(const struct difference *d, const char *a, const char *b)
{
    char one[1024], two[1024];
    if (!strcmp(a, b))
        return true;
    stem(d->of[0].account->config, true, a, one, sizeof one);
    stem(d->of[1].account->config, true, b, two, sizeof two);
    return !strcmp(one, two);
}

const char *thing_name(const struct estate *e, const struct thing *t, char *out, size_t size)
{
    thing_types[t->kind].name_of(&e->accounts[t->account], t->index, out, size);
    return out;
}

const char *thing_stem(const struct estate *e, const struct thing *t, char *out, size_t size)
{
    char name[300];
    stem(e->accounts[t->account].config, true, thing_name(e, t, name, sizeof name), out, size);
    return out;
}

bool thing_find(const struct estate *e, enum thing_kind kind, size_t account, const char *name, struct thing *out)
{
    char own[300];
    size_t count = kind ? thing_types[kind].count(&e->accounts[account]) : 0;
    for (size_t i = 0; i < count; i++) {
        *out = (struct thing){kind, account, i};
        if (!strcmp(thing_name(e, out, own, sizeof own), name))
            return true;
    }
    *out = (struct thing){THING_NONE, account, 0};
    return false;
}

/* Which goes with which. */

static size_t common(const char *a, const char *b)
{
    size_t len = 0;
    while (a[len] && a[len] == b[len])
        len++;
    return a[len] || b[len] ? len : SIZE_MAX; /* the same altogether: nearer than any */
}

size_t compare_account(const struct estate *e, size_t account)
{
    const struct account_config *own = e->accounts[account].config;
    char name[200], other[200];
    size_t best = SIZE_MAX, nearest = 0;
    if (own->kind == ACCOUNT_MANAGEMENT)
        return SIZE_MAX;
    stem(own, false, own->name, name, sizeof name);
    for (size_t a = 0; a < e->account_count; a++) {
        const struct account_config *config = e->accounts[a].config;
        if (config->kind == ACCOUNT_MANAGEMENT || config->kind == own->kind)
            continue;
        stem(config, false, config->name, other, sizeof other);
        if (best != SIZE_MAX && common(name, other) <= nearest)
            continue;
        best = a;
        nearest = common(name, other);
    }
    return best;
}

/* Looked for where it stands here, then further and further from there: lists are mostly in the same order. */
static bool find_near(const struct estate *e, const struct thing *of, size_t account,
                      const char *(*name)(const struct estate *, const struct thing *, char *, size_t), struct thing *out)
{
    size_t count = thing_types[of->kind].count(&e->accounts[account]);
    char own[300], other[300];
    name(e, of, own, sizeof own);
    for (size_t k = 0; k < 2 * (count > of->index ? count : of->index + 1); k++) {
        /* beyond the beginning it is beyond the end too */
        *out = (struct thing){of->kind, account, k % 2 ? of->index + 1 + k / 2 : of->index - k / 2};
        if (out->index < count && !strcmp(name(e, out, other, sizeof other), own))
            return true;
    }
    return false;
}

void thing_counterpart(const struct estate *e, const struct thing *of, size_t account, struct thing *out)
{
    const struct thing_type *type = &thing_types[of->kind];
    if (find_near(e, of, account, thing_name, out) || find_near(e, of, account, thing_stem, out))
        return;
    *out = (struct thing){THING_NONE, account, 0};
    if (type->single && type->count(&e->accounts[account]) == 1 && type->count(&e->accounts[of->account]) == 1)
        *out = (struct thing){of->kind, account, 0};
}

/* Values. */

void value_or_none(struct value *out, const char *text) { value_text(out, ROLE_TEXT, *text ? text : "none"); }

/* Lines of `a` that `b` has not, into `only`; how many it has. */
static size_t lines_in_both(const struct difference *d, bool swapped, const char *a, const char *b, struct str *only)
{
    size_t both = 0;
    for (size_t len; *a; a += len + (a[len] == '\n')) {
        char line[400], other[400];
        bool found = false;
        len = strcspn(a, "\n");
        text_format(line, sizeof line, "%.*s", (int)len, a);
        for (const char *at = b; *at && !found; at += strcspn(at, "\n"), at += *at == '\n') {
            text_format(other, sizeof other, "%.*s", (int)strcspn(at, "\n"), at);
            found = swapped ? same_text(d, other, line) : same_text(d, line, other);
        }
        both += found;
        if (!found && *line)
            str_addf(only, "%s%s", only->len ? ", " : "", line);
    }
    return both;
}

/* A list that both have alike stands there whole; else how many are alike, and what only this one has. */
static void list_value(struct value *out, const char *all, size_t both, const struct str *only, bool alike)
{
    char text[sizeof out->text];
    struct str joined = STR_INIT(2 * LINES_MAX);
    for (const char *at = all; alike && *at; at += strcspn(at, "\n"), at += *at == '\n')
        str_addf(&joined, "%s%.*s", joined.len ? ", " : "", (int)strcspn(at, "\n"), at);
    text_fit(text, sizeof text, alike ? str_text(&joined) : str_text(only), sizeof text / 4 * 3);
    if (alike || !both)
        value_or_none(out, text);
    else
        value_format(out, ROLE_TEXT, "%zu alike%s%s", both, *text ? " + " : "", text);
    str_free(&joined);
}

static void compare_lists(struct difference *d, const struct fact *f)
{
    struct str all[2] = {STR_INIT(LINES_MAX), STR_INIT(LINES_MAX)}, only[2] = {STR_INIT(LINES_MAX), STR_INIT(LINES_MAX)};
    size_t both = 0;
    for (size_t i = 0; i < 2; i++)
        if (!value_waits(&d->value[i], &d->of[i].account->slices[f->feed])) {
            value_text(&d->value[i], ROLE_TEXT, "");
            f->list(&d->of[i], &all[i]);
            if (all[i].overflow)
                value_unknown(&d->value[i]);
        }
    if (d->value[0].known && d->value[1].known)
        for (size_t i = 0; i < 2; i++)
            both = lines_in_both(d, i == 1, str_text(&all[i]), str_text(&all[!i]), &only[i]);
    d->alike = !only[0].len && !only[1].len;
    for (size_t i = 0; i < 2; i++) {
        if (d->value[i].known)
            list_value(&d->value[i], str_text(&all[i]), both, &only[i], d->alike);
        str_free(&all[i]);
        str_free(&only[i]);
    }
}

static void there(struct difference *d, const struct thing_type *type, size_t i, bool has)
{
    const struct slice *slice = &d->of[i].account->slices[type->feed];
    d->label = "there";
    if (has)
        value_text(&d->value[i], ROLE_TEXT, "yes");
    else if (slice->state == SLICE_NONE || slice_has_data(slice))
        value_text(&d->value[i], ROLE_TEXT, "none");
    else
        value_waits(&d->value[i], slice);
}

static void why_unknown(struct difference *d, enum feed feed)
{
    const struct account *a = d->of[d->value[0].known].account;
    const struct slice *slice = &a->slices[feed];
    text_format(d->why, sizeof d->why, "%s: %s", a->config->name,
                slice->state == SLICE_FAILED  ? slice->error.code
                : slice->state == SLICE_NONE  ? "the profile has none"
                : slice_has_data(slice)       ? "not told"
                                              : "being read");
}

void compare_values(struct difference *d)
{
    bool numbers = d->value[0].type == VALUE_NUMBER && d->value[1].type == VALUE_NUMBER;
    if (!d->value[0].known || !d->value[1].known)
        d->verdict = COMPARE_UNKNOWN;
    else if (d->alike)
        d->verdict = COMPARE_SAME;
    else if (!same_text(d, d->value[0].text, d->value[1].text) || (numbers && d->value[0].number != d->value[1].number))
        d->verdict = COMPARE_DIFFERS;
    else
        d->verdict = COMPARE_SAME;
}

/* Which of the two is development, where the other is production; 2: that is not so. */
static size_t development_of(const struct difference *d)
{
    for (size_t i = 0; i < 2; i++)
        if (d->of[i].account->config->kind == ACCOUNT_DEVELOPMENT && d->of[!i].account->config->kind == ACCOUNT_PRODUCTION)
            return i;
    return 2;
}

static void judge(struct difference *d, enum feed feed, bool (*meant)(struct difference *, size_t), const char *because)
{
    size_t dev = development_of(d);
    compare_values(d);
    if (d->verdict == COMPARE_UNKNOWN)
        why_unknown(d, feed);
    if (d->verdict != COMPARE_DIFFERS || dev > 1 || !meant || !meant(d, dev))
        return;
    d->verdict = COMPARE_BY_DESIGN;
    if (!*d->why)
        text_copy(d->why, sizeof d->why, because);
}

void compare_fact(const struct pane_view *view, const struct thing *a, const struct thing *b, size_t fact, struct difference *out)
{
    const struct thing *of[2] = {a, b};
    const struct thing_type *type = &thing_types[a->kind ? a->kind : b->kind];
    *out = (struct difference){0};
    for (size_t i = 0; i < 2; i++)
        out->of[i] = (struct subject){view, &view->estate->accounts[of[i]->account], of[i]->index};
    if (fact == FACT_THERE) {
        for (size_t i = 0; i < 2; i++)
            there(out, type, i, of[i]->kind != THING_NONE);
        judge(out, type->feed, NULL, NULL);
        if (out->verdict == COMPARE_DIFFERS && development_of(out) < 2 && type->lone && type->lone(&out->of[a->kind ? 0 : 1])) {
            out->verdict = COMPARE_BY_DESIGN;
            text_copy(out->why, sizeof out->why, type->because);
        }
        return;
    }
    const struct fact *f = &type->facts[fact];
    out->label = f->label;
    if (f->list)
        compare_lists(out, f);
    else
        for (size_t i = 0; i < 2; i++)
            if (!value_waits(&out->value[i], &out->of[i].account->slices[f->feed]))
                f->value(&out->of[i], &out->value[i]);
    judge(out, f->feed, f->meant, f->because);
}

/* Designs. */

bool meant_any(struct difference *d, size_t dev) { return (void)d, (void)dev, true; }
bool meant_more(struct difference *d, size_t dev)
{
    return d->value[0].type != VALUE_TEXT && d->value[1].type != VALUE_TEXT && d->value[!dev].number > d->value[dev].number;
}
static bool is_none(const struct value *value) { return !strcmp(value->text, "none"); }
bool meant_has(struct difference *d, size_t dev) { return is_none(&d->value[dev]) && !is_none(&d->value[!dev]); }
bool meant_dev_has(struct difference *d, size_t dev) { return meant_has(d, !dev); }

/* Of "db.r6g.2xlarge" how large that is; 0 if it is no such name. */
static double class_size(const char *class)
{
    static const char *const sizes[] = {"nano", "micro", "small", "medium", "large", "xlarge"};
    const char *last = strrchr(class, '.');
    char *rest = NULL;
    double times = last ? strtod(last + 1, &rest) : 0;
    for (size_t i = 0; last && i < sizeof sizes / sizeof *sizes; i++)
        if (!strcmp(rest, sizes[i]))
            return (double)(i + 1) + (times > 0 ? times / 1000 : 0);
    return 0;
}

bool meant_smaller(struct difference *d, size_t dev)
{
    double here = class_size(d->value[dev].text), there_size = class_size(d->value[!dev].text);
    return here > 0 && there_size > here;
}
