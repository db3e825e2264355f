/* Which service accounts of the cluster have a role in AWS (IRSA). No secrets are read. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define KEPT_MAX 500

struct reading {
    struct kube_call *call;
    VEC(struct service_account) rows;
};

bool map_service_account(const json_t *item, struct service_account *s)
{
    /* The annotation's name has dots: no path leads through it. */
    const json_t *role = json_object_get(json_at(item, "metadata.annotations"), "eks.amazonaws.com/role-arn");
    *s = (struct service_account){0};
    if (!json_is_string(role))
        return false;
    FIELD(s->ns, item, "metadata.namespace");
    FIELD(s->name, item, "metadata.name");
    text_clean(s->role, sizeof s->role, json_string_value(role), json_string_length(role));
    return true;
}

static void on_item(void *arg, const json_t *item)
{
    struct reading *r = ((struct feed_run *)arg)->state;
    struct service_account row;
    if (!map_service_account(item, &row))
        return;
    if (r->rows.len < KEPT_MAX)
        *vec_add(&r->rows) = row;
    else
        feed_more(arg);
}

static void end(struct feed_run *run)
{
    struct reading *r = run->state;
    run->state = NULL;
    vec_free(&r->rows);
    free(r);
}

static bool is_same(const struct service_account *a, const struct service_account *b) { return !strcmp(a->ns, b->ns) && !strcmp(a->name, b->name); }

/* A list that was begun again told its first items twice. */
static void drop_twice(struct reading *r)
{
    for (size_t i = r->rows.len; i-- > 0;)
        for (size_t k = 0; k < i; k++)
            if (is_same(&r->rows.at[k], &r->rows.at[i])) {
                vec_remove(&r->rows, i);
                break;
            }
}

static void answered(void *arg, json_t *head, const struct error *error)
{
    struct feed_run *run = arg;
    struct reading *r = run->state;
    (void)head;
    drop_twice(r);
    if (!error)
        service_accounts_set(feeds_estate(run->feeds), run->account, r->rows.at, r->rows.len);
    end(run);
    feed_end(run, error);
}

static void start(struct feed_run *run)
{
    struct reading *r = run->state = mem_new(sizeof *r);
    r->call = kube_get_items(feeds_kube(run->feeds, run->account), "/api/v1/serviceaccounts", on_item, answered, run);
}

static void stop(struct feed_run *run)
{
    kube_cancel(((struct reading *)run->state)->call);
    end(run);
}

static bool has_cluster(const struct account_config *account) { return account->cluster.name != NULL; }

const struct feed_type feed_service_accounts = {
    .feed = FEED_SERVICE_ACCOUNTS, .interval_ms = 1800000, .focus_ms = 300000, .wanted = has_cluster, .start = start, .stop = stop};
