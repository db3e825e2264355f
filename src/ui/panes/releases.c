/* Releases: what waits at production's door, what went through it, and what speaks for and against. */
#include <string.h>

#include "base/when.h"
#include "estate/gate.h"
#include "estate/promotion.h"
#include "ui/panes/panes.h"
#include "ui/value.h"

#define SHA_SHOWN 7

/* Runs on GitHub, then pipelines. */
static const struct release *release_of(const struct pane_view *view, struct row_ref row)
{
    const struct account *account = account_of(view, row);
    size_t runs = account->releases.runs.len;
    return row.index < runs ? &account->releases.runs.at[row.index] : &account->pipelines.runs.at[row.index - runs];
}

static uint8_t role_of(const struct release *r)
{
    static const uint8_t roles[] = {[RELEASE_WAITING] = ROLE_WARN, [RELEASE_RUNNING] = ROLE_TEXT, [RELEASE_SUCCEEDED] = ROLE_OK,
                                    [RELEASE_FAILED] = ROLE_BAD, [RELEASE_CANCELLED] = ROLE_DIM};
    return roles[r->state];
}

/* A pipeline has a name, told with its title. */
static void run(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct release *r = release_of(view, row);
    value_count(out, ROLE_STRONG, r->provider == RELEASE_PIPELINE ? -1 : r->number);
}
static void state(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct release *r = release_of(view, row);
    value_text(out, role_of(r), release_state_name(r->state));
}
static void environment(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_text(out, ROLE_TEXT, release_of(view, row)->environment);
}
static void branch(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_TEXT, release_of(view, row)->branch); }
static void title(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct release *r = release_of(view, row);
    value_format(out, ROLE_TEXT, "%s%s%s", r->pipeline, *r->pipeline && *r->title ? ": " : "", r->title);
}
static void commit(const struct pane_view *view, struct row_ref row, struct value *out)
{
    value_format(out, ROLE_TEXT, "%.*s", SHA_SHOWN, release_of(view, row)->sha);
}
static void who(const struct pane_view *view, struct row_ref row, struct value *out) { value_text(out, ROLE_TEXT, release_of(view, row)->actor); }
static void age(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct release *r = release_of(view, row);
    value_span(out, ROLE_TEXT, r->waiting_since ? r->waiting_since : r->created_at, view->now);
}

/* The digests that the registry has for the commit, a repository each. */
static void image(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account *management = estate_management(view->estate);
    struct str text = STR_INIT(1024);
    struct gate gate = {0};
    char digest[16];
    if (release_of(view, row)->provider == RELEASE_PIPELINE) { /* what it carries is not always an image */
        value_unknown(out);
        return;
    }
    if (management && value_waits(out, &management->slices[FEED_IMAGES]))
        return;
    gate_images(view->estate, row.account, release_of(view, row)->sha, &gate);
    for (size_t i = 0; i < gate.image_count; i++)
        if (gate.images[i].image)
            str_addf(&text, "%s%s", text.len ? " " : "", digest_short(gate.images[i].digest, digest, sizeof digest));
    if (text.len)
        value_text(out, ROLE_TEXT, str_text(&text));
    else
        value_unknown(out);
    str_free(&text);
}

static void can_approve(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct release *r = release_of(view, row);
    if (r->state == RELEASE_WAITING)
        value_flag(out, r->can_approve);
    else
        value_unknown(out);
}

static const struct column columns[] = {
    {"account", "ACCT", 5, 5, .identity = true, .value = value_account},
    {"run", "RUN", 5, 0, .right = true, .identity = true, .value = run},
    {"state", "STATE", 9, 0, .value = state},
    {"environment", "WAITS AT", 10, 1, .value = environment},
    {"commit", "COMMIT", 7, 0, .value = commit},
    {"title", "TITLE", 14, 0, .grow = true, .identity = true, .value = title},
    {"branch", "BRANCH", 8, 3, .value = branch},
    {"who", "WHO", 11, 1, .value = who},
    {"age", "AGE", 5, 0, .right = true, .value = age},
    {"image", "IMAGE", 17, 2, .value = image},
    {"can_approve", "YOURS", 5, 4, .value = can_approve},
    {0},
};

/* What waits first, then as GitHub has them: newest first. */
static void rows(const struct pane_view *view, row_refs *out)
{
    for (int waits = 1; waits >= 0; waits--)
        for (size_t a = 0; a < view->estate->account_count; a++)
            for (size_t i = 0; i < view->estate->accounts[a].releases.runs.len + view->estate->accounts[a].pipelines.runs.len; i++) {
                struct row_ref row = {(uint32_t)a, (uint32_t)i};
                if (waits == (release_of(view, row)->state == RELEASE_WAITING))
                    *vec_add(out) = row;
            }
}

static bool detail(const struct pane_view *view, struct row_ref row, struct detail_key *out)
{
    const struct release *r = release_of(view, row);
    *out = (struct detail_key){.kind = r->provider == RELEASE_PIPELINE ? DETAIL_PIPELINE : DETAIL_RELEASE, .account = row.account};
    release_label(&account_of(view, row)->releases, r, out->name, sizeof out->name);
    return true;
}

static void describe_gate(const struct pane_view *view, struct row_ref row, const struct release *r, struct page *out)
{
    static const uint8_t roles[] = {[GATE_PASS] = ROLE_OK, [GATE_FAIL] = ROLE_BAD, [GATE_UNKNOWN] = ROLE_UNKNOWN};
    const char *const marks[] = {[GATE_PASS] = view->unicode ? "✓" : "+", [GATE_FAIL] = view->unicode ? "✗" : "x", [GATE_UNKNOWN] = "?"};
    struct gate gate;
    char new[16], old[16];
    gate_look(view->estate, row.account, r, view->now, &gate);
    page_add(out, ROLE_HEADER, "THE GATE");
    for (size_t i = 0; i < gate.point_count; i++)
        page_add(out, roles[gate.points[i].verdict], "%s %-30s %s", marks[gate.points[i].verdict], gate.points[i].title, gate.points[i].evidence);
    if (gate.image_count)
        page_add(out, ROLE_TEXT, " ");
    if (gate.image_count)
        page_add(out, ROLE_HEADER, "IMAGES");
    for (size_t i = 0; i < gate.image_count; i++)
        page_add(out, ROLE_TEXT, "%-20s %-9s %-24s production runs %s %s", gate.images[i].repository,
                 gate.images[i].image ? digest_short(gate.images[i].digest, new, sizeof new) : "none",
                 gate.images[i].image ? gate.images[i].image->tags : "", digest_short(gate.images[i].running, old, sizeof old),
                 gate.images[i].old ? gate.images[i].old->tags : "");
}

static void describe_commits(const struct release_set *set, const struct release *r, struct page *out)
{
    if (r->provider == RELEASE_PIPELINE || strcmp(set->to, r->sha) != 0)
        return;
    page_add(out, ROLE_TEXT, " ");
    page_add(out, ROLE_HEADER, "COMMITS SINCE %.7s", set->from);
    for (size_t i = 0; i < set->commits.len; i++)
        page_add(out, ROLE_TEXT, "%.7s  %-14s %s", set->commits.at[i].sha, set->commits.at[i].author, set->commits.at[i].message);
    if (set->ahead > (int)set->commits.len)
        page_add(out, ROLE_DIM, "and %d more", set->ahead - (int)set->commits.len);
}

static void describe(const struct pane_view *view, struct row_ref row, struct page *out)
{
    const struct release *r = release_of(view, row);
    const struct release_set *set = &account_of(view, row)->releases;
    char at[40], span[32];
    bool pipeline = r->provider == RELEASE_PIPELINE;
    page_add(out, role_of(r), "%s%s%s   %s %s %.7s", release_state_name(r->state), *r->environment ? " at " : "", r->environment,
             pipeline ? "CodePipeline" : set->repository, pipeline ? r->pipeline : r->branch, r->sha);
    page_add(out, ROLE_TEXT, "title      %s", r->title);
    if (strcmp(r->title, r->message) != 0)
        page_add(out, ROLE_TEXT, "message    %s", r->message);
    if (!pipeline)
        page_add(out, ROLE_TEXT, "who        %s, by %s", r->actor, r->event);
    if (*r->link)
        page_add(out, ROLE_TEXT, "look at    %s", r->link);
    if (*r->reviewed)
        page_add(out, ROLE_TEXT, "review     %s", r->reviewed);
    page_add(out, ROLE_TEXT, "began      %s   (%s ago)", r->created_at ? when_date(r->created_at, at, sizeof at) : "–",
             r->created_at ? when_span(view->now - r->created_at, span, sizeof span) : "–");
    if (r->waiting_since)
        page_add(out, ROLE_WARN, "waiting    %s", when_span(view->now - r->waiting_since, span, sizeof span));
    page_add(out, ROLE_TEXT, " ");
    if (r->state == RELEASE_WAITING)
        describe_gate(view, row, r, out);
    describe_commits(set, r, out);
}

static void targets(const struct pane_view *view, struct row_ref row, struct targets *out)
{
    const struct release *r = release_of(view, row);
    char label[120];
    target_add(view, out, r->provider == RELEASE_PIPELINE ? TARGET_PIPELINE : TARGET_RELEASE, row.account, "",
               release_label(&account_of(view, row)->releases, r, label, sizeof label));
}

static void leads(const struct pane_view *view, struct row_ref row, struct leads *out)
{
    const struct release *r = release_of(view, row);
    struct gate gate = {0};
    char reference[300], digest[16], label[120];
    if (r->provider == RELEASE_GITHUB)
        gate_images(view->estate, row.account, r->sha, &gate);
    for (size_t i = 0; i < gate.image_count; i++) {
        const struct image *image = gate.images[i].image;
        struct image_place places[8];
        size_t count = image ? image_places(view->estate, image, places, sizeof places / sizeof *places) : 0;
        text_format(reference, sizeof reference, "%s@%s", gate.images[i].repository, gate.images[i].digest);
        if (image)
            lead_add(out, "images", LEAD_ANY, "reference", reference, "image %s %s", image->repository,
                     digest_short(image->digest, digest, sizeof digest));
        for (size_t k = 0; k < count; k++) {
            text_format(reference, sizeof reference, "%s/%s", places[k].deployment->ns, places[k].deployment->name);
            lead_add(out, "pods", places[k].account, "deployment", reference, "runs in %s, pods of %s",
                     view->estate->accounts[places[k].account].config->name, reference);
        }
    }
    lead_add(out, "security", row.account, "gate", r->environment, "the gate before %s", r->environment);
    release_label(&account_of(view, row)->releases, r, label, sizeof label);
    lead_add(out, "timeline", row.account, "subject", label, "all that happened to %s", label);
}

static bool is(const struct pane_view *view, struct row_ref row, const char *word, const char *name)
{
    const struct release *r = release_of(view, row);
    char label[120];
    if (!strcmp(word, "pipeline"))
        return r->provider == RELEASE_PIPELINE && !strcmp(r->pipeline, name);
    release_label(&account_of(view, row)->releases, r, label, sizeof label);
    return !strcmp(word, "run") && r->provider == RELEASE_GITHUB && !strcmp(label, name);
}

const struct pane pane_releases = {
    .name = "releases",
    .title = "Releases",
    .about = "what waits for approval, what was released, and the gate",
    .feeds = FEED_BIT(FEED_RELEASES) | FEED_BIT(FEED_PIPELINES) | FEED_BIT(FEED_IMAGES) | FEED_BIT(FEED_DEPLOYMENTS),
    .columns = columns,
    .rows = rows,
    .detail = detail,
    .describe = describe,
    .targets = targets,
    .leads = leads,
    .is = is,
};
