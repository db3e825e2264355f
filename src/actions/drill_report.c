/* The drill's report: JSON by doc/drill.schema.json, and the same for people. Both from the record alone. */
#include <stdlib.h>
#include <string.h>

#include "actions/drill.h"
#include "actions/state.h"
#include "base/file.h"
#include "base/markdown.h"
#include "base/text.h"
#include "base/when.h"

#define BAR_MAX    240 /* characters of a probe's bar; above, each stands for more than a second */
#define BAR_LINE   60
#define LEAD_MS    5000 /* shown before the call, and after the end of it */
#define REPORT_MAX ((size_t)512 << 10)

static const char *const promise_words[] = {[PROMISE_KEPT] = "kept", [PROMISE_BROKEN] = "broken", [PROMISE_UNKNOWN] = "unknown"};
static const char *const gate_words[] = {[GATE_PASS] = "pass", [GATE_FAIL] = "fail", [GATE_UNKNOWN] = "unknown"};

/* The part of the drill that the bars show. */
struct window {
    int64_t from, to, each;
};

static struct window window_of(const struct drill_record *r)
{
    int64_t begin = r->called_at ? r->called_at : r->began_at, end = r->back_at ? r->back_at + LEAD_MS : r->ended_at;
    struct window w = {.from = begin - LEAD_MS, .to = end < r->ended_at || !r->ended_at ? end : r->ended_at, .each = 1000};
    if (w.to < w.from)
        w.to = w.from;
    while ((w.to - w.from) / w.each >= BAR_MAX)
        w.each += 1000;
    return w;
}

/* JSON. */

static json_t *time_of(int64_t ms)
{
    char text[40];
    return ms ? json_string(when_iso_ms(ms, text, sizeof text)) : json_null();
}

static json_t *number_or_null(int64_t n) { return n < 0 ? json_null() : json_integer(n); }
static json_t *text_or_null(const char *s) { return *s ? json_string(s) : json_null(); }

static json_t *promises_json(const struct drill_verdict *v)
{
    json_t *out = json_array();
    for (size_t i = 0; i < v->promise_count; i++)
        json_array_append_new(out, json_pack("{s:s, s:s, s:s}", "promise", v->promises[i].promise, "verdict", promise_words[v->promises[i].state],
                                             "evidence", v->promises[i].evidence));
    return out;
}

static json_t *outages_json(const struct drill_probe *p)
{
    json_t *out = json_array();
    for (size_t i = 0; i < p->outages.len; i++) {
        const struct probe_outage *o = &p->outages.at[i];
        json_array_append_new(out, json_pack("{s:o, s:o, s:I}", "from", time_of(o->from_ms), "to", time_of(o->to_ms), "ms",
                                             (json_int_t)((o->to_ms ? o->to_ms : p->stopped_at) - o->from_ms)));
    }
    return out;
}

static json_t *rows_json(const struct drill_probe *p)
{
    if (!p->has_rows)
        return json_null();
    return json_pack("{s:I, s:I, s:I, s:b, s:o, s:o, s:o, s:o, s:b, s:o}", "sent", (json_int_t)p->sent, "acknowledged", (json_int_t)p->acknowledged,
                     "in_doubt", (json_int_t)(p->sent - p->acknowledged), "verified", p->verified, "found",
                     number_or_null(p->verified ? p->found : -1), "lost", number_or_null(p->verified ? p->lost : -1), "lost_rows",
                     text_or_null(p->lost_ranges), "in_doubt_found", number_or_null(p->verified ? p->extra : -1), "removed", p->removed, "error",
                     text_or_null(p->rows_error));
}

static json_t *probes_json(const struct drill_record *r)
{
    struct window w = window_of(r);
    json_t *out = json_array();
    for (size_t i = 0; i < r->probes.len; i++) {
        const struct drill_probe *p = &r->probes.at[i];
        char bar[BAR_MAX + 2];
        int64_t longest, down = drill_probe_down(p, r->called_at, &longest);
        drill_bar(p, w.from, w.to, w.each, bar, sizeof bar);
        json_array_append_new(out,
                              json_pack("{s:s, s:s, s:o, s:o, s:I, s:I, s:b, s:o, s:I, s:I, s:o, s:o, s:s}", "kind", p->kind, "target", p->target,
                                        "from", time_of(p->started_at), "to", time_of(p->stopped_at), "attempts", (json_int_t)p->attempts, "failures",
                                        (json_int_t)p->failures, "answers", p->good, "outages", outages_json(p), "down_ms", (json_int_t)down,
                                        "longest_ms", (json_int_t)longest, "rows", rows_json(p), "error", text_or_null(p->error), "bar", bar));
    }
    return out;
}

static json_t *timeline_json(const struct drill_record *r)
{
    json_t *out = json_array();
    for (size_t i = 0; i < r->entries.len; i++) {
        const struct drill_entry *e = &r->entries.at[i];
        json_array_append_new(out, json_pack("{s:o, s:o, s:s, s:s}", "at", time_of(e->at), "after_call_ms",
                                             r->called_at ? json_integer(e->at - r->called_at) : json_null(), "what", e->what, "text", e->text));
    }
    return out;
}

static json_t *gaps_json(const struct drill_record *r)
{
    json_t *out = json_array();
    for (size_t i = 0; i < r->gaps.len; i++)
        json_array_append_new(out, json_pack("{s:o, s:o}", "from", time_of(r->gaps.at[i].from), "to", time_of(r->gaps.at[i].to)));
    return out;
}

static json_t *preflight_json(const struct drill_record *r)
{
    json_t *out = json_array();
    for (size_t i = 0; i < r->gate.point_count; i++)
        json_array_append_new(out, json_pack("{s:s, s:s, s:s, s:s}", "key", r->gate.points[i].key, "title", r->gate.points[i].title, "verdict",
                                             gate_words[r->gate.points[i].verdict], "evidence", r->gate.points[i].evidence));
    return out;
}

static json_t *zones_json(const struct drill_record *r)
{
    return json_pack("{s:{s:o, s:o}, s:{s:o, s:o}, s:o}", "before", "primary", text_or_null(r->zone_before), "standby",
                     text_or_null(r->standby_before), "after", "primary", text_or_null(r->zone_after), "standby", text_or_null(r->standby_after),
                     "shown_swapped_at", time_of(r->zones_at));
}

json_t *drill_json(const struct drill_record *r)
{
    struct drill_verdict v;
    struct window w = window_of(r);
    drill_judge(r, &v);
    json_t *out = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:b, s:b, s:o}", "version", 1, "id", r->id, "account", r->account,
                            "account_id", r->account_id, "region", r->region, "database", r->database, "verdict", v.word, "why", v.why,
                            "objective_ms", (json_int_t)r->objective_ms, "override", r->overridden, "left", r->left, "promises", promises_json(&v));
    json_object_set_new(out, "outage_ms", number_or_null(v.outage_ms));
    json_object_set_new(out, "rows",
                        v.acknowledged < 0 ? json_null()
                                           : json_pack("{s:I, s:o}", "acknowledged", (json_int_t)v.acknowledged, "lost", number_or_null(v.lost)));
    json_object_set_new(out, "began_at", time_of(r->began_at));
    json_object_set_new(out, "called_at", time_of(r->called_at));
    json_object_set_new(out, "back_at", time_of(r->back_at));
    json_object_set_new(out, "ended_at", time_of(r->ended_at));
    json_object_set_new(out, "who", json_pack("{s:s, s:s}", "arn", r->who, "operator", r->operator_arn));
    json_object_set_new(out, "reason", json_string(r->reason));
    json_object_set_new(out, "request_id", text_or_null(r->request_id));
    json_object_set_new(out, "zones", zones_json(r));
    json_object_set_new(out, "endpoint",
                        json_pack("{s:s, s:i, s:o, s:o}", "name", r->endpoint, "port", r->port, "before", text_or_null(r->address_before), "after",
                                  text_or_null(r->address_after)));
    json_object_set_new(out, "probes", probes_json(r));
    json_object_set_new(out, "bars", json_pack("{s:o, s:I}", "from", time_of(w.from), "each_ms", (json_int_t)w.each));
    json_object_set_new(out, "timeline", timeline_json(r));
    json_object_set_new(out, "timeline_dropped", json_integer((json_int_t)r->entries_dropped));
    json_object_set_new(out, "unobserved", gaps_json(r));
    json_object_set_new(out, "preflight", preflight_json(r));
    return out;
}

/* For people. */

static void add_line(struct str *out, const char *name, const char *text)
{
    str_addf(out, "- %s: ", name);
    markdown_add(out, *text ? text : "not known");
    str_addc(out, '\n');
}

static void add_head(const struct drill_record *r, const struct drill_verdict *v, struct str *out)
{
    char at[40], text[600];
    str_adds(out, "# Failover drill of ");
    markdown_add(out, r->database);
    str_addf(out, ", %s\n\n**%s**", r->account, v->word);
    if (*v->why) {
        str_adds(out, ": ");
        markdown_add(out, v->why);
    }
    str_addf(out, "\n\n- when: %s", r->called_at ? when_iso(r->called_at, at, sizeof at) : "never called");
    if (r->back_at)
        str_addf(out, ", back after %.1f s as seen here", (double)(r->back_at - r->called_at) / 1000);
    str_addf(out, "\n- account: %s (%s), %s\n", r->account, r->account_id, r->region);
    add_line(out, "who", r->who);
    add_line(out, "as", r->operator_arn);
    add_line(out, "reason", *r->reason ? r->reason : "none given");
    add_line(out, "request", r->request_id);
    text_format(text, sizeof text, "%s primary, %s standby", *r->zone_before ? r->zone_before : "?", *r->standby_before ? r->standby_before : "?");
    add_line(out, "zones before", text);
    text_format(text, sizeof text, "%s primary, %s standby%s", *r->zone_after ? r->zone_after : "?", *r->standby_after ? r->standby_after : "?",
                r->zones_at ? "" : " (not shown swapped)");
    add_line(out, "zones after", text);
    text_format(text, sizeof text, "%s:%d, %s before, %s after", r->endpoint, r->port, *r->address_before ? r->address_before : "?",
                *r->address_after ? r->address_after : "?");
    add_line(out, "endpoint", text);
    str_addc(out, '\n');
}

static void add_gaps(const struct drill_record *r, struct str *out)
{
    char from[40], to[40];
    for (size_t i = 0; i < r->gaps.len; i++)
        str_addf(out, "Nothing was observed from %s to %s: the watch had broken off. What happened then is not in this report.\n\n",
                 when_iso(r->gaps.at[i].from, from, sizeof from), when_iso(r->gaps.at[i].to, to, sizeof to));
    if (r->left)
        str_adds(out, "The watch was ended before the failover was over. What happened after is not in this report.\n\n");
}

static void add_promises(const struct drill_verdict *v, struct str *out)
{
    str_adds(out, "## Promises\n\n");
    for (size_t i = 0; i < v->promise_count; i++) {
        str_addf(out, "- %s: %s, ", v->promises[i].promise, promise_words[v->promises[i].state]);
        markdown_add(out, v->promises[i].evidence);
        str_addc(out, '\n');
    }
}

static void add_rows(const struct drill_probe *p, struct str *out)
{
    if (!p->has_rows)
        return;
    str_addf(out, "; rows: %lld sent, %lld acknowledged, %lld in doubt", (long long)p->sent, (long long)p->acknowledged,
             (long long)(p->sent - p->acknowledged));
    if (p->verified)
        str_addf(out, "; read back: %lld found, %lld lost%s%s%s, %lld of those in doubt are there", (long long)p->found, (long long)p->lost,
                 *p->lost_ranges ? " (" : "", p->lost_ranges, *p->lost_ranges ? ")" : "", (long long)p->extra);
    else
        str_adds(out, "; not read back: ");
    if (!p->verified || *p->rows_error)
        markdown_add(out, p->rows_error);
    if (p->verified && !p->removed)
        str_adds(out, "; the rows were left in the table trivet_drill");
}

static void add_probes(const struct drill_record *r, struct str *out)
{
    str_adds(out, "\n## Probes\n\n");
    for (size_t i = 0; i < r->probes.len; i++) {
        const struct drill_probe *p = &r->probes.at[i];
        int64_t longest, down = drill_probe_down(p, r->called_at, &longest);
        str_addf(out, "- %s ", p->kind);
        markdown_add(out, p->target);
        str_addf(out, ": away %.1f s, longest %.1f s; %lld attempts, %lld without an answer", (double)down / 1000, (double)longest / 1000,
                 (long long)p->attempts, (long long)p->failures);
        add_rows(p, out);
        str_addc(out, '\n');
    }
}

static void add_chart(const struct drill_record *r, struct str *out)
{
    struct window w = window_of(r);
    char bar[BAR_MAX + 2], at[40];
    str_addf(out, "\n## Chart\n\nEach character %lld s: + answered, x did not, blank: not observed.\n\n```\n", (long long)(w.each / 1000));
    for (size_t i = 0; i < r->probes.len; i++) {
        const struct drill_probe *p = &r->probes.at[i];
        drill_bar(p, w.from, w.to, w.each, bar, sizeof bar);
        size_t len = strlen(bar);
        for (size_t k = 0; k < len; k += BAR_LINE)
            str_addf(out, "%-9s %s  %.*s\n", k ? "" : p->kind, when_iso(w.from + (int64_t)k * w.each, at, sizeof at), BAR_LINE, bar + k);
    }
    str_adds(out, "```\n");
}

static void add_timeline(const struct drill_record *r, struct str *out)
{
    char at[40];
    str_adds(out, "\n## Timeline\n\nWhen it was seen here, and seconds after the call.\n\n");
    for (size_t i = 0; i < r->entries.len; i++) {
        const struct drill_entry *e = &r->entries.at[i];
        str_addf(out, "- %s ", when_iso_ms(e->at, at, sizeof at));
        if (r->called_at)
            str_addf(out, "%+.1f ", (double)(e->at - r->called_at) / 1000);
        str_addf(out, "%s: ", e->what);
        markdown_add(out, e->text);
        str_addc(out, '\n');
    }
    if (r->entries_dropped)
        str_addf(out, "- … and %zu more that were not kept\n", r->entries_dropped);
}

static void add_preflight(const struct drill_record *r, struct str *out)
{
    str_addf(out, "\n## Checked before%s\n\n", r->overridden ? " (a check had failed, and was overridden)" : "");
    for (size_t i = 0; i < r->gate.point_count; i++) {
        str_addf(out, "- %s: %s, ", gate_words[r->gate.points[i].verdict], r->gate.points[i].title);
        markdown_add(out, r->gate.points[i].evidence);
        str_addc(out, '\n');
    }
}

void drill_markdown(const struct drill_record *r, struct str *out)
{
    struct drill_verdict v;
    drill_judge(r, &v);
    add_head(r, &v, out);
    add_gaps(r, out);
    add_promises(&v, out);
    add_probes(r, out);
    add_chart(r, out);
    add_timeline(r, out);
    add_preflight(r, out);
}

/* Files. */

static void add_name(struct str *out, const char *name)
{
    for (; *name; name++)
        str_addc(out, strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", *name) ? *name : '_');
}

static bool write_one(const char *directory, const char *name, const char *text, size_t len, struct error *e)
{
    char *path = file_join(directory, name);
    bool good = file_write(path, text, len, 0600, e);
    free(path);
    return good;
}

static bool write_both(const struct drill_record *r, const char *directory, struct error *e)
{
    struct str text = STR_INIT(REPORT_MAX);
    json_t *report = drill_json(r);
    char *json = json_dumps(report, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    drill_markdown(r, &text);
    bool good = file_make_dirs(directory, 0700, e) && write_one(directory, "report.md", str_text(&text), text.len, e) &&
                write_one(directory, "report.json", json, strlen(json), e);
    free(json);
    json_decref(report);
    str_free(&text);
    return good;
}

bool drill_write(const struct drill_record *r, const char *state_dir, const char *copy_to, char *out, size_t size, struct error *e)
{
    struct str path = STR_INIT(4096);
    char at[40];
    str_addf(&path, "%s/reports/%s-", state_dir, when_amz(r->began_at, at, sizeof at));
    add_name(&path, r->account);
    str_addc(&path, '-');
    add_name(&path, r->database);
    bool good = state_make(state_dir, "reports", e) && write_both(r, str_text(&path), e);
    if (good)
        text_copy(out, size, str_text(&path));
    str_free(&path);
    return good && (!copy_to || !*copy_to || write_both(r, copy_to, e));
}
