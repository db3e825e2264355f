/* Logs Insights: events through a plan. Up to `stats` each event goes alone; what is behind it, and sorting, works on what was kept. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/when.h"
#include "sim/insights_plan.h"

#define KEPT_MAX   200000
#define GROUPS_MAX 10000

/* Rows. */

static void row_put(struct row *row, const char *name, const char *value)
{
    for (size_t i = 0; i < row->pairs.len; i++)
        if (!strcmp(row->pairs.at[i].name, name)) {
            char *old = row->pairs.at[i].value;
            row->pairs.at[i].value = mem_strdup(value);
            free(old);
            return;
        }
    *vec_add(&row->pairs) = (struct pair){mem_strdup(name), mem_strdup(value)};
}

static void row_free(struct row *row)
{
    for (size_t i = 0; i < row->pairs.len; i++) {
        free(row->pairs.at[i].name);
        free(row->pairs.at[i].value);
    }
    vec_free(&row->pairs);
}

/* "2026-11-24 18:25:46.123" */
static const char *time_text(int64_t at, char out[40])
{
    when_iso_ms(at, out, 40);
    out[10] = ' ';
    out[23] = '\0';
    return out;
}

static const char *row_get(const struct row *row, const char *name, char stamp[40])
{
    for (size_t i = 0; i < row->pairs.len; i++)
        if (!strcmp(row->pairs.at[i].name, name))
            return row->pairs.at[i].value;
    const struct insights_event *e = row->event;
    if (!e)
        return NULL;
    return !strcmp(name, "@message") ? e->message : !strcmp(name, "@timestamp") ? time_text(e->at, stamp) : !strcmp(name, "@logStream") ? e->stream
         : !strcmp(name, "@log") ? e->log : !strcmp(name, "@ptr") ? e->ptr : NULL;
}

/* Tests. */

static bool number_of(const char *text, double *out)
{
    char *end;
    *out = text ? strtod(text, &end) : NAN;
    return text && end != text && !*end;
}

static const char *value_of(const struct row *row, const struct operand *o, char stamp[40])
{
    return o->field ? row_get(row, o->text, stamp) : o->text;
}

static int order(const char *a, const char *b)
{
    double x, y;
    if (number_of(a, &x) && number_of(b, &y))
        return x < y ? -1 : x > y;
    return strcmp(a, b);
}

static bool compares(const struct row *row, const struct test *t)
{
    char one[40], two[40];
    const char *a = value_of(row, &t->a, one), *b = value_of(row, &t->b, two);
    if (!a || !b)
        return false;
    int o = order(a, b);
    switch (t->sign[0]) {
    case '=':
        return o == 0;
    case '!':
        return o != 0;
    case '<':
        return o < 0 || (t->sign[1] && o == 0);
    default:
        return o > 0 || (t->sign[1] && o == 0);
    }
}

static bool holds(const struct row *row, const struct test *t)
{
    char one[40], two[40];
    const char *a = t->a.text ? value_of(row, &t->a, one) : NULL;
    switch (t->kind) {
    case TEST_AND:
        return holds(row, t->left) && holds(row, t->right);
    case TEST_OR:
        return holds(row, t->left) || holds(row, t->right);
    case TEST_NOT:
        return !holds(row, t->left);
    case TEST_COMPARE:
        return compares(row, t);
    case TEST_LIKE:
        return a && strstr(a, t->b.text);
    case TEST_MATCH:
        return a && regexec(&t->regex, a, 0, NULL, 0) == 0;
    case TEST_IN:
        for (size_t i = 0; a && i < t->list.len; i++) {
            const char *b = value_of(row, &t->list.at[i], two);
            if (b && order(a, b) == 0)
                return true;
        }
        return false;
    case TEST_PRESENT:
        return a != NULL;
    }
    return false;
}

/* Each '*' takes as little as lets the text behind it follow; the last takes the rest. Nothing is set where the whole does not fit. */
static void parse(struct row *row, const struct stage *stage)
{
    char stamp[40];
    const char *text = row_get(row, stage->field, stamp), *glob = stage->glob;
    size_t lead = strcspn(glob, "*"), count = 0;
    struct row found = {.event = NULL};
    char *copy = text ? mem_strdup(text) : NULL, *at = copy;
    char *piece = mem_strndup(glob, lead);
    bool good = at && (!lead || (at = strstr(at, piece)));
    at = good ? at + lead : at;
    free(piece);
    for (glob += lead; good && *glob; count++) {
        size_t len = strcspn(++glob, "*");
        piece = mem_strndup(glob, len);
        char *end = len ? strstr(at, piece) : at + strlen(at);
        free(piece);
        if ((good = end != NULL)) {
            char *value = mem_strndup(at, (size_t)(end - at));
            row_put(&found, stage->names.at[count], value);
            free(value);
            at = end + len;
        }
        glob += len;
    }
    for (size_t i = 0; good && i < found.pairs.len; i++)
        row_put(row, found.pairs.at[i].name, found.pairs.at[i].value);
    row_free(&found);
    free(copy);
}

/* Groups. */

static const char *group_value(const struct row *row, const struct column *column, char stamp[40])
{
    if (!column->bin_ms)
        return row_get(row, column->field, stamp);
    return row->event ? time_text(row->event->at / column->bin_ms * column->bin_ms, stamp) : NULL;
}

static struct group *group_of(struct insights_plan *plan, const struct stage *stage, const struct row *row)
{
    struct str key = STR_INIT(65536);
    char stamp[40];
    for (size_t i = 0; i < stage->columns.len; i++) {
        const char *value = group_value(row, &stage->columns.at[i], stamp);
        str_addf(&key, "%s\x1f", value ? value : "\x1e");
    }
    for (size_t i = 0; i < plan->groups.len; i++)
        if (!strcmp(plan->groups.at[i].key, str_text(&key))) {
            str_free(&key);
            return &plan->groups.at[i];
        }
    if (plan->groups.len == GROUPS_MAX) {
        plan->full = true;
        str_free(&key);
        return NULL;
    }
    struct group *g = vec_add(&plan->groups);
    g->key = mem_strdup(str_text(&key));
    g->counts = mem_new_array(stage->aggregates.len, sizeof *g->counts);
    g->numbers = mem_new_array(stage->aggregates.len, sizeof *g->numbers);
    for (size_t i = 0; i < stage->columns.len; i++) {
        const char *value = group_value(row, &stage->columns.at[i], stamp);
        if (value)
            row_put(&g->by, stage->columns.at[i].name, value);
    }
    str_free(&key);
    return g;
}

static void count(struct insights_plan *plan, const struct stage *stage, const struct row *row)
{
    struct group *g = group_of(plan, stage, row);
    char stamp[40];
    for (size_t i = 0; g && i < stage->aggregates.len; i++) {
        const struct aggregate *a = &stage->aggregates.at[i];
        const char *value = a->field ? row_get(row, a->field, stamp) : "";
        double number;
        g->counts[i] += value != NULL;
        if (a->kind != AGG_COUNT && number_of(value, &number))
            *vec_add(&g->numbers[i]) = number;
    }
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double worked_out(const struct aggregate *a, double *numbers, size_t len)
{
    double sum = 0;
    for (size_t i = 0; i < len; i++)
        sum += numbers[i];
    qsort(numbers, len, sizeof *numbers, by_number);
    switch (a->kind) {
    case AGG_AVG:
        return sum / (double)len;
    case AGG_MIN:
        return numbers[0];
    case AGG_MAX:
        return numbers[len - 1];
    case AGG_PCT:
        return numbers[(size_t)ceil(a->percentile / 100 * (double)len) > 0 ? (size_t)ceil(a->percentile / 100 * (double)len) - 1 : 0];
    default:
        return sum;
    }
}

static void group_rows(struct insights_plan *plan, const struct stage *stage)
{
    char text[64];
    for (size_t i = 0; i < plan->groups.len; i++) {
        struct group *g = &plan->groups.at[i];
        for (size_t k = 0; k < stage->aggregates.len; k++) {
            const struct aggregate *a = &stage->aggregates.at[k];
            if (a->kind == AGG_COUNT)
                text_format(text, sizeof text, "%lld", (long long)g->counts[k]);
            else if (g->numbers[k].len)
                text_format(text, sizeof text, "%.10g", worked_out(a, g->numbers[k].at, g->numbers[k].len));
            else
                continue;
            row_put(&g->by, a->name, text);
        }
        *vec_add(&plan->rows) = g->by;
        g->by = (struct row){.event = NULL};
    }
}

/* Feeding. */

static void keep(struct insights_plan *plan, struct row *take)
{
    static const char *const own[] = {"@timestamp", "@message", "@logStream", "@log", "@ptr"};
    char stamp[40];
    if (plan->rows.len == KEPT_MAX) {
        plan->full = true;
        row_free(take);
        return;
    }
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        row_put(take, own[i], row_get(take, own[i], stamp));
    take->event = NULL;
    *vec_add(&plan->rows) = *take;
}

void insights_feed(struct insights_plan *plan, const struct insights_event *event)
{
    struct row row = {.event = event};
    for (size_t i = 0; i < plan->stages.len; i++) {
        const struct stage *stage = &plan->stages.at[i];
        if (stage->kind == STAGE_PARSE)
            parse(&row, stage);
        if (stage->kind == STAGE_FILTER && !holds(&row, stage->test)) {
            row_free(&row);
            return;
        }
        if (stage->kind == STAGE_STATS) {
            plan->matched++;
            count(plan, stage, &row);
            row_free(&row);
            return;
        }
    }
    plan->matched++;
    keep(plan, &row);
}

int64_t insights_matched(const struct insights_plan *plan) { return plan->matched; }
bool insights_is_full(const struct insights_plan *plan) { return plan->full; }

/* The end: what is behind `stats`, or is not for one event alone. */

static void filter_rows(struct insights_plan *plan, const struct test *test)
{
    size_t to = 0;
    for (size_t i = 0; i < plan->rows.len; i++)
        if (holds(&plan->rows.at[i], test))
            plan->rows.at[to++] = plan->rows.at[i];
        else
            row_free(&plan->rows.at[i]);
    plan->rows.len = to;
}

/* A stable one: equal rows stay as they came. */
static void merge_sort(struct row *rows, struct row *room, size_t len, const char *field, bool descending)
{
    char one[40], two[40];
    size_t half = len / 2, a = 0, b = half;
    if (len < 2)
        return;
    merge_sort(rows, room, half, field, descending);
    merge_sort(rows + half, room, len - half, field, descending);
    for (size_t i = 0; i < len; i++) {
        const char *x = a < half ? row_get(&rows[a], field, one) : NULL, *y = b < len ? row_get(&rows[b], field, two) : NULL;
        int o = !x ? (y ? 1 : -1) : !y ? -1 : descending ? order(y, x) : order(x, y); /* what is not there stands last */
        o = b == len ? -1 : a == half ? 1 : o;
        room[i] = o <= 0 ? rows[a++] : rows[b++];
    }
    memcpy(rows, room, len * sizeof *rows);
}

static void sort_rows(struct insights_plan *plan, const char *field, bool descending)
{
    struct row *room = mem_new_array(plan->rows.len + 1, sizeof *room);
    merge_sort(plan->rows.at, room, plan->rows.len, field, descending);
    free(room);
}

static void cut_rows(struct insights_plan *plan, size_t limit)
{
    while (plan->rows.len > limit)
        row_free(&plan->rows.at[--plan->rows.len]);
}

static const struct stage *last_of(const struct insights_plan *plan, enum stage_kind kind)
{
    const struct stage *found = NULL;
    for (size_t i = 0; i < plan->stages.len; i++)
        if (plan->stages.at[i].kind == kind)
            found = &plan->stages.at[i];
    return found;
}

static void add_field(json_t *out, const char *name, const char *value)
{
    if (value)
        json_array_append_new(out, json_pack("{s:s, s:s}", "field", name, "value", value));
}

static json_t *row_json(const struct insights_plan *plan, const struct row *row)
{
    json_t *out = json_array();
    const struct stage *shown = last_of(plan, STAGE_FIELDS);
    char stamp[40];
    if (last_of(plan, STAGE_STATS)) {
        for (size_t i = 0; i < row->pairs.len; i++)
            add_field(out, row->pairs.at[i].name, row->pairs.at[i].value);
        return out;
    }
    for (size_t i = 0; shown && i < shown->columns.len; i++)
        add_field(out, shown->columns.at[i].name, row_get(row, shown->columns.at[i].field, stamp));
    if (!shown) {
        add_field(out, "@timestamp", row_get(row, "@timestamp", stamp));
        add_field(out, "@message", row_get(row, "@message", stamp));
    }
    add_field(out, "@ptr", row_get(row, "@ptr", stamp));
    return out;
}

json_t *insights_rows(struct insights_plan *plan, size_t limit)
{
    const struct stage *stats = last_of(plan, STAGE_STATS);
    json_t *out = json_array();
    if (stats)
        group_rows(plan, stats);
    else if (!last_of(plan, STAGE_SORT))
        sort_rows(plan, "@timestamp", true);
    for (size_t i = 0; i < plan->stages.len; i++) {
        const struct stage *stage = &plan->stages.at[i];
        if (stage->kind == STAGE_FILTER && stats && stage > stats)
            filter_rows(plan, stage->test);
        if (stage->kind == STAGE_SORT)
            sort_rows(plan, stage->field, stage->descending);
        if (stage->kind == STAGE_LIMIT)
            cut_rows(plan, stage->limit);
    }
    cut_rows(plan, limit);
    for (size_t i = 0; i < plan->rows.len; i++)
        json_array_append_new(out, row_json(plan, &plan->rows.at[i]));
    return out;
}

static void stage_free(struct stage *stage)
{
    test_free(stage->test);
    for (size_t i = 0; i < stage->columns.len; i++) {
        free(stage->columns.at[i].field);
        free(stage->columns.at[i].name);
    }
    for (size_t i = 0; i < stage->aggregates.len; i++) {
        free(stage->aggregates.at[i].field);
        free(stage->aggregates.at[i].name);
    }
    for (size_t i = 0; i < stage->names.len; i++)
        free(stage->names.at[i]);
    vec_free(&stage->columns);
    vec_free(&stage->aggregates);
    vec_free(&stage->names);
    free(stage->field);
    free(stage->glob);
}

void insights_free(struct insights_plan *plan)
{
    if (!plan)
        return;
    const struct stage *stats = last_of(plan, STAGE_STATS);
    for (size_t i = 0; i < plan->groups.len; i++) {
        struct group *g = &plan->groups.at[i];
        for (size_t k = 0; stats && k < stats->aggregates.len; k++)
            vec_free(&g->numbers[k]);
        free(g->numbers);
        free(g->counts);
        free(g->key);
        row_free(&g->by);
    }
    vec_free(&plan->groups);
    for (size_t i = 0; i < plan->rows.len; i++)
        row_free(&plan->rows.at[i]);
    vec_free(&plan->rows);
    for (size_t i = 0; i < plan->stages.len; i++)
        stage_free(&plan->stages.at[i]);
    vec_free(&plan->stages);
    free(plan);
}
