/* Images: what the central registry has of what clusters run, what the scans found, where each runs, and how it came to production. */
#include <string.h>

#include "base/when.h"
#include "estate/promotion.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

static const struct image *image_of(const struct pane_view *view, struct row_ref row) { return &account_of(view, row)->images.rows.at[row.index]; }

static void repository(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_text(out, ROLE_STRONG, image_of(view, row)->repository);
}
static void digest(const struct pane_view *view, struct row_ref row, struct value *out)
{
    char text[16];
    value_text(out, ROLE_DIM, digest_short(image_of(view, row)->digest, text, sizeof text));
}
static void tags(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct image *image = image_of(view, row);
    value_text(out, tag_names_build(image) ? ROLE_TEXT : ROLE_WARN, *image->tags ? image->tags : "no tag");
}
static void pushed(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_span(out, ROLE_TEXT, image_of(view, row)->pushed_at, view->now);
}
static void critical(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_count(out, image_of(view, row)->critical > 0 ? ROLE_BAD : ROLE_OK, image_of(view, row)->critical);
}
static void high(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_count(out, image_of(view, row)->high > 0 ? ROLE_WARN : ROLE_OK, image_of(view, row)->high);
}
static void medium(const struct pane_view *view, struct row_ref row, struct value *out) { value_count(out, ROLE_TEXT, image_of(view, row)->medium); }

/* Known once every cluster has told what it runs. */
static void runs_in(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct image *image = image_of(view, row);
    char text[sizeof out->text];
    bool production = image_runs_in(view->estate, image, ACCOUNT_PRODUCTION);
    image_places_text(view->estate, image, text, sizeof text);
    if (*text)
        value_text(out, production ? ROLE_PROD : ROLE_DEV, text);
    else
        value_text(out, ROLE_DIM, unread_word(view, FEED_DEPLOYMENTS, "nowhere"));
}

static const struct column columns[] = {
    {"account", "ACCT", 5, 4, .identity = true, .value = value_account},
    {"repository", "REPOSITORY", 16, 0, .identity = true, .value = repository},
    {"digest", "DIGEST", 8, 0, .identity = true, .value = digest},
    {"tags", "TAGS", 16, 0, .grow = true, .value = tags},
    {"pushed", "PUSHED", 6, 1, .right = true, .value = pushed},
    {"critical", "CRIT", 4, 0, .right = true, .value = critical},
    {"high", "HIGH", 4, 0, .right = true, .value = high},
    {"medium", "MED", 3, 2, .right = true, .value = medium},
    {"runs_in", "RUNS IN", 16, 0, .value = runs_in},
    {0},
};

static void rows(const struct pane_view *view, row_refs *out)
{
    for (size_t a = 0; a < view->estate->account_count; a++)
        for (size_t i = 0; i < view->estate->accounts[a].images.rows.len; i++)
            row_add(out, a, i);
}

/* Each registry in a line. */
static void registry_words(const struct account *a, char *out, size_t size)
{
    const struct registry *r = &a->registry;
    size_t scans = 0, held = 0, expire = 0;
    for (size_t i = 0; i < r->repositories.len; i++) {
        scans += r->repositories.at[i].scan_on_push;
        held += repository_holds(&r->repositories.at[i], "v1.2.3");
        expire += r->repositories.at[i].lifecycle > 0;
    }
    text_format(out, size, "%zu repositories: %zu scan on push, %zu with immutable tags, %zu expire", r->repositories.len, scans, held, expire);
}

static int draw(const struct pane_view *view, struct cells *cells, int top, int height)
{
    int row = top;
    char text[200];
    for (size_t a = 0; a < view->estate->account_count && row - top + 2 < height; a++) {
        const struct account *account = &view->estate->accounts[a];
        bool management = account->config->kind == ACCOUNT_MANAGEMENT;
        if (!slice_has_data(&account->slices[FEED_REGISTRY]) || (!management && !account->registry.repositories.len))
            continue;
        registry_words(account, text, sizeof text);
        cells_put(cells, row, 1, 9, kind_role(account->config->kind), account->config->name);
        cells_put(cells, row++, 10, cells->columns - 11, management ? ROLE_TEXT : ROLE_WARN, text);
    }
    return row > top ? row - top + 1 : 0;
}

static bool detail(const struct pane_view *view, struct row_ref row, struct detail_key *out)
{
    *out = (struct detail_key){.kind = DETAIL_IMAGE, .account = row.account};
    text_format(out->name, sizeof out->name, "%s@%s", image_of(view, row)->repository, image_of(view, row)->digest);
    return true;
}

static void gap(struct page *out, const char *title)
{
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "%s", title);
}

static void describe_places(const struct pane_view *view, const struct image *image, struct page *out)
{
    struct image_place places[40];
    size_t count = image_places(view->estate, image, places, sizeof places / sizeof *places);
    gap(out, "RUNS IN");
    for (size_t i = 0; i < count; i++) {
        const struct account *a = &view->estate->accounts[places[i].account];
        page_add(out, kind_role(a->config->kind), "%-6s %s/%s   %d/%d ready", a->config->name, places[i].deployment->ns, places[i].deployment->name,
                 places[i].deployment->ready, places[i].deployment->desired);
    }
    if (!count)
        page_add(out, ROLE_DIM, "%s", unread_word(view, FEED_DEPLOYMENTS, "nowhere"));
}

static void describe_run(const struct pane_view *view, const struct image *image, struct page *out)
{
    size_t account;
    const struct release *r = image_run(view->estate, image, &account);
    char span[32];
    if (r)
        page_add(out, ROLE_TEXT, "built       by run %lld of %.7s, %s ago, %s: %s", (long long)r->number, r->sha,
                 when_span(view->now - r->created_at, span, sizeof span), release_state_name(r->state), r->title);
    else
        page_add(out, ROLE_DIM, "built       by no run that is known");
}

static void describe_development(const struct pane_view *view, const struct image *image, struct page *out)
{
    const struct account *dev = estate_development(view->estate);
    char span[32];
    int64_t at;
    if (!dev)
        return;
    enum promotion promotion = image_promotion(dev, image->repository, image->digest, image->pushed_at, &at);
    const char *since = at ? when_span(view->now - at, span, sizeof span) : "–";
    if (promotion == PROMOTION_RUNS)
        page_add(out, ROLE_DEV, "%-11s runs it; came %s ago", dev->config->name, since);
    else if (promotion == PROMOTION_RAN)
        page_add(out, ROLE_DEV, "%-11s ran it; came %s ago", dev->config->name, since);
    else
        page_add(out, promotion == PROMOTION_NEVER ? ROLE_WARN : ROLE_UNKNOWN, "%-11s %s", dev->config->name,
                 promotion == PROMOTION_NEVER ? "never ran it" : "not known: its revisions do not reach back so far");
}

static void describe_production(const struct pane_view *view, const struct image *image, struct page *out)
{
    char span[32];
    for (size_t a = 0; a < view->estate->account_count; a++) {
        const struct account *account = &view->estate->accounts[a];
        int64_t at;
        if (account->config->kind != ACCOUNT_PRODUCTION)
            continue;
        enum promotion promotion = image_promotion(account, image->repository, image->digest, image->pushed_at, &at);
        page_add(out, promotion == PROMOTION_RUNS ? ROLE_PROD : ROLE_DIM, "%-11s %s%s%s%s", account->config->name,
                 promotion == PROMOTION_RUNS ? "runs it" : promotion == PROMOTION_RAN ? "ran it" : "does not run it", at ? "; came " : "",
                 at ? when_span(view->now - at, span, sizeof span) : "", at ? " ago" : "");
    }
}

static void describe_path(const struct pane_view *view, const struct image *image, struct page *out)
{
    char date[40], span[32];
    gap(out, "FROM COMMIT TO PRODUCTION");
    describe_run(view, image, out);
    page_add(out, ROLE_TEXT, "pushed      %s   (%s ago)", when_date(image->pushed_at, date, sizeof date),
             when_span(view->now - image->pushed_at, span, sizeof span));
    describe_development(view, image, out);
    describe_production(view, image, out);
}

static void describe_findings(const struct account *account, const struct image *image, struct page *out)
{
    bool any = false;
    gap(out, "FINDINGS");
    if (image->critical < 0)
        page_add(out, ROLE_UNKNOWN, "%s", *image->scan ? image->scan : "never scanned");
    else
        page_add(out, image->critical ? ROLE_BAD : ROLE_TEXT, "%d critical, %d high, %d medium, %d low", image->critical, image->high, image->medium,
                 image->low);
    for (size_t i = 0; i < account->images.findings.len; i++) {
        const struct image_finding *f = &account->images.findings.at[i];
        if (strcmp(f->digest, image->digest) != 0)
            continue;
        any = true;
        page_add(out, !strcmp(f->severity, "CRITICAL") ? ROLE_BAD : !strcmp(f->severity, "HIGH") ? ROLE_WARN : ROLE_TEXT, "%-9s %-18s %s %s",
                 f->severity, f->name, f->package, f->version);
    }
    if (!any && image->critical + image->high + image->medium + image->low > 0)
        page_add(out, ROLE_DIM, "one by one they are read of what production runs");
}

static void describe_repository(const struct account *account, const struct image *image, struct page *out)
{
    static const char *const known[] = {"not known", "none", "yes"};
    for (size_t i = 0; i < account->registry.repositories.len; i++) {
        const struct ecr_repository *r = &account->registry.repositories.at[i];
        if (strcmp(r->name, image->repository) != 0)
            continue;
        gap(out, "REPOSITORY");
        page_add(out, r->scan_on_push ? ROLE_TEXT : ROLE_WARN, "scan on push  %s", r->scan_on_push ? "on" : "off");
        page_add(out, repository_holds(r, "v1.2.3") ? ROLE_TEXT : ROLE_WARN, "tags          %s%s%s", r->mutability, *r->excluded ? ", but for " : "",
                 r->excluded);
        page_add(out, r->lifecycle == 0 ? ROLE_WARN : ROLE_TEXT, "lifecycle     %s", known[r->lifecycle + 1]);
        page_wrap(out, ROLE_TEXT, "may pull      ", r->policy > 0 ? r->principals : known[r->policy + 1]);
        if (*r->pushes)
            page_wrap(out, ROLE_BAD, "and more      ", r->pushes);
    }
}

static void describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    const struct image *image = image_of(view, row);
    page_add(out, ROLE_STRONG, "%s   %s", image->repository, *image->tags ? image->tags : "no tag");
    page_add(out, ROLE_DIM, "%s", image->digest);
    describe_places(view, image, out);
    describe_path(view, image, out);
    describe_findings(account_of(view, row), image, out);
    describe_repository(account_of(view, row), image, out);
}

static void leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    const struct image *image = image_of(view, row);
    struct image_place places[12];
    char deployment[220];
    size_t count = image_places(view->estate, image, places, sizeof places / sizeof *places), account;
    const struct release *run = image_run(view->estate, image, &account);
    for (size_t i = 0; i < count; i++) {
        const struct account *a = &view->estate->accounts[places[i].account];
        text_format(deployment, sizeof deployment, "%s/%s", places[i].deployment->ns, places[i].deployment->name);
        lead_add(out, "pods", a->index, "deployment", deployment, "runs in %s, pods of %s", a->config->name, deployment);
    }
    if (run)
        lead_run(view, out, account, run, "built by");
    lead_add(out, "images", row.account, "repository", image->repository, "other images of %s", image->repository);
    lead_add(out, "alarms", row.account, "RepositoryName", image->repository, "alarms on the repository %s", image->repository);
    lead_add(out, "conformance", row.account, "resource", image->repository, "checks on the repository %s", image->repository);
    lead_add(out, "timeline", row.account, "subject", image->repository, "all that happened to the repository %s", image->repository);
}

static bool is(const struct pane_view *view, struct row_ref row, const char *word, const char *name)
{
    const struct image *image = image_of(view, row);
    if (!strcmp(word, "repository"))
        return !strcmp(image->repository, name);
    return !strcmp(word, "reference") && image_is_meant(image, name);
}

static json_t *known_json(int known) { return known < 0 ? json_null() : json_boolean(known); }

/* Every repository, with or without an image that runs. */
static void json(const struct pane_view *view, json_t *into)
{
    json_t *list = json_array();
    for (size_t a = 0; a < view->estate->account_count; a++)
        for (size_t i = 0; i < view->estate->accounts[a].registry.repositories.len; i++) {
            const struct ecr_repository *r = &view->estate->accounts[a].registry.repositories.at[i];
            json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s, s:s, s:o, s:o, s:s, s:s}", "account", view->estate->accounts[a].config->name,
                                                  "repository", r->name, "scan_on_push", r->scan_on_push, "mutability", r->mutability, "excluded",
                                                  r->excluded, "lifecycle", known_json(r->lifecycle), "policy", known_json(r->policy), "principals",
                                                  r->principals, "pushes", r->pushes));
        }
    json_object_set_new(into, "repositories", list);
}

const struct pane pane_images = {
    .name = "images",
    .title = "Images",
    .about = "repositories, images, findings, where each runs, the way to production",
    .feeds = FEED_BIT(FEED_IMAGES) | FEED_BIT(FEED_REGISTRY) | FEED_BIT(FEED_DEPLOYMENTS) | FEED_BIT(FEED_PLATFORM) | FEED_BIT(FEED_RELEASES),
    .columns = columns,
    .rows = rows,
    .draw = draw,
    .detail = detail,
    .describe = describe,
    .json = json,
    .leads = leads,
    .is = is,
};
