#include "ui/links.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "ui/osc.h"

#define GLOBAL "us-east-1" /* where the console shows what has no region */

/* Pages of the console. {…} is filled in, percent-encoded; {console} is the partition's host. */
static const struct {
    enum target_kind kind;
    const char *page;
} pages[] = {
    {TARGET_ACCOUNT, "https://{region}.{console}/console/home?region={region}"},
    {TARGET_DATABASE, "https://{region}.{console}/rds/home?region={region}#database:id={name};is-cluster=false"},
    {TARGET_DEPLOYMENT, "https://{region}.{console}/eks/clusters/{cluster}/deployments/{name}?namespace={ns}&region={region}"},
    {TARGET_POD, "https://{region}.{console}/eks/clusters/{cluster}/pods/{name}?namespace={ns}&region={region}"},
    {TARGET_PIPELINE, "https://{region}.{console}/codesuite/codepipeline/pipelines/{name}/view?region={region}"},
    {TARGET_WEB_ACL, "https://" GLOBAL ".{console}/wafv2/homev2/web-acl/{name}/{id}/overview?region=global"},
    {TARGET_DISTRIBUTION, "https://" GLOBAL ".{console}/cloudfront/v4/home#/distributions/{name}"},
    {TARGET_ALARM, "https://{region}.{console}/cloudwatch/home?region={region}#alarmsV2:alarm/{name}"},
};
static const char budget_page[] = "https://" GLOBAL ".{console}/costmanagement/home#/budgets/details?name={name}";

struct part {
    const char *name, *value;
};

static const char *console_host(const char *region)
{
    return text_starts(region, "cn-") ? "console.amazonaws.cn" : text_starts(region,
                                                                             "us-gov-") ? "console.amazonaws-us-gov.com" : "console.aws.amazon.com";
}

static const char *value_of(const struct part *parts, const char *name, size_t len)
{
    for (; parts->name; parts++)
        if (strlen(parts->name) == len && !memcmp(parts->name, name, len))
            return parts->value;
    return NULL;
}

/* "" if a part is missing, or it gets too long. */
static void fill(const char *page, const struct part *parts, char *out, size_t size)
{
    struct str url = STR_INIT(size - 1);
    bool whole = true;
    for (const char *at = page; *at && whole;) {
        size_t plain = strcspn(at, "{"), len;
        str_add(&url, at, plain);
        at += plain;
        if (!*at)
            break;
        len = strcspn(++at, "}");
        const char *value = value_of(parts, at, len);
        whole = value && *value && percent_add(&url, value, strlen(value), false);
        at += len + 1;
    }
    text_copy(out, size, whole && !url.overflow ? str_text(&url) : "");
    str_free(&url);
}

static void fill_page(const char *page, const struct account *account, const char *region, const char *ns, const char *name, struct link *out)
{
    const struct account_config *config = account->config;
    const struct part parts[] = {{"region", region}, {"console", console_host(config->region)}, {"cluster", config->cluster.name}, {"ns", ns},
                                 {"name", name},     {"id", account->web_acl.id},               {NULL, NULL}};
    fill(page, parts, out->url, sizeof out->url);
}

/* What stands for it elsewhere: better than its name where the estate has it. */
static const char *alarm_arn(const struct account *account, const char *name)
{
    for (size_t i = 0; i < account->alarms.len; i++)
        if (!strcmp(account->alarms.at[i].name, name) && *account->alarms.at[i].arn)
            return account->alarms.at[i].arn;
    return name;
}

static const char *database_arn(const struct account *account, const char *name)
{
    for (size_t i = 0; i < account->database.instances.len; i++)
        if (!strcmp(account->database.instances.at[i].id, name) && *account->database.instances.at[i].arn)
            return account->database.instances.at[i].arn;
    return name;
}

/* A run: the digest of its image, or the commit while the registry has none. */
static void link_of_release(const struct estate *estate, const struct account *account, const struct release *r, struct link *out)
{
    struct gate gate = {0};
    gate_images(estate, account->index, r->sha, &gate);
    text_copy(out->id, sizeof out->id, gate.image_count && *gate.images[0].digest ? gate.images[0].digest : r->sha);
    text_copy(out->url, sizeof out->url, osc_url_good(r->url) ? r->url : "");
}

static const char *id_of(const struct account *account, const struct action_target *t)
{
    switch (t->kind) {
    case TARGET_ACCOUNT:
        return account->config->id;
    case TARGET_DATABASE:
        return database_arn(account, t->name);
    case TARGET_ALARM:
        return alarm_arn(account, t->name);
    case TARGET_WEB_ACL:
        return *account->web_acl.arn ? account->web_acl.arn : t->name;
    default:
        return t->name;
    }
}

/* An alarm on what the edge counts stands where that is counted. */
static const char *region_of(const struct account *account, const struct action_target *t)
{
    bool there = t->kind == TARGET_ALARM && text_starts(alarm_arn(account, t->name), "arn:aws:cloudwatch:" GLOBAL ":");
    return there ? GLOBAL : account->config->region;
}

void link_of_target(const struct estate *estate, const struct action_target *t, struct link *out)
{
    const struct account *account = &estate->accounts[t->account];
    *out = (struct link){0};
    const struct release *run = t->kind == TARGET_RELEASE ? release_find(&account->releases, strtoll(t->name, NULL, 10)) : NULL;
    if (run) {
        link_of_release(estate, account, run, out);
        return;
    }
    text_copy(out->id, sizeof out->id, id_of(account, t));
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (pages[i].kind == t->kind)
            fill_page(pages[i].page, account, region_of(account, t), t->ns, t->name, out);
}

void link_of_budget(const struct account *account, const char *name, struct link *out)
{
    *out = (struct link){0};
    text_copy(out->id, sizeof out->id, name);
    fill_page(budget_page, account, account->config->region, NULL, name, out);
}
