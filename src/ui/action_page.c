/* The page of an action: its checks and its plan; then each step as it goes; then how it ended. */
#include <string.h>

#include "base/text.h"
#include "ui/internal.h"
#include "ui/value.h"

#define ELAPSED  8  /* columns on the right */
#define STATE    11 /* mark and word on the left */

static const uint8_t verdict_roles[] = {[GATE_PASS] = ROLE_OK, [GATE_FAIL] = ROLE_BAD, [GATE_UNKNOWN] = ROLE_UNKNOWN};
static const char *const verdict_marks[] = {[GATE_PASS] = "✓", [GATE_FAIL] = "✗", [GATE_UNKNOWN] = "?"};

static void add_checks(const struct action *a, int columns, struct page *page)
{
    char text[400];
    page_add(page, ROLE_HEADER, "CHECKS");
    if (!a->gate.point_count)
        page_add(page, ROLE_DIM, "none is made for this");
    for (size_t i = 0; i < a->gate.point_count; i++) {
        const struct gate_point *p = &a->gate.points[i];
        int gap = text_width(p->title) < 30 ? 30 - (int)text_width(p->title) : 0;
        text_format(text, sizeof text, "%s %s%*s %s", verdict_marks[p->verdict], p->title, gap, "", p->evidence);
        page_wrapped(page, verdict_roles[p->verdict], columns, 33, text);
    }
}

static size_t count_calls(const struct action *a)
{
    size_t calls = 0;
    for (size_t i = 0; i < a->step_count; i++)
        calls += a->steps[i]->type->api != NULL;
    return calls;
}

/* A step in words, with its resource even where the words leave it out. */
static void describe(const struct action *a, const struct step *s, struct str *out)
{
    s->type->describe(a, s, out);
    if (*s->target && !strstr(str_text(out), s->target))
        str_addf(out, " (%s)", s->target);
}

/* The call stands on the right, or under the words where they leave no room. */
static void add_planned(const struct action *a, size_t i, int columns, struct page *page)
{
    struct str text = STR_INIT(4096);
    const char *api = a->steps[i]->type->api ? a->steps[i]->type->api : "no call: it waits";
    str_addf(&text, "%2zu  ", i + 1);
    describe(a, a->steps[i], &text);
    int gap = columns - (int)text_width(str_text(&text)) - (int)strlen(api);
    if (gap >= 2) {
        page_add(page, ROLE_TEXT, "%s%*s%s", str_text(&text), gap, "", api);
    } else {
        page_wrapped(page, ROLE_TEXT, columns, 4, str_text(&text));
        page_add(page, ROLE_TEXT, "%*s", columns, api);
    }
    str_free(&text);
}

static void add_plan(const struct action *a, int columns, struct page *page)
{
    size_t calls = count_calls(a);
    char account[80];
    page_add(page, ROLE_HEADER, "PLAN: %zu CALL%s IN %s (%s)", calls, calls == 1 ? "" : "S",
             account_name(a->account->config, account, sizeof account), a->account->config->id);
    for (size_t i = 0; i < a->step_count; i++)
        add_planned(a, i, columns, page);
    page_add(page, ROLE_DIM, "Each is looked at before its call: what is so already is not done again.");
}

/* Under a step's words. */
static void add_under(struct page *page, uint8_t role, int columns, const char *text)
{
    struct str line = STR_INIT(8192);
    str_addf(&line, "%*s%s", STATE, "", text);
    page_wrapped(page, role, columns, STATE, str_text(&line));
    str_free(&line);
}

static void add_step(const struct action *a, const struct step *s, int64_t now, int columns, struct page *page)
{
    static const char *const marks[] = {[STEP_WAITING] = "·", [STEP_LOOKING] = "…", [STEP_CALLING] = "→", [STEP_SETTLING] = "…",
                                        [STEP_DONE] = "✓", [STEP_SKIPPED] = "✓", [STEP_FAILED] = "✗", [STEP_LEFT] = "?"};
    static const uint8_t roles[] = {[STEP_WAITING] = ROLE_DIM, [STEP_LOOKING] = ROLE_TEXT, [STEP_CALLING] = ROLE_STRONG, [STEP_SETTLING] = ROLE_TEXT,
                                    [STEP_DONE] = ROLE_OK, [STEP_SKIPPED] = ROLE_OK, [STEP_FAILED] = ROLE_BAD, [STEP_LEFT] = ROLE_UNKNOWN};
    struct str line = STR_INIT(8192), more = STR_INIT(4096);
    char time[24] = "", error[600], cut[600];
    int room = columns - ELAPSED;
    if (s->began_at)
        elapsed_text((s->ended_at ? s->ended_at : now) - s->began_at, time, sizeof time);
    str_addf(&line, "%s %-9s", marks[s->state], step_state_name(s->state));
    describe(a, s, &line);
    str_adds(&more, s->evidence);
    if (*s->request_id)
        str_addf(&more, "%srequest %s", more.len ? "   " : "", s->request_id);
    if (more.len && (int)text_width(str_text(&line)) + 3 + (int)text_width(str_text(&more)) <= room) {
        str_addf(&line, "   %s", str_text(&more));
        str_clear(&more);
    }
    text_fit(cut, sizeof cut, str_text(&line), (size_t)(room > 0 ? room : 0));
    page_add(page, roles[s->state], "%s%*s%*s", cut, room - (int)text_width(cut), "", ELAPSED, time);
    if (more.len && (int)text_width(str_text(&more)) + STATE > columns && *s->request_id) { /* the id keeps whole, on a line of its own */
        add_under(page, ROLE_DIM, columns, s->evidence);
        str_clear(&more);
        str_addf(&more, "request %s", s->request_id);
    }
    if (more.len)
        add_under(page, ROLE_DIM, columns, str_text(&more));
    if (s->error.kind != ERROR_NONE && strcmp(error_text(&s->error, error, sizeof error), s->evidence) != 0)
        add_under(page, s->state == STEP_FAILED ? ROLE_BAD : ROLE_WARN, columns, error);
    str_free(&line);
    str_free(&more);
}

struct telling {
    struct page *page;
    int columns;
    bool any;
};

static void tell(void *arg, enum tone tone, const char *text)
{
    static const uint8_t roles[] = {[TONE_PLAIN] = ROLE_TEXT, [TONE_DIM] = ROLE_DIM, [TONE_GOOD] = ROLE_OK, [TONE_BAD] = ROLE_BAD};
    struct telling *telling = arg;
    if (!telling->any)
        page_add(telling->page, ROLE_TEXT, " ");
    telling->any = true;
    page_wrapped(telling->page, roles[tone], telling->columns, 4, text);
}

static void add_told(const struct console *c, const struct action *a, int columns, struct page *page)
{
    struct telling telling = {page, columns, false};
    if (a->type->tell)
        a->type->tell(a, c->options.unicode, tell, &telling);
}

static void add_introduction(const struct console *c, const struct action *a, int columns, struct page *page)
{
    struct telling telling = {page, columns, true};
    if (!a->type->introduce)
        return;
    a->type->introduce(a, c->options.unicode, tell, &telling);
    page_add(page, ROLE_TEXT, " ");
}

/* What was decided before it began, in a line or two. */
static void add_before(const struct action *a, int columns, struct page *page)
{
    char text[600];
    size_t passed = 0;
    for (size_t i = 0; i < a->gate.point_count; i++)
        passed += a->gate.points[i].verdict == GATE_PASS;
    if (a->gate.point_count)
        page_add(page, a->overridden ? ROLE_WARN : ROLE_DIM, "%s %zu of %zu checks passed%s", a->overridden ? "✗" : "✓", passed, a->gate.point_count,
                 a->overridden ? "; a person has gone on against the others:" : "");
    for (size_t i = 0; i < a->gate.point_count && a->overridden; i++)
        if (a->gate.points[i].verdict != GATE_PASS) {
            text_format(text, sizeof text, "  %s %s  %s", verdict_marks[a->gate.points[i].verdict], a->gate.points[i].title,
                        a->gate.points[i].evidence);
            page_wrapped(page, ROLE_WARN, columns, 4, text);
        }
    if (*a->reason) {
        text_format(text, sizeof text, "reason    %s", a->reason);
        page_wrapped(page, ROLE_DIM, columns, 10, text);
    }
    if (*a->operator_arn) {
        text_format(text, sizeof text, "called as %s", a->operator_arn);
        page_wrapped(page, ROLE_DIM, columns, 10, text);
    }
}

static void add_steps(const struct console *c, const struct action *a, int columns, struct page *page)
{
    for (size_t i = 0; i < a->step_count; i++)
        add_step(a, a->steps[i], c->now, columns, page);
}

static void add_outcome(const struct action *a, int columns, struct page *page)
{
    static const uint8_t roles[] = {[OUTCOME_NONE] = ROLE_TEXT, [OUTCOME_DONE] = ROLE_OK, [OUTCOME_FAILED] = ROLE_BAD,
                                    [OUTCOME_CANCELLED] = ROLE_WARN, [OUTCOME_LEFT] = ROLE_WARN};
    static const char *const marks[] = {[OUTCOME_NONE] = "", [OUTCOME_DONE] = "✓", [OUTCOME_FAILED] = "✗", [OUTCOME_CANCELLED] = "✗",
                                        [OUTCOME_LEFT] = "?"};
    char text[600];
    const char *name = action_outcome_name(a->outcome);
    if (text_starts(a->summary, name))
        text_format(text, sizeof text, "%s %s", marks[a->outcome], a->summary);
    else
        text_format(text, sizeof text, "%s %s: %s", marks[a->outcome], name, a->summary);
    page_wrapped(page, roles[a->outcome], columns, 2, text);
    if (*a->report) {
        text_format(text, sizeof text, "report    %s", a->report);
        page_wrapped(page, ROLE_TEXT, columns, 10, text);
    }
    page_add(page, ROLE_TEXT, " ");
}

static void add_state(const struct action *a, struct page *page)
{
    if (a->state == ACTION_STARTING)
        page_add(page, action_wants_mfa(a) ? ROLE_WARN : ROLE_TEXT,
                 action_wants_mfa(a) ? "waits for the operator role's MFA code" : "assuming the operator role…");
    else if (a->cancelled)
        page_add(page, ROLE_WARN, "cancelled: no further call is made");
    else if (a->state == ACTION_FINISHING)
        page_add(page, ROLE_TEXT, "the steps are over; finishing…");
    else
        page_add(page, ROLE_TEXT, a->resumed ? "running, taken up again: each step is looked at first" : "running");
    page_add(page, ROLE_TEXT, " ");
}

void action_fill(struct console *c, struct page *page)
{
    const struct action *a = c->action;
    int columns = c->cells.columns - 2;
    switch (a->state) {
    case ACTION_READING:
        page_add(page, ROLE_UNKNOWN, "reading anew what the checks need…");
        return;
    case ACTION_ASKING:
        add_introduction(c, a, columns, page);
        add_checks(a, columns, page);
        page_add(page, ROLE_TEXT, " ");
        add_plan(a, columns, page);
        add_told(c, a, columns, page);
        return;
    case ACTION_ENDED:
        add_outcome(a, columns, page);
        break;
    default:
        add_state(a, page);
    }
    add_steps(c, a, columns, page);
    add_told(c, a, columns, page);
    if (a->confirmed_at) {
        page_add(page, ROLE_TEXT, " ");
        add_before(a, columns, page);
    }
}
