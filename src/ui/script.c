#include "ui/script.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "base/vec.h"

#define SCRIPT_MAX ((size_t)1 << 20)
#define WAIT_MS    30000

struct line {
    char *text;
    unsigned line;
};

struct script {
    char *path;
    VEC(struct line) steps;
    size_t next;
    int64_t waits_since; /* 0: not waiting */
    int64_t limit_ms;
};

static bool add_step(struct script *script, const char *line, size_t len, unsigned number)
{
    while (len && (line[len - 1] == '\r' || line[len - 1] == ' '))
        len--;
    if (len == 0 || line[0] == '#')
        return true;
    *vec_add(&script->steps) = (struct line){mem_strndup(line, len), number};
    return true;
}

struct script *script_load(const char *path, struct error *e)
{
    struct str text = STR_INIT(SCRIPT_MAX);
    if (!file_read(path, SCRIPT_MAX, &text, e)) {
        str_free(&text);
        return NULL;
    }
    if (strlen(str_text(&text)) != text.len) {
        error_set(e, ERROR_INPUT, "script", "%s: expected text, found a NUL byte", path);
        str_free(&text);
        return NULL;
    }
    struct script *script = mem_new(sizeof *script);
    unsigned number = 0;
    script->path = mem_strdup(path);
    script->limit_ms = WAIT_MS;
    for (const char *p = str_text(&text); *p;) {
        size_t len = strcspn(p, "\n");
        add_step(script, p, len, ++number);
        p += len + (p[len] == '\n');
    }
    str_free(&text);
    return script;
}

void script_free(struct script *script)
{
    if (!script)
        return;
    for (size_t i = 0; i < script->steps.len; i++)
        free(script->steps.at[i].text);
    vec_free(&script->steps);
    free(script->path);
    free(script);
}

static bool wrong(const struct script *script, const struct line *step, struct error *e, const char *what)
{
    error_set(e, ERROR_INPUT, "script", "%s:%u: %s: %s", script->path, step->line, step->text, what);
    return false;
}

static bool shows(struct console *console, const char *text, int64_t now)
{
    struct str screen = STR_INIT((size_t)4 << 20);
    console_draw(console, now);
    cells_text(console_cells(console), &screen);
    bool found = strstr(str_text(&screen), text) != NULL;
    str_free(&screen);
    return found;
}

static bool type(const struct script *script, const struct line *step, struct console *console, int64_t now, struct error *e)
{
    struct key key;
    for (const char *p = step->text; *p;) {
        int used = key_parse(p, &key);
        if (!used)
            return wrong(script, step, e, "expected a key such as <Down>, <Enter>, <C-c>, or <lt> for '<'");
        console_key(console, &key, now);
        p += used;
    }
    return true;
}

enum outcome { PLAY_DONE, PLAY_WAITS, PLAY_WRONG };

static enum outcome wait_step(struct script *script, const struct line *step, struct console *console, int64_t now, struct error *e)
{
    const char *what = step->text + strlen(":wait");
    bool met;
    what += strspn(what, " ");
    if (!strcmp(what, "fresh"))
        met = console_settled(console);
    else if (text_starts(what, "text ") && what[5])
        met = shows(console, what + 5, now);
    else {
        wrong(script, step, e, "expected :wait fresh or :wait text TEXT");
        return PLAY_WRONG;
    }
    if (met)
        return PLAY_DONE;
    if (!script->waits_since)
        script->waits_since = now;
    if (now - script->waits_since < script->limit_ms)
        return PLAY_WAITS;
    wrong(script, step, e, "did not come within the time limit");
    return PLAY_WRONG;
}

static enum outcome play(struct script *script, const struct line *step, struct console *console, int64_t now, struct error *e)
{
    struct error told = {0};
    if (*step->text != ':')
        return type(script, step, console, now, e) ? PLAY_DONE : PLAY_WRONG;
    if (text_starts(step->text, ":wait-limit ")) {
        script->limit_ms = (int64_t)atoi(step->text + strlen(":wait-limit ")) * 1000;
        return script->limit_ms > 0 || wrong(script, step, e, "expected seconds") ? PLAY_DONE : PLAY_WRONG;
    }
    if (text_starts(step->text, ":wait"))
        return wait_step(script, step, console, now, e);
    console_draw(console, now);
    if (console_command(console, step->text + 1, &told))
        return PLAY_DONE;
    wrong(script, step, e, told.message);
    return PLAY_WRONG;
}

bool script_play(struct script *script, struct console *console, int64_t now, struct error *e)
{
    while (script->next < script->steps.len && !console_done(console)) {
        enum outcome outcome = play(script, &script->steps.at[script->next], console, now, e);
        if (outcome == PLAY_WAITS)
            return true;
        if (outcome == PLAY_WRONG)
            return false;
        script->waits_since = 0;
        script->next++;
    }
    return false;
}
