/* The IP set is read, and written back whole with the lock token of that reading: whoever changes it in between makes the call fail, and then it is
 * read and written once more. */
#include <stdlib.h>
#include <string.h>

#include "actions/waf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "estate/block.h"

#define REGION    "us-east-1" /* of everything with the scope CLOUDFRONT */
#define MINUTE_MS INT64_C(60000)

struct waf_own { /* as last read; good for one call, and not written down */
    json_t *addresses;
    char token[64], description[1024];
};

static struct waf_own *own_of(struct action *a)
{
    if (!a->own)
        a->own = mem_new(sizeof(struct waf_own));
    return a->own;
}

void waf_forget(struct action *a)
{
    struct waf_own *own = a->own;
    if (own)
        json_decref(own->addresses);
    free(own);
}

static json_t *set_input(const struct step *s)
{
    return json_pack("{s:s, s:s, s:s}", "Name", json_text_or(s->with, "set", ""), "Scope", "CLOUDFRONT", "Id", json_text_or(s->with, "id", ""));
}

static void network_of(const struct step *s, struct network *out) { network_read(json_text_or(s->with, "address", ""), out); }

static bool has(const json_t *addresses, const struct network *network)
{
    struct network one;
    size_t i;
    json_t *address;
    json_array_foreach(addresses, i, address)
        if (json_string_value(address) && network_read(json_string_value(address), &one) && network_same(&one, network))
            return true;
    return false;
}

static void keep(struct action *a, const json_t *output)
{
    struct waf_own *own = own_of(a);
    json_decref(own->addresses);
    own->addresses = json_deep_copy(json_at(output, "IPSet.Addresses"));
    text_copy(own->token, sizeof own->token, json_text_or(output, "LockToken", ""));
    text_copy(own->description, sizeof own->description, json_text_or(output, "IPSet.Description", ""));
}

static void look(struct step *s, step_got *got) { step_look_aws(s, "wafv2", "GetIPSet", set_input(s), REGION, got); }

/* The set's description once `network` has its reminder, or none (until 0); those of addresses that are not in `addresses` go. False: too long. */
static bool describe_set(const char *before, const json_t *addresses, const struct network *network, int64_t until, char *out, size_t size)
{
    struct reminders reminders;
    reminders_read(before, &reminders);
    for (size_t i = reminders.list.len; i-- > 0;)
        if (!has(addresses, &reminders.list.at[i].network))
            vec_remove(&reminders.list, i);
    reminders_set(&reminders, network, until);
    bool fits = reminders_write(&reminders, out, size);
    reminders_free(&reminders);
    return fits;
}

static void update(struct action *a, struct step *s, json_t *take_addresses, const char *description)
{
    json_t *input = set_input(s);
    json_object_set_new(input, "Addresses", take_addresses);
    json_object_set_new(input, "LockToken", json_string(own_of(a)->token));
    json_object_set_new(input, "Description", json_string(description));
    step_call_aws(s, "wafv2", "UpdateIPSet", input, REGION);
}

static json_t *without(const json_t *addresses, const struct network *network)
{
    struct network one;
    json_t *out = json_array(), *address;
    size_t i;
    json_array_foreach(addresses, i, address)
        if (!json_string_value(address) || !network_read(json_string_value(address), &one) || !network_same(&one, network))
            json_array_append(out, address);
    return out;
}

static void explain(const struct action *a, const struct step *s, struct error *e)
{
    if (error_is(e, "AccessDeniedException"))
        text_format(e->message, sizeof e->message, "the operator role of %s may not change IP set %s: it needs wafv2:UpdateIPSet on it",
                    a->account->config->name, json_text_or(s->with, "set", "?"));
    else if (error_is(e, "WAFOptimisticLockException"))
        text_format(e->message, sizeof e->message, "somebody else keeps changing IP set %s", json_text_or(s->with, "set", "?"));
    else if (error_is(e, "WAFLimitsExceededException"))
        text_format(e->message, sizeof e->message, "IP set %s is full: unblock what has expired", json_text_or(s->with, "set", "?"));
}

/* Block. */

static int64_t until_of(const struct step *s) { return json_int(s->with, "until", 0); }

static void describe_block(const struct action *a, const struct step *s, struct str *out)
{
    char at[64];
    struct network network;
    network_of(s, &network);
    int width = (network.six ? 128 : 32) - network.bits;
    str_addf(out, "put %s into IP set %s, to be taken out again at %s", s->target, json_text_or(s->with, "set", "?"),
             when_date(until_of(s), at, sizeof at));
    if (width > 0 && width < 32)
        str_addf(out, "; that is %lu addresses", 1UL << width);
    (void)a;
}

static void got_for_block(struct action *a, struct step *s, const json_t *output)
{
    struct network network;
    struct reminders reminders;
    char text[SET_DESCRIPTION_MAX + 4], at[64];
    network_of(s, &network);
    keep(a, output);
    reminders_read(own_of(a)->description, &reminders);
    int64_t until = reminders_until(&reminders, &network);
    reminders_free(&reminders);
    if (!has(own_of(a)->addresses, &network)) {
        step_found(s, FOUND_TODO, "not in it, among %zu addresses", json_array_size(own_of(a)->addresses));
        return;
    }
    bool fits = describe_set(own_of(a)->description, own_of(a)->addresses, &network, until_of(s), text, sizeof text);
    if (until == until_of(s))
        step_found(s, FOUND_DONE, "blocked, until %s", when_date(until, at, sizeof at));
    else if (!fits)
        step_found(s, FOUND_DONE, "blocked; the set's description has no room for a reminder");
    else
        step_found(s, FOUND_TODO, until ? "blocked until %s" : "blocked, without a reminder", when_date(until, at, sizeof at));
}

static void look_block(struct action *a, struct step *s)
{
    (void)a;
    look(s, got_for_block);
}

static void call_block(struct action *a, struct step *s)
{
    struct network network;
    char text[SET_DESCRIPTION_MAX + 4], cidr[NETWORK_TEXT_SIZE];
    struct waf_own *own = own_of(a);
    network_of(s, &network);
    json_t *addresses = own->addresses ? json_deep_copy(own->addresses) : json_array();
    if (!has(addresses, &network))
        json_array_append_new(addresses, json_string(network_text(&network, true, cidr, sizeof cidr)));
    if (!describe_set(own->description, addresses, &network, until_of(s), text, sizeof text) &&
        !describe_set(own->description, addresses, &network, 0, text, sizeof text))
        text_copy(text, sizeof text, own->description);
    update(a, s, addresses, text);
}

const struct step_type step_waf_block = {.name = "waf-block",
                                         .api = "wafv2 UpdateIPSet",
                                         .describe = describe_block,
                                         .look = look_block,
                                         .call = call_block,
                                         .explain = explain,
                                         .every_ms = 1000,
                                         .limit_ms = MINUTE_MS,
                                         .again = "WAFOptimisticLockException"};

/* Unblock. */

static void describe_unblock(const struct action *a, const struct step *s, struct str *out)
{
    (void)a;
    str_addf(out, "take %s out of IP set %s", s->target, json_text_or(s->with, "set", "?"));
}

static void got_for_unblock(struct action *a, struct step *s, const json_t *output)
{
    struct network network;
    network_of(s, &network);
    keep(a, output);
    if (has(own_of(a)->addresses, &network))
        step_found(s, FOUND_TODO, "in it, among %zu addresses", json_array_size(own_of(a)->addresses));
    else
        step_found(s, FOUND_DONE, "not in it");
}

static void look_unblock(struct action *a, struct step *s)
{
    (void)a;
    look(s, got_for_unblock);
}

static void call_unblock(struct action *a, struct step *s)
{
    struct network network;
    char text[SET_DESCRIPTION_MAX + 4];
    struct waf_own *own = own_of(a);
    network_of(s, &network);
    json_t *addresses = without(own->addresses, &network);
    if (!describe_set(own->description, addresses, &network, 0, text, sizeof text))
        text_copy(text, sizeof text, own->description);
    update(a, s, addresses, text);
}

const struct step_type step_waf_unblock = {.name = "waf-unblock",
                                           .api = "wafv2 UpdateIPSet",
                                           .describe = describe_unblock,
                                           .look = look_unblock,
                                           .call = call_unblock,
                                           .explain = explain,
                                           .every_ms = 1000,
                                           .limit_ms = MINUTE_MS,
                                           .again = "WAFOptimisticLockException"};
