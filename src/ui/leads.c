#include "ui/leads.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "estate/promotion.h"
#include "ui/pane.h"

bool lead_same(const struct lead *a, const struct lead *b)
{
    return a->account == b->account && !strcmp(a->pane, b->pane) && !strcmp(a->word, b->word) && !strcmp(a->name, b->name);
}

void lead_add(struct leads *to, const char *pane, size_t account, const char *word, const char *name, const char *label, ...)
{
    char text[2 * sizeof to->at->label];
    struct lead lead = {.pane = pane, .word = word, .account = account};
    va_list ap;
    name = name ? name : "";
    if (to->count == LEADS_MAX || (*word && !*name))
        return;
    va_start(ap, label);
    vsnprintf(text, sizeof text, label, ap);
    va_end(ap);
    text_copy(lead.name, sizeof lead.name, name);
    text_copy(lead.label, sizeof lead.label, text);
    for (size_t i = 0; i < to->count; i++)
        if (lead_same(&to->at[i], &lead))
            return;
    to->at[to->count++] = lead;
}

void lead_run(const struct pane_view *view, struct leads *to, size_t account, const struct release *run, const char *relation)
{
    char label[120];
    release_label(&view->estate->accounts[account].releases, run, label, sizeof label);
    if (run->provider == RELEASE_PIPELINE)
        lead_add(to, "releases", account, "pipeline", run->pipeline, "%s pipeline %s", relation, run->pipeline);
    else
        lead_add(to, "releases", account, "run", label, "%s run %s %.7s %s", relation, label, run->sha, run->title);
}

void lead_images(const struct pane_view *view, struct leads *to, const char *references)
{
    const struct account *registry = estate_management(view->estate);
    char one[300], repository[120], digest[80], tag[140], text[16];
    for (const char *at = references; registry && *at; at += strcspn(at, ","), at += *at == ',') {
        text_format(one, sizeof one, "%.*s", (int)strcspn(at, ","), at);
        if (!image_is_from(one, registry->config->id))
            continue;
        image_parse(one, repository, sizeof repository, digest, sizeof digest);
        lead_add(to, "images", registry->index, "reference", one, "image %s %s", repository,
                 *digest ? digest_short(digest, text, sizeof text) : image_tag(one, tag, sizeof tag));
    }
}

static bool is_called(const struct pane *pane, const struct pane_view *view, struct row_ref row, const char *name)
{
    struct value value;
    for (const struct column *c = pane->columns; c->key; c++) {
        if (c->screen_only)
            continue;
        c->value(view, row, &value);
        if (value.known && !strcmp(value.text, name))
            return true;
    }
    return false;
}

bool lead_means(const struct pane_view *view, const struct pane *pane, const struct lead *lead, struct row_ref row)
{
    if (lead->account != LEAD_ANY && row.account != lead->account)
        return false;
    if (!*lead->word)
        return true;
    return !strcmp(lead->word, LEAD_CALLED) ? is_called(pane, view, row, lead->name) : pane->is && pane->is(view, row, lead->word, lead->name);
}

/* It is asked at each drawing whether there is any: with ten thousand pods not all are looked at for that. */
static size_t count_up_to(const struct pane_view *view, const struct lead *lead, size_t most, struct row_ref *first)
{
    const struct pane *pane = pane_find(lead->pane);
    row_refs rows = {0};
    size_t count = 0;
    if (!pane)
        return 0;
    pane->rows(view, &rows);
    for (size_t i = 0; i < rows.len && count < most; i++)
        if (lead_means(view, pane, lead, rows.at[i]) && count++ == 0)
            *first = rows.at[i];
    vec_free(&rows);
    return count;
}

size_t lead_count(const struct pane_view *view, const struct lead *lead, struct row_ref *first) { return count_up_to(view, lead, SIZE_MAX, first); }

static bool any_slice(const struct pane_view *view, feed_mask feeds, size_t account, bool (*is)(const struct slice *slice))
{
    for (size_t a = 0; a < view->estate->account_count; a++)
        for (int f = 0; f < FEED_COUNT; f++)
            if ((account == LEAD_ANY || account == a) && (feeds & FEED_BIT(f)) && is(&view->estate->accounts[a].slices[f]))
                return true;
    return false;
}

static bool is_waited_for(const struct slice *slice) { return slice->state == SLICE_NEVER || slice->state == SLICE_LOADING; }
static bool is_not_known(const struct slice *slice) { return slice->state != SLICE_NONE && !slice_has_data(slice); }

bool leads_pending(const struct pane_view *view, feed_mask feeds, size_t account) { return any_slice(view, feeds, account, is_waited_for); }

bool lead_is_pending(const struct pane_view *view, const struct lead *lead)
{
    const struct pane *pane = pane_find(lead->pane);
    return pane && leads_pending(view, pane_feeds(pane), lead->account);
}

bool lead_is_known(const struct pane_view *view, const struct lead *lead)
{
    const struct pane *pane = pane_find(lead->pane);
    bool judged = pane && (!pane->checks || view->checks); /* verdicts are had on arrival */
    return !pane || (judged && !any_slice(view, pane_feeds(pane), lead->account, is_not_known));
}

void leads_of(const struct pane_view *view, const struct pane *pane, struct row_ref row, bool any, struct leads *out)
{
    struct leads all = {.count = 0};
    out->count = 0;
    if (!pane->leads)
        return;
    pane->leads(view, row, &all);
    for (size_t i = 0; i < all.count && !(any && out->count); i++) {
        struct row_ref first = {0};
        all.at[i].count = count_up_to(view, &all.at[i], any ? 2 : SIZE_MAX, &first); /* 1 could be the row itself */
        bool itself = all.at[i].count == 1 && !strcmp(all.at[i].pane, pane->name) && first.account == row.account && first.index == row.index;
        if (!itself && (all.at[i].count || !lead_is_known(view, &all.at[i])))
            out->at[out->count++] = all.at[i];
    }
}
