#include "estate/gate.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "base/when.h"

struct looking {
    const struct estate *estate;
    const struct account *account;
    const struct release *release;
    int64_t now;
    struct gate *gate;
};

void gate_add(struct gate *gate, const char *key, const char *title, enum gate_verdict verdict, const char *format, ...)
{
    char text[600];
    va_list ap;
    if (gate->point_count == GATE_POINTS_MAX)
        return;
    struct gate_point *point = &gate->points[gate->point_count++];
    *point = (struct gate_point){.key = key, .title = title, .verdict = verdict};
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    text_copy(point->evidence, sizeof point->evidence, text);
}

/* A point whose data are not there says why; true if so. */
static bool is_unread(struct looking *l, const char *key, const char *title, const struct account *account, enum feed feed)
{
    char text[600];
    const struct slice *slice = account ? &account->slices[feed] : NULL;
    if (slice && slice_has_data(slice))
        return false;
    if (slice && slice->error.kind != ERROR_NONE)
        gate_add(l->gate, key, title, GATE_UNKNOWN, "%s", error_text(&slice->error, text, sizeof text));
    else
        gate_add(l->gate, key, title, GATE_UNKNOWN, slice && slice->state != SLICE_NONE ? "not read yet" : "nothing in the profile tells it");
    return true;
}

/* Images. */

typedef void each_image(void *arg, const struct deployment *d, const char *reference, const char *repository, const char *digest);

static void for_each_image(const struct account *account, each_image *each, void *arg)
{
    for (size_t i = 0; i < account->cluster.deployments.len; i++) {
        const struct deployment *d = &account->cluster.deployments.at[i];
        char one[300], repository[120], digest[80];
        for (const char *at = strcmp(d->ns, "kube-system") ? d->images : ""; *at; at += strcspn(at, ","), at += *at == ',') {
            text_format(one, sizeof one, "%.*s", (int)strcspn(at, ","), at);
            image_parse(one, repository, sizeof repository, digest, sizeof digest);
            each(arg, d, one, repository, digest);
        }
    }
}

struct image_search {
    const struct image_set *set;
    const char *sha;
    struct gate *gate;
};

static void add_image(void *arg, const struct deployment *d, const char *reference, const char *repository, const char *digest)
{
    struct image_search *s = arg;
    (void)d;
    for (size_t i = 0; i < s->gate->image_count; i++)
        if (!strcmp(s->gate->images[i].repository, repository))
            return;
    bool unread = image_is_unread(s->set, reference), known = unread;
    for (size_t i = 0; i < s->set->rows.len; i++)
        known |= !strcmp(s->set->rows.at[i].repository, repository);
    if (!known || s->gate->image_count == GATE_IMAGES_MAX)
        return; /* not of our registry: a sidecar that releases don't touch */
    struct gate_image *image = &s->gate->images[s->gate->image_count++];
    *image = (struct gate_image){.image = image_by_commit(s->set, repository, s->sha), .old = image_by_digest(s->set, digest),
                                  .unread = unread};
    text_copy(image->repository, sizeof image->repository, repository);
    text_copy(image->digest, sizeof image->digest, image->image ? image->image->digest : "");
    text_copy(image->running, sizeof image->running, digest);
}

void gate_images(const struct estate *estate, size_t account, const char *sha, struct gate *out)
{
    const struct account *management = estate_management(estate);
    if (!management)
        return;
    struct image_search search = {&management->images, sha, out};
    for_each_image(&estate->accounts[account], add_image, &search);
}

static const struct account *development(const struct estate *estate)
{
    for (size_t i = 0; i < estate->account_count; i++)
        if (estate->accounts[i].config->kind == ACCOUNT_DEVELOPMENT && estate->accounts[i].config->cluster.name)
            return &estate->accounts[i];
    return NULL;
}

struct dev_search {
    const char *digest;
    const struct deployment *found;
};

static void match_digest(void *arg, const struct deployment *d, const char *reference, const char *repository, const char *digest)
{
    (void)reference;
    struct dev_search *s = arg;
    (void)repository;
    if (!strcmp(s->digest, digest))
        s->found = d;
}

/* When the deployment's oldest ready pod was made; its pods bear its name. 0 if none is ready. */
static int64_t running_since(const struct account *account, const struct deployment *d)
{
    int64_t oldest = 0;
    size_t len = strlen(d->name);
    for (size_t i = 0; i < account->cluster.pods.len; i++) {
        const struct pod *pod = &account->cluster.pods.at[i];
        bool ours = !strcmp(pod->ns, d->ns) && !strncmp(pod->name, d->name, len) && pod->name[len] == '-' && pod_is_ready(pod);
        if (ours && pod->created_at && (!oldest || pod->created_at < oldest))
            oldest = pod->created_at;
    }
    return oldest;
}

static void look_at_dev(struct looking *l)
{
    static const char key[] = "dev-image", title[] = "same image ran in dev";
    const struct account *dev = development(l->estate), *management = estate_management(l->estate);
    struct str text = STR_INIT(4096);
    enum gate_verdict verdict = GATE_PASS;
    char digest[16], span[32];
    if (is_unread(l, key, title, management, FEED_IMAGES) || is_unread(l, key, title, l->account, FEED_DEPLOYMENTS) ||
        is_unread(l, key, title, dev, FEED_DEPLOYMENTS))
        return;
    for (size_t i = 0; i < l->gate->image_count; i++) {
        const struct gate_image *image = &l->gate->images[i];
        struct dev_search search = {.digest = image->digest};
        if (image->image)
            for_each_image(dev, match_digest, &search);
        const struct deployment *d = search.found;
        int64_t since = d ? running_since(dev, d) : 0;
        bool good = since && d->updated == d->desired && d->ready == d->desired;
        str_addf(&text, "%s%s ", i ? "; " : "", image->repository);
        bool lost = !image->image && image->unread;
        if (lost)
            str_addf(&text, "could not be read");
        else if (!image->image)
            str_addf(&text, "has no image of %.7s", l->release->sha);
        else if (!d)
            str_addf(&text, "%s is not what dev runs", digest_short(image->digest, digest, sizeof digest));
        else
            str_addf(&text, "%s for %s, %d/%d ready", digest_short(image->digest, digest, sizeof digest),
                     since ? when_span(l->now - since, span, sizeof span) : "0s", d->ready, d->desired);
        verdict = good || verdict == GATE_FAIL ? verdict : lost ? GATE_UNKNOWN : GATE_FAIL;
    }
    if (!l->gate->image_count)
        gate_add(l->gate, key, title, GATE_UNKNOWN, "no deployment of %s runs an image of this registry", l->account->config->name);
    else
        gate_add(l->gate, key, title, verdict, "%s", str_text(&text));
    str_free(&text);
}

static void look_at_scan(struct looking *l)
{
    static const char key[] = "scan", title[] = "scan";
    struct str text = STR_INIT(4096);
    enum gate_verdict verdict = GATE_PASS;
    if (is_unread(l, key, title, estate_management(l->estate), FEED_IMAGES))
        return;
    for (size_t i = 0; i < l->gate->image_count; i++) {
        const struct gate_image *image = &l->gate->images[i];
        str_addf(&text, "%s%s ", i ? "; " : "", image->repository);
        if (!image->image || image->image->critical < 0) {
            str_addf(&text, "%s", image->image && *image->image->scan ? image->image->scan : "not scanned");
            verdict = verdict == GATE_FAIL ? GATE_FAIL : GATE_UNKNOWN;
            continue;
        }
        str_addf(&text, "%d critical, %d high, %d medium", image->image->critical, image->image->high, image->image->medium);
        if (image->image->critical > 0)
            verdict = GATE_FAIL;
    }
    gate_add(l->gate, key, title, l->gate->image_count ? verdict : GATE_UNKNOWN, "%s", text.len ? str_text(&text) : "no image to look at");
    str_free(&text);
}

static bool follows_scheme(const struct image *image, const char *sha)
{
    char one[sizeof image->tags];
    for (const char *at = image->tags + strspn(image->tags, " "); *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        text_format(one, sizeof one, "%.*s", (int)strcspn(at, " "), at);
        if (!tag_is_version(one) && !tag_is_commit(one, sha) && !tag_is_environment(one))
            return false;
    }
    return tag_names_build(image);
}

static void look_at_tags(struct looking *l)
{
    static const char key[] = "tag", title[] = "tag follows the scheme";
    struct str text = STR_INIT(4096);
    bool good = l->gate->image_count > 0, lost = false;
    if (is_unread(l, key, title, estate_management(l->estate), FEED_IMAGES))
        return;
    for (size_t i = 0; i < l->gate->image_count; i++) {
        const struct gate_image *image = &l->gate->images[i];
        bool unread = !image->image && image->unread;
        lost |= unread;
        good &= unread || (image->image && follows_scheme(image->image, l->release->sha));
        str_addf(&text, "%s%s %s", i ? "; " : "", image->repository,
                 image->image ? image->image->tags : unread ? "could not be read" : "no tag of this commit");
    }
    gate_add(l->gate, key, title, good && !lost ? GATE_PASS : l->gate->image_count && !good ? GATE_FAIL : GATE_UNKNOWN, "%s",
             text.len ? str_text(&text) : "no image to look at");
    str_free(&text);
}

/* The place. */

static void look_at_alarms(struct looking *l)
{
    static const char key[] = "alarms", title[] = "no alarm in production";
    char span[32];
    if (is_unread(l, key, title, l->account, FEED_ALARMS))
        return;
    size_t count = 0;
    const struct alarm *first = NULL;
    for (size_t i = 0; i < l->account->alarms.len; i++)
        if (l->account->alarms.at[i].state == ALARM_ALARM) {
            first = first ? first : &l->account->alarms.at[i];
            count++;
        }
    if (!first)
        gate_add(l->gate, key, title, GATE_PASS, "%zu alarms, all quiet", l->account->alarms.len);
    else
        gate_add(l->gate, key, title, GATE_FAIL, "%s ALARM for %s (%s)%s", first->name, when_span(l->now - first->since, span, sizeof span),
                 first->reason, count > 1 ? ", and others" : "");
}

/* "checkout-slo", not "slow". */
static bool has_word(const char *text, const char *word)
{
    char one[64];
    size_t len;
    for (const char *at = text; *at; at += len ? len : 1) {
        for (len = 0; isalnum((unsigned char)at[len]);)
            len++;
        text_format(one, sizeof one, "%.*s", (int)len, at);
        if (text_same_case(one, word))
            return true;
    }
    return false;
}

/* Whether an alarm watches an error budget is only told by its name. */
static bool is_error_budget(const struct alarm *alarm)
{
    static const char *const words[] = {"error-budget", "error budget", "errorbudget", "error_budget", "burn-rate", "burn rate", "burnrate",
                                        "burn_rate"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_contains(alarm->name, words[i]))
            return true;
    return has_word(alarm->name, "slo");
}

/* The worst of them; no point where no alarm watches one. */
static void look_at_error_budget(struct looking *l)
{
    static const enum gate_verdict verdicts[] = {[ALARM_OK] = GATE_PASS, [ALARM_ALARM] = GATE_FAIL, [ALARM_NO_DATA] = GATE_UNKNOWN};
    const struct alarm *worst = NULL;
    for (size_t i = 0; i < l->account->alarms.len; i++) {
        const struct alarm *alarm = &l->account->alarms.at[i];
        if (is_error_budget(alarm) && (!worst || worst->state == ALARM_OK || alarm->state == ALARM_ALARM))
            worst = alarm;
    }
    if (worst)
        gate_add(l->gate, "error-budget", "error budget left", verdicts[worst->state], "%s %s%s%s", worst->name, alarm_state_name(worst->state),
                 worst->state == ALARM_ALARM ? ": " : "", worst->state == ALARM_ALARM ? worst->reason : "");
}

static void look_at_database(struct looking *l)
{
    static const char key[] = "database", title[] = "database available";
    if (is_unread(l, key, title, l->account, FEED_DATABASE))
        return;
    const struct database_set *set = &l->account->database;
    for (size_t i = 0; i < set->instances.len; i++)
        if (!database_works(&set->instances.at[i])) {
            gate_add(l->gate, key, title, GATE_FAIL, "%s is %s", set->instances.at[i].id, set->instances.at[i].status);
            return;
        }
    if (set->instances.len)
        gate_add(l->gate, key, title, GATE_PASS, "%s", set->instances.at[0].id);
    else
        gate_add(l->gate, key, title, GATE_FAIL, "there is none");
}

static void look_at_freeze(struct looking *l)
{
    char from[40], to[40];
    for (size_t i = 0; i < l->estate->config->freeze.len; i++) {
        const struct freeze_config *freeze = &l->estate->config->freeze.at[i];
        if (l->now < freeze->from || l->now >= freeze->to)
            continue;
        gate_add(l->gate, "freeze", "outside freeze", GATE_FAIL, "%.10s to %.10s%s%s", when_iso(freeze->from, from, sizeof from),
                 when_iso(freeze->to - 1000, to, sizeof to), freeze->reason ? ": " : "", freeze->reason ? freeze->reason : "");
        return;
    }
    gate_add(l->gate, "freeze", "outside freeze", GATE_PASS, l->estate->config->freeze.len ? "none now" : "the profile has none");
}

static void look_at_commits(struct looking *l)
{
    const struct release_set *set = &l->account->releases;
    if (strcmp(set->to, l->release->sha) != 0 || set->ahead < 0)
        return;
    gate_add(l->gate, "commits", "ahead of what production runs", set->behind == 0 && set->ahead > 0 ? GATE_PASS : GATE_FAIL,
             "%d commit%s since %.7s%s", set->ahead, set->ahead == 1 ? "" : "s", set->from,
             set->behind > 0 ? ", and lacks some that production has" : "");
}

static void look_at_rights(struct looking *l)
{
    const struct release *r = l->release;
    char clock[40];
    bool timer = r->waits_until > l->now;
    if (r->state != RELEASE_WAITING)
        gate_add(l->gate, "waits", "waits for approval", GATE_FAIL, "it is %s%s%s", release_state_name(r->state), *r->reviewed ? ", " : "",
                 r->reviewed);
    else if (r->provider == RELEASE_PIPELINE)
        gate_add(l->gate, "waits", "may be approved by you", r->can_approve ? GATE_PASS : GATE_FAIL, "stage %s, action %s%s", r->stage, r->action,
                 r->can_approve ? "" : "; the profile names no operator_role for the account");
    else
        gate_add(l->gate, "waits", "may be approved by you", r->can_approve ? GATE_PASS : GATE_FAIL, "environment %s; reviewers %s%s%s%s%s",
                 r->environment, *r->reviewers ? r->reviewers : "nobody", timer ? "; its wait timer ends " : "",
                 timer ? when_clock(r->waits_until, clock, sizeof clock) : "", *r->reviewed ? "; " : "", r->reviewed);
}

typedef void gate_looking(struct looking *looking);

void gate_look(const struct estate *estate, size_t account, const struct release *release, int64_t now, struct gate *out)
{
    static gate_looking *const of_run[] = {look_at_rights,   look_at_dev,    look_at_scan,   look_at_tags, look_at_alarms, look_at_error_budget,
                                           look_at_database, look_at_freeze, look_at_commits, NULL};
    /* What a pipeline carries is not always an image: only the place is looked at. */
    static gate_looking *const of_pipeline[] = {look_at_rights, look_at_alarms, look_at_error_budget, look_at_freeze, NULL};
    struct looking looking = {estate, &estate->accounts[account], release, now, out};
    bool pipeline = release->provider == RELEASE_PIPELINE;
    *out = (struct gate){0};
    if (!pipeline)
        gate_images(estate, account, release->sha, out);
    for (gate_looking *const *look = pipeline ? of_pipeline : of_run; *look; look++)
        (*look)(&looking);
}

void gate_rights(const struct estate *estate, size_t account, const struct release *release, int64_t now, struct gate *out)
{
    struct looking looking = {estate, &estate->accounts[account], release, now, out};
    *out = (struct gate){0};
    look_at_rights(&looking);
}
