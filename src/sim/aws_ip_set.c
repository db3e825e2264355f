/* WAF's sets of addresses: what a rule blocks at once, and for how long it has done so. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/network.h"
#include "base/text.h"
#include "sim/aws_world.h"
#include "sim/metrics.h"

#define ADDRESSES_MAX 10000

/* As WAF takes it: always with its width, and never everything. */
static bool cidr_read(const char *text, struct network *out) { return text && strchr(text, '/') && network_read(text, out) && out->bits > 0; }

void ip_sets_begin(struct sim *sim, const struct account *account, struct world_account *state)
{
    (void)sim;
    state->ip_sets = mem_new_array(account->ip_sets.len + 1, sizeof *state->ip_sets);
    for (size_t i = 0; i < account->ip_sets.len; i++) {
        struct ip_set_state *set = &state->ip_sets[i];
        set->set = &account->ip_sets.at[i];
        set->description = mem_strdup(set->set->description ? set->set->description : "");
        for (size_t k = 0; k < set->set->addresses.len; k++)
            *vec_add(&set->addresses) = (struct set_address){.cidr = mem_strdup(set->set->addresses.at[k])};
    }
}

/* What an ip-set rule meets. */

static const struct ip_set_state *set_of(const struct sim *sim, const struct account *a, const struct waf_rule *rule)
{
    for (size_t i = 0; rule->set && i < a->ip_sets.len; i++)
        if (strcmp(a->ip_sets.at[i].name, rule->set) == 0)
            return &world_account(sim, a)->ip_sets[i];
    return NULL;
}

/* Which part of the minute the address was in the set. */
static double presence(const struct set_address *address, int64_t minute)
{
    int64_t from = address->in.from > minute ? address->in.from : minute, to = minute + METRIC_MINUTE;
    if (address->in.to && address->in.to < to)
        to = address->in.to;
    return to > from ? (double)(to - from) / METRIC_MINUTE : 0;
}

double ip_set_met(const struct sim *sim, const struct account *a, const struct waf_rule *rule, int64_t minute)
{
    const struct ip_set_state *set = set_of(sim, a, rule);
    double sum = 0;
    for (size_t i = 0; set && i < set->addresses.len; i++)
        sum += rule->blocked * presence(&set->addresses.at[i], minute) * (0.4 + 1.2 * sim_noise(sim, set->addresses.at[i].cidr, minute));
    return sum;
}

const char *ip_set_address(const struct sim *sim, const struct account *a, const struct waf_rule *rule, int64_t minute, double chance)
{
    const struct ip_set_state *set = set_of(sim, a, rule);
    size_t count = 0, chosen;
    for (size_t i = 0; set && i < set->addresses.len; i++)
        count += presence(&set->addresses.at[i], minute) > 0;
    chosen = (size_t)(chance * (double)count);
    for (size_t i = 0; set && count && i < set->addresses.len; i++)
        if (presence(&set->addresses.at[i], minute) > 0 && chosen-- == 0)
            return set->addresses.at[i].cidr;
    return NULL;
}

bool ip_set_holds(const struct sim *sim, const struct account *a, const struct waf_rule *rule, const char *ip, int64_t at)
{
    const struct ip_set_state *set = set_of(sim, a, rule);
    struct network address, network;
    if (!network_read(ip, &address))
        return false;
    for (size_t i = 0; set && i < set->addresses.len; i++)
        if (span_covers(&set->addresses.at[i].in, 1, at) && cidr_read(set->addresses.at[i].cidr, &network) && network_covers(&network, &address))
            return true;
    return false;
}

/* What is asked for. */

bool waf_scope_good(struct aws_call *call, int *scope)
{
    const char *text = json_text_or(call->input, "Scope", "CLOUDFRONT");
    *scope = strcmp(text, "CLOUDFRONT") == 0 ? 0 : strcmp(text, "REGIONAL") == 0 ? 1 : -1;
    if (*scope < 0 || (*scope == 0 && strcmp(call->region, "us-east-1") != 0))
        return call_fail(call, "WAFInvalidParameterException",
                         "Error reason: The scope is not valid., field: SCOPE_VALUE, parameter: %s", text) != NULL;
    return true;
}

static json_t *arn(const struct account *a, const struct ip_set *set)
{
    return call_text("arn:aws:wafv2:%s:%s:%s/ipset/%s/%s", set->scope == 0 ? "us-east-1" : a->region, a->id, set->scope == 0 ? "global" : "regional",
                     set->name, set->id);
}

json_t *waf_ip_set_arn(const struct account *a, const char *name)
{
    for (size_t i = 0; name && i < a->ip_sets.len; i++)
        if (strcmp(a->ip_sets.at[i].name, name) == 0)
            return arn(a, &a->ip_sets.at[i]);
    return json_string("");
}

static json_t *lock_token(const struct sim *sim, const struct ip_set_state *set, int64_t version)
{
    char token[37];
    world_uuid(sim, set->set->id, version, token);
    return json_string(token);
}

static bool here(const struct aws_call *call, const struct ip_set *set, int scope)
{
    return set->scope == scope && (scope == 0 || strcmp(call->region, call->account->region) == 0);
}

json_t *waf_list_ip_sets(struct aws_call *call)
{
    static const struct call_page page = {"IPSets", "NextMarker", "NextMarker", "Limit", 1, 100, 100, "WAFInvalidParameterException", NULL};
    int scope;
    if (!waf_scope_good(call, &scope))
        return NULL;
    json_t *all = json_array();
    for (size_t i = 0; i < call->account->ip_sets.len; i++) {
        const struct ip_set_state *set = &world_account(call->sim, call->account)->ip_sets[i];
        if (here(call, set->set, scope))
            json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:o, s:o}", "Name", set->set->name, "Id", set->set->id, "Description",
                                                 set->description, "LockToken", lock_token(call->sim, set, set->version), "ARN",
                                                 arn(call->account, set->set)));
    }
    return call_page(call, all, &page);
}

static struct ip_set_state *find(struct aws_call *call)
{
    int scope;
    if (!waf_scope_good(call, &scope))
        return NULL;
    for (size_t i = 0; i < call->account->ip_sets.len; i++) {
        const struct ip_set *set = &call->account->ip_sets.at[i];
        if (here(call, set, scope) && strcmp(set->name, json_text_or(call->input, "Name", "")) == 0 &&
            strcmp(set->id, json_text_or(call->input, "Id", "")) == 0)
            return &world_account(call->sim, call->account)->ip_sets[i];
    }
    call_fail(call, "WAFNonexistentItemException", "AWS WAF couldn't perform the operation because your resource doesn't exist.");
    return NULL;
}

static bool is_six(const struct ip_set_state *set) { return set->set->addresses.len && strchr(set->set->addresses.at[0], ':'); }

json_t *waf_get_ip_set(struct aws_call *call)
{
    const struct ip_set_state *set = find(call);
    if (!set)
        return NULL;
    json_t *addresses = json_array();
    for (size_t i = 0; i < set->addresses.len; i++)
        if (!set->addresses.at[i].in.to)
            json_array_append_new(addresses, json_string(set->addresses.at[i].cidr));
    return json_pack("{s:{s:s, s:s, s:o, s:s, s:s, s:o}, s:o}", "IPSet", "Name", set->set->name, "Id", set->set->id, "ARN",
                     arn(call->account, set->set), "Description", set->description, "IPAddressVersion", is_six(set) ? "IPV6" : "IPV4", "Addresses",
                     addresses, "LockToken", lock_token(call->sim, set, set->version));
}

static bool addresses_good(struct aws_call *call, const struct ip_set_state *set, const json_t *addresses)
{
    struct network network;
    size_t i;
    json_t *address;
    json_array_foreach(addresses, i, address)
        if (!cidr_read(json_string_value(address), &network) || network.six != is_six(set))
            return call_fail(call, "WAFInvalidParameterException",
                             "Error reason: The parameter contains formatting that is not valid., field: IP_ADDRESS, parameter: %.100s",
                             json_string_value(address)) != NULL;
    if (json_array_size(addresses) <= ADDRESSES_MAX)
        return true;
    return call_fail(call, "WAFLimitsExceededException", "AWS WAF couldn't perform the operation because you exceeded your resource limit.") != NULL;
}

static bool listed(const json_t *addresses, const char *cidr) { return json_array_size(addresses) && call_in(addresses, cidr); }

static bool present(const struct ip_set_state *set, const char *cidr)
{
    for (size_t i = 0; i < set->addresses.len; i++)
        if (!set->addresses.at[i].in.to && strcmp(set->addresses.at[i].cidr, cidr) == 0)
            return true;
    return false;
}

/* The new list replaces the old one. */
static void take(struct ip_set_state *set, const json_t *addresses, int64_t now)
{
    size_t i;
    json_t *address;
    for (i = 0; i < set->addresses.len; i++)
        if (!set->addresses.at[i].in.to && !listed(addresses, set->addresses.at[i].cidr))
            set->addresses.at[i].in.to = now;
    json_array_foreach(addresses, i, address)
        if (!present(set, json_string_value(address)))
            *vec_add(&set->addresses) = (struct set_address){.cidr = mem_strdup(json_string_value(address)), .in = {now, 0}};
}

json_t *waf_update_ip_set(struct aws_call *call)
{
    const json_t *addresses = json_object_get(call->input, "Addresses");
    const char *description = json_text(call->input, "Description");
    struct ip_set_state *set = find(call);
    if (!set || !addresses_good(call, set, addresses))
        return NULL;
    json_t *token = lock_token(call->sim, set, set->version);
    bool held = strcmp(json_string_value(token), json_text_or(call->input, "LockToken", "")) == 0;
    json_decref(token);
    if (!held)
        return call_fail(call, "WAFOptimisticLockException",
                         "AWS WAF couldn\u2019t save your changes because someone changed the resource after you started editing it. Reapply your "
                         "changes.");
    take(set, addresses, call->now);
    if (description) {
        free(set->description);
        set->description = mem_strdup(description);
    }
    return json_pack("{s:o}", "NextLockToken", lock_token(call->sim, set, ++set->version));
}
