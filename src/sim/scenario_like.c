/* Scenario files that say only how they differ from another: `like: healthy`. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/find.h"
#include "base/mem.h"
#include "base/text.h"
#include "sim/scenario.h"

struct chain { /* the files that are being read, innermost first */
    struct stat file;
    const struct chain *outer;
};

static bool is_open(const struct chain *chain, const char *path)
{
    struct stat file;
    for (; stat(path, &file) == 0 && chain; chain = chain->outer)
        if (file.st_dev == chain->file.st_dev && file.st_ino == chain->file.st_ino)
            return true;
    return false;
}

/* A name beside this file stands before one of those that are found by name; a path is taken from this file's folder. */
static char *path_of(const struct yaml *like, struct error *e)
{
    const char *slash = strrchr(like->file, '/'), *text = like->kind == YAML_SCALAR ? like->text : "";
    bool is_path = strchr(text, '/') || text_ends(text, ".yaml");
    char folder[4096], file[300];
    if (!*text || !text_format(file, sizeof file, "%s%s", text, is_path ? "" : ".yaml") ||
        !text_format(folder, sizeof folder, "%.*s", slash ? (int)(slash - like->file) + 1 : 2, slash ? like->file : "./")) {
        yaml_error(e, like, "like: expected the name of a scenario");
        return NULL;
    }
    char *path = *file == '/' ? mem_strdup(file) : file_join(folder, file);
    if (is_path || access(path, F_OK) == 0)
        return path;
    free(path);
    struct error why = {0};
    path = file_find("profiles/scenarios", text, ".yaml", &why);
    if (!path)
        yaml_error(e, like, "like: %s", why.message);
    return path;
}

static struct yaml_doc *read_file(const char *path, const struct chain *outer, struct error *e);

static struct yaml_doc *read_under(const struct yaml *like, const struct chain *chain, struct error *e)
{
    struct yaml_doc *under = NULL;
    char *path = path_of(like, e);
    if (path && is_open(chain, path))
        yaml_error(e, like, "like: %s is like itself, by way of other files or not", path);
    else if (path && access(path, R_OK) != 0)
        yaml_error(e, like, "like: %s cannot be read", path);
    else if (path)
        under = read_file(path, chain, e);
    free(path);
    return under;
}

static struct yaml_doc *read_file(const char *path, const struct chain *outer, struct error *e)
{
    struct chain here = {.outer = outer};
    struct yaml_doc *doc = yaml_load_file(path, e);
    const struct yaml *like = doc ? yaml_get(yaml_root(doc), "like") : NULL;
    if (!like || stat(path, &here.file) != 0)
        return doc;
    struct yaml_doc *under = read_under(like, &here, e);
    if (!under) {
        yaml_doc_free(doc);
        return NULL;
    }
    if (yaml_lay_over(under, doc, e))
        return under;
    yaml_doc_free(under);
    return NULL;
}

struct yaml_doc *scenario_document(const char *path, struct error *e) { return read_file(path, NULL, e); }
