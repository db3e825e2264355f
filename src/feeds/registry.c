/* ECR's repositories of an account, and the policies of each. An account that is to have none is asked too: that is how one that has some is found.
 * Once in half an hour: they move when somebody changes the infrastructure. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define REPOSITORIES_MAX 300
#define AT_ONCE          16

struct reading;

struct one { /* a call under way for a repository; for none, the list */
    struct feed_run *run;
    struct aws_call *call;
    size_t repository;
    bool lifecycle, busy;
};

struct reading {
    VEC(struct ecr_repository) rows;
    struct one list, rules, ones[AT_ONCE];
    size_t next; /* counts two for each repository: its lifecycle, its policy */
    struct error first;
};

void map_repository(const json_t *row, struct ecr_repository *r)
{
    struct str excluded = STR_INIT(4096);
    size_t i;
    json_t *filter;
    *r = (struct ecr_repository){.scan_on_push = json_flag(row, "imageScanningConfiguration.scanOnPush", false), .lifecycle = -1, .policy = -1,
                                 .created_at = json_when(row, "createdAt")};
    FIELD(r->name, row, "repositoryName");
    FIELD(r->mutability, row, "imageTagMutability");
    json_array_foreach(json_at(row, "imageTagMutabilityExclusionFilters"), i, filter)
        str_addf(&excluded, "%s%s", excluded.len ? " " : "", json_text_or(filter, "filter", ""));
    text_clean(r->excluded, sizeof r->excluded, str_text(&excluded), excluded.len);
    str_free(&excluded);
}

/* A filter with a star is a pattern; one without fits whatever has it in its name. */
static bool rule_fits(const json_t *rule, const char *repository)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(rule, "repositoryFilters"), i, one) {
        const char *filter = json_text_or(one, "filter", "");
        if (strchr(filter, '*') ? text_fits(repository, filter) : *filter && strstr(repository, filter))
            return true;
    }
    return false;
}

/* Rules of the registry have taken the place of what each repository says of itself. */
void map_scan_rules(const json_t *output, struct ecr_repository *r)
{
    size_t i;
    json_t *rule;
    json_array_foreach(json_at(output, "scanningConfiguration.rules"), i, rule)
        r->scan_on_push |= json_text(rule, "scanFrequency") && !text_equal(json_text(rule, "scanFrequency"), "MANUAL") && rule_fits(rule, r->name);
}

static void free_reading(struct feed_run *run)
{
    struct reading *r = run->state;
    run->state = NULL;
    vec_free(&r->rows);
    free(r);
}

static void finish(struct feed_run *run)
{
    struct reading *r = run->state;
    struct error error = r->first;
    bool listed = r->rows.len > 0 || error.kind == ERROR_NONE;
    if (listed)
        registry_set(feeds_estate(run->feeds), run->account, r->rows.at, r->rows.len);
    free_reading(run);
    feed_end_partly(run, listed, &error); /* what of the policies could not be read is not known; the repositories are */
}

static void ask_more(struct feed_run *run);

static void got_lifecycle(struct ecr_repository *repository, const json_t *output)
{
    repository->lifecycle = *json_text_or(output, "lifecyclePolicyText", "") != '\0';
}

static void got_policy(struct ecr_repository *repository, const json_t *output)
{
    struct error e = {0};
    const char *text = json_text_or(output, "policyText", "");
    json_t *document = json_load_reply(text, strlen(text), &e);
    repository->policy = document && map_repository_policy(document, repository) ? 1 : -1;
    json_decref(document);
}

static void answered(void *arg, json_t *output, const struct error *error)
{
    struct one *one = arg;
    struct feed_run *run = one->run;
    struct reading *r = run->state;
    struct ecr_repository *repository = &r->rows.at[one->repository];
    one->call = NULL;
    one->busy = false;
    if (output && one->lifecycle)
        got_lifecycle(repository, output);
    else if (output)
        got_policy(repository, output);
    else if (error_is(error, "LifecyclePolicyNotFoundException"))
        repository->lifecycle = 0;
    else if (error_is(error, "RepositoryPolicyNotFoundException"))
        repository->policy = 0;
    else if (r->first.kind == ERROR_NONE)
        r->first = *error;
    ask_more(run);
}

static void ask(struct feed_run *run, struct one *one, size_t number)
{
    struct reading *r = run->state;
    json_t *input = json_pack("{s:s}", "repositoryName", r->rows.at[number / 2].name);
    *one = (struct one){.run = run, .repository = number / 2, .lifecycle = number % 2 == 0, .busy = true};
    if (one->lifecycle)
        one->call = aws_call(run->session, "ecr", "GetLifecyclePolicy", input, NULL, answered, one);
    else
        one->call = aws_call(run->session, "ecr", "GetRepositoryPolicy", input, NULL, answered, one);
    json_decref(input);
}

static void got_rules(void *arg, json_t *output, const struct error *error)
{
    struct one *one = arg;
    struct reading *r = one->run->state;
    one->call = NULL;
    one->busy = false;
    for (size_t i = 0; i < r->rows.len; i++) {
        map_scan_rules(output, &r->rows.at[i]);
        r->rows.at[i].scan_unknown = error && !r->rows.at[i].scan_on_push;
    }
    if (error && r->first.kind == ERROR_NONE)
        r->first = *error;
    ask_more(one->run);
}

/* Only where it matters. */
static void ask_rules(struct feed_run *run)
{
    struct reading *r = run->state;
    bool off = false;
    for (size_t i = 0; i < r->rows.len; i++)
        off |= !r->rows.at[i].scan_on_push;
    r->rules = (struct one){.run = run, .busy = off};
    if (off)
        r->rules.call = aws_call(run->session, "ecr", "GetRegistryScanningConfiguration", NULL, NULL, got_rules, &r->rules);
}

static void ask_more(struct feed_run *run)
{
    struct reading *r = run->state;
    bool busy = r->rules.busy;
    for (size_t i = 0; i < AT_ONCE; i++) {
        if (!r->ones[i].busy && r->next < 2 * r->rows.len)
            ask(run, &r->ones[i], r->next++);
        busy |= r->ones[i].busy;
    }
    if (!busy)
        finish(run);
}

static void got_list(void *arg, json_t *output, const struct error *error)
{
    struct one *one = arg;
    struct reading *r = one->run->state;
    size_t i;
    json_t *row;
    one->call = NULL;
    if (error)
        r->first = *error;
    if (aws_cut(output))
        feed_more(one->run);
    json_array_foreach(json_at(output, "repositories"), i, row)
        map_repository(row, vec_add(&r->rows));
    ask_rules(one->run);
    ask_more(one->run);
}

static void start(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true, .max_items = REPOSITORIES_MAX};
    struct reading *r = run->state = mem_new(sizeof *r);
    r->list.run = run;
    r->list.call = aws_call(run->session, "ecr", "DescribeRepositories", NULL, &pages, got_list, &r->list);
}

static void stop(struct feed_run *run)
{
    struct reading *r = run->state;
    if (!r)
        return;
    aws_cancel(r->list.call);
    aws_cancel(r->rules.call);
    for (size_t i = 0; i < AT_ONCE; i++)
        aws_cancel(r->ones[i].call);
    free_reading(run);
}

const struct feed_type feed_registry = {
    .feed = FEED_REGISTRY, .interval_ms = 1800000, .focus_ms = 300000, .start = start, .stop = stop, .focus_only = true};
