#include "actions/edge.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"

#define PATHS_MAX 30
#define PATH_SIZE 256
#define MINUTE_MS INT64_C(60000)

/* What is typed. */

static bool path_good(const char *path, struct error *e)
{
    const char *star = strchr(path, '*'), *why = NULL;
    if (*path != '/')
        why = "a path begins with /";
    else if (star && star[1])
        why = "* may stand at the end only";
    for (const char *p = path; *p && !why; p++)
        if (*p < '!' || *p > '~' || strchr("\"<>\\^`{|}", *p))
            why = "write what is no plain character of a URL as %XX";
    if (why)
        error_set(e, ERROR_INPUT, "value", "\"%.80s\": %s", path, why);
    return !why;
}

static bool add_path(json_t *list, const char *path, struct error *e)
{
    size_t i;
    json_t *one;
    if (!path_good(path, e))
        return false;
    json_array_foreach(list, i, one)
        if (!strcmp(json_string_value(one), path))
            return true;
    json_array_append_new(list, json_string(path));
    return json_array_size(list) <= PATHS_MAX ||
           (error_set(e, ERROR_INPUT, "value", "more than %d paths: a wildcard covers many of them, /static/*", PATHS_MAX), false);
}

json_t *invalidation_paths(const char *value, struct error *e)
{
    char path[PATH_SIZE];
    bool good = true;
    json_t *list = json_array();
    for (const char *at = value + strspn(value, " "); good && *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        good = text_format(path, sizeof path, "%.*s", (int)(len < PATH_SIZE ? len : PATH_SIZE), at) && add_path(list, path, e);
        at += len;
    }
    if (good && !json_array_size(list))
        good = (error_set(e, ERROR_INPUT, "value", "expected paths: /index.html /static/*"), false);
    if (!good && e->kind == ERROR_NONE)
        error_set(e, ERROR_INPUT, "value", "a path is longer than %d bytes", PATH_SIZE - 1);
    if (good)
        return list;
    json_decref(list);
    return NULL;
}

static bool value_good(const char *value, struct error *e)
{
    json_t *paths = invalidation_paths(value, e);
    json_decref(paths);
    return paths != NULL;
}

/* The step. The action's id is the reference: asked for once more it is the same invalidation. */

static const char *distribution_of(const struct step *s) { return json_text_or(s->with, "distribution", ""); }

static void describe(const struct action *a, const struct step *s, struct str *out)
{
    size_t i;
    json_t *path;
    (void)a;
    str_addf(out, "invalidate");
    json_array_foreach(json_object_get(s->with, "paths"), i, path)
        str_addf(out, "%s %s", i ? "," : "", json_string_value(path));
    str_addf(out, " at distribution %s; of a month's paths the first 1000 are free, then each costs $0.005", s->target);
}

static void got_invalidation(struct action *a, struct step *s, const json_t *output)
{
    const char *status = json_text_or(output, "Invalidation.Status", "?");
    (void)a;
    step_found(s, !strcmp(status, "Completed") ? FOUND_DONE : FOUND_UNDERWAY, "%s %s", json_text_or(s->with, "invalidation", ""), status);
}

static void look(struct action *a, struct step *s)
{
    const char *id = json_text(s->with, "invalidation");
    size_t count = json_array_size(json_object_get(s->with, "paths"));
    (void)a;
    if (!id) /* only its reply tells its id: to ask again is to ask for it */
        step_found(s, FOUND_TODO, "%zu path%s", count, count == 1 ? "" : "s");
    else
        step_look_aws(s, "cloudfront", "GetInvalidation", json_pack("{s:s, s:s}", "DistributionId", distribution_of(s), "Id", id), NULL,
                      got_invalidation);
}

static void call(struct action *a, struct step *s)
{
    const json_t *paths = json_object_get(s->with, "paths");
    json_t *batch = json_pack("{s:{s:i, s:O}, s:s}", "Paths", "Quantity", (int)json_array_size(paths), "Items", paths, "CallerReference",
                              json_text_or(s->with, "reference", a->id));
    step_call_aws(s, "cloudfront", "CreateInvalidation",
                  json_pack("{s:s, s:o}", "DistributionId", distribution_of(s), "InvalidationBatch", batch), NULL);
}

static void replied(struct action *a, struct step *s, const json_t *output)
{
    const char *id = json_text(output, "Invalidation.Id");
    char clean[80];
    (void)a;
    if (!id)
        return;
    text_clean(clean, sizeof clean, id, strlen(id));
    json_object_set_new(s->with, "invalidation", json_string(clean));
}

static void explain(const struct action *a, const struct step *s, struct error *e)
{
    if (error_is(e, "AccessDenied"))
        text_format(e->message, sizeof e->message, "the operator role of %s may not invalidate: it needs cloudfront:CreateInvalidation on %s",
                    a->account->config->name, distribution_of(s));
    else if (error_is(e, "TooManyInvalidationsInProgress"))
        text_copy(e->message, sizeof e->message, "too many invalidations are under way: wait until one has completed");
}

const struct step_type step_invalidate = {.name = "invalidate",
                                          .api = "cloudfront CreateInvalidation",
                                          .describe = describe,
                                          .look = look,
                                          .call = call,
                                          .explain = explain,
                                          .replied = replied,
                                          .repeats = true,
                                          .every_ms = 3000,
                                          .limit_ms = 30 * MINUTE_MS};

/* Checks and plan. */

static const struct distribution *find(const struct action *a)
{
    for (size_t i = 0; i < a->account->distributions.len; i++)
        if (!strcmp(a->account->distributions.at[i].id, a->target.name))
            return &a->account->distributions.at[i];
    return NULL;
}

static bool has_all(const json_t *paths)
{
    size_t i;
    json_t *path;
    json_array_foreach(paths, i, path)
        if (!strcmp(json_string_value(path), "/*"))
            return true;
    return false;
}

static void check(struct action *a)
{
    struct error e = {0};
    const struct distribution *d = find(a);
    json_t *paths = invalidation_paths(a->value, &e);
    if (d && !d->enabled)
        gate_add(&a->gate, "enabled", "the distribution serves", GATE_FAIL, "%s is disabled", d->id);
    else if (d)
        gate_add(&a->gate, "enabled", "the distribution serves", GATE_PASS, "%s, %s", *d->aliases ? d->aliases : d->domain, d->status);
    if (d && has_all(paths))
        gate_add(&a->gate, "all", "the origin can bear it", GATE_FAIL, "/* empties the whole cache: for a while every request goes to the origin");
    json_decref(paths);
}

static bool plan(struct action *a, struct error *e)
{
    char text[600];
    struct str known = STR_INIT(400);
    const struct slice *slice = &a->account->slices[FEED_DISTRIBUTIONS];
    const struct distribution *d = find(a);
    json_t *paths = d ? invalidation_paths(a->value, e) : NULL;
    if (paths) {
        text_format(text, sizeof text, "%s%s%s%s", d->id, *d->aliases ? " (" : "", d->aliases, *d->aliases ? ")" : "");
        plan_step(a, &step_invalidate, text, json_pack("{s:s, s:o, s:s}", "distribution", d->id, "paths", paths, "reference", a->id));
        return true;
    }
    for (size_t i = 0; i < a->account->distributions.len; i++)
        str_addf(&known, "%s%s", i ? ", " : "", a->account->distributions.at[i].id);
    if (!d && !slice_has_data(slice))
        error_set(e, ERROR_SERVICE, "Unknown", "the distributions of %s could not be read: %s", a->account->config->name,
                  slice->error.kind != ERROR_NONE ? error_text(&slice->error, text, sizeof text) : "no answer");
    else if (!d)
        error_set(e, ERROR_INPUT, "distribution", "%s has no distribution %s; there is %s", a->account->config->name, a->target.name,
                  known.len ? str_text(&known) : "none");
    str_free(&known);
    return false;
}

const struct action_type action_invalidate = {.name = "invalidate",
                                              .verb = "invalidate",
                                              .key = 'i',
                                              .about = "make CloudFront fetch paths from the origin anew",
                                              .on = TARGET_DISTRIBUTION,
                                              .kinds = KIND_BIT(ACCOUNT_PRODUCTION),
                                              .needs = NEEDS_OPERATOR,
                                              .feeds = FEED_BIT(FEED_DISTRIBUTIONS),
                                              .asks = "paths: /index.html /static/*",
                                              .value_good = value_good,
                                              .preflight = check,
                                              .plan = plan};
