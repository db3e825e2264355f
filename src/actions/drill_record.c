/* What a drill came to: from what was seen to which promises were kept. What was not seen is not claimed. */
#include <stdlib.h>
#include <string.h>

#include "actions/drill.h"
#include "base/text.h"
#include "base/when.h"

void drill_note(struct drill_record *r, int64_t at, const char *what, const char *text)
{
    if (r->entries.len == DRILL_ENTRIES_MAX) {
        r->entries_dropped++;
        return;
    }
    struct drill_entry *e = vec_add(&r->entries);
    e->at = at;
    text_clean(e->what, sizeof e->what, what, strlen(what));
    text_clean(e->text, sizeof e->text, text, strlen(text));
}

void drill_record_free(struct drill_record *r)
{
    for (size_t i = 0; i < r->probes.len; i++)
        vec_free(&r->probes.at[i].outages);
    vec_free(&r->probes);
    vec_free(&r->entries);
    vec_free(&r->gaps);
}

static int64_t end_of(const struct drill_probe *p, const struct probe_outage *o) { return o->to_ms ? o->to_ms : p->stopped_at; }

int64_t drill_probe_down(const struct drill_probe *p, int64_t since, int64_t *longest)
{
    int64_t down = 0;
    *longest = 0;
    for (size_t i = 0; i < p->outages.len; i++) {
        int64_t span = end_of(p, &p->outages.at[i]) - p->outages.at[i].from_ms;
        if (end_of(p, &p->outages.at[i]) <= since)
            continue;
        down += span;
        *longest = span > *longest ? span : *longest;
    }
    return down;
}

void drill_bar(const struct drill_probe *p, int64_t from, int64_t to, int64_t each_ms, char *out, size_t size)
{
    size_t len = 0;
    for (int64_t t = from; t < to && len + 1 < size; t += each_ms) {
        bool observed = p->started_at && t + each_ms > p->started_at && (!p->stopped_at || t < p->stopped_at), down = false;
        for (size_t i = 0; i < p->outages.len && !down; i++)
            down = p->outages.at[i].from_ms < t + each_ms && (!p->outages.at[i].to_ms || p->outages.at[i].to_ms > t);
        out[len++] = !observed ? ' ' : down ? 'x' : '+';
    }
    out[len] = '\0';
}

/* Promises. */

static struct drill_promise *add(struct drill_verdict *v, const char *promise)
{
    struct drill_promise *p = &v->promises[v->promise_count++];
    *p = (struct drill_promise){.promise = promise, .state = PROMISE_UNKNOWN};
    return p;
}

/* Of a watch that ended, what its probes had counted is gone with it. */
static const struct drill_gap *after_call(const struct drill_record *r)
{
    for (size_t i = 0; i < r->gaps.len; i++)
        if (r->called_at && r->gaps.at[i].to > r->called_at)
            return &r->gaps.at[i];
    return NULL;
}

static void tell_gap(const struct drill_gap *gap, char *out, size_t size)
{
    char from[40], to[40];
    text_format(out, size, "nothing was observed from %s to %s", when_iso(gap->from, from, sizeof from), when_iso(gap->to, to, sizeof to));
}

static void judge_failover(const struct drill_record *r, struct drill_verdict *v)
{
    struct drill_promise *p = add(v, "failover");
    char span[32];
    if (*r->failure) {
        p->state = PROMISE_BROKEN;
        text_copy(p->evidence, sizeof p->evidence, r->failure);
    } else if (!r->back_at) {
        text_copy(p->evidence, sizeof p->evidence, "it was not watched to its end");
    } else {
        p->state = PROMISE_KEPT;
        if (r->zones_at && r->zones_at > r->back_at)
            text_format(p->evidence, sizeof p->evidence, "from %s to %s; shown swapped %s after it was back", r->zone_before, r->zone_after,
                        when_span(r->zones_at - r->back_at, span, sizeof span));
        else if (r->zones_at)
            text_format(p->evidence, sizeof p->evidence, "from %s to %s", r->zone_before, r->zone_after);
        else
            text_format(p->evidence, sizeof p->evidence, "RDS tells that it is complete; the primary is still shown in %s", r->zone_after);
    }
}

static void judge_outage(const struct drill_record *r, struct drill_verdict *v)
{
    struct drill_promise *p = add(v, "outage");
    const struct drill_gap *gap = after_call(r);
    int64_t worst = -1, longest;
    const struct drill_probe *silent = NULL, *slowest = NULL;
    for (size_t i = 0; i < r->probes.len && r->called_at; i++) {
        const struct drill_probe *probe = &r->probes.at[i];
        int64_t down = drill_probe_down(probe, r->called_at, &longest);
        silent = probe->attempts && !probe->good && !silent ? probe : silent;
        if (probe->attempts && down > worst) {
            worst = down;
            slowest = probe;
        }
    }
    v->outage_ms = gap ? -1 : worst;
    if (slowest && worst > r->objective_ms) {
        p->state = PROMISE_BROKEN;
        text_format(p->evidence, sizeof p->evidence, "%s was away for %.1f s; at most %.0f s promised", slowest->kind, (double)worst / 1000,
                    (double)r->objective_ms / 1000);
    } else if (silent && !r->left) {
        p->state = PROMISE_BROKEN;
        text_format(p->evidence, sizeof p->evidence, "%s did not answer at the end: %s", silent->kind, silent->error);
    } else if (gap) {
        tell_gap(gap, p->evidence, sizeof p->evidence);
    } else if (!slowest || !r->back_at) {
        text_copy(p->evidence, sizeof p->evidence, slowest ? "it was not watched to its end" : "no probe measured it");
    } else {
        p->state = PROMISE_KEPT;
        text_format(p->evidence, sizeof p->evidence, "%.1f s by %s, the slowest; at most %.0f s promised", (double)worst / 1000, slowest->kind,
                    (double)r->objective_ms / 1000);
    }
}

static void judge_rows(const struct drill_record *r, struct drill_verdict *v)
{
    const struct drill_probe *unverified = NULL, *loser = NULL;
    const struct drill_gap *gap = after_call(r);
    bool writes = false;
    v->acknowledged = v->lost = -1;
    for (size_t i = 0; i < r->probes.len; i++) {
        const struct drill_probe *probe = &r->probes.at[i];
        if (!probe->has_rows)
            continue;
        v->acknowledged = (writes ? v->acknowledged : 0) + probe->acknowledged;
        v->lost = (writes ? v->lost : 0) + probe->lost;
        writes = true;
        unverified = probe->verified ? unverified : probe;
        loser = probe->verified && probe->lost ? probe : loser;
    }
    if (!writes)
        return;
    struct drill_promise *p = add(v, "rows");
    if (loser) {
        p->state = PROMISE_BROKEN;
        text_format(p->evidence, sizeof p->evidence, "%lld acknowledged rows are lost: %s", (long long)v->lost, loser->lost_ranges);
    } else if (gap) {
        text_copy(p->evidence, sizeof p->evidence, "rows acknowledged before the watch broke off were not counted");
    } else if (unverified) {
        text_format(p->evidence, sizeof p->evidence, "which rows are there could not be read back: %s", unverified->rows_error);
    } else {
        p->state = PROMISE_KEPT;
        text_format(p->evidence, sizeof p->evidence, "%lld acknowledged, all there", (long long)v->acknowledged);
    }
    if (p->state == PROMISE_UNKNOWN)
        v->lost = -1;
}

void drill_judge(const struct drill_record *r, struct drill_verdict *v)
{
    static const char *const words[] = {[PROMISE_KEPT] = "PASSED", [PROMISE_BROKEN] = "FAILED", [PROMISE_UNKNOWN] = "INCOMPLETE"};
    enum promise_state worst = PROMISE_KEPT;
    *v = (struct drill_verdict){.outage_ms = -1};
    judge_failover(r, v);
    judge_outage(r, v);
    judge_rows(r, v);
    for (size_t i = 0; i < v->promise_count; i++) {
        enum promise_state state = v->promises[i].state;
        bool worse = (state == PROMISE_BROKEN && worst != PROMISE_BROKEN) || (state == PROMISE_UNKNOWN && worst == PROMISE_KEPT);
        if (!worse)
            continue;
        worst = state;
        text_copy(v->why, sizeof v->why, v->promises[i].evidence);
    }
    v->word = words[worst];
}
