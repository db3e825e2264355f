#include "checks/report.h"

#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/when.h"
#include "base/xml.h"

static const char *account_name(const struct check_run *run, const struct check_result *r) { return run->estate->accounts[r->account].config->name; }

bool check_before(const json_t *last, const struct estate *estate, const struct check_result *r, enum check_verdict *out)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(last, "results"), i, row) {
        if (!text_equal(json_text(row, "check"), r->check->id) || !text_equal(json_text(row, "account"), estate->accounts[r->account].config->name))
            continue;
        for (int v = CHECK_PASS; v <= CHECK_UNKNOWN; v++)
            if (text_equal(json_text(row, "verdict"), check_verdict_name((enum check_verdict)v))) {
                *out = (enum check_verdict)v;
                return true;
            }
    }
    return false;
}

static bool has_changed(const struct check_run *run, const struct check_result *r, enum check_verdict *before)
{
    return check_before(run->last, run->estate, r, before) && *before != r->verdict;
}

/* Text. */

static void text_evidence(const struct check_result *r, struct str *out)
{
    bool all = r->verdict == CHECK_FAIL || r->verdict == CHECK_UNKNOWN;
    for (size_t i = 0; i < r->evidence.len; i++) {
        const struct check_evidence *e = &r->evidence.at[i];
        if (i > 0 && (!all || e->verdict == CHECK_PASS))
            break;
        str_addf(out, "%s%s%s%s\n", i ? "                                 " : "", e->resource, *e->resource ? ": " : "", e->value);
    }
    if (!r->evidence.len)
        str_addc(out, '\n');
    if (r->more && all)
        str_addf(out, "                                 and %zu more\n", r->more);
}

static void text_result(const struct check_run *run, const struct check_result *r, struct str *out)
{
    enum check_verdict before;
    char day[40];
    str_addf(out, "%-7s  %-16s  %-5s ", r->verdict == CHECK_FAIL && r->waiver ? "waived" : check_verdict_name(r->verdict), r->check->id,
             account_name(run, r));
    text_evidence(r, out);
    if (r->verdict == CHECK_FAIL && r->waiver)
        str_addf(out, "                                 waived until %.10s: %s\n", when_iso(r->waiver->until - 1, day, sizeof day),
                 r->waiver->reason);
    else if (r->verdict == CHECK_FAIL)
        str_addf(out, "                                 to put it right: %s\n", r->check->remedy);
    if (has_changed(run, r, &before))
        str_addf(out, "                                 was %s in the run before\n", check_verdict_name(before));
}

static void text_summary(const struct check_run *run, struct str *out)
{
    struct check_counts n;
    checks_count(run->results, &n);
    str_addf(out, "\n%zu pass, %zu fail, %zu unknown, %zu waived; %zu do not apply\n", n.pass, n.fail, n.unknown, n.waived, n.na);
}

void check_report_text(const struct check_run *run, struct str *out)
{
    const char *area = "";
    for (size_t i = 0; i < run->results->len; i++) {
        const struct check_result *r = &run->results->at[i];
        enum check_verdict before;
        if (r->verdict == CHECK_NA && !has_changed(run, r, &before))
            continue;
        if (strcmp(area, r->check->area) != 0)
            str_addf(out, "%s%s\n", *area ? "\n" : "", r->check->area);
        area = r->check->area;
        text_result(run, r, out);
    }
    text_summary(run, out);
}

/* JSON. */

static json_t *evidence_json(const struct check_result *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->evidence.len; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "verdict", check_verdict_name(r->evidence.at[i].verdict), "resource",
                                              r->evidence.at[i].resource, "value", r->evidence.at[i].value));
    return list;
}

static json_t *waiver_json(const struct waiver_config *w)
{
    char until[40];
    return w ? json_pack("{s:s, s:s}", "reason", w->reason, "until", when_iso(w->until, until, sizeof until)) : json_null();
}

static json_t *result_json(const struct check_run *run, const struct check_result *r)
{
    enum check_verdict before;
    bool changed = has_changed(run, r, &before);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:I, s:o, s:o}", "check", r->check->id, "area", r->check->area, "promise",
                     r->check->promise, "remedy", r->check->remedy, "account", account_name(run, r), "verdict", check_verdict_name(r->verdict),
                     "evidence", evidence_json(r), "more", (json_int_t)r->more, "waiver", waiver_json(r->waiver), "before",
                     changed ? json_string(check_verdict_name(before)) : json_null());
}

json_t *check_report_json(const struct check_run *run)
{
    struct check_counts n;
    char now[40];
    json_t *list = json_array();
    checks_count(run->results, &n);
    for (size_t i = 0; i < run->results->len; i++)
        json_array_append_new(list, result_json(run, &run->results->at[i]));
    return json_pack("{s:s, s:s, s:{s:I, s:I, s:I, s:I, s:I}, s:o}", "profile", run->estate->config->name, "generated",
                     when_iso(run->now, now, sizeof now), "counts", "pass", (json_int_t)n.pass, "fail", (json_int_t)n.fail, "unknown",
                     (json_int_t)n.unknown, "waived", (json_int_t)n.waived, "n/a", (json_int_t)n.na, "results", list);
}

/* One line of all evidence, for formats that have room for one text. */
static void message_of(const struct check_result *r, struct str *out)
{
    str_addf(out, "%s", r->check->promise);
    for (size_t i = 0; i < r->evidence.len && r->evidence.at[i].verdict == r->evidence.at[0].verdict; i++)
        str_addf(out, "%s%s%s%s", i ? "; " : " — ", r->evidence.at[i].resource, *r->evidence.at[i].resource ? ": " : "", r->evidence.at[i].value);
}

/* JUnit. */

static void junit_outcome(const struct check_result *r, struct str *out)
{
    bool waived = r->verdict == CHECK_FAIL && r->waiver;
    const char *element = waived || r->verdict == CHECK_NA ? "skipped" : r->verdict == CHECK_FAIL ? "failure" : "error";
    struct str message = STR_INIT(STR_TEXT_MAX);
    if (r->verdict == CHECK_PASS)
        return;
    message_of(r, &message);
    if (waived)
        str_addf(&message, " (waived: %s)", r->waiver->reason);
    str_addf(out, "<%s type=\"%s\" message=\"", element, waived ? "waived" : check_verdict_name(r->verdict));
    xml_escape(out, str_text(&message));
    str_adds(out, "\">");
    if (r->verdict == CHECK_FAIL)
        xml_escape(out, r->check->remedy);
    str_addf(out, "</%s>", element);
    str_free(&message);
}

static void junit_case(const struct check_run *run, const struct check_result *r, struct str *out)
{
    str_addf(out, "    <testcase classname=\"%s.", r->check->area);
    xml_escape(out, account_name(run, r));
    str_addf(out, "\" name=\"%s\">", r->check->id);
    junit_outcome(r, out);
    str_adds(out, "</testcase>\n");
}

static void junit_suite(const struct check_run *run, size_t from, size_t to, struct str *out)
{
    size_t failures = 0, errors = 0, skipped = 0;
    for (size_t i = from; i < to; i++) {
        const struct check_result *r = &run->results->at[i];
        failures += r->verdict == CHECK_FAIL && !r->waiver;
        errors += r->verdict == CHECK_UNKNOWN;
        skipped += r->verdict == CHECK_NA || (r->verdict == CHECK_FAIL && r->waiver);
    }
    str_addf(out, "  <testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n", run->results->at[from].check->area,
             to - from, failures, errors, skipped);
    for (size_t i = from; i < to; i++)
        junit_case(run, &run->results->at[i], out);
    str_adds(out, "  </testsuite>\n");
}

void check_report_junit(const struct check_run *run, struct str *out)
{
    const check_results *results = run->results;
    str_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"trivet check\">\n");
    for (size_t from = 0, to; from < results->len; from = to) {
        for (to = from; to < results->len && !strcmp(results->at[to].check->area, results->at[from].check->area);)
            to++;
        junit_suite(run, from, to, out);
    }
    str_adds(out, "</testsuites>\n");
}

/* SARIF. */

static json_t *sarif_rules(void)
{
    json_t *rules = json_array();
    for (size_t i = 0; check_rows[i]; i++)
        json_array_append_new(rules, json_pack("{s:s, s:{s:s}, s:{s:s}, s:{s:[s]}}", "id", check_rows[i]->id, "shortDescription", "text",
                                               check_rows[i]->promise, "help", "text", check_rows[i]->remedy, "properties", "tags",
                                               check_rows[i]->area));
    return rules;
}

/* What reads it for people, GitHub above all, takes each result for a problem, wants to know of each in which file it is, and takes those of one rule
 * on one line for the same unless their fingerprints differ. So what is well is left out, and the place is where the promise was made: the
 * profile. */
static json_t *sarif_place(const struct check_run *run, const char *name)
{
    struct str file = STR_INIT(4096);
    percent_add(&file, run->estate->config->name, strlen(run->estate->config->name), false);
    str_adds(&file, ".yaml");
    json_t *place = json_pack("{s:{s:{s:s}, s:{s:i}}, s:[{s:s, s:s}]}", "physicalLocation", "artifactLocation", "uri", str_text(&file), "region",
                              "startLine", 1, "logicalLocations", "fullyQualifiedName", name, "kind", "resource");
    str_free(&file);
    return place;
}

static json_t *sarif_result(const struct check_run *run, const struct check_result *r)
{
    bool failed = r->verdict == CHECK_FAIL;
    struct str message = STR_INIT(STR_TEXT_MAX), name = STR_INIT(4096), print = STR_INIT(4096);
    message_of(r, &message);
    str_addf(&name, "%s/%s", account_name(run, r), r->evidence.len ? r->evidence.at[0].resource : "");
    str_addf(&print, "%s/%s", r->check->id, account_name(run, r));
    json_t *out = json_pack("{s:s, s:s, s:s, s:{s:s}, s:[o], s:{s:s}}", "ruleId", r->check->id, "kind", failed ? "fail" : "open", "level",
                            failed ? "error" : "none", "message", "text", str_text(&message), "locations", sarif_place(run, str_text(&name)),
                            "partialFingerprints", "primaryLocationLineHash", str_text(&print));
    if (failed && r->waiver)
        json_object_set_new(out, "suppressions", json_pack("[{s:s, s:s}]", "kind", "external", "justification", r->waiver->reason));
    str_free(&message);
    str_free(&name);
    str_free(&print);
    return out;
}

json_t *check_report_sarif(const struct check_run *run, const char *version)
{
    json_t *results = json_array();
    for (size_t i = 0; i < run->results->len; i++) {
        const struct check_result *r = &run->results->at[i];
        if (r->verdict == CHECK_FAIL || r->verdict == CHECK_UNKNOWN)
            json_array_append_new(results, sarif_result(run, r));
    }
    return json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:o}]}", "$schema", "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0",
                     "runs", "tool", "driver", "name", "trivet", "version", version, "rules", sarif_rules(), "results", results);
}
