/* XML replies as a small tree, over expat. No DTD, no external entities; depth and size are bounded. */
#ifndef TRIVET_BASE_XML_H
#define TRIVET_BASE_XML_H

#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

struct xml {
    char *name;          /* local name; a namespace prefix is dropped */
    char *text;          /* character data, concatenated; "" when none */
    struct xml *parent, *child, *next; /* first child; next sibling */
    char **attributes;   /* name, value, name, value, NULL; names with their prefix as written (xsi:type); NULL when none */
};

struct xml *xml_parse(const char *text, size_t len, struct error *e); /* NULL on error; free with xml_free */
struct xml *xml_parse_reply(const char *text, size_t len, struct error *e); /* the same, what strangers wrote into it repaired (base/repair.h) */
void xml_free(struct xml *root);
const struct xml *xml_child(const struct xml *node, const char *name);            /* first by that name, or NULL */
const char *xml_child_text(const struct xml *node, const char *name);             /* NULL if absent */
const char *xml_attribute(const struct xml *node, const char *name);              /* NULL if absent */

/* Adds the text as character data or an attribute's value. Controls that XML 1.0 has no way to write become '?'. */
void xml_escape(struct str *out, const char *text);

#endif
