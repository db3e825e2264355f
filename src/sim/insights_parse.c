/* The language of Logs Insights, from text to a plan: by recursive descent over words. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/when.h"
#include "sim/insights_plan.h"

#define DEPTH_MAX 40
#define QUERY_MAX 10000 /* as the service has it; what is chained by and, or is walked by recursion */

enum word_kind { WORD_END, WORD_NAME, WORD_NUMBER, WORD_TEXT, WORD_REGEX, WORD_SIGN };

struct parser {
    const char *query, *at; /* at: behind the word */
    const char *begin;      /* of the word */
    enum word_kind kind;
    char word[1024];
    char *wrong;
    size_t size;
    bool failed;
    int depth;
};

/* Words. */

static bool fail(struct parser *p)
{
    if (!p->failed)
        text_format(p->wrong, p->size, "unexpected symbol found %s at line 1 and position %d", p->kind == WORD_END ? "<EOF>" : p->word,
                    (int)(p->begin - p->query + 1));
    p->failed = true;
    return false;
}

static bool is_name(char c) { return isalnum((unsigned char)c) || c == '_' || c == '@' || c == '.' || c == '-'; }

static void quoted(struct parser *p, char end)
{
    size_t len = 0;
    p->at++;
    while (*p->at && *p->at != end && len + 2 < sizeof p->word) {
        if (*p->at == '\\' && p->at[1] && (p->at[1] == end || (p->kind == WORD_TEXT && p->at[1] == '\\')))
            p->at++;
        p->word[len++] = *p->at++;
    }
    p->word[len] = '\0';
    if (*p->at != end)
        fail(p);
    else
        p->at++;
}

static void run_of(struct parser *p, enum word_kind kind)
{
    size_t len = 0;
    p->kind = kind;
    while (is_name(*p->at) && len + 1 < sizeof p->word)
        p->word[len++] = *p->at++;
    p->word[len] = '\0';
}

static void next(struct parser *p)
{
    p->at += strspn(p->at, " \t\n\r");
    p->begin = p->at;
    p->word[0] = '\0';
    if (!*p->at) {
        p->kind = WORD_END;
    } else if (*p->at == '"' || *p->at == '\'') {
        p->kind = WORD_TEXT;
        quoted(p, *p->at);
    } else if (*p->at == '`') {
        p->kind = WORD_NAME;
        quoted(p, '`');
    } else if (*p->at == '/') {
        p->kind = WORD_REGEX;
        quoted(p, '/');
    } else if (isdigit((unsigned char)*p->at) || (*p->at == '-' && isdigit((unsigned char)p->at[1]))) {
        run_of(p, WORD_NUMBER);
    } else if (is_name(*p->at) && *p->at != '-') {
        run_of(p, WORD_NAME);
    } else {
        p->kind = WORD_SIGN;
        size_t len = strchr("!<>=", *p->at) && p->at[1] == '=' ? 2 : 1;
        memcpy(p->word, p->at, len);
        p->word[len] = '\0';
        p->at += len;
    }
}

static bool is_sign(const struct parser *p, const char *sign) { return p->kind == WORD_SIGN && !strcmp(p->word, sign); }
static bool is_word(const struct parser *p, const char *word) { return p->kind == WORD_NAME && text_same_case(p->word, word); }

static bool take_sign(struct parser *p, const char *sign)
{
    if (!is_sign(p, sign))
        return false;
    next(p);
    return true;
}

static bool take_word(struct parser *p, const char *word)
{
    if (!is_word(p, word))
        return false;
    next(p);
    return true;
}

static bool need_sign(struct parser *p, const char *sign) { return take_sign(p, sign) || fail(p); }

static char *need_name(struct parser *p)
{
    if (p->kind != WORD_NAME) {
        fail(p);
        return NULL;
    }
    char *name = mem_strdup(p->word);
    next(p);
    return name;
}

/* Tests. */

void test_free(struct test *t)
{
    if (!t)
        return;
    test_free(t->left);
    test_free(t->right);
    free(t->a.text);
    free(t->b.text);
    if (t->kind == TEST_MATCH)
        regfree(&t->regex);
    for (size_t i = 0; i < t->list.len; i++)
        free(t->list.at[i].text);
    vec_free(&t->list);
    free(t);
}

static struct test *test_new(enum test_kind kind, struct test *left, struct test *right)
{
    struct test *t = mem_new(sizeof *t);
    *t = (struct test){.kind = kind, .left = left, .right = right};
    return t;
}

static bool operand(struct parser *p, struct operand *out)
{
    if (p->kind != WORD_NAME && p->kind != WORD_NUMBER && p->kind != WORD_TEXT)
        return fail(p);
    *out = (struct operand){mem_strdup(p->word), p->kind == WORD_NAME};
    next(p);
    return true;
}

/* What \d is to others is [0-9] to POSIX; (?i) in front makes it blind to case. */
static bool compile_regex(struct parser *p, struct test *t)
{
    struct str text = STR_INIT(8192);
    bool blind = text_starts(p->word, "(?i)");
    for (const char *c = p->word + (blind ? 4 : 0); *c; c++) {
        bool digit = *c == '\\' && c[1] == 'd';
        if (digit)
            str_adds(&text, "[0-9]");
        else
            str_addc(&text, *c);
        if (digit)
            c++;
        else if (*c == '\\' && c[1])
            str_addc(&text, *++c);
    }
    bool good = regcomp(&t->regex, str_text(&text), REG_EXTENDED | REG_NOSUB | (blind ? REG_ICASE : 0)) == 0;
    str_free(&text);
    if (!good)
        return fail(p);
    t->kind = TEST_MATCH;
    next(p);
    return true;
}

static bool in_list(struct parser *p, struct test *t)
{
    t->kind = TEST_IN;
    if (!need_sign(p, "["))
        return false;
    do
        if (!operand(p, vec_add(&t->list)))
            return false;
    while (take_sign(p, ","));
    return need_sign(p, "]");
}

static bool relation(struct parser *p, struct test *t)
{
    static const char *const signs[] = {"=", "!=", "<", "<=", ">", ">="};
    if (take_word(p, "like"))
        return p->kind == WORD_REGEX ? compile_regex(p, t) : p->kind == WORD_TEXT ? (t->kind = TEST_LIKE, operand(p, &t->b)) : fail(p);
    if (take_word(p, "in"))
        return in_list(p, t);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (take_sign(p, signs[i])) {
            text_copy(t->sign, sizeof t->sign, signs[i]);
            return operand(p, &t->b);
        }
    return fail(p);
}

static struct test *any_of(struct parser *p);

static struct test *one_test(struct parser *p)
{
    struct test *t = NULL;
    if (++p->depth > DEPTH_MAX)
        fail(p);
    if (p->failed)
        return NULL;
    if (take_sign(p, "(")) {
        t = any_of(p);
        need_sign(p, ")");
    } else if (take_word(p, "not")) {
        t = test_new(TEST_NOT, one_test(p), NULL);
    } else if (take_word(p, "ispresent")) {
        t = test_new(TEST_PRESENT, NULL, NULL);
        if (need_sign(p, "(") && operand(p, &t->a))
            need_sign(p, ")");
    } else {
        t = test_new(TEST_COMPARE, NULL, NULL);
        bool good = operand(p, &t->a), not = good && take_word(p, "not");
        if (good && not && !is_word(p, "like") && !is_word(p, "in"))
            good = fail(p);
        if (good)
            relation(p, t);
        t = not ? test_new(TEST_NOT, t, NULL) : t;
    }
    p->depth--;
    return t;
}

static struct test *all_of(struct parser *p)
{
    struct test *t = one_test(p);
    while (!p->failed && take_word(p, "and"))
        t = test_new(TEST_AND, t, one_test(p));
    return t;
}

static struct test *any_of(struct parser *p)
{
    struct test *t = all_of(p);
    while (!p->failed && take_word(p, "or"))
        t = test_new(TEST_OR, t, all_of(p));
    return t;
}

/* Commands. */

static bool alias(struct parser *p, char **name, const char *from, const char *to)
{
    if (take_word(p, "as"))
        *name = need_name(p);
    else
        *name = mem_strndup(from, (size_t)(to - from));
    return *name != NULL;
}

/* Where the last word but this one ended: what an expression is called after where it has no other name. */
static const char *end_of(const char *from, const char *to)
{
    while (to > from && isspace((unsigned char)to[-1]))
        to--;
    return to;
}

static bool bin(struct parser *p, struct column *column)
{
    int64_t ms;
    if (!need_sign(p, "(") || p->kind != WORD_NUMBER || !when_parse_span(p->word, &ms) || ms <= 0)
        return fail(p);
    column->bin_ms = ms;
    next(p);
    return need_sign(p, ")");
}

static bool columns(struct parser *p, struct stage *stage, bool bins)
{
    do {
        const char *from = p->begin;
        struct column *column = vec_add(&stage->columns);
        bool is_bin = bins && is_word(p, "bin");
        if (!(column->field = need_name(p)) || (is_bin && !bin(p, column)) || !alias(p, &column->name, from, end_of(from, p->begin)))
            return false;
    } while (take_sign(p, ","));
    return true;
}

static bool percentile(struct parser *p, struct aggregate *a)
{
    char *end;
    if (!need_sign(p, ",") || p->kind != WORD_NUMBER)
        return fail(p);
    a->percentile = strtod(p->word, &end);
    if (*end || a->percentile < 0 || a->percentile > 100)
        return fail(p);
    next(p);
    return true;
}

static bool aggregate(struct parser *p, struct aggregate *a)
{
    static const char *const names[] = {"count", "sum", "avg", "min", "max", "pct"};
    const char *from = p->begin;
    int kind = 0;
    while (kind < 6 && !is_word(p, names[kind]))
        kind++;
    if (kind == 6)
        return fail(p);
    a->kind = (enum aggregate_kind)kind;
    next(p);
    if (!need_sign(p, "("))
        return false;
    if (a->kind == AGG_COUNT && (is_sign(p, ")") || take_sign(p, "*")))
        a->field = NULL;
    else if (!(a->field = need_name(p)) || (a->kind == AGG_PCT && !percentile(p, a)))
        return false;
    return need_sign(p, ")") && alias(p, &a->name, from, end_of(from, p->begin));
}

static bool stats(struct parser *p, struct stage *stage)
{
    do
        if (!aggregate(p, vec_add(&stage->aggregates)))
            return false;
    while (take_sign(p, ","));
    return !take_word(p, "by") || columns(p, stage, true);
}

static size_t stars(const char *glob)
{
    size_t count = 0;
    for (; *glob; glob++)
        count += *glob == '*';
    return count;
}

static bool parse(struct parser *p, struct stage *stage)
{
    stage->field = p->kind == WORD_TEXT ? mem_strdup("@message") : need_name(p);
    if (!stage->field || p->kind != WORD_TEXT)
        return fail(p);
    stage->glob = mem_strdup(p->word);
    next(p);
    if (!take_word(p, "as"))
        return fail(p);
    do {
        char *name = need_name(p);
        if (!name)
            return false;
        *vec_add(&stage->names) = name;
    } while (take_sign(p, ","));
    return stage->names.len == stars(stage->glob) || fail(p);
}

static bool sort(struct parser *p, struct stage *stage)
{
    const char *from = p->begin;
    stage->field = need_name(p);
    if (stage->field && take_sign(p, "(")) { /* count(*), bin(5m): by what it is called */
        while (p->kind != WORD_END && !is_sign(p, ")"))
            next(p);
        if (!need_sign(p, ")"))
            return false;
        free(stage->field);
        stage->field = mem_strndup(from, (size_t)(end_of(from, p->begin) - from));
    }
    stage->descending = is_word(p, "desc");
    return stage->field && (take_word(p, "desc") || take_word(p, "asc") || true);
}

static bool limit(struct parser *p, struct stage *stage)
{
    char *end;
    long count = p->kind == WORD_NUMBER ? strtol(p->word, &end, 10) : 0;
    if (count < 1 || count > 10000 || *end)
        return fail(p);
    stage->limit = (size_t)count;
    next(p);
    return true;
}

static bool command(struct parser *p, struct insights_plan *plan)
{
    static const char *const names[] = {"fields", "display", "filter", "parse", "stats", "sort", "limit"};
    static const enum stage_kind kinds[] = {STAGE_FIELDS, STAGE_FIELDS, STAGE_FILTER, STAGE_PARSE, STAGE_STATS, STAGE_SORT, STAGE_LIMIT};
    size_t i = 0;
    while (i < 7 && !is_word(p, names[i]))
        i++;
    if (i == 7)
        return fail(p);
    for (size_t k = 0; kinds[i] == STAGE_STATS && k < plan->stages.len; k++)
        if (plan->stages.at[k].kind == STAGE_STATS)
            return fail(p);
    next(p);
    struct stage *stage = vec_add(&plan->stages);
    stage->kind = kinds[i];
    switch (stage->kind) {
    case STAGE_FIELDS:
        return columns(p, stage, false);
    case STAGE_FILTER:
        stage->test = any_of(p);
        return !p->failed;
    case STAGE_PARSE:
        return parse(p, stage);
    case STAGE_STATS:
        return stats(p, stage);
    case STAGE_SORT:
        return sort(p, stage);
    case STAGE_LIMIT:
        return limit(p, stage);
    }
    return false;
}

struct insights_plan *insights_compile(const char *query, char *wrong, size_t size)
{
    struct parser p = {.query = query, .at = query, .wrong = wrong, .size = size};
    if (strlen(query) > QUERY_MAX) {
        text_format(wrong, size, "the query has more than %d characters", QUERY_MAX);
        return NULL;
    }
    struct insights_plan *plan = mem_new(sizeof *plan);
    next(&p);
    while (!p.failed && command(&p, plan) && take_sign(&p, "|"))
        ;
    if (!p.failed && p.kind != WORD_END)
        fail(&p);
    if (!p.failed)
        return plan;
    insights_free(plan);
    return NULL;
}
