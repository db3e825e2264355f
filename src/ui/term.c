#include "ui/term.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define NCURSES_WIDECHAR 1
#include <curses.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "base/when.h"
#include "ui/osc.h"

#define ESCAPE_MS 50  /* longer than a network splits a key's bytes by, shorter than a person notices */
#define REPORT_MS 100
#define PAIRS_MAX 200

/* Mouse reports are read here: curses drops presses that come soon after each other. xterm's "SGR" form, \033[<BUTTON;COLUMN;ROWM. */
#define KEY_REPORT (KEY_MAX - 1)
#define MOUSE_ON   "\033[?1000h\033[?1006h"
#define MOUSE_OFF  "\033[?1006l\033[?1000l"
/* Terminals bracket what is pasted, so that a line's end or a q in it is no key. */
#define KEY_PASTE_BEGIN (KEY_MAX - 2)
#define KEY_PASTE_END   (KEY_MAX - 3)
#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
#define PASTE_MS  1000 /* after so long without a byte it is over, whether its end was seen or not */

struct term {
    struct theme theme;
    int colours;
    struct {
        int16_t foreground, background;
    } pairs[PAIRS_MAX];
    int pair_count;
    struct cells shown; /* what the terminal has now */
    bool like_xterm; /* reports the mouse as xterm does: such terminals pass over sequences that they do not know, others print them */
    int link_row, link_rows; /* made a link, beside what curses knows; 0 rows: none */
    bool pasting;
    int64_t pasted_at;
};


/* A crash handler is given nothing but a number: what it needs to put the terminal back stands here. */
static struct {
    struct termios before;
    volatile sig_atomic_t open;
} crash;

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

static void on_crash(int signo)
{
    static const char reset[] = MOUSE_OFF PASTE_OFF "\033[m\033[?25h\033[?1049l\r\n";
    if (crash.open) {
        crash.open = 0;
        ssize_t ignored = write(STDOUT_FILENO, reset, sizeof reset - 1);
        (void)ignored;
        tcsetattr(STDIN_FILENO, TCSANOW, &crash.before);
    }
    raise(signo); /* SA_RESETHAND: now as it would have been */
}

static void at_exit(void)
{
    if (crash.open) {
        crash.open = 0;
        fputs(MOUSE_OFF PASTE_OFF, stdout);
        endwin();
    }
}

static void guard(void)
{
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        sigaction(crashes[i], &action, NULL);
    atexit(at_exit);
}

struct term *term_open(const struct theme *theme, bool no_color, struct error *e)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        error_set(e, ERROR_INPUT, "terminal", "the console needs a terminal; `trivet status` and `trivet show PANE` do not");
        return NULL;
    }
    tcgetattr(STDIN_FILENO, &crash.before);
    set_escdelay(ESCAPE_MS);
    if (!newterm(NULL, stdout, stdin)) {
        const char *name = getenv("TERM");
        error_set(e, ERROR_INPUT, "terminal", "TERM \"%s\" is not known here: try TERM=xterm-256color", name ? name : "");
        return NULL;
    }
    struct term *term = mem_new(sizeof *term);
    term->theme = *theme;
    crash.open = 1;
    guard();
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    intrflush(stdscr, FALSE);
    term->like_xterm = has_key(KEY_MOUSE); /* asked before its string becomes a key of ours */
    if (term->like_xterm) {
        define_key("\033[<", KEY_REPORT);
        define_key("\033[200~", KEY_PASTE_BEGIN);
        define_key("\033[201~", KEY_PASTE_END);
        fputs(MOUSE_ON PASTE_ON, stdout);
        fflush(stdout);
    }
    if (has_colors() && !no_color) {
        start_color();
        use_default_colors();
        term->colours = COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : 8;
    }
    theme_reduce(&term->theme, term->colours);
    cells_init(&term->shown, 0, 0);
    return term;
}

void term_close(struct term *term)
{
    if (!term)
        return;
    at_exit();
    cells_free(&term->shown);
    free(term);
}

void term_suspend(struct term *term)
{
    fputs(MOUSE_OFF PASTE_OFF, stdout);
    fflush(stdout);
    raise(SIGTSTP); /* curses leaves its mode before, and takes it up after */
    if (term->like_xterm)
        fputs(MOUSE_ON PASTE_ON, stdout);
    fflush(stdout);
    cells_resize(&term->shown, 0, 0); /* draws all of it */
}

bool term_unicode(const struct term *term)
{
    (void)term;
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

void term_size(struct term *term, int *rows, int *columns)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col && (size.ws_row != LINES || size.ws_col != COLS)) {
        resizeterm(size.ws_row, size.ws_col);
        clearok(stdscr, TRUE);
    }
    cells_resize(&term->shown, 0, 0);
    *rows = LINES;
    *columns = COLS;
}

/* What follows "\033[<". False for releases, other buttons, and what is no report. */
static bool mouse(struct key *key)
{
    int numbers[3] = {0}, at = 0;
    wint_t ch = 0;
    timeout(REPORT_MS);
    while (get_wch(&ch) == OK && (ch == ';' || (ch >= '0' && ch <= '9')))
        if (ch == ';')
            at = at < 2 ? at + 1 : at;
        else if (numbers[at] < 10000)
            numbers[at] = numbers[at] * 10 + (int)(ch - '0');
    nodelay(stdscr, TRUE);
    if (ch != 'M' || at != 2)
        return false;
    *key = (struct key){.column = numbers[1] - 1, .row = numbers[2] - 1};
    key->code = numbers[0] == 64 ? KEY_CODE_WHEEL_UP : numbers[0] == 65 ? KEY_CODE_WHEEL_DOWN : KEY_CODE_CLICK;
    return numbers[0] == 0 || numbers[0] == 64 || numbers[0] == 65;
}

/* False for keys that mean nothing to us. */
static bool special(wint_t code, struct key *key)
{
    static const struct {
        int curses;
        enum key_code code;
    } keys[] = {{KEY_UP, KEY_CODE_UP},       {KEY_DOWN, KEY_CODE_DOWN},   {KEY_LEFT, KEY_CODE_LEFT},           {KEY_RIGHT, KEY_CODE_RIGHT},
                {KEY_HOME, KEY_CODE_HOME},   {KEY_END, KEY_CODE_END},     {KEY_PPAGE, KEY_CODE_PAGE_UP},       {KEY_NPAGE, KEY_CODE_PAGE_DOWN},
                {KEY_ENTER, KEY_CODE_ENTER}, {KEY_BTAB, KEY_CODE_BACKTAB}, {KEY_BACKSPACE, KEY_CODE_BACKSPACE}, {KEY_DC, KEY_CODE_DELETE}};
    if (code == KEY_REPORT)
        return mouse(key);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if ((wint_t)keys[i].curses == code) {
            key->code = keys[i].code;
            return true;
        }
    return false;
}

static void plain(wint_t ch, struct key *key)
{
    if (ch == '\r' || ch == '\n')
        key->code = KEY_CODE_ENTER;
    else if (ch == '\t')
        key->code = KEY_CODE_TAB;
    else if (ch == 27)
        key->code = KEY_CODE_ESCAPE;
    else if (ch == 127 || ch == 8)
        key->code = KEY_CODE_BACKSPACE;
    else if (ch < 27) {
        key->code = KEY_CODE_CTRL;
        key->ch = (uint32_t)ch + 'a' - 1;
    } else {
        key->code = KEY_CODE_CHAR;
        key->ch = (uint32_t)ch;
    }
}

/* Within a paste, characters alone count: no line's end, and no sequence that stands for a key. */
static bool pasted(struct term *term, struct key *key)
{
    int64_t now = when_monotonic();
    term->pasting = term->pasting && now - term->pasted_at < PASTE_MS;
    term->pasted_at = now;
    if (term->pasting && key->code == KEY_CODE_CHAR)
        key->code = KEY_CODE_PASTE;
    return term->pasting && key->code != KEY_CODE_PASTE;
}

bool term_read(struct term *term, struct key *key)
{
    wint_t ch;
    for (;;) {
        int got = get_wch(&ch);
        *key = (struct key){0};
        if (got == ERR)
            return false;
        if (got == OK) {
            plain(ch, key);
        } else if (ch == KEY_PASTE_BEGIN || ch == KEY_PASTE_END) {
            term->pasting = ch == KEY_PASTE_BEGIN;
            term->pasted_at = when_monotonic();
            continue;
        } else if (!special(ch, key)) {
            continue;
        }
        if (!pasted(term, key))
            return true;
    }
}

static short pair_of(struct term *term, int16_t foreground, int16_t background)
{
    if (!term->colours || (foreground == COLOUR_DEFAULT && background == COLOUR_DEFAULT))
        return 0;
    for (int i = 0; i < term->pair_count; i++)
        if (term->pairs[i].foreground == foreground && term->pairs[i].background == background)
            return (short)(i + 1);
    if (term->pair_count == PAIRS_MAX || term->pair_count + 1 >= COLOR_PAIRS)
        return 0;
    term->pairs[term->pair_count].foreground = foreground;
    term->pairs[term->pair_count].background = background;
    init_pair((short)(term->pair_count + 1), foreground, background);
    return (short)++term->pair_count;
}

static void set_style(struct term *term, const struct cell *cell)
{
    struct theme_style style = term->theme.style[cell->role];
    if (cell->flags & CELL_SELECTED) {
        const struct theme_style *selected = &term->theme.style[ROLE_SELECTED];
        if (style.background == COLOUR_DEFAULT) /* a badge keeps its own */
            style.background = selected->background;
        style.foreground = selected->foreground != COLOUR_DEFAULT ? selected->foreground : style.foreground;
        style.reverse |= selected->reverse;
        style.bold |= selected->bold;
        style.dim = false;
    }
    attr_t attributes = (style.bold ? WA_BOLD : 0) | (style.dim ? WA_DIM : 0) | (style.underline ? WA_UNDERLINE : 0) |
                        (style.reverse ? WA_REVERSE : 0) | (style.italic ? WA_ITALIC : 0);
    attr_set(attributes, pair_of(term, style.foreground, style.background), NULL);
}

static bool same(const struct cell *a, const struct cell *b)
{
    return a->role == b->role && a->flags == b->flags && memcmp(a->text, b->text, CELL_BYTES) == 0;
}

static void emit(const struct str *bytes)
{
    fputs(str_text(bytes), stdout);
    fflush(stdout);
}

bool term_copy(struct term *term, const char *text)
{
    struct str bytes = STR_INIT(OSC_COPY_MAX + 64);
    bool good = term && term->like_xterm && osc_copy(&bytes, text) && !bytes.overflow;
    if (good)
        emit(&bytes);
    str_free(&bytes);
    return good;
}

void term_link(struct term *term, int row, const char *url)
{
    struct str bytes = STR_INIT(STR_TEXT_MAX);
    char piece[1024];
    size_t columns = (size_t)COLS < sizeof piece ? (size_t)COLS : sizeof piece - 1;
    if (!term->like_xterm || !osc_url_good(url))
        return;
    term->link_row = row;
    term->link_rows = 0;
    for (size_t at = 0; at < strlen(url); at += columns) {
        text_format(piece, sizeof piece, "%.*s", (int)columns, url + at);
        str_addf(&bytes, "\0337\033[%d;1H\033[4m", row + ++term->link_rows);
        osc_link(&bytes, url, piece);
        str_adds(&bytes, "\0338");
    }
    emit(&bytes);
    str_free(&bytes);
}

/* Curses does not write a character anew that stands there already: it would stay a link. */
static void end_link(struct term *term)
{
    if (!term->link_rows)
        return;
    wredrawln(stdscr, term->link_row, term->link_rows);
    term->link_rows = 0;
}

void term_show(struct term *term, const struct cells *cells, int cursor_row, int cursor_column)
{
    end_link(term);
    bool whole = term->shown.rows != cells->rows || term->shown.columns != cells->columns;
    if (whole) {
        cells_resize(&term->shown, cells->rows, cells->columns);
        erase();
    }
    for (int row = 0; row < cells->rows; row++)
        for (int column = 0; column < cells->columns; column++) {
            const struct cell *cell = &cells->at[row * cells->columns + column];
            struct cell *shown = &term->shown.at[row * cells->columns + column];
            if (!whole && same(cell, shown))
                continue;
            *shown = *cell;
            if (!*cell->text) /* second half of a wide one */
                continue;
            set_style(term, cell);
            mvaddstr(row, column, cell->text);
        }
    curs_set(cursor_row >= 0);
    if (cursor_row >= 0)
        move(cursor_row, cursor_column);
    refresh();
}
