/* The web ACL in the estate, what it counts, and what is blocked by hand. */
#include <string.h>

#include "base/mem.h"
#include "estate/write.h"

static const struct waf_rule *find_rule(const struct web_acl *acl, const char *name)
{
    for (size_t i = 0; i < acl->rules.len; i++)
        if (!strcmp(acl->rules.at[i].name, name))
            return &acl->rules.at[i];
    return NULL;
}

static void note_web_acl(struct estate *e, size_t account, const struct web_acl *old, const struct web_acl *acl, int64_t now)
{
    if (strcmp(old->default_action, acl->default_action) != 0)
        estate_note(e, now, account, FEED_WEB_ACL, acl->name, "what no rule decides: %s (was %s)", acl->default_action, old->default_action);
    for (size_t i = 0; i < acl->rules.len; i++) {
        const struct waf_rule *rule = &acl->rules.at[i], *was = find_rule(old, rule->name);
        if (!was)
            estate_note(e, now, account, FEED_WEB_ACL, rule->name, "new rule: %s", rule->action);
        else if (strcmp(was->action, rule->action) != 0)
            estate_note(e, now, account, FEED_WEB_ACL, rule->name, "%s (was %s)", rule->action, was->action);
        else if (was->limit != rule->limit)
            estate_note(e, now, account, FEED_WEB_ACL, rule->name, "from %lld requests on (was %lld)", (long long)rule->limit, (long long)was->limit);
    }
    for (size_t i = 0; i < old->rules.len; i++)
        if (!find_rule(acl, old->rules.at[i].name))
            estate_note(e, now, account, FEED_WEB_ACL, old->rules.at[i].name, "the rule is gone (was %s)", old->rules.at[i].action);
}

void web_acl_set(struct estate *e, size_t account, struct web_acl *take, int64_t now)
{
    struct web_acl *acl = &e->accounts[account].web_acl;
    struct web_acl old = *acl;
    if (*old.arn && !strcmp(old.arn, take->arn))
        note_web_acl(e, account, &old, take, now);
    *acl = *take;
    acl->series.at = old.series.at, acl->series.len = old.series.len, acl->series.cap = old.series.cap;
    acl->samples.at = old.samples.at, acl->samples.len = old.samples.len, acl->samples.cap = old.samples.cap;
    acl->series_end = old.series_end;
    vec_free(&old.rules);
    *take = (struct web_acl){0};
    e->version++;
}

void waf_series_set(struct estate *e, size_t account, const struct waf_series *rows, size_t count, int64_t end)
{
    struct web_acl *acl = &e->accounts[account].web_acl;
    vec_clear(&acl->series);
    for (size_t i = 0; i < count; i++)
        *vec_add(&acl->series) = rows[i];
    acl->series_end = end;
    e->version++;
}

void waf_samples_set(struct estate *e, size_t account, const struct waf_sample *rows, size_t count)
{
    struct web_acl *acl = &e->accounts[account].web_acl;
    vec_free(&acl->samples);
    if (count) { /* a kilobyte each: no room for more than there are */
        acl->samples.at = mem_new_array(count, sizeof *rows);
        acl->samples.len = acl->samples.cap = count;
        memcpy(acl->samples.at, rows, count * sizeof *rows);
    }
    e->version++;
}

static bool is_blocked(const struct block_set *set, const char *address)
{
    for (size_t i = 0; i < set->blocks.len; i++)
        if (strcmp(set->blocks.at[i].address, address) == 0)
            return true;
    return false;
}

static void note_blocks(struct estate *e, size_t account, const struct block_set *from, const struct block_set *to, const char *what, int64_t now)
{
    for (size_t i = 0; i < from->blocks.len; i++)
        if (!is_blocked(to, from->blocks.at[i].address))
            estate_note(e, now, account, FEED_BLOCK_SETS, from->blocks.at[i].address, "%s", what);
}

void block_set_put(struct estate *e, size_t account, bool six, struct block_set *take, int64_t now)
{
    struct block_set *set = &e->accounts[account].block_sets[six ? BLOCK_SET_IPV6 : BLOCK_SET_IPV4];
    if (set->found && take->found) {
        note_blocks(e, account, take, set, "blocked", now);
        note_blocks(e, account, set, take, "no longer blocked", now);
    }
    vec_free(&set->blocks);
    *set = *take;
    *take = (struct block_set){0};
    e->version++;
}
