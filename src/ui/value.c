#include "ui/value.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/when.h"
#include "estate/schedule.h"

static void start(struct value *out, uint8_t role, int type, double number)
{
    out->role = role;
    out->known = true;
    out->type = type == VALUE_NUMBER ? VALUE_NUMBER : type == VALUE_TIME ? VALUE_TIME : type == VALUE_FLAG ? VALUE_FLAG : VALUE_TEXT;
    out->number = number;
    out->marked = 0;
}

void value_text(struct value *out, uint8_t role, const char *text)
{
    start(out, role, VALUE_TEXT, 0);
    text_copy(out->text, sizeof out->text, text);
}

static void format_into(struct value *out, const char *format, va_list ap)
{
    char text[2 * sizeof out->text];
    vsnprintf(text, sizeof text, format, ap);
    text_copy(out->text, sizeof out->text, text);
}

void value_format(struct value *out, uint8_t role, const char *format, ...)
{
    va_list ap;
    start(out, role, VALUE_TEXT, 0);
    va_start(ap, format);
    format_into(out, format, ap);
    va_end(ap);
}

void value_number(struct value *out, uint8_t role, double number, const char *format, ...)
{
    va_list ap;
    if (!isfinite(number)) {
        value_unknown(out);
        return;
    }
    start(out, role, VALUE_NUMBER, number);
    va_start(ap, format);
    format_into(out, format, ap);
    va_end(ap);
}

void value_count(struct value *out, uint8_t role, int64_t count)
{
    if (count < 0) {
        value_unknown(out);
        return;
    }
    start(out, role, VALUE_NUMBER, (double)count);
    text_decimal(out->text, count);
}

void value_flag(struct value *out, bool flag)
{
    start(out, ROLE_TEXT, VALUE_FLAG, flag);
    text_copy(out->text, sizeof out->text, flag ? "yes" : "no");
}

void value_span(struct value *out, uint8_t role, int64_t at, int64_t now)
{
    if (!at) {
        value_unknown(out);
        return;
    }
    start(out, role, VALUE_TIME, (double)at);
    when_span(now - at, out->text, sizeof out->text);
}

void value_unknown(struct value *out)
{
    start(out, ROLE_UNKNOWN, VALUE_TEXT, 0);
    out->known = false;
    text_copy(out->text, sizeof out->text, "–");
}

bool value_waits(struct value *out, const struct slice *slice)
{
    if (slice_has_data(slice))
        return false;
    value_unknown(out);
    if (slice->state == SLICE_LOADING || slice->state == SLICE_NEVER)
        text_copy(out->text, sizeof out->text, "…");
    else if (slice->state == SLICE_NONE)
        out->role = ROLE_DIM;
    return true;
}

const char *money(double amount, const char *unit, char *out, size_t size)
{
    char number[64];
    text_grouped(amount, number, sizeof number);
    if (isnan(amount))
        text_copy(out, size, number);
    else if (!strcmp(unit, "USD") || !*unit)
        text_format(out, size, "$%s", number);
    else
        text_format(out, size, "%s %s", number, unit);
    return out;
}

const char *money_short(double amount, const char *unit, char *out, size_t size)
{
    char number[64];
    double big = fabs(amount) < 1e6 ? amount / 1e3 : amount / 1e6;
    if (isnan(amount) || fabs(amount) < 1000)
        return money(isnan(amount) ? amount : round(amount), unit, out, size);
    text_format(number, sizeof number, fabs(big) < 10 && round(big * 10) != round(big) * 10 ? "%.1f%s" : "%.0f%s", big,
                fabs(amount) < 1e6 ? "k" : "M");
    text_format(out, size, !strcmp(unit, "USD") || !*unit ? "$%s%s" : "%s %s", number, !strcmp(unit, "USD") ? "" : unit);
    return out;
}

const char *percent_text(double value, int decimals, char *out, size_t size)
{
    if (isnan(value))
        text_copy(out, size, "–");
    else
        text_format(out, size, "%.*f%%", decimals, value);
    return out;
}

const char *spark(const double *points, size_t count, size_t width, char *out, size_t size) { return spark_to(points, count, width, 0, out, size); }

const char *spark_to(const double *points, size_t count, size_t width, double most, char *out, size_t size)
{
    static const char *const steps[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    size_t from = count > width ? count - width : 0, at = 0;
    for (size_t i = from; i < count; i++)
        if (!isnan(points[i]) && points[i] > most)
            most = points[i];
    for (size_t i = from; i < count && at + 4 < size; i++) {
        int step = most > 0 && !isnan(points[i]) && points[i] > 0 ? (int)ceil(points[i] / most * 8) - 1 : 0;
        text_copy(out + at, size - at, isnan(points[i]) ? " " : steps[step < 0 ? 0 : step > 7 ? 7 : step]);
        at += strlen(out + at);
    }
    out[at < size ? at : size - 1] = '\0';
    return out;
}

const char *gauge(double actual, double forecast, double limit, const double *marks, size_t mark_count, size_t width, char *out, size_t size)
{
    size_t at = 0;
    double scale = limit > 0 ? (double)width / limit : 0;
    for (size_t i = 0; i < width && at + 4 < size; i++) {
        const char *glyph = "·";
        double here = (double)i + 0.5;
        if (!isnan(forecast) && here < forecast * scale)
            glyph = "▒";
        for (size_t m = 0; m < mark_count; m++)
            if (floor(marks[m] * scale) == (double)i && here >= actual * scale)
                glyph = "│";
        if (!isnan(actual) && here < actual * scale)
            glyph = "█";
        text_copy(out + at, size - at, glyph);
        at += strlen(glyph);
    }
    out[at < size ? at : size - 1] = '\0';
    return out;
}

const char *bytes_text(int64_t bytes, char *out, size_t size)
{
    static const char *const units[] = {"", "Ki", "Mi", "Gi", "Ti"};
    int unit = 0;
    double n = (double)bytes;
    while (n >= 1024 && unit < 4) {
        n /= 1024;
        unit++;
    }
    text_format(out, size, n < 10 && unit > 2 ? "%.1f%s" : "%.0f%s", n, units[unit]);
    return out;
}

const struct budget *budget_widest(const struct account *a)
{
    const struct budget *found = NULL;
    for (size_t i = 0; i < a->budgets.len; i++)
        if (!found || a->budgets.at[i].limit > found->limit)
            found = &a->budgets.at[i];
    return found;
}

uint8_t spend_role(const struct account *a)
{
    uint8_t role = ROLE_OK;
    for (size_t i = 0; i < a->budgets.len; i++) {
        if (budget_state(&a->budgets.at[i]) == BUDGET_OVER)
            return ROLE_BAD;
        if (budget_alarming(&a->budgets.at[i]))
            role = ROLE_WARN;
    }
    return role;
}

bool down_until(const struct account *account, int64_t now, char *out, size_t size)
{
    struct schedule_next next;
    struct zone_time there;
    if (!account_is_asleep(account) || !schedule_next(&account->config->auto_shutdown, now, &next))
        return false;
    zone_local(account->config->auto_shutdown.zone, next.start_at, &there);
    text_format(out, size, "down until %02d:%02d", there.hour, there.minute);
    return true;
}

uint8_t kind_role(int kind) { return kind == ACCOUNT_PRODUCTION ? ROLE_PROD : kind == ACCOUNT_DEVELOPMENT ? ROLE_DEV : ROLE_ROOT; }

uint8_t health_role(enum health health) { return health == HEALTH_OK ? ROLE_OK : health == HEALTH_ATTENTION ? ROLE_BAD : ROLE_UNKNOWN; }

void row_add(row_refs *out, size_t account, size_t index) { *vec_add(out) = (struct row_ref){(uint32_t)account, (uint32_t)index}; }

int rank_of_role(uint8_t role) { return role == ROLE_BAD ? 0 : role == ROLE_WARN ? 1 : role == ROLE_UNKNOWN ? 2 : 3; }

void rows_of_accounts(const struct pane_view *view, row_refs *out)
{
    for (size_t a = 0; a < view->estate->account_count; a++)
        if (view->account == SIZE_MAX || view->account == a)
            row_add(out, a, 0);
}

const char *unread_word(const struct pane_view *view, enum feed feed, const char *none)
{
    for (size_t a = 0; a < view->estate->account_count; a++) {
        enum slice_state state = view->estate->accounts[a].slices[feed].state;
        if (state == SLICE_FAILED)
            return "not known: could not be read";
        if (state == SLICE_LOADING || state == SLICE_NEVER)
            return "reading…";
    }
    return none;
}

const char *account_name(const struct account_config *account, char *out, size_t size)
{
    text_copy(out, size, account->name);
    if (account->kind == ACCOUNT_PRODUCTION)
        text_upper(out, SIZE_MAX);
    return out;
}

void value_account(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct account_config *config = account_of(view, row)->config;
    char name[sizeof out->text];
    value_text(out, kind_role(config->kind), account_name(config, name, sizeof name));
}

void value_session(const struct pane_view *view, struct row_ref row, struct value *out)
{
    const struct session *s = &account_of(view, row)->session;
    const struct slice *slice = &account_of(view, row)->slices[FEED_SESSION];
    char left[24];
    if (s->state == SESSION_MFA)
        value_text(out, ROLE_WARN, "needs MFA code");
    else if (slice->state == SLICE_FAILED)
        value_text(out, ROLE_BAD, slice->error.code);
    else if (!value_waits(out, slice)) {
        bool soon = s->expires_at && s->expires_at - view->now < 300000;
        value_format(out, soon ? ROLE_WARN : ROLE_OK, s->expires_at ? "ready, %s left" : "ready%s",
                     s->expires_at ? when_short(s->expires_at - view->now, left, sizeof left) : "");
    }
}

void target_add(const struct pane_view *view, struct targets *to, enum target_kind kind, size_t account, const char *ns, const char *name)
{
    if (to->count == TARGETS_MAX)
        return;
    struct action_target *target = &to->at[to->count++];
    *target = (struct action_target){.kind = kind, .account = account};
    text_copy(target->ns, sizeof target->ns, ns);
    text_copy(target->name, sizeof target->name, *name ? name : view->estate->accounts[account].config->name);
}
