#include "ui/strip.h"

#include <string.h>

#include "base/text.h"
#include "ui/theme.h"
#include "ui/value.h"

#define STRIP_MAX 8 /* accounts by name; more are counted */

struct item {
    char name[80], state[32], spend[80];
    uint8_t name_role, state_role, spend_role;
};

/* Is anything read that has never been? Until then nothing can be said, and nothing is wrong. */
static bool is_first_read(const struct account *account)
{
    for (size_t f = 0; f < FEED_COUNT; f++)
        if (account->slices[f].state == SLICE_LOADING && !slice_has_data(&account->slices[f]))
            return true;
    return false;
}

static void look_state(const struct account *account, int64_t now, struct item *out)
{
    struct health_report report;
    bool out_of_reach = account->slices[FEED_SESSION].state == SLICE_FAILED;
    account_health(account, now, &report);
    size_t count = report.count - report.quiet;
    out->state_role = out_of_reach ? ROLE_BAD : health_role(report.health);
    if (account->session.state == SESSION_MFA)
        text_copy(out->state, sizeof out->state, "needs MFA");
    else if (report.health == HEALTH_ATTENTION)
        text_format(out->state, sizeof out->state, "%zu problem%s", count, count == 1 ? "" : "s");
    else if (out_of_reach)
        text_copy(out->state, sizeof out->state, "no session");
    else if (!down_until(account, now, out->state, sizeof out->state))
        text_copy(out->state, sizeof out->state,
                  report.health == HEALTH_OK ? "ok" : is_first_read(account) ? "reading…" : "unknown");
}

static void look(const struct account *account, int64_t now, bool spend, struct item *out)
{
    const struct budget *b = budget_widest(account);
    char actual[32], limit[32];
    *out = (struct item){.name_role = kind_role(account->config->kind), .spend_role = spend_role(account)};
    text_format(out->name, sizeof out->name, " %s ", account->config->name);
    text_upper(out->name, SIZE_MAX);
    look_state(account, now, out);
    if (!spend || !b || !slice_has_data(&account->slices[FEED_BUDGETS]))
        return;
    money_short(b->limit, b->unit, limit, sizeof limit);
    text_format(out->spend, sizeof out->spend, "%s/%s", money_short(b->actual, b->unit, actual, sizeof actual), *limit == '$' ? limit + 1 : limit);
    out->spend_role = out->spend_role == ROLE_OK ? ROLE_DIM : out->spend_role;
}

static int width_of(const struct item *items, size_t count, bool spend, int gap)
{
    int width = 0;
    for (size_t i = 0; i < count; i++) {
        width += (i ? gap : 0) + (int)text_width(items[i].name) + 1 + (int)text_width(items[i].state);
        width += spend && *items[i].spend ? 1 + (int)text_width(items[i].spend) : 0;
    }
    return width;
}

static void put(const struct item *items, size_t count, bool spend, int gap, struct cells *cells, int row)
{
    int at = 1;
    for (size_t i = 0; i < count; i++) {
        at += cells_put(cells, row, at, cells->columns - at, items[i].name_role, items[i].name) + 1;
        at += cells_put(cells, row, at, cells->columns - at, items[i].state_role, items[i].state);
        if (spend && *items[i].spend)
            at += 1 + cells_put(cells, row, at + 1, cells->columns - at - 1, items[i].spend_role, items[i].spend);
        at += gap;
    }
}

/* The names of those that need somebody, as many as there is room for. */
static void names(const struct estate *estate, int64_t now, size_t room, char *out, size_t size)
{
    size_t left = 0;
    char more[24];
    *out = '\0';
    for (size_t a = 0; a < estate->account_count; a++) {
        const char *name = estate->accounts[a].config->name;
        struct health_report report;
        account_health(&estate->accounts[a], now, &report);
        if (report.health != HEALTH_ATTENTION)
            continue;
        size_t len = strlen(out);
        if (left || text_width(out) + text_width(name) + sizeof ", and 100 more" > room)
            left++;
        else
            text_format(out + len, size - len, "%s%s", len ? ", " : ": ", name);
    }
    size_t len = strlen(out);
    text_format(more, sizeof more, "%s%zu more", len ? ", and " : "", left);
    if (left && len)
        text_copy(out + len, size - len, more);
}

static void put_counts(const struct estate *estate, int64_t now, struct cells *cells, int row)
{
    size_t count[3] = {0};
    char text[80], who[400] = "";
    for (size_t a = 0; a < estate->account_count; a++) {
        struct health_report report;
        account_health(&estate->accounts[a], now, &report);
        count[report.health]++;
    }
    text_format(text, sizeof text, "%zu accounts: %zu ok", estate->account_count, count[HEALTH_OK]);
    int at = 1 + cells_put(cells, row, 1, cells->columns - 2, count[HEALTH_OK] == estate->account_count ? ROLE_OK : ROLE_TEXT, text);
    if (count[HEALTH_UNKNOWN]) {
        text_format(text, sizeof text, ", %zu unknown", count[HEALTH_UNKNOWN]);
        at += cells_put(cells, row, at, cells->columns - at - 1, ROLE_UNKNOWN, text);
    }
    if (!count[HEALTH_ATTENTION])
        return;
    at += cells_put(cells, row, at, cells->columns - at - 1, ROLE_TEXT, ", ");
    text_format(text, sizeof text, "%zu need%s attention", count[HEALTH_ATTENTION], count[HEALTH_ATTENTION] == 1 ? "s" : "");
    at += cells_put(cells, row, at, cells->columns - at - 1, ROLE_BAD, text);
    names(estate, now, (size_t)(cells->columns > at ? cells->columns - at : 0), who, sizeof who);
    cells_put(cells, row, at, cells->columns - at - 1, ROLE_BAD, who);
}

/* As much of it as there is room for: spend before wide gaps, and without names where they do not fit. */
void strip_draw(const struct estate *estate, int64_t now, bool spend, struct cells *cells, int row)
{
    static const struct {
        bool spend;
        int gap;
    } ways[] = {{true, 3}, {true, 2}, {false, 3}, {false, 2}};
    struct item items[STRIP_MAX];
    size_t count = estate->account_count <= STRIP_MAX ? estate->account_count : 0;
    for (size_t a = 0; a < count; a++)
        look(&estate->accounts[a], now, spend, &items[a]);
    for (size_t w = 0; count && w < sizeof ways / sizeof *ways; w++)
        if (width_of(items, count, ways[w].spend, ways[w].gap) <= cells->columns - 2) {
            put(items, count, ways[w].spend, ways[w].gap, cells, row);
            return;
        }
    put_counts(estate, now, cells, row);
}
