/* YAML files that people write: profiles, themes, scenarios. A file becomes a tree of nodes that know
 * their place; a table of fields then reads a mapping into a struct, so that unknown keys, duplicates, wrong
 * types and missing keys are all found in one place and told in one line:
 *     profiles/x.yaml:12:9: accounts[0].kind: expected management, development or production, found "prd"
 * Over libyaml. A file is refused above YAML_FILE_MAX, when it is not UTF-8, has NUL bytes, several documents, duplicate
 * keys, an alias inside its own anchor, or expands to more than YAML_NODE_MAX nodes. */
#ifndef TRIVET_BASE_YAML_H
#define TRIVET_BASE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define YAML_FILE_MAX ((size_t)1 << 20)
#define YAML_NODE_MAX 100000

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml {
    enum yaml_kind kind;
    unsigned line, column;   /* from 1 */
    const char *file;        /* as given; borrowed from the document */
    char *text;              /* scalar's text */
    bool quoted;             /* scalar was quoted: "123" is a string even where a plain 123 would be a number */
    struct yaml **items;     /* list: items; map: values */
    char **keys;             /* map only */
    const struct yaml **key_nodes; /* map only: where each key stands */
    size_t count;
    const struct yaml *parent; /* NULL for the root */
    const char *key;           /* in the parent, if that is a map */
    size_t index;              /* in the parent */
};

struct yaml_doc;
/* Loads a file (or memory; `name` is used in errors). NULL on error, with e->message the whole line. */
struct yaml_doc *yaml_load_file(const char *path, struct error *e);
struct yaml_doc *yaml_load_text(const char *text, size_t len, const char *name, struct error *e);
const struct yaml *yaml_root(const struct yaml_doc *doc);
void yaml_doc_free(struct yaml_doc *doc); /* not yaml_free: libyaml has a function of that name */

const struct yaml *yaml_get(const struct yaml *map, const char *key); /* NULL if absent or not a map */

/* Lays `take_over` over the document, for a file that says only how it differs from another: mappings are merged by their keys; a list whose
 * entries all have names is merged by these (id, name, digest, sha, …: an entry is meant by what it says of them, and must be the only one);
 * anything else is replaced. A value of ~ takes the key away, `absent: true` an entry of a list. False, with its place, where that cannot be:
 * the document is then only good to be freed. */
bool yaml_lay_over(struct yaml_doc *doc, struct yaml_doc *take_over, struct error *e);

/* Fills e with "file:line:column: …"; returns false, so that readers can `return yaml_error(...)`. */
bool yaml_error(struct error *e, const struct yaml *at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The usual one: "file:line:column: accounts[0].id: expected …, found …", with the path of `at`. */
bool yaml_expected(struct error *e, const struct yaml *at, const char *expected);

enum yaml_type {
    YAML_T_TEXT,     /* char *, owned by the struct (mem_strdup) */
    YAML_T_INT,      /* int64_t, between min and max (if max > min) */
    YAML_T_DOUBLE,   /* double */
    YAML_T_BOOL,     /* bool: true/false */
    YAML_T_DURATION, /* int64_t ms: 120s, 5m, 2h, 7d, 1h30m; a bare number is refused */
    YAML_T_PERCENT,  /* double 0..1 from "70%" */
    YAML_T_CHOICE,   /* int, index into choices */
    YAML_T_MAP,      /* struct at offset, by `fields` */
    YAML_T_CUSTOM,   /* by `read` */
};

struct yaml_field {
    const char *key;
    enum yaml_type type;
    size_t offset;
    bool required;
    int64_t min, max;              /* YAML_T_INT */
    const char *const *choices;    /* YAML_T_CHOICE, NULL-terminated */
    const struct yaml_field *fields; /* YAML_T_MAP, terminated by a NULL key */
    bool (*read)(const struct yaml *node, void *target, struct error *e); /* YAML_T_CUSTOM; target is base + offset */
};

/* Reads `map` into `base` by the table (ends with key NULL). Keys that are absent leave the struct alone.
 * False on the first error, with its place. What was read before stays owned by the struct: free it as usual. */
bool yaml_read(const struct yaml *map, const struct yaml_field *fields, void *base, struct error *e);

#endif
