/* CloudFront: the distributions in front of the estate, and their invalidations. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sim/aws_world.h"

#define PATHS_MAX 3000 /* under way at once */

static json_t *summary(const struct aws_call *call, const struct distribution *d)
{
    json_t *out = cloudfront_parts(call, d);
    json_t *more = json_pack("{s:s, s:o, s:s, s:s, s:o, s:s}", "Id", d->id, "ARN",
                             call_text("arn:aws:cloudfront::%s:distribution/%s", call->account->id, d->id), "ETag", "E2QWRUHAPOMQZL", "Status",
                             "Deployed", "LastModifiedTime", call_time(sim_start(call->sim) - INT64_C(20) * 86400000), "DomainName", d->domain);
    json_object_update(out, more);
    json_decref(more);
    return out;
}

/* What CloudFront tells of every page. */
static json_t *paged(const struct aws_call *call, json_t *list)
{
    json_object_set_new(list, "Marker", json_string(json_text_or(call->input, "Marker", "")));
    json_object_set_new(list, "MaxItems", json_integer(strtoll(json_text_or(call->input, "MaxItems", "100"), NULL, 10)));
    json_object_set_new(list, "IsTruncated", json_boolean(json_object_get(list, "NextMarker") != NULL));
    json_object_set_new(list, "Quantity", json_integer((json_int_t)json_array_size(json_object_get(list, "Items"))));
    return list;
}

static json_t *list_distributions(struct aws_call *call)
{
    static const struct call_page page = {"Items", "Marker", "NextMarker", "MaxItems", 1, 1000, 100, "InvalidArgument", NULL};
    json_t *all = json_array();
    for (size_t i = 0; i < call->account->distributions.len; i++)
        json_array_append_new(all, summary(call, &call->account->distributions.at[i]));
    json_t *list = call_page(call, all, &page);
    if (!list)
        return NULL;
    return json_pack("{s:o}", "DistributionList", paged(call, list));
}

/* Invalidations. */

const struct distribution *cloudfront_find(struct aws_call *call, const char *id)
{
    for (size_t i = 0; i < call->account->distributions.len; i++)
        if (strcmp(call->account->distributions.at[i].id, id) == 0)
            return &call->account->distributions.at[i];
    call_fail(call, "NoSuchDistribution", "The specified distribution does not exist.");
    return NULL;
}

static const struct distribution *find(struct aws_call *call) { return cloudfront_find(call, json_text_or(call->input, "DistributionId", "")); }

static json_t *invalidation_row(const struct aws_call *call, const struct invalidation *v)
{
    return json_pack("{s:{s:s, s:s, s:o, s:O}}", "Invalidation", "Id", v->id, "Status", call->now >= v->done_at ? "Completed" : "InProgress",
                     "CreateTime", call_time(v->at), "InvalidationBatch", v->batch);
}

/* Paths that are still being invalidated. */
static size_t under_way(const struct aws_call *call, const struct distribution *d)
{
    const struct world_account *w = world_account(call->sim, call->account);
    size_t count = 0;
    for (size_t i = 0; i < w->invalidations.len; i++)
        if (w->invalidations.at[i]->distribution == d && call->now < w->invalidations.at[i]->done_at)
            count += json_array_size(json_at(w->invalidations.at[i]->batch, "Paths.Items"));
    return count;
}

static bool batch_good(struct aws_call *call, const struct distribution *d, const json_t *batch)
{
    const json_t *items = json_at(batch, "Paths.Items");
    size_t i;
    json_t *path;
    if ((int64_t)json_array_size(items) != json_int(batch, "Paths.Quantity", -1))
        return call_fail(call, "InconsistentQuantities", "The value of Quantity and the size of Items don't match.") != NULL;
    if (json_array_size(items) == 0 || !*json_text_or(batch, "CallerReference", ""))
        return call_fail(call, "InvalidArgument", "Your request contains an invalid invalidation batch.") != NULL;
    json_array_foreach(items, i, path) {
        const char *text = json_string_value(path), *star = strchr(text, '*');
        if ((*text != '/' && *text != '*') || strlen(text) > 4000 || (star && star[1]))
            return call_fail(call, "InvalidArgument", "Your request contains one or more invalid invalidation paths.") != NULL;
    }
    if (under_way(call, d) + json_array_size(items) > PATHS_MAX)
        return call_fail(call, "TooManyInvalidationsInProgress",
                         "Processing your request will cause you to exceed the maximum number of in-progress wildcard "
                                                                 "invalidations.") != NULL;
    return true;
}

/* The same reference once more is the same invalidation; with other paths it is refused. False if it is new. */
static bool known_reference(struct aws_call *call, const struct distribution *d, const json_t *batch, json_t **out)
{
    const struct world_account *w = world_account(call->sim, call->account);
    for (size_t i = 0; i < w->invalidations.len; i++) {
        const struct invalidation *v = w->invalidations.at[i];
        if (v->distribution != d || !text_equal(json_text(v->batch, "CallerReference"), json_text(batch, "CallerReference")))
            continue;
        *out = json_equal(v->batch, batch) ? invalidation_row(call, v)
                                           : call_fail(call, "InvalidArgument",
                                                       "Your request contains a caller reference that was used for a previous "
                                                                                "invalidation batch for the same distribution.");
        return true;
    }
    return false;
}

static json_t *with_location(const struct distribution *d, json_t *out)
{
    if (out)
        json_object_set_new(out, "Location", call_text("https://cloudfront.amazonaws.com/2020-05-31/distribution/%s/invalidation/%s", d->id,
                                                       json_text_or(out, "Invalidation.Id", "")));
    return out;
}

static const struct invalidation *add(const struct sim *sim, struct world_account *w, const struct distribution *d, int64_t at, json_t *take_batch)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    struct invalidation *v = mem_new(sizeof *v);
    *v = (struct invalidation){.distribution = d, .at = at, .batch = take_batch};
    text_copy(v->id, sizeof v->id, "I");
    for (size_t i = 1; i < 14; i++)
        v->id[i] = letters[(size_t)(sim_noise(sim, d->id, (int64_t)(w->invalidations.len * 16 + i)) * (sizeof letters - 1))];
    v->done_at = v->at + world_span(sim, v->id, 0, 40, 150) * SECOND_MS;
    *vec_add(&w->invalidations) = v;
    return v;
}

void cloudfront_begin(struct sim *sim, const struct account *account, struct world_account *state)
{
    for (size_t i = 0; i < account->distributions.len; i++)
        for (size_t k = account->distributions.at[i].invalidations.len; k-- > 0;) {
            const struct edge_invalidation *past = &account->distributions.at[i].invalidations.at[k];
            json_t *paths = json_array();
            for (size_t p = 0; p < past->paths.len; p++)
                json_array_append_new(paths, json_string(past->paths.at[p]));
            add(sim, state, &account->distributions.at[i], sim_start(sim) - past->ago,
                json_pack("{s:{s:i, s:o}, s:o}", "Paths", "Quantity", (int)past->paths.len, "Items", paths, "CallerReference",
                          call_text("release-%zu", k)));
        }
}

static json_t *create_invalidation(struct aws_call *call)
{
    const json_t *batch = json_object_get(call->input, "InvalidationBatch");
    const struct distribution *d = find(call);
    struct world_account *w = world_account(call->sim, call->account);
    json_t *same = NULL;
    if (!d || !batch_good(call, d, batch))
        return NULL;
    if (known_reference(call, d, batch, &same))
        return with_location(d, same);
    return with_location(d, invalidation_row(call, add(call->sim, w, d, call->now, json_deep_copy(batch))));
}

static json_t *get_invalidation(struct aws_call *call)
{
    const struct distribution *d = find(call);
    const struct world_account *w = world_account(call->sim, call->account);
    const char *id = json_text_or(call->input, "Id", "");
    for (size_t i = 0; d && i < w->invalidations.len; i++)
        if (w->invalidations.at[i]->distribution == d && strcmp(w->invalidations.at[i]->id, id) == 0)
            return invalidation_row(call, w->invalidations.at[i]);
    return d ? call_fail(call, "NoSuchInvalidation", "The specified invalidation does not exist.") : NULL;
}

static json_t *list_invalidations(struct aws_call *call)
{
    static const struct call_page page = {"Items", "Marker", "NextMarker", "MaxItems", 1, 1000, 100, "InvalidArgument", NULL};
    const struct distribution *d = find(call);
    const struct world_account *w = world_account(call->sim, call->account);
    if (!d)
        return NULL;
    json_t *all = json_array();
    for (size_t i = w->invalidations.len; i-- > 0;) {
        const struct invalidation *v = w->invalidations.at[i];
        if (v->distribution == d)
            json_array_append_new(all, json_pack("{s:s, s:o, s:s}", "Id", v->id, "CreateTime", call_time(v->at / 1000 * 1000), "Status",
                                                 call->now >= v->done_at ? "Completed" : "InProgress"));
    }
    json_t *list = call_page(call, all, &page);
    return list ? json_pack("{s:o}", "InvalidationList", paged(call, list)) : NULL;
}

const struct aws_handler aws_cloudfront[] = {{"cloudfront", "ListDistributions", list_distributions},
                                             {"cloudfront", "CreateInvalidation", create_invalidation},
                                             {"cloudfront", "GetInvalidation", get_invalidation},
                                             {"cloudfront", "ListInvalidations", list_invalidations},
                                             {"cloudfront", "GetDistributionConfig", cloudfront_get_config},
                                             {"cloudfront", "GetCachePolicy", cloudfront_get_cache_policy},
                                             {"cloudfront", "GetVpcOrigin", cloudfront_get_vpc_origin},
                                             {NULL}};
