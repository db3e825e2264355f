#include "ui/trouble.h"

#include <string.h>

#include "base/str.h"
#include "base/when.h"

#define NAMES_MAX 4 /* accounts that failed alike: more are counted */

static bool session_failed(const struct account *account) { return account->slices[FEED_SESSION].state == SLICE_FAILED; }

static bool alike(const struct account *a, const struct account *b)
{
    const struct error *one = &a->slices[FEED_SESSION].error, *other = &b->slices[FEED_SESSION].error;
    return session_failed(a) && session_failed(b) && text_equal(one->code, other->code) && text_equal(one->message, other->message);
}

/* Production before development before management, then as the profile has them. */
static bool stands_before(const struct account *a, const struct account *b)
{
    return a->config->kind != b->config->kind ? a->config->kind > b->config->kind : a < b;
}

static void names_of(const struct estate *estate, const struct account *like, char *out, size_t size)
{
    size_t found = 0;
    *out = '\0';
    for (int kind = ACCOUNT_PRODUCTION; kind >= ACCOUNT_MANAGEMENT; kind--)
        for (size_t a = 0; a < estate->account_count; a++) {
            const struct account *account = &estate->accounts[a];
            size_t len = strlen(out);
            if (account->config->kind == kind && alike(account, like) && found++ < NAMES_MAX)
                text_format(out + len, size - len, "%s%s", len ? ", " : "", account->config->name);
        }
    size_t len = strlen(out);
    if (found > NAMES_MAX)
        text_format(out + len, size - len, " and %zu more", found - NAMES_MAX);
}

bool trouble_session(const struct estate *estate, size_t account, char *out, size_t size)
{
    const struct account *mine = &estate->accounts[account];
    char names[400], error[600];
    if (!session_failed(mine))
        return false;
    for (size_t a = 0; a < estate->account_count; a++)
        if (alike(&estate->accounts[a], mine) && stands_before(&estate->accounts[a], mine))
            return false;
    names_of(estate, mine, names, sizeof names);
    text_format(out, size, "%s session: %s", names, error_text(&mine->slices[FEED_SESSION].error, error, sizeof error));
    return true;
}

static bool is_told(const struct account *account, feed_mask feeds, int feed)
{
    const struct slice *slice = &account->slices[feed];
    return (feeds & FEED_BIT(feed)) && slice->error.kind != ERROR_NONE && slice->state != SLICE_NONE;
}

/* False if this one stands in an earlier feed's line. */
static bool feed_line(const struct account *account, feed_mask feeds, int feed, int64_t now, char *out, size_t size)
{
    const struct slice *slices = account->slices;
    char names[200], error[600], age[24], when[48] = "";
    text_copy(names, sizeof names, feed_name((enum feed)feed));
    for (int f = 0; f < FEED_COUNT; f++) {
        size_t len = strlen(names);
        if (f == feed || !is_told(account, feeds, f) || !text_equal(slices[f].error.code, slices[feed].error.code))
            continue;
        if (f < feed)
            return false;
        text_format(names + len, sizeof names - len, ", %s", feed_name((enum feed)f));
    }
    if (slices[feed].read_at)
        text_format(when, sizeof when, " (last good %s ago)", when_short(now - slices[feed].read_at, age, sizeof age));
    text_format(out, size, "%s %s%s: %s", account->config->name, names, when, error_text(&slices[feed].error, error, sizeof error));
    return true;
}

/* Lists that go on beyond what is read. */
static bool part_line(const struct account *account, feed_mask feeds, char *out, size_t size)
{
    char names[200] = "";
    for (int f = 0; f < FEED_COUNT; f++)
        if ((feeds & FEED_BIT(f)) && account->slices[f].part && !is_told(account, feeds, f)) {
            size_t len = strlen(names);
            text_format(names + len, sizeof names - len, "%s%s", len ? ", " : "", feed_name((enum feed)f));
        }
    text_format(out, size, "%s %s: there is more than is read", account->config->name, names);
    return *names;
}

static void account_lines(const struct estate *estate, size_t a, feed_mask feeds, int64_t now, trouble_tell *tell, void *arg)
{
    const struct account *account = &estate->accounts[a];
    char line[1100];
    if (session_failed(account)) {
        if (trouble_session(estate, a, line, sizeof line))
            tell(arg, line, false);
        return;
    }
    for (int f = 0; f < FEED_COUNT; f++)
        if (is_told(account, feeds, f) && feed_line(account, feeds, f, now, line, sizeof line))
            tell(arg, line, account->slices[f].state != SLICE_FAILED);
    if (part_line(account, feeds, line, sizeof line))
        tell(arg, line, true);
}

void trouble_lines(const struct estate *estate, feed_mask feeds, int64_t now, trouble_tell *tell, void *arg)
{
    for (int kind = ACCOUNT_PRODUCTION; kind >= ACCOUNT_MANAGEMENT; kind--)
        for (size_t a = 0; a < estate->account_count; a++)
            if (estate->accounts[a].config->kind == kind)
                account_lines(estate, a, feeds, now, tell, arg);
}
