/* IAM: the root user, the roles and who may assume them, the identity providers. Roles that belong to AWS's own services are left out: nobody else
 * can assume or change them. When a role was last used only GetRole tells, so that is asked for those that people and pipelines assume. Roles and
 * providers are what the rest hangs on; that more about them could not be read hides neither. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "feeds/fields.h"
#include "feeds/internal.h"
#include "feeds/map.h"

#define ROLES_MAX     5000 /* an account has no more */
#define USES_MAX      40
#define PROVIDERS_MAX 20 /* that are asked for more than their ARN; there can be a hundred, and a cluster has one */

struct reading {
    struct calls calls;
    struct identity_set set;
};

static void got_summary(struct feed_run *run, json_t *output, void *arg)
{
    (void)arg;
    map_summary(output, &((struct reading *)run->state)->set.summary);
}

static void got_use(struct feed_run *run, json_t *output, void *arg)
{
    struct iam_role *role = &((struct reading *)run->state)->set.roles.at[(uintptr_t)arg];
    role->use_known = json_at(output, "Role") != NULL;
    role->used_at = json_when(output, "Role.RoleLastUsed.LastUsedDate");
}

static bool is_for_people(const struct iam_role *role)
{
    for (size_t i = 0; i < role->trust.len; i++)
        if (role->trust.at[i].kind != TRUST_SERVICE)
            return true;
    return false;
}

static void got_roles(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i, asked = 0;
    json_t *row;
    (void)arg;
    r->set.roles_unread = !output;
    json_array_foreach(json_at(output, "Roles"), i, row)
        if (!text_starts(json_text_or(row, "Path", ""), "/aws-service-role/"))
            map_role(row, vec_add(&r->set.roles));
    for (size_t k = 0; k < r->set.roles.len && asked < USES_MAX; k++)
        if (is_for_people(&r->set.roles.at[k])) {
            asked++;
            calls_try(&r->calls, "iam", "GetRole", json_pack("{s:s}", "RoleName", r->set.roles.at[k].name), got_use, (void *)(uintptr_t)k);
        }
}

static void got_provider(struct feed_run *run, json_t *output, void *arg)
{
    map_provider(output, &((struct reading *)run->state)->set.providers.at[(uintptr_t)arg]);
}

/* Its ARN ends with its URL. */
static void add_provider(struct reading *r, const json_t *row)
{
    static const char mark[] = ":oidc-provider/";
    struct oidc_provider *p = vec_add(&r->set.providers);
    FIELD(p->arn, row, "Arn");
    const char *at = strstr(p->arn, mark);
    text_copy(p->url, sizeof p->url, at ? at + sizeof mark - 1 : "");
}

static void got_providers(struct feed_run *run, json_t *output, void *arg)
{
    struct reading *r = run->state;
    size_t i;
    json_t *row;
    (void)arg;
    r->set.providers_unread = !output;
    json_array_foreach(json_at(output, "OpenIDConnectProviderList"), i, row)
        if (i < ROLES_MAX)
            add_provider(r, row);
    for (size_t k = 0; k < r->set.providers.len && k < PROVIDERS_MAX; k++)
        calls_each(&r->calls, "iam", "GetOpenIDConnectProvider", json_pack("{s:s}", "OpenIDConnectProviderArn", r->set.providers.at[k].arn), NULL,
                   got_provider, (void *)(uintptr_t)k);
}

static void end(struct feed_run *run)
{
    struct reading *r = run->state;
    run->state = NULL;
    identity_clear(&r->set);
    free(r);
}

static void done(struct feed_run *run, const struct error *error)
{
    struct reading *r = run->state;
    bool any = !r->set.roles_unread || !r->set.providers_unread || r->set.summary.root_mfa >= 0;
    if (any)
        identity_set(feeds_estate(run->feeds), run->account, &r->set, loop_wall(feeds_loop(run->feeds)));
    end(run);
    feed_end_partly(run, any, error);
}

static void start(struct feed_run *run)
{
    static const struct aws_call_options pages = {.all_pages = true, .max_items = ROLES_MAX};
    struct reading *r = run->state = mem_new(sizeof *r);
    map_summary(NULL, &r->set.summary); /* not known */
    calls_begin(&r->calls, run, done);
    calls_add(&r->calls, "iam", "GetAccountSummary", NULL, NULL, got_summary, NULL);
    calls_part(&r->calls, "iam", "ListRoles", NULL, &pages, got_roles, NULL);
    calls_part(&r->calls, "iam", "ListOpenIDConnectProviders", NULL, NULL, got_providers, NULL);
    calls_end(&r->calls);
}

static void stop(struct feed_run *run)
{
    calls_cancel(&((struct reading *)run->state)->calls);
    end(run);
}

const struct feed_type feed_identity = {.feed = FEED_IDENTITY, .interval_ms = 1800000, .focus_ms = 300000, .start = start, .stop = stop};
