/* Private to the console: its state, and what its files (console.c keys and modes, commands.c, bindings.c, screen.c) share. */
#ifndef TRIVET_UI_INTERNAL_H
#define TRIVET_UI_INTERNAL_H

#include "ui/console.h"
#include "ui/table.h"

#define PANES_MAX  16
#define INPUT_MAX  256

enum mode { MODE_TABLE, MODE_DETAIL, MODE_YAML, MODE_LOG, MODE_HELP };
enum prompt { PROMPT_NONE, PROMPT_FILTER, PROMPT_COMMAND, PROMPT_MFA };

struct console {
    struct console_options options;
    struct console_host host;
    struct cells cells;
    struct table tables[PANES_MAX];
    size_t pane;
    enum mode mode, under;     /* under: where back leads from YAML and log */
    enum prompt prompt;
    char input[INPUT_MAX];     /* of the prompt */
    size_t mfa_account, mfa_answered; /* answered: not asked again until its session has moved on */
    struct row_ref looked_at;  /* row of the detail */
    struct detail_key key;     /* what is open at the feeds */
    struct page page;
    long page_top;
    int page_left;
    bool follow;               /* log: keep to the end */
    char page_filter[INPUT_MAX];
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
};
#define MODE_BIT(mode) (1u << (mode))
extern const struct binding bindings[]; /* ends with NULL keys */
const struct binding *binding_find(struct console *c, const struct key *key);
bool binding_applies(struct console *c, const struct binding *binding);
void binding_keys(const struct binding *binding, char *out, size_t size);      /* all of them */
void binding_first_key(const struct binding *binding, char *out, size_t size); /* as shown: "↵" for <Enter> */

/* What ':' takes. Panes are commands too. */
struct command {
    const char *name, *arguments, *about;
    bool (*run)(struct console *c, const char *argument, struct error *e);
};
extern const struct command console_commands[]; /* ends with a NULL name */
/* Names of commands and panes that begin with `start`; the first is what Tab completes to. */
void commands_matching(const char *start, struct str *out, char *first, size_t size);
bool command_run(struct console *c, const char *line, struct error *e);

void screen_draw(struct console *c); /* screen.c: everything, into c->cells */
void page_fill(struct console *c);   /* views.c: what the open mode shows */

/* Modes. */
void open_detail(struct console *c);
void open_yaml(struct console *c);
void open_log(struct console *c);
void open_help(struct console *c);
void go_back(struct console *c);
void open_prompt(struct console *c, enum prompt prompt, const char *text);

#endif
