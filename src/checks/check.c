#include "checks/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"

struct checking {
    const struct estate *estate;
    const struct account *account;
    int64_t now;
    struct check_result *result;
    bool inapplicable;
};

const char *check_verdict_name(enum check_verdict verdict)
{
    static const char *const names[] = {"pass", "fail", "n/a", "unknown"};
    return names[verdict];
}

const struct estate *checking_estate(const struct checking *c) { return c->estate; }
const struct account *checking_account(const struct checking *c) { return c->account; }
int64_t checking_now(const struct checking *c) { return c->now; }

/* Evidence: failures before what is not known, that before what is well. */

static int rank(enum check_verdict verdict) { return verdict == CHECK_FAIL ? 0 : verdict == CHECK_UNKNOWN ? 1 : 2; }

static void add(struct checking *c, enum check_verdict verdict, const char *resource, const char *format, va_list ap)
{
    struct check_result *r = c->result;
    struct check_evidence one = {.verdict = verdict};
    char text[1024];
    size_t at = 0;
    vsnprintf(text, sizeof text, format, ap);
    text_clean(one.value, sizeof one.value, text, strlen(text));
    text_clean(one.resource, sizeof one.resource, resource ? resource : "", resource ? strlen(resource) : 0);
    while (at < r->evidence.len && rank(r->evidence.at[at].verdict) <= rank(verdict))
        at++;
    if (r->evidence.len == CHECK_EVIDENCE_MAX) {
        r->more++;
        if (at == r->evidence.len)
            return;
        r->evidence.len--;
    }
    vec_add(&r->evidence);
    memmove(&r->evidence.at[at + 1], &r->evidence.at[at], (r->evidence.len - 1 - at) * sizeof one);
    r->evidence.at[at] = one;
}

#define ADD(verdict)                          \
    do {                                      \
        va_list ap;                           \
        va_start(ap, format);                 \
        add(c, verdict, resource, format, ap); \
        va_end(ap);                           \
    } while (0)

void check_pass(struct checking *c, const char *resource, const char *format, ...) { ADD(CHECK_PASS); }
void check_fail(struct checking *c, const char *resource, const char *format, ...) { ADD(CHECK_FAIL); }
void check_unknown(struct checking *c, const char *resource, const char *format, ...) { ADD(CHECK_UNKNOWN); }
void check_that(struct checking *c, bool good, const char *resource, const char *format, ...) { ADD(good ? CHECK_PASS : CHECK_FAIL); }

void check_na(struct checking *c, const char *format, ...)
{
    const char *resource = NULL;
    ADD(CHECK_NA);
    c->inapplicable = true;
}

/* One check of one account. */

static bool is_unread(struct checking *c, const struct account *account, feed_mask feeds)
{
    char text[600];
    for (int f = 0; f < FEED_COUNT; f++) {
        const struct slice *slice = &account->slices[f];
        if (!(feeds & FEED_BIT(f)) || slice->state == SLICE_NONE || slice_has_data(slice))
            continue;
        check_unknown(c, account->config->name, "%s: %s", feed_name((enum feed)f),
                      slice->error.kind != ERROR_NONE ? error_text(&slice->error, text, sizeof text) : "not read yet");
        return true;
    }
    return false;
}

/* What was looked at is well, but not all of it was. */
static void tell_part(struct checking *c, const struct account *account, feed_mask feeds)
{
    for (int f = 0; f < FEED_COUNT; f++)
        if ((feeds & FEED_BIT(f)) && account->slices[f].part)
            check_unknown(c, account->config->name, "%s: there is more than is read", feed_name((enum feed)f));
}

static enum check_verdict verdict_of(const struct checking *c)
{
    const struct check_result *r = c->result;
    if (!r->evidence.len)
        return CHECK_UNKNOWN;
    enum check_verdict first = r->evidence.at[0].verdict;
    return first == CHECK_PASS && c->inapplicable ? CHECK_NA : first;
}

static const struct waiver_config *waiver_of(const struct estate *estate, const struct check *check, const struct account *account, int64_t now)
{
    for (size_t i = 0; i < estate->config->waivers.len; i++) {
        const struct waiver_config *w = &estate->config->waivers.at[i];
        if (!strcmp(w->check, check->id) && (!w->account || !strcmp(w->account, account->config->name)) && now < w->until)
            return w;
    }
    return NULL;
}

static void look(const struct estate *estate, const struct account *account, const struct check *check, int64_t now, struct check_result *result)
{
    struct checking c = {.estate = estate, .account = account, .now = now, .result = result};
    const struct account *management = estate_management(estate);
    *result = (struct check_result){.check = check, .account = account->index, .waiver = waiver_of(estate, check, account, now)};
    if (!(check->kinds & CHECK_KIND(account->config->kind))) {
        result->verdict = CHECK_NA;
        return;
    }
    if (!is_unread(&c, account, check->feeds) && !(check->management_feeds && management && is_unread(&c, management, check->management_feeds))) {
        check->look(&c);
        tell_part(&c, account, check->feeds);
        if (check->management_feeds && management)
            tell_part(&c, management, check->management_feeds);
    }
    if (!result->evidence.len)
        check_unknown(&c, account->config->name, "nothing to look at");
    result->verdict = verdict_of(&c);
}

void checks_run(const struct estate *estate, int64_t now, check_results *out)
{
    *out = (check_results){0};
    for (size_t i = 0; check_rows[i]; i++)
        for (size_t a = 0; a < estate->account_count; a++)
            look(estate, &estate->accounts[a], check_rows[i], now, vec_add(out));
}

void checks_free(check_results *results)
{
    for (size_t i = 0; i < results->len; i++)
        vec_free(&results->at[i].evidence);
    vec_free(results);
}

void checks_count(const check_results *results, struct check_counts *out)
{
    *out = (struct check_counts){0};
    for (size_t i = 0; i < results->len; i++) {
        const struct check_result *r = &results->at[i];
        out->pass += r->verdict == CHECK_PASS;
        out->na += r->verdict == CHECK_NA;
        out->unknown += r->verdict == CHECK_UNKNOWN;
        out->fail += r->verdict == CHECK_FAIL && !r->waiver;
        out->waived += r->verdict == CHECK_FAIL && r->waiver;
    }
}

const struct check *check_find(const char *id)
{
    for (size_t i = 0; check_rows[i]; i++)
        if (!strcmp(check_rows[i]->id, id))
            return check_rows[i];
    return NULL;
}

feed_mask checks_feeds(void)
{
    feed_mask all = FEED_BIT(FEED_SESSION);
    for (size_t i = 0; check_rows[i]; i++)
        all |= check_rows[i]->feeds | check_rows[i]->management_feeds;
    return all;
}
