/* What a release is, before it is approved, and how its rollout goes: lines for screen and command line alike. */
#include <string.h>

#include "actions/release.h"
#include "base/text.h"
#include "base/when.h"

#define COMMITS_SHOWN 6

static void introduce_pipeline(const struct action *a, const struct release *r, bool unicode, tell_line *line, void *arg)
{
    const char *dot = unicode ? "·" : "-";
    char text[800], span[32];
    text_format(text, sizeof text, "CodePipeline %s %.7s \"%s\" %s waiting %s", dot, r->sha, r->title, dot,
                when_span(action_now(a) - r->waiting_since, span, sizeof span));
    line(arg, TONE_PLAIN, text);
    if (*r->link)
        line(arg, TONE_DIM, r->link);
}

static void introduce_images(const struct gate *gate, bool unicode, tell_line *line, void *arg)
{
    char text[800], from[16], to[16];
    for (size_t i = 0; i < gate->image_count; i++) {
        const struct gate_image *image = &gate->images[i];
        text_format(text, sizeof text, "%-20s %s %s %s   %s", image->repository, digest_short(image->running, from, sizeof from),
                    unicode ? "→" : "->", *image->digest ? digest_short(image->digest, to, sizeof to) : "no image of this commit",
                    image->image ? image->image->tags : "");
        line(arg, TONE_PLAIN, text);
    }
}

static void introduce_commits(const struct release_set *set, const struct release *r, tell_line *line, void *arg)
{
    char text[800];
    if (strcmp(set->to, r->sha) != 0)
        return;
    for (size_t i = 0; i < set->commits.len && i < COMMITS_SHOWN; i++) {
        const struct release_commit *commit = &set->commits.at[i];
        text_format(text, sizeof text, "%.7s  %-14s %s", commit->sha, commit->author, commit->message);
        line(arg, TONE_DIM, text);
    }
    if (set->ahead > COMMITS_SHOWN) {
        text_format(text, sizeof text, "and %d more since %.7s", set->ahead - COMMITS_SHOWN, set->from);
        line(arg, TONE_DIM, text);
    }
}

void release_introduce(const struct action *a, bool unicode, tell_line *line, void *arg)
{
    const struct release *r = release_target(a);
    const struct release_set *set = &a->account->releases;
    const char *dot = unicode ? "·" : "-";
    char text[800], span[32];
    if (!r)
        return;
    if (r->provider == RELEASE_PIPELINE) {
        introduce_pipeline(a, r, unicode, line, arg);
        return;
    }
    text_format(text, sizeof text, "%s %s %s %.7s \"%s\" %s %s %s waiting %s", set->repository, dot, r->branch, r->sha, r->title, dot, r->actor, dot,
                when_span(action_now(a) - r->waiting_since, span, sizeof span));
    line(arg, TONE_PLAIN, text);
    introduce_images(&a->gate, unicode, line, arg);
    introduce_commits(set, r, line, arg);
}

#define BAR 12

/* Twelve cells: what is ready of the new, what is new and not ready, what is old. */
static void draw_bar(const struct rollout_part *part, bool unicode, char *out, size_t size)
{
    struct str text = STR_INIT(256);
    int all = part->fresh + part->old, ready, fresh;
    all = all > part->desired ? all : part->desired > 0 ? part->desired : 1;
    ready = part->ready * BAR / all;
    fresh = part->fresh * BAR / all;
    for (int i = 0; i < BAR; i++)
        str_adds(&text, i < ready ? (unicode ? "█" : "#") : i < fresh ? (unicode ? "▒" : "+") : unicode ? "░" : ".");
    text_copy(out, size, str_text(&text));
    str_free(&text);
}

void release_tell(const struct action *a, bool unicode, tell_line *line, void *arg)
{
    const struct step *s = release_step(a, &step_release_rollout);
    struct rollout rollout;
    char text[400], bar[80];
    if (!s || !s->began_at)
        return;
    rollout_look(a->account, s->with, &rollout);
    for (size_t i = 0; i < rollout.count; i++) {
        const struct rollout_part *part = &rollout.parts[i];
        draw_bar(part, unicode, bar, sizeof bar);
        text_format(text, sizeof text, "%-20.40s %s %s  new %s %d/%d ready  old %s %d", part->name, bar, part->changed ? "" : "not told yet ",
                    part->to, part->ready, part->desired, part->from, part->old);
        line(arg, part->settled ? TONE_GOOD : TONE_PLAIN, text);
    }
    if (*rollout.wrong)
        line(arg, TONE_BAD, rollout.wrong);
    else
        line(arg, TONE_DIM, "no alarm has gone off since");
}
