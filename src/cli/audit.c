/* trivet audit: what was done and refused, and whether the log of it still stands as it was written. Needs no profile and no AWS. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/audit.h"
#include "actions/state.h"
#include "base/json.h"
#include "base/str.h"
#include "base/text.h"
#include "cli/app.h"
#include "cli/commands.h"

struct listing {
    size_t count;
};

/* Foreign text, as it may be shown. */
static const char *shown(const json_t *record, const char *path, char *out, size_t size)
{
    const char *text = json_text_or(record, path, "");
    text_clean(out, size, text, strlen(text));
    return out;
}

/* The user of the machine who asked, and the identity that AWS knows: its last part. */
static const char *who_of(const json_t *record, char *out, size_t size)
{
    char user[80], host[80], arn[300];
    shown(record, "who.user", user, sizeof user);
    shown(record, "who.host", host, sizeof host);
    const char *slash = strchr(shown(record, "who.arn", arn, sizeof arn), '/');
    text_format(out, size, "%s%s%s%s%s%s", user, *host ? "@" : "", host, *arn ? " (" : "", slash ? slash + 1 : arn, *arn ? ")" : "");
    return out;
}

static void print_line(void *arg, uint64_t line, const json_t *record)
{
    char at[40], phase[40], outcome[80], action[80], account[80], resource[300], who[500], reason[400];
    (void)arg;
    if (!record) {
        printf("line %" PRIu64 " is no record; trivet audit verify tells more\n", line);
        return;
    }
    shown(record, "outcome", outcome, sizeof outcome);
    shown(record, "reason", reason, sizeof reason);
    shown(record, "account", account, sizeof account);
    shown(record, "resource", resource, sizeof resource);
    printf("%-24s  %s%s%s  %s  %s%s%s  %s%s%s%s%s\n", shown(record, "at", at, sizeof at), shown(record, "phase", phase, sizeof phase),
           *outcome ? ": " : "", outcome, shown(record, "action", action, sizeof action), account, *account && *resource ? "/" : "", resource,
           who_of(record, who, sizeof who), *reason ? "  \"" : "", reason, *reason ? "\"" : "",
           json_flag(record, "override", false) ? "  despite failed checks" : "");
}

static void print_record(void *arg, uint64_t line, const json_t *record)
{
    struct listing *l = arg;
    json_t *fault = record ? NULL : json_pack("{s:I, s:s}", "line", (json_int_t)line, "fault", "not a record");
    printf(l->count++ ? ",\n" : "[\n");
    json_dumpf(record ? record : fault, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    json_decref(fault);
}

static int list(const char *state_dir, bool json)
{
    struct listing l = {0};
    struct error e = {0};
    bool good = audit_read(state_dir, json ? print_record : print_line, &l, &e);
    if (json && (good || l.count))
        puts(l.count ? "\n]" : "[]");
    return good ? EXIT_GOOD : app_complain(&e);
}

static int verify(const char *state_dir, bool json)
{
    struct audit_report report;
    struct error e = {0};
    if (!audit_verify(state_dir, &report, &e))
        return app_complain(&e);
    if (json) {
        json_t *out = json_pack("{s:b, s:I, s:I}", "whole", !report.broken, "lines", (json_int_t)report.lines, "newest", (json_int_t)report.newest);
        if (report.broken) {
            json_object_set_new(out, "broken", json_integer((json_int_t)report.broken));
            json_object_set_new(out, "why", json_string(report.why));
        }
        print_json(out, 0);
    } else if (report.broken) {
        printf("line %" PRIu64 ": %s\n", report.broken, report.why);
    } else {
        printf("whole: %" PRIu64 " record%s\n", report.lines, report.lines == 1 ? "" : "s");
    }
    return report.broken ? EXIT_ATTENTION : EXIT_GOOD;
}

int command_audit(const struct options *options)
{
    const char *word = options->arguments[0];
    struct error e = {0};
    if (!text_equal(word, "list") && !text_equal(word, "verify")) {
        error_set(&e, ERROR_INPUT, "usage", "audit: \"%s\": expected one of list verify", word);
        return app_complain(&e);
    }
    char *state_dir = state_directory();
    if (!state_dir) {
        error_set(&e, ERROR_INPUT, "state", "there is no state directory: set XDG_STATE_HOME or HOME");
        return app_complain(&e);
    }
    int status = (text_equal(word, "list") ? list : verify)(state_dir, options->json);
    free(state_dir);
    return status;
}
