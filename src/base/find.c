#include "base/find.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#define FOLDERS 2

/* The user's folder and the installed one; either may be NULL. The caller frees both. */
static void folders(const char *which, char *out[FOLDERS])
{
    const char *data = getenv("TRIVET_DATADIR");
    out[0] = file_xdg("config", which);
    out[1] = file_join(data && *data ? data : TRIVET_DATADIR, which);
}

static bool stands_in(const char *folder, const char *file)
{
    char *path = folder ? file_join(folder, file) : NULL;
    bool there = path && access(path, F_OK) == 0;
    free(path);
    return there;
}

/* Names in the folder that are not in `before` already. */
static void add_names(struct str *out, const char *folder, const char *before, const char *suffix)
{
    struct dirent **entries;
    int count = folder ? scandir(folder, &entries, NULL, alphasort) : -1;
    if (count < 0)
        return;
    for (int i = 0; i < count; i++) {
        size_t len = strlen(entries[i]->d_name);
        if (text_ends(entries[i]->d_name, suffix) && entries[i]->d_name[0] != '.' && !stands_in(before, entries[i]->d_name))
            str_addf(out, "%s %.*s", out->len ? "," : "", (int)(len - strlen(suffix)), entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

static char *find_in(char *const in[FOLDERS], const char *name, const char *suffix)
{
    char file[128];
    if (!text_format(file, sizeof file, "%s%s", name, suffix))
        return NULL;
    for (int i = 0; i < FOLDERS; i++) {
        char *path = in[i] ? file_join(in[i], file) : NULL;
        if (path && access(path, F_OK) == 0)
            return path;
        free(path);
    }
    return NULL;
}

char *file_find(const char *which, const char *name, const char *suffix, struct error *e)
{
    if (strchr(name, '/') || text_ends(name, suffix))
        return mem_strdup(name);
    char *in[FOLDERS];
    folders(which, in);
    char *path = find_in(in, name, suffix);
    if (!path) {
        struct str names = STR_INIT(STR_TEXT_MAX);
        for (int i = 0; i < FOLDERS; i++)
            add_names(&names, in[i], i ? in[0] : NULL, suffix);
        error_set(e, ERROR_INPUT, which, "no \"%s\" among the %s; there are%s", name, which, names.len ? str_text(&names) : " none");
        str_free(&names);
    }
    for (int i = 0; i < FOLDERS; i++)
        free(in[i]);
    return path;
}
