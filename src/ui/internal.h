/* Private to the console: its state, and what its files (console.c keys and modes, commands.c, bindings.c, screen.c) share. */
#ifndef TRIVET_UI_INTERNAL_H
#define TRIVET_UI_INTERNAL_H

#include "actions/action.h"
#include "ui/console.h"
#include "ui/table.h"

#define PANES_MAX  32
#define INPUT_MAX  256
#define TRAIL_MAX  32
#define MENU_MAX   24
#define BOX_WIDTH  70 /* of those whose text is short */

enum mode { MODE_TABLE, MODE_DETAIL, MODE_YAML, MODE_LOG, MODE_HELP, MODE_ACTION /* one of them */, MODE_ACTIONS /* the list */, MODE_COMPARE,
            MODE_QUERY /* of logs */ };
enum prompt { PROMPT_NONE, PROMPT_FILTER, PROMPT_COMMAND, PROMPT_MFA, PROMPT_MENU /* of actions */, PROMPT_VALUE /* that an action asks for */,
              PROMPT_CONFIRM /* an action's */, PROMPT_SURE /* y or n */, PROMPT_LINK /* shows one; a key ends it */,
              PROMPT_QUERY /* of logs: which */, PROMPT_QUERY_TEXT /* its words */, PROMPT_LEADS /* where the row leads */ };

/* What the menu of actions offers, or refuses. */
struct choice {
    const struct action_type *type;
    struct action_target target;
    char key;
    bool allowed;
    char why[200]; /* why not */
};
struct action_menu {
    struct choice at[MENU_MAX];
    size_t count, selected;
};

/* A question with its consequences in words, answered by y or n. */
struct sure {
    struct page text;
    void (*yes)(struct console *c);
    char id[40]; /* of the action that it is about */
};

/* Two rows of the pane, or a thing and its counterpart, known by what they are while the rows move. */
struct comparing {
    bool rows, only;           /* two rows; only what differs is shown */
    struct {
        char identity[IDENTITY_MAX]; /* of a row */
        size_t account;        /* of a thing */
        char name[300];
    } side[2];
    enum thing_kind kind;
};

/* Where somebody came from. */
struct trail_step {
    size_t pane;
    struct table_place place;
};

struct console {
    struct console_options options;
    struct console_host host;
    struct cells cells;
    struct table tables[PANES_MAX];
    size_t pane;
    size_t shown;              /* account of a drawing, as pane_view has it */
    enum mode mode, under;     /* under: where back leads from YAML and log */
    enum prompt prompt;
    char input[INPUT_MAX];     /* of the prompt */
    char reason[INPUT_MAX];    /* PROMPT_CONFIRM: its second line */
    bool on_reason;            /* that one is typed into */
    int cursor_row, cursor_column; /* of a prompt in the body; row -1: none */
    struct action_menu menu;
    struct sure sure;
    struct link link;          /* PROMPT_LINK */
    struct {
        size_t account, selected; /* the log group that is asked about: SIZE_MAX and "" for none; the choice */
        char group[256], typed[INPUT_MAX]; /* typed: what was asked that is not saved */
    } query;                   /* PROMPT_QUERY, PROMPT_QUERY_TEXT */
    int64_t since_ms;          /* how far back log groups are followed and asked; 0: as usual */
    struct action *action;     /* MODE_ACTION: which; the engine's */
    VEC(struct unfinished) unfinished; /* as last looked for */
    size_t chosen;             /* MODE_ACTIONS: the selected line */
    int64_t told_until;        /* of what has ended until then the person knows */
    uint64_t drawn_actions;
    struct action *mfa_action; /* PROMPT_MFA: whose operator role asks; NULL: mfa_account's reader does */
    size_t mfa_account, mfa_answered; /* answered: not asked again until its session has moved on */
    struct trail_step trail[TRAIL_MAX]; /* where leads were followed from */
    size_t trail_len;
    struct leads leads;        /* PROMPT_LEADS: those of the selected row */
    size_t lead;               /* the selected one of them */
    uint64_t leads_version;    /* of the estate that they are of */
    bool leads_whole;          /* all has been read that they are found by */
    struct lead wanted;        /* gone to, and still waited for; its pane NULL: none */
    char looked_identity[IDENTITY_MAX]; /* of the row of the detail */
    struct row_ref looked_at;  /* row of the detail */
    struct detail_key key;     /* what is open at the feeds */
    struct page page;
    long page_top;
    int page_left;
    bool follow;               /* log: keep to the end */
    char page_filter[INPUT_MAX];
    struct comparing comparing; /* MODE_COMPARE */
    check_results checks;      /* of the estate at checks_version; only while a pane shows them */
    uint64_t checks_version;
    char message[512];
    uint8_t message_role;
    int64_t message_until;
    int64_t now;
    int table_top;             /* screen row of the table's header, for the mouse */
    int page_height;
    bool dirty, done;
    uint64_t drawn_version;
    int64_t drawn_second;
};

static inline const struct pane *console_pane(const struct console *c) { return panes[c->pane]; }
static inline struct table *console_table(struct console *c) { return &c->tables[c->pane]; }
struct pane_view console_view(const struct console *c);
void console_say(struct console *c, uint8_t role, const char *format, ...) __attribute__((format(printf, 3, 4)));
void console_open_pane(struct console *c, size_t pane);

/* What a key does. One table gives keys, help, footer and man page; the first key of a row is the one shown. */
struct binding {
    const char *keys;  /* separated by blanks */
    const char *help;
    const char *hint;  /* in the footer; NULL: only in the help */
    unsigned modes;    /* MODE_BITs in which it works */
    bool (*applies)(struct console *c); /* to the selected row; NULL: always */
    void (*run)(struct console *c);
    bool (*hinted)(struct console *c);  /* the footer shows it only then; NULL: whenever it applies */
};
#define MODE_BIT(mode) (1u << (mode))
extern const struct binding bindings[]; /* ends with NULL keys */
const struct binding *binding_find(struct console *c, const struct key *key);
bool binding_applies(struct console *c, const struct binding *binding);
void binding_keys(const struct binding *binding, bool ascii, char *out, size_t size);      /* all of them */
void binding_first_key(const struct binding *binding, bool ascii, char *out, size_t size); /* as shown: "↵" for <Enter>, in ASCII "Enter" */

/* What ':' takes. Panes are commands too. */
struct command {
    const char *name, *arguments, *about;
    bool (*run)(struct console *c, const char *argument, struct error *e);
};
extern const struct command console_commands[]; /* ends with a NULL name */
/* Names of commands and panes that begin with `start`; the first is what Tab completes to. */
void commands_matching(const struct console *c, const char *start, struct str *out, char *first, size_t size);
bool command_run(struct console *c, const char *line, struct error *e);

void screen_draw(struct console *c); /* screen.c: everything, into c->cells */
bool screen_fits(const struct console *c); /* is the window large enough? Otherwise it shows that it is not, and nothing else */
/* The selected row, or the one whose details are open, found anew by what it is: rows move between two keys. False: there is none, or it has gone. */
bool row_at_hand(struct console *c, struct row_ref *out);
void page_fill(struct console *c, long *selected); /* views.c: what the open mode shows; selected: a line of it, left alone where there is none */

/* Modes. */
void open_detail(struct console *c);
void open_yaml(struct console *c);
void open_log(struct console *c);
void open_help(struct console *c);
void go_back(struct console *c);
void open_prompt(struct console *c, enum prompt prompt, const char *text);
void close_prompt(struct console *c);
void input_type(char *line, size_t size, uint32_t ch); /* adds a character if it is clean and fits */
void input_erase(char *line);                          /* the last one */
void go_to_table(struct console *c);                   /* whatever is open is closed */
void open_mode(struct console *c, enum mode mode);
void console_quit(struct console *c); /* action_ask.c: asks first while an action runs */

/* box.c: over the screen, in its middle. Lines from `selected` up to `until` are marked. */
void box_draw(struct cells *cells, const struct page *lines, int width, int selected, int until);
bool box_leaves(const struct key *key);                                        /* Esc, q, Ctrl-C */
bool box_moves(const struct key *key, size_t *selected, size_t count);         /* up and down a list, also by j and k; false: it is another key */
void draw_menu(struct console *c);
void draw_value(struct console *c);
void draw_sure(struct console *c);

/* copy.c: the row's id into the clipboard, its page as a link. */
bool copy_has_id(struct console *c);
bool copy_has_page(struct console *c);
void copy_id(struct console *c);
void open_link(struct console *c);
void link_key(struct console *c, const struct key *key);
void draw_link(struct console *c);

/* query.c, query_view.c: Logs Insights, which costs money too: the price stands in the box. */
bool query_can_ask(struct console *c);
bool query_can_stop(struct console *c);
void query_open(struct console *c);   /* the box */
void query_show(struct console *c);   /* the page */
void query_stop(struct console *c);
void query_accept(struct console *c); /* what was typed at PROMPT_QUERY_TEXT */
void query_key(struct console *c, const struct key *key);
bool query_command(struct console *c, const char *argument, struct error *e);
bool since_command(struct console *c, const char *argument, struct error *e);
const char *query_place(const struct console *c, const struct insights_request *request, char *out, size_t size); /* "PROD /aws/eks/… and 2 more" */
const char *query_title(const struct console *c);
void query_fill(const struct console *c, struct page *page);
int query_head(struct console *c, int top); /* the lines above the page; returns rows used */
void draw_query(struct console *c);
void draw_query_text(struct console *c);

/* trail.c: from the selected row to what it belongs with, and back. */
bool leads_some(struct console *c);
void leads_follow(struct console *c);
void lead_go(struct console *c, const struct lead *lead); /* keeps where one is, and goes there */
void leads_watch(struct console *c);                      /* before each drawing: has come what is waited for? */
void leads_key(struct console *c, const struct key *key);
void draw_leads(struct console *c);
void trail_go(struct console *c, size_t pane); /* keeps pane, filter and selected row, and opens another with all its rows */
bool trail_some(struct console *c);
void trail_back(struct console *c);

/* paid.c: what costs money says its price first. */
bool paid_can_ask(struct console *c);
void paid_ask(struct console *c);

/* compare_page.c: the row beside its counterpart in the other account, or beside the row that was marked. */
void compare_open(struct console *c);
bool compare_has_mark(struct console *c); /* is a row marked, and not the selected one? */
bool compare_is_all(struct console *c);   /* there is nothing else that Enter could show of the row */
bool compare_can(struct console *c);      /* neither, and another account has the row's like */
void compare_mark(struct console *c);
void compare_only(struct console *c);
void compare_fill(struct console *c, struct page *page);
const char *compare_title(const struct console *c, char *out, size_t size);

/* mfa.c */
void mfa_watch(struct console *c);                    /* asks for a code where one is waited for */
void mfa_answer(struct console *c, const char *code); /* NULL: declined */
void draw_mfa(struct console *c);

/* action_menu.c: what can be done with the selected row. */
void open_menu(struct console *c);
bool menu_has_some(struct console *c); /* that is allowed */
void menu_key(struct console *c, const struct key *key);
void value_accept(struct console *c); /* what was typed at PROMPT_VALUE */
bool menu_has(struct console *c, const char *name);  /* is it for the selected row, and allowed? */
bool action_by_name(struct console *c, const char *name_and_value, struct error *e); /* on the selected row */

/* action_view.c: one action on a page. */
void action_open(struct console *c, struct action *action);
void action_leave(struct console *c);  /* the page; one that was not confirmed is given up */
void action_watch(struct console *c);  /* before each drawing: what the engine has done meanwhile */
void action_fill(struct console *c, struct page *page); /* action_page.c */
void action_head(struct console *c, int row);
/* "dev / innovate-dev", "PROD / innovate-prod": production is another thing without colour too. */
const char *place_text(const struct console *c, const struct action_target *target, char *out, size_t size);
bool action_is_running(const struct action *action); /* begun and not ended */
bool action_has_ended(struct console *c);
void action_put_away(struct console *c); /* out of the list */
size_t action_running(const struct console *c, struct action **last); /* how many are; last may be NULL */
/* "▶ dev-stop dev 2/4 00:47"; false if none runs. */
bool action_indicator(const struct console *c, char *out, size_t size, uint8_t *role);
const char *elapsed_text(int64_t ms, char *out, size_t size); /* 00:47, 1:02:03 */

/* action_ask.c: what has to be typed first. */
int action_ask_height(const struct console *c); /* 0: nothing is asked */
void action_draw_ask(struct console *c, int row);
bool action_asks_line(const struct console *c); /* text has to be typed, not y or n */
void confirm_key(struct console *c, const struct key *key);
void action_ask_cancel(struct console *c);
bool action_can_cancel(struct console *c);
void ask_watch(struct console *c); /* a question that has become idle goes */

/* action_list.c: all of them, and those that were left unfinished. */
void open_actions(struct console *c);
void find_unfinished(struct console *c);
void list_fill(struct console *c, struct page *page, long *selected); /* selected: its line */
void list_move(struct console *c, long by);
void list_open(struct console *c);
void list_resume(struct console *c);
void list_close(struct console *c);
bool list_has_some(struct console *c);
bool list_can_open(struct console *c);
bool list_can_resume(struct console *c);
bool list_can_close(struct console *c);

void sure_ask(struct console *c, void (*yes)(struct console *c), const char *id); /* after its text was added to c->sure.text */
void sure_key(struct console *c, const struct key *key);

#endif
