/* RDS: what the instances' parameter groups say of TLS. A group has hundreds of parameters in pages, and seldom changes: read by the hour. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

typedef VEC(struct database_parameters) groups;

struct reading {
    struct calls calls;
    groups rows;
};

static bool wanted(const struct account_config *account) { return account->database || account->kind != ACCOUNT_MANAGEMENT; }

void map_database_parameter(const json_t *row, struct database_parameters *p)
{
    if (text_equal(json_text(row, "ParameterName"), "rds.force_ssl"))
        p->force_ssl = (int)json_int(row, "ParameterValue", -1);
}

static void end(struct feed_run *run)
{
    struct reading *r = run->state;
    run->state = NULL;
    vec_free(&r->rows);
    free(r);
}

static void got_parameters(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    json_array_foreach(json_at(output, "Parameters"), i, row)
        map_database_parameter(row, &r->rows.at[(uintptr_t)arg]);
}

static void done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    if (!error)
        database_parameters_set(feeds_estate(run->feeds), run->account, r->rows.at, r->rows.len);
    end(run);
    feed_end(run, error);
}

static bool is_new(const groups *rows, const char *group)
{
    for (size_t i = 0; i < rows->len; i++)
        if (!strcmp(rows->at[i].group, group))
            return false;
    return *group != '\0';
}

/* Which groups there are, the instances say. */
static void ask(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true};
    struct reading *r = run->state;
    const struct account *account = &feeds_estate(run->feeds)->accounts[run->account];
    const struct slice *instances = &account->slices[FEED_DATABASE];
    if (!slice_has_data(instances)) {
        struct error e = instances->error;
        if (e.kind == ERROR_NONE)
            error_set(&e, ERROR_SERVICE, "Unknown", "the databases are not known yet");
        done(run, &e);
        return;
    }
    calls_begin(&r->calls, run, done);
    for (size_t i = 0; i < account->database.instances.len; i++) {
        const char *group = account->database.instances.at[i].parameter_group;
        if (!is_new(&r->rows, group))
            continue;
        struct database_parameters *p = vec_add(&r->rows);
        *p = (struct database_parameters){.force_ssl = -1};
        text_copy(p->group, sizeof p->group, group);
        calls_each(&r->calls, "rds", "DescribeDBParameters", json_pack("{s:s}", "DBParameterGroupName", group), &pages, got_parameters,
                   (void *)(uintptr_t)(r->rows.len - 1));
    }
    calls_end(&r->calls);
}

static void start(struct feed_run *run)
{
    run->state = mem_new(sizeof(struct reading));
    if (!feed_await(run, FEED_DATABASE, ask))
        ask(run);
}

static void stop(struct feed_run *run)
{
    if (!run->state)
        return;
    calls_cancel(&((struct reading *)run->state)->calls);
    end(run);
}

const struct feed_type feed_database_parameters = {
    .feed = FEED_DATABASE_PARAMETERS, .interval_ms = 3600000, .focus_ms = 3600000, .focus_only = true, .wanted = wanted, .start = start,
            .stop = stop};
