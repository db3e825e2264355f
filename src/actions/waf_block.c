#include "actions/waf.h"

#include <string.h>

#include "base/text.h"
#include "base/when.h"

#define HOUR_MS     INT64_C(3600000)
#define SPAN_USUAL  (2 * HOUR_MS)
#define SPAN_LEAST  INT64_C(60000)
#define SPAN_MOST   (30 * 24 * HOUR_MS)
#define WIDEST_IPV4 16
#define WIDEST_IPV6 48
#define FEEDS       (FEED_BIT(FEED_WEB_ACL) | FEED_BIT(FEED_BLOCK_SETS) | FEED_BIT(FEED_WAF_SAMPLES))

/* What is typed. */

static bool refuse(struct error *e, const char *text, const char *why)
{
    error_set(e, ERROR_INPUT, "value", "\"%.60s\": %s", text, why);
    return false;
}

static bool network_good(const char *text, struct network *network, struct error *e)
{
    const char *special;
    if (!network_read(text, network))
        return refuse(e, text, "expected an address: 203.0.113.7, 203.0.113.0/24 or 2001:db8::1");
    if (network->bits < (network->six ? WIDEST_IPV6 : WIDEST_IPV4))
        return refuse(e, text, network->six ? "wider than /48: too much for a hurry" : "wider than /16: too much for a hurry");
    special = network_special(network);
    if (special && strcmp(special, "private") != 0 && strcmp(special, "carrier's own") != 0) {
        error_set(e, ERROR_INPUT, "value", "\"%.60s\" is %s: no request comes from there", text, special);
        return false;
    }
    return true;
}

/* Up to three words; false if there are more, or one is too long. */
static bool words_of(const char *value, char words[3][80], size_t *count)
{
    *count = 0;
    for (const char *at = value + strspn(value, " "); *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        if (*count == 3 || !text_format(words[*count], sizeof words[0], "%.*s", (int)(len < 200 ? len : 200), at))
            return false;
        ++*count;
        at += len;
    }
    return *count > 0;
}

bool waf_block_value(const char *value, struct network *network, int64_t *span, struct error *e)
{
    char words[3][80];
    size_t count;
    if (!words_of(value, words, &count) || (count == 3 && strcmp(words[1], "for") != 0))
        return refuse(e, value, "expected an address and for how long: 203.0.113.7 2h");
    if (!network_good(words[0], network, e))
        return false;
    *span = SPAN_USUAL;
    if (count > 1 && (!when_parse_span(words[count - 1], span) || *span < SPAN_LEAST || *span > SPAN_MOST))
        return refuse(e, words[count - 1], "expected for how long, 1m to 30d: 45m, 2h, 1d12h");
    return true;
}

static bool waf_unblock_value(const char *value, struct network *network, struct error *e)
{
    return network_read(value, network) || refuse(e, value, "expected an address that is blocked: 203.0.113.7, 203.0.113.0/24 or 2001:db8::1");
}

static bool block_value_good(const char *value, struct error *e)
{
    struct network network;
    int64_t span;
    return waf_block_value(value, &network, &span, e);
}

static bool unblock_value_good(const char *value, struct error *e)
{
    struct network network;
    return waf_unblock_value(value, &network, e);
}

static void network_of(const struct action *a, struct network *network)
{
    char words[3][80];
    size_t count;
    *network = (struct network){0};
    if (words_of(a->value, words, &count))
        network_read(words[0], network);
}

static const struct block_set *set_of(const struct action *a, const struct network *network)
{
    return &a->account->block_sets[network->six ? BLOCK_SET_IPV6 : BLOCK_SET_IPV4];
}

/* The checks. */

static void check_rule(struct action *a, const struct block_set *set)
{
    const struct web_acl *acl = &a->account->web_acl;
    const struct waf_rule *rule = NULL;
    const char *title = "a rule blocks by this set";
    for (size_t i = 0; i < acl->rules.len && (!rule || strcmp(rule->action, "block") != 0); i++)
        if (*set->arn && !strcmp(acl->rules.at[i].set, set->arn))
            rule = &acl->rules.at[i];
    if (!slice_has_data(&a->account->slices[FEED_WEB_ACL]))
        gate_add(&a->gate, "rule", title, GATE_UNKNOWN, "the rules of %s could not be read", a->target.name);
    else if (!rule)
        gate_add(&a->gate, "rule", title, GATE_FAIL, "no rule of %s blocks by %s alone: its addresses may change nothing", acl->name, set->wanted);
    else if (strcmp(rule->action, "block") != 0)
        gate_add(&a->gate, "rule", title, GATE_FAIL, "%s only says %s", rule->name, rule->action);
    else
        gate_add(&a->gate, "rule", title, GATE_PASS, "%s, priority %d", rule->name, rule->priority);
}

static void check_range(struct action *a, const struct network *network)
{
    const char *special = network_special(network);
    if (special)
        gate_add(&a->gate, "range", "an address of the Internet", GATE_FAIL, "it is %s: the edge sees no request from there", special);
    else
        gate_add(&a->gate, "range", "an address of the Internet", GATE_PASS, "%s", network->six ? "IPv6" : "IPv4");
}

static bool is_health_check(const char *agent)
{
    static const char *const agents[] = {"ELB-HealthChecker", "Amazon-Route53-Health-Check", "GoogleStackdriverMonitoring",
                                         "Pingdom",           "UptimeRobot",                 "Site24x7"};
    for (size_t i = 0; i < sizeof agents / sizeof *agents; i++)
        if (text_contains(agent, agents[i]))
            return true;
    return false;
}

/* Samples are a few of many requests: whoever is not among them may have sent some. */
static void check_senders(struct action *a, const struct network *network)
{
    const struct web_acl *acl = &a->account->web_acl;
    const struct waf_sample *last = NULL, *health = NULL;
    const char *title = "no health check from there";
    size_t seen = 0, allowed = 0;
    if (!slice_has_data(&a->account->slices[FEED_WAF_SAMPLES])) {
        gate_add(&a->gate, "senders", title, GATE_UNKNOWN, "the sampled requests could not be read");
        return;
    }
    for (size_t i = 0; i < acl->samples.len; i++) {
        const struct waf_sample *s = &acl->samples.at[i];
        struct network client;
        if (!network_read(s->client, &client) || !network_covers(network, &client))
            continue;
        seen++;
        allowed += strcmp(s->action, "BLOCK") != 0;
        last = last ? last : s;
        health = health || !is_health_check(s->agent) ? health : s;
    }
    if (health)
        gate_add(&a->gate, "senders", title, GATE_FAIL, "%s asks from %s", health->agent, health->client);
    else if (last)
        gate_add(&a->gate, "senders", title, GATE_PASS, "%zu of %zu samples of three hours are from there, %zu were let in; last %s %s", seen,
                 acl->samples.len, allowed, last->method, last->uri);
    else
        gate_add(&a->gate, "senders", title, GATE_PASS, "none of %zu samples of three hours is from there", acl->samples.len);
}

static void check_room(struct action *a, const struct block_set *set, const struct network *network)
{
    struct reminders reminders;
    char text[SET_DESCRIPTION_MAX + 4];
    reminders_read(set->description, &reminders);
    reminders_set(&reminders, network, action_now(a));
    bool fits = reminders_write(&reminders, text, sizeof text);
    gate_add(&a->gate, "reminder", "room for a reminder", fits ? GATE_PASS : GATE_FAIL,
             fits ? "%zu stand in the set's description" : "the description of the set holds %zu already", reminders.list.len - 1);
    reminders_free(&reminders);
}

static void check_block(struct action *a)
{
    struct network network;
    network_of(a, &network);
    const struct block_set *set = set_of(a, &network);
    if (!set->found) /* told by the plan */
        return;
    check_rule(a, set);
    check_range(a, &network);
    check_senders(a, &network);
    check_room(a, set, &network);
}

static void check_unblock(struct action *a)
{
    struct network network, other;
    const char *title = "nothing wider stays";
    network_of(a, &network);
    const struct block_set *set = set_of(a, &network);
    for (size_t i = 0; i < set->blocks.len; i++)
        if (network_read(set->blocks.at[i].address, &other) && network_covers(&other, &network) && !network_same(&other, &network)) {
            gate_add(&a->gate, "cover", title, GATE_FAIL, "%s stays blocked, and it is within", set->blocks.at[i].address);
            return;
        }
    gate_add(&a->gate, "cover", title, GATE_PASS, "it stands there by itself");
}

/* The plan. */

static const struct block_set *known_set(const struct action *a, const struct network *network, struct error *e)
{
    char text[600];
    const struct slice *slice = &a->account->slices[FEED_BLOCK_SETS];
    const struct block_set *set = set_of(a, network);
    if (strcmp(a->target.name, a->account->config->web_acl ? a->account->config->web_acl : "") != 0)
        error_set(e, ERROR_INPUT, "web_acl", "the profile names %s as web_acl of %s, not %s",
                  a->account->config->web_acl ? a->account->config->web_acl : "none", a->account->config->name, a->target.name);
    else if (!slice_has_data(slice))
        error_set(e, ERROR_SERVICE, "Unknown", "the IP sets of %s could not be read: %s", a->account->config->name,
                  slice->error.kind != ERROR_NONE ? error_text(&slice->error, text, sizeof text) : "no answer");
    else if (!set->found)
        error_set(e, ERROR_INPUT, "set", "%s has no IP set %s (scope CLOUDFRONT) for %s addresses: the profile's %s names it",
                  a->account->config->name, account_block_set(a->account->config, network->six), network->six ? "IPv6" : "IPv4",
                  network->six ? "block_set_ipv6" : "block_set");
    else if (set->six != network->six)
        error_set(e, ERROR_INPUT, "set", "IP set %s holds %s; WAF needs a set of its own for %s addresses", set->wanted, set->six ? "IPv6" : "IPv4",
                  network->six ? "IPv6" : "IPv4");
    else
        return set;
    return NULL;
}

static struct step *plan_set(struct action *a, const struct step_type *type, const struct network *network, const struct block_set *set)
{
    char shown[NETWORK_TEXT_SIZE], cidr[NETWORK_TEXT_SIZE];
    return plan_step(a, type, network_text(network, false, shown, sizeof shown),
                     json_pack("{s:s, s:s, s:s}", "set", set->wanted, "id", set->id, "address", network_text(network, true, cidr, sizeof cidr)));
}

static bool plan_block(struct action *a, struct error *e)
{
    struct network network;
    int64_t span = 0;
    const struct block_set *set = waf_block_value(a->value, &network, &span, e) ? known_set(a, &network, e) : NULL;
    if (!set)
        return false;
    int64_t until = (action_now(a) + span) / 1000 * 1000; /* as the reminder keeps it */
    json_object_set_new(plan_set(a, &step_waf_block, &network, set)->with, "until", json_integer(until));
    return true;
}

static bool plan_unblock(struct action *a, struct error *e)
{
    struct network network;
    char address[NETWORK_TEXT_SIZE];
    struct str known = STR_INIT(200);
    const struct block_set *set = waf_unblock_value(a->value, &network, e) ? known_set(a, &network, e) : NULL;
    if (!set)
        return false;
    network_text(&network, false, address, sizeof address);
    for (size_t i = 0; i < set->blocks.len; i++) {
        if (!strcmp(set->blocks.at[i].address, address)) {
            str_free(&known);
            plan_set(a, &step_waf_unblock, &network, set);
            return true;
        }
        str_addf(&known, "%s%s", i ? ", " : "", set->blocks.at[i].address);
    }
    error_set(e, ERROR_INPUT, "value", "%s is not in IP set %s; there is %s%s", address, set->wanted, known.len ? str_text(&known) : "none",
              known.overflow ? ", …" : "");
    str_free(&known);
    return false;
}

static void conclude(struct action *a)
{
    if (a->outcome == OUTCOME_DONE && a->step_count && a->steps[0]->state == STEP_DONE)
        text_format(a->summary, sizeof a->summary, "%s: %s", a->steps[0]->target,
                    a->steps[0]->type == &step_waf_block ? a->steps[0]->evidence : "no longer blocked");
    action_finished(a);
}

const struct action_type action_waf_block = {.name = "waf-block",
                                             .verb = "block",
                                             .key = 'b',
                                             .about = "block an address at the edge at once; until when is kept, and told when it is over",
                                             .on = TARGET_WEB_ACL,
                                             .kinds = KIND_BIT(ACCOUNT_PRODUCTION),
                                             .needs = NEEDS_OPERATOR,
                                             .feeds = FEEDS,
                                             .asks = "an address, and for how long: 203.0.113.7 2h, 2001:db8::/64 30m",
                                             .value_good = block_value_good,
                                             .preflight = check_block,
                                             .plan = plan_block,
                                             .finish = conclude,
                                             .forget = waf_forget};

const struct action_type action_waf_unblock = {.name = "waf-unblock",
                                               .verb = "unblock",
                                               .key = 'u',
                                               .about = "let an address in again that was blocked by hand",
                                               .on = TARGET_WEB_ACL,
                                               .kinds = KIND_BIT(ACCOUNT_PRODUCTION),
                                               .needs = NEEDS_OPERATOR,
                                               .feeds = FEED_BIT(FEED_WEB_ACL) | FEED_BIT(FEED_BLOCK_SETS),
                                               .asks = "the address that is blocked: 203.0.113.7",
                                               .value_good = unblock_value_good,
                                               .preflight = check_unblock,
                                               .plan = plan_unblock,
                                               .finish = conclude,
                                               .forget = waf_forget};
