/* The same thing in two accounts, fact by fact: what differs, and whether the architecture means it to. Pure functions of the estate.
 * A kind of thing is a row of compare.c's table, its facts are a table in compare_services.c, compare_network.c or compare_cluster.c; pane, page and
 * `trivet show compare` follow from these. What could not be read is neither the same nor different. */
#ifndef TRIVET_UI_COMPARE_H
#define TRIVET_UI_COMPARE_H

#include "ui/thing.h"
#include "ui/value.h"

struct subject { /* whom a fact is asked of */
    const struct pane_view *view;
    const struct account *account;
    size_t index;
};

enum comparison { COMPARE_DIFFERS, COMPARE_UNKNOWN, COMPARE_BY_DESIGN, COMPARE_SAME, COMPARISONS }; /* in the order that they are shown in */
const char *comparison_name(enum comparison comparison); /* "differs", "not known", "by design", "same": stable, in JSON */
const char *comparison_mark(enum comparison comparison); /* "≠" */
uint8_t comparison_role(enum comparison comparison);

struct difference {
    const char *label;       /* of the fact */
    struct subject of[2];    /* in a comparison of accounts: development, production */
    struct value value[2];
    enum comparison verdict;
    bool alike;              /* two lists with the same in them, in whatever order */
    char why[200];           /* by which design, or why it is not known; "" */
};

struct fact {
    const char *label;
    enum feed feed;      /* that tells it */
    void (*value)(const struct subject *of, struct value *out);
    void (*list)(const struct subject *of, struct str *out); /* instead: what there is, a line each, in no order. Too much for `out`: not known */
    /* Do they differ the way the architecture means it? May put its own words into `why`. NULL: they should not differ. */
    bool (*meant)(struct difference *d, size_t dev);
    const char *because; /* the design, in words */
};

struct thing_type {
    const char *name;
    enum feed feed;      /* that lists them */
    bool single;         /* where each account has one alone, they belong together whatever their names */
    size_t (*count)(const struct account *account);
    void (*name_of)(const struct account *account, size_t index, char *out, size_t size);
    const struct fact *facts;               /* ends with a NULL label */
    bool (*lone)(const struct subject *has); /* is it meant that only this account has it? NULL: no */
    const char *because;
};
extern const struct thing_type thing_types[THING_KINDS];

/* Facts. */
/* compare_services.c */
extern const struct fact facts_of_database[], facts_of_web_acl[], facts_of_secret[], facts_of_alarm[], facts_of_log_group[], facts_of_budget[];
extern const struct fact facts_of_network[], facts_of_group[], facts_of_balancer[], facts_of_account[]; /* compare_network.c */
/* compare_cluster.c */
extern const struct fact facts_of_cluster[], facts_of_node_group[], facts_of_fargate[], facts_of_addon[], facts_of_deployment[];

/* Designs. */
bool meant_more(struct difference *d, size_t dev);    /* production has more of it */
bool meant_has(struct difference *d, size_t dev);     /* production has it, development has none */
bool meant_dev_has(struct difference *d, size_t dev); /* the other way round */
bool meant_smaller(struct difference *d, size_t dev); /* development's class or type is the smaller one: "db.t4g.medium" */
bool meant_any(struct difference *d, size_t dev);
void value_or_none(struct value *out, const char *text); /* "none" for "" */

#define FACT_THERE 31 /* not one of the table: is there one at all? */
size_t thing_fact_count(enum thing_kind kind);
feed_mask thing_feeds(enum thing_kind kind);
feed_mask compare_feeds(void); /* of all kinds */
bool thing_find(const struct estate *estate, enum thing_kind kind, size_t account, const char *name, struct thing *out);
const char *thing_name(const struct estate *estate, const struct thing *thing, char *out, size_t size);
/* What is the same in both accounts' names: "innovate-*", "web/backend". */
const char *thing_stem(const struct estate *estate, const struct thing *thing, char *out, size_t size);
/* Development for production and the other way round; with several, the one whose name is nearest. SIZE_MAX: none. */
size_t compare_account(const struct estate *estate, size_t account);
/* The same thing in another account. `out` has kind THING_NONE if there is none. */
void thing_counterpart(const struct estate *estate, const struct thing *of, size_t account, struct thing *out);

/* One fact of two things of a kind. Of FACT_THERE one of them may be THING_NONE, in an account all the same. */
void compare_fact(const struct pane_view *view, const struct thing *a, const struct thing *b, size_t fact, struct difference *out);
void compare_values(struct difference *d); /* of two values that stand there: same, different or not known */

#endif
