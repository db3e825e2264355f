/* Actions: guarded procedures, the only way by which trivet changes anything. The engine runs each in the same order: what is needed is read anew and
 * checked → the plan lists every call → a person confirms by consequence → the intent is journaled → the call → what it brings about is watched
 * until it has settled → report and audit. The guard stands here, not at a key: --read-only, `protect: true` and the kind of account are asked of
 * every action. A procedure is one file with a `const struct action_type` and the steps it plans; a row in table.c lists it. Menu, palette, help and
 * command line come from those rows. */
#ifndef TRIVET_ACTIONS_ACTION_H
#define TRIVET_ACTIONS_ACTION_H

#include <jansson.h>

#include "aws/client.h"
#include "base/log.h"
#include "base/str.h"
#include "estate/gate.h"
#include "github/client.h"
#include "net/http.h"
#include "net/loop.h"

enum target_kind { TARGET_NONE, TARGET_ACCOUNT, TARGET_DATABASE, TARGET_DEPLOYMENT, TARGET_POD, TARGET_RELEASE, TARGET_PIPELINE, TARGET_WEB_ACL,
                   TARGET_DISTRIBUTION, TARGET_ALARM };

struct action_target {
    enum target_kind kind;
    size_t account;
    char ns[64];    /* of a deployment or pod */
    char name[256]; /* "innovate-prod", "backend", "812"; of an account its name */
};

struct action;
struct step;

/* What a step's look has found. */
enum finding { FOUND_TODO, FOUND_UNDERWAY, FOUND_DONE, FOUND_FAILED };

/* A kind of step. Its one look serves three times: before the call (what is so already is not done again; after a crash it tells what became of the
 * call), and after it, until it has settled. */
struct step_type {
    const char *name; /* "rds-stop": as the journal and the audit log name it */
    const char *api;  /* the call, as the plan shows it: "rds StopDBInstance"; NULL: it only waits */
    void (*describe)(const struct action *action, const struct step *step, struct str *out); /* "stop database innovate-dev" */
    void (*look)(struct action *action, struct step *step); /* ends in step_found() or step_unseen() */
    void (*call)(struct action *action, struct step *step); /* ends in step_called() */
    /* what a refusal of the call means here; NULL: as it stands */
    void (*explain)(const struct action *action, const struct step *step, struct error *e);
    /* codes of refusals by which the world is not as it was looked at: one more look tells what became of it; ends with NULL */
    const char *const *moved;
    /* keeps in `with` what looking needs of the reply, which is journaled with the result. NULL: nothing */
    void (*replied)(struct action *action, struct step *step, const json_t *output);
    int64_t every_ms, limit_ms; /* between looks, and how long it may take to settle; 0: done when called */
    bool goes_on;               /* the next step need not wait until this one has settled */
    bool waits;                 /* begins only when every step before it is over */
    const char *again;          /* an error's code after which it is looked at and called anew: a lock token that somebody else has used up */
    bool repeats;               /* to call it once more is the same call (it carries a token of its own): if no answer came it is called again */
    bool once;                  /* to repeat it would do harm: after a crash it is looked at for a minute before it is called again */
};

enum step_state { STEP_WAITING, STEP_LOOKING, STEP_CALLING, STEP_SETTLING, STEP_DONE, STEP_SKIPPED /* was so already */, STEP_FAILED, STEP_LEFT };
const char *step_state_name(enum step_state state);
bool step_is_over(const struct step *step);

struct step {
    const struct step_type *type;
    struct action *action;
    char target[256]; /* the resource */
    json_t *with;     /* what it needs: replicas, zones, ids; kept in the journal as planned, and as it stands before the call. Owned */
    enum step_state state;
    int64_t began_at, called_at, ended_at; /* wall ms; called_at also of a call before a crash */
    char evidence[240];                    /* what was seen last: "stopping", "2 of 4 ready" */
    char request_id[80];
    struct error error;
    int tries;        /* called in vain, see step_type.again */
    bool unsure;      /* called, and no answer came: only looking can tell */
    bool refused;     /* called in vain; one more look may tell why */
    /* Under way; the engine's. */
    struct aws_call *aws;
    struct kube_call *kube;
    struct github_call *github;
    struct loop_timer *timer;
    void (*got)(struct action *action, struct step *step, const json_t *output);
    bool or_none; /* what is looked at may be absent */
};

/* Which identity an action needs beyond the reader's. */
enum action_needs { NEEDS_OPERATOR = 1, NEEDS_CLUSTER = 2 /* the operator's token for the account's cluster */, NEEDS_GITHUB = 4,
                    USES_CLUSTER = 8 /* if it has one */ };

/* What a procedure has to tell beside its steps (a drill's probes, a rollout's pods), a line each, for screen and command line alike. */
enum tone { TONE_PLAIN, TONE_DIM, TONE_GOOD, TONE_BAD };
typedef void tell_line(void *arg, enum tone tone, const char *text);

struct action_type {
    const char *name;  /* "dev-stop": journal, audit, command line */
    const char *verb;  /* what is typed against a failed check, with the resource: "stop dev" */
    char key;          /* in the menu of actions */
    const char *about; /* one line */
    enum target_kind on;
    unsigned kinds;    /* bits of enum account_kind it may ever touch; 0: any */
    unsigned needs;    /* enum action_needs */
    feed_mask feeds;   /* FEED_BITs read anew before the checks */
    bool needs_reason; /* in any account, not only where a check failed or in production */
    bool local;        /* it changes nothing but what this machine keeps: y is enough, and an account's protection does not forbid it */
    const char *asks;  /* a value it needs: "how many pods"; NULL: none */
    const char *takes; /* a value it may be given: "where to copy the report to"; NULL: none */
    bool (*value_good)(const char *value, struct error *e);
    void (*preflight)(struct action *action);               /* adds points to action->gate; NULL: none */
    bool (*plan)(struct action *action, struct error *e);   /* adds steps; none: there is nothing to do */
    void (*begin)(struct action *action);                   /* before the first step; ends in action_begun(). NULL: nothing */
    void (*seen)(struct action *action, struct step *step); /* after each look and call; NULL: nothing */
    void (*finish)(struct action *action);                  /* when the steps are over; ends in action_finished(). NULL: nothing */
    void (*introduce)(const struct action *action, bool unicode, tell_line *line, void *arg); /* what it is about, above the checks; NULL: nothing */
    void (*tell)(const struct action *action, bool unicode, tell_line *line, void *arg); /* NULL: nothing */
    void (*recall)(struct action *action, const json_t *events); /* what its journal tells, when it is taken up again; NULL: nothing */
    void (*forget)(struct action *action);                  /* frees action->own; stops what it had begun */
};
#define KIND_BIT(kind) (1u << (kind))

enum action_state { ACTION_READING, ACTION_ASKING, ACTION_STARTING, ACTION_RUNNING, ACTION_FINISHING, ACTION_ENDED };
enum action_outcome { OUTCOME_NONE, OUTCOME_DONE, OUTCOME_FAILED, OUTCOME_CANCELLED /* before any call */,
                      OUTCOME_LEFT /* not watched to the end */ };
const char *action_outcome_name(enum action_outcome outcome);

struct actions;

struct action { /* read by whoever shows it; written by the engine and the procedure */
    struct actions *engine;
    const struct action_type *type;
    struct action_target target;
    const struct account *account;
    char id[40], value[256], reason[400];
    char operator_arn[256]; /* who calls; "" until the role was assumed */
    enum action_state state;
    enum action_outcome outcome;
    struct gate gate;       /* the checks */
    struct step **steps;
    size_t step_count;
    bool overridden;        /* a check had failed, and a person went on */
    bool resumed, cancelled;
    int64_t asked_at, checked_at, confirmed_at, ended_at; /* wall ms */
    struct error error;     /* why it failed */
    char summary[300];      /* the outcome in words; "" until it has ended */
    char report[300];       /* the directory of its report; "" if it left none */
    void *own;              /* the procedure's */
    /* The engine's. */
    struct aws_session *operator_session;
    struct kube *kube;
    struct journal *journal;
    struct lock *lock;
    struct loop_timer *timer;
    struct aws_call *identity;
};

struct actions_options {
    struct loop *loop;
    struct http *http;
    struct aws *aws;
    struct github *github; /* NULL where the profile names no repository */
    const struct estate *estate;
    struct log *log;
    const char *state_dir; /* journal, locks, audit, reports; NULL: there is none, and every action is refused */
    bool read_only;
    void (*refresh)(void *arg, feed_mask feeds); /* asks the feeds to read anew */
    struct aws_session *(*session)(void *arg, size_t account); /* the reader's, for accounts whose profile names no roles */
    void *arg;
};
struct actions *actions_new(const struct actions_options *options); /* copies */
/* What runs stays in its journal, to be resumed. NULL is fine. */
void actions_free(struct actions *actions);

extern const struct action_type *const action_types[]; /* NULL-terminated */
const struct action_type *action_type_find(const char *name);
/* May this be done to that at all? False with why: the kind of account, protect, --read-only, no operator role. */
bool action_allowed(const struct actions *actions, const struct action_type *type, const struct action_target *target, struct error *e);

/* Begins to read what the checks need. NULL with why it is refused; a refusal by protection or --read-only is audited. The engine owns it until
 * action_dismiss(). `value` NULL where the type asks for none. */
struct action *action_new(struct actions *actions, const struct action_type *type, const struct action_target *target, const char *value,
                          struct error *e);
/* What has to be typed, by consequence: "y", the resource's name, or verb and resource if a check has failed. */
struct confirmation {
    char expected[300];
    bool reason; /* one has to be given */
};
void action_confirmation(const struct action *action, struct confirmation *out);
/* In ACTION_ASKING. False with why, nothing begun: not what was expected, no reason, held by somebody else, the journal cannot be written, or the
 * checks are old: then they are read again. */
bool action_confirm(struct action *action, const char *typed, const char *reason, struct error *e);
/* Stops before the next call; what was called is not watched any longer. */
void action_cancel(struct action *action);
void action_dismiss(struct action *action); /* frees one that has ended; NULL is fine */
/* The operator role waits for an MFA code: its serial, else NULL. */
const char *action_wants_mfa(const struct action *action);
const char *action_mfa_refused(const struct action *action, char *out, size_t size); /* why the code before was not taken; "" */
void action_mfa(struct action *action, const char *code); /* NULL: declined */
bool action_failed_check(const struct action *action);    /* any point that is not a pass */

size_t actions_count(const struct actions *actions);
struct action *actions_at(const struct actions *actions, size_t i); /* in the order they began */
uint64_t actions_version(const struct actions *actions);            /* moves with everything that can be seen */
const char *actions_state_dir(const struct actions *actions);

/* Journals of actions that nobody carries on: left by a console that was killed. */
struct unfinished {
    char id[40], action[40], account[40], resource[256], reason[400];
    int64_t at;
};
typedef void unfinished_each(void *arg, const struct unfinished *one);
bool actions_unfinished(const struct actions *actions, unfinished_each *each, void *arg, struct error *e); /* false: they cannot be listed */
/* Takes it up where the live state says it is. */
struct action *action_resume(struct actions *actions, const char *id, struct error *e);
/* Writes down that nobody will. */
bool action_close(struct actions *actions, const char *id, struct error *e);

/* "dev / innovate-dev", "prod / app/backend": for people and for the lock's name. */
const char *target_text(const struct estate *estate, const struct action_target *target, char *out, size_t size);
json_t *action_json(const struct action *action); /* for --json, journal and audit: checks, plan, results */

#endif
