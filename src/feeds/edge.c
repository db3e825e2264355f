/* What stands at the edge beside the web ACL: the sets of addresses that are blocked by hand, with the reminders in their descriptions, and
 * CloudFront's distributions. */
#include <stdlib.h>

#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define REGION     "us-east-1"
#define BLOCKS_MAX 1000 /* of a set's addresses that are kept */

static const struct aws_call_options here = {.region = REGION}, pages = {.region = REGION, .all_pages = true};

static bool wanted(const struct account_config *account) { return account->web_acl != NULL; }

/* Sets. */

struct reading {
    struct calls calls;
    struct block_set sets[BLOCK_SETS];
};

static void end(struct feed_run *run)
{
    struct reading *r = run->state;
    for (size_t i = 0; i < BLOCK_SETS; i++)
        vec_free(&r->sets[i].blocks);
    free(r);
    run->state = NULL;
}

static void finish(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    for (int i = 0; i < BLOCK_SETS && !error; i++)
        block_set_put(feeds_estate(run->feeds), run->account, i == BLOCK_SET_IPV6, &r->sets[i], loop_wall(feeds_loop(run->feeds)));
    end(run);
    feed_end(run, error);
}

void map_block_set(const json_t *row, struct block_set *set)
{
    struct reminders reminders;
    struct network network;
    const char *description = json_text_or(row, "Description", "");
    size_t i;
    json_t *address;
    set->found = true;
    set->six = text_equal(json_text(row, "IPAddressVersion"), "IPV6");
    FIELD(set->id, row, "Id");
    FIELD(set->arn, row, "ARN");
    FIELD(set->description, row, "Description");
    reminders_read(description, &reminders);
    json_array_foreach(json_object_get(row, "Addresses"), i, address) {
        if (!json_string_value(address) || !network_read(json_string_value(address), &network) || set->blocks.len == BLOCKS_MAX)
            continue;
        struct waf_block *block = vec_add(&set->blocks);
        network_text(&network, false, block->address, sizeof block->address);
        block->until = reminders_until(&reminders, &network);
    }
    reminders_free(&reminders);
}

static void got_set(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    map_block_set(json_object_get(output, "IPSet"), &r->sets[(uintptr_t)arg]);
}

static void got_sets(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    json_array_foreach(json_object_get(output, "IPSets"), i, row)
        for (uintptr_t k = 0; k < BLOCK_SETS; k++)
            if (text_equal(json_text(row, "Name"), account_block_set(run->config, k == BLOCK_SET_IPV6)))
                calls_each(&r->calls, "wafv2", "GetIPSet",
                           json_pack("{s:s, s:s, s:s}", "Name", json_text(row, "Name"), "Scope", "CLOUDFRONT", "Id", json_text_or(row, "Id", "")),
                           &here, got_set, (void *)k);
}

static void start_sets(struct feed_run *run)
{
    struct reading *r = run->state = mem_new(sizeof *r);
    for (int i = 0; i < BLOCK_SETS; i++)
        text_copy(r->sets[i].wanted, sizeof r->sets[i].wanted, account_block_set(run->config, i == BLOCK_SET_IPV6));
    calls_begin(&r->calls, run, finish);
    calls_add(&r->calls, "wafv2", "ListIPSets", json_pack("{s:s}", "Scope", "CLOUDFRONT"), &pages, got_sets, NULL);
    calls_end(&r->calls);
}

static void stop_sets(struct feed_run *run)
{
    if (!run->state)
        return;
    calls_cancel(&((struct reading *)run->state)->calls);
    end(run);
}

const struct feed_type feed_block_sets = {
    .feed = FEED_BLOCK_SETS, .interval_ms = 300000, .focus_ms = 30000, .wanted = wanted, .start = start_sets, .stop = stop_sets};

/* Distributions. */

void map_distribution(const json_t *row, struct distribution *d)
{
    struct str aliases = STR_INIT(4096);
    size_t i;
    json_t *alias;
    *d = (struct distribution){.enabled = json_flag(row, "Enabled", false)};
    FIELD(d->id, row, "Id");
    FIELD(d->domain, row, "DomainName");
    FIELD(d->status, row, "Status");
    FIELD(d->web_acl, row, "WebACLId");
    FIELD(d->comment, row, "Comment");
    json_array_foreach(json_at(row, "Aliases.Items"), i, alias)
        str_addf(&aliases, "%s%s", i ? ", " : "", json_string_value(alias));
    text_clean(d->aliases, sizeof d->aliases, str_text(&aliases), aliases.len);
    str_free(&aliases);
}

static void listed(void *arg, json_t *output, const struct error *error)
{
    struct feed_run *run = arg;
    VEC(struct distribution) rows = {0};
    size_t i;
    json_t *row;
    struct error odd = {0};
    run->state = NULL;
    if (!error && !json_is_object(json_object_get(output, "DistributionList"))) { /* something on the way has swallowed it */
        error_set(&odd, ERROR_PROTOCOL, "BadReply", "an empty answer to ListDistributions");
        error = &odd;
    }
    if (error) {
        feed_failed(run, error);
        return;
    }
    json_array_foreach(json_at(output, "DistributionList.Items"), i, row)
        map_distribution(row, vec_add(&rows));
    if (aws_cut(output))
        feed_more(run);
    distributions_set(feeds_estate(run->feeds), run->account, rows.at, rows.len);
    vec_free(&rows);
    feed_good(run);
}

static void start_distributions(struct feed_run *run)
{
    json_t *input = json_object();
    run->state = aws_call(run->session, "cloudfront", "ListDistributions", input, &pages, listed, run);
    json_decref(input);
}

static void stop_distributions(struct feed_run *run)
{
    aws_cancel(run->state);
    run->state = NULL;
}

const struct feed_type feed_distributions = {
    .feed = FEED_DISTRIBUTIONS, .interval_ms = 600000, .focus_ms = 120000, .wanted = wanted, .start = start_distributions,
            .stop = stop_distributions};
