#include "aws/config_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"

#define FILE_MAX ((size_t)1 << 20)

struct entry {
    enum config_kind kind;
    char *section, *key, *value; /* key NULL: only says that the section exists */
};

struct aws_config {
    VEC(struct entry) entries; /* the nearer file's first */
    char *problem;
};

struct reader {
    struct aws_config *config;
    const char *path;
    bool credentials; /* [name] is a profile there; in the config file it is [profile name] */
    bool in_section;
    enum config_kind kind;
    char *section;
    char *outer; /* key with an empty value: what follows indented belongs to it */
    unsigned line;
};

static char *trimmed(const char *from, size_t len)
{
    while (len && strchr(" \t\r", from[0]))
        from++, len--;
    while (len && strchr(" \t\r", from[len - 1]))
        len--;
    return mem_strndup(from, len);
}

/* "my name" or 'my name', as the AWS CLI writes names that have blanks. */
static void unquote(char *name)
{
    size_t len = strlen(name);
    if (len < 2 || (*name != '"' && *name != '\'') || name[len - 1] != *name)
        return;
    memmove(name, name + 1, len - 2);
    name[len - 2] = '\0';
}

static void problem(struct reader *r, const char *what)
{
    if (r->config->problem)
        return;
    struct str s = STR_INIT(4096);
    str_addf(&s, "%s:%u: %s", r->path, r->line, what);
    r->config->problem = str_take(&s);
}

static void add(struct reader *r, char *take_key, char *take_value)
{
    struct entry *entry = vec_add(&r->config->entries);
    *entry = (struct entry){r->kind, mem_strdup(r->section), take_key, take_value};
}

static void section_line(struct reader *r, const char *line, size_t len)
{
    static const struct {
        const char *word;
        enum config_kind kind;
    } kinds[] = {{"profile ", CONFIG_PROFILE}, {"sso-session ", CONFIG_SSO_SESSION}, {"services ", CONFIG_SERVICES}};
    const char *end = memchr(line, ']', len);
    r->in_section = false;
    if (!end) {
        problem(r, "expected ] at the end of a section's name");
        return;
    }
    char *name = trimmed(line + 1, (size_t)(end - line - 1));
    free(r->section);
    r->section = NULL;
    r->kind = CONFIG_PROFILE;
    if (r->credentials || !strcmp(name, "default"))
        r->section = mem_strdup(name);
    for (size_t i = 0; !r->section && i < 3; i++)
        if (text_starts(name, kinds[i].word)) {
            r->kind = kinds[i].kind;
            r->section = trimmed(name + strlen(kinds[i].word), strlen(name) - strlen(kinds[i].word));
            unquote(r->section);
        }
    free(name);
    if (!r->section) /* sections of other tools are no business of ours */
        return;
    r->in_section = true;
    add(r, NULL, NULL);
}

static void key_line(struct reader *r, const char *line, size_t len)
{
    const char *equals = memchr(line, '=', len);
    bool nested = len && (line[0] == ' ' || line[0] == '\t');
    if (!equals) {
        problem(r, "expected key = value");
        return;
    }
    char *key = trimmed(line, (size_t)(equals - line)), *value = trimmed(equals + 1, len - (size_t)(equals + 1 - line));
    for (char *c = key; *c; c++) /* names are the same in any case */
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
    if (nested && r->outer) {
        struct str whole = STR_INIT(4096);
        str_addf(&whole, "%s.%s", r->outer, key);
        free(key);
        add(r, str_take(&whole), value);
        return;
    }
    free(r->outer);
    r->outer = *value ? NULL : mem_strdup(key);
    add(r, key, value);
}

static void read_text(struct reader *r, const char *text, size_t len)
{
    for (const char *p = text, *end = text + len; p < end;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t n = stop ? (size_t)(stop - p) : (size_t)(end - p), blank = 0;
        r->line++;
        while (blank < n && strchr(" \t\r", p[blank]))
            blank++;
        if (blank == n || p[blank] == '#' || p[blank] == ';')
            ;
        else if (p[0] == '[') {
            free(r->outer);
            r->outer = NULL;
            section_line(r, p, n);
        } else if (r->in_section)
            key_line(r, p, n);
        p += n + (stop ? 1 : 0);
    }
}

static void read_file(struct aws_config *config, const char *variable, const char *usual, bool credentials)
{
    const char *given = getenv(variable), *home = getenv("HOME");
    char *path = given && *given ? mem_strdup(given) : home ? file_join(home, usual) : NULL;
    struct str text = STR_INIT(FILE_MAX);
    struct error e = {0};
    struct reader r = {.config = config, .path = path, .credentials = credentials};
    if (path && access(path, F_OK) == 0) {
        if (file_read(path, FILE_MAX, &text, &e))
            read_text(&r, str_text(&text), text.len);
        else if (!config->problem)
            config->problem = mem_strdup(e.message);
    }
    free(r.section);
    free(r.outer);
    str_wipe(&text);
    free(path);
}

struct aws_config *aws_config_load(void)
{
    struct aws_config *config = mem_new(sizeof *config);
    read_file(config, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", true);
    read_file(config, "AWS_CONFIG_FILE", ".aws/config", false);
    return config;
}

void aws_config_free(struct aws_config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->entries.len; i++) {
        free(config->entries.at[i].section);
        free(config->entries.at[i].key);
        mem_free_secret(config->entries.at[i].value);
    }
    vec_free(&config->entries);
    free(config->problem);
    free(config);
}

static const struct entry *find(const struct aws_config *config, enum config_kind kind, const char *section, const char *key)
{
    for (size_t i = 0; section && i < config->entries.len; i++) {
        const struct entry *entry = &config->entries.at[i];
        if (entry->kind == kind && !strcmp(entry->section, section) && (!key || (entry->key && !strcmp(entry->key, key))))
            return entry;
    }
    return NULL;
}

const char *aws_config_get(const struct aws_config *config, enum config_kind kind, const char *section, const char *key)
{
    const struct entry *entry = find(config, kind, section, key);
    return entry ? entry->value : NULL;
}

bool aws_config_has(const struct aws_config *config, enum config_kind kind, const char *section)
{
    return find(config, kind, section, NULL) != NULL;
}

const char *aws_config_problem(const struct aws_config *config) { return config->problem; }
