#include "base/xml.h"

#include <expat.h>
#include <stdbool.h>
#include <stdlib.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/repair.h"
#include "base/str.h"

#define DEPTH_MAX 64
#define NODES_MAX 500000
#define TEXT_MAX  ((size_t)64 << 20)

struct reader {
    XML_Parser parser;
    struct xml *root, *at;
    struct xml *last; /* the child added last to `at`; NULL if none */
    struct str text[DEPTH_MAX + 1]; /* of the open element at each depth, so far */
    int depth, nodes;
    const char *refused;
};

static const char *local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

static char **copy_attributes(const char **from)
{
    size_t count = 0;
    while (from[count])
        count++;
    if (!count)
        return NULL;
    char **to = mem_new_array(count + 1, sizeof *to);
    for (size_t i = 0; i < count; i++)
        to[i] = mem_strdup(from[i]);
    return to;
}

static void refuse(struct reader *r, const char *why)
{
    r->refused = why;
    XML_StopParser(r->parser, XML_FALSE);
}

static void on_start(void *arg, const char *name, const char **attributes)
{
    struct reader *r = arg;
    if (r->depth == DEPTH_MAX || ++r->nodes > NODES_MAX) {
        refuse(r, r->depth == DEPTH_MAX ? "nested too deep" : "too many elements");
        return;
    }
    str_init(&r->text[++r->depth], TEXT_MAX);
    struct xml *node = mem_new(sizeof *node);
    node->name = mem_strdup(local_name(name));
    node->attributes = copy_attributes(attributes);
    node->parent = r->at;
    if (!r->at)
        r->root = node;
    else if (r->last)
        r->last->next = node;
    else
        r->at->child = node;
    r->at = node;
    r->last = NULL;
}

static void on_end(void *arg, const char *name)
{
    struct reader *r = arg;
    (void)name;
    if (r->refused) /* expat still ends an empty element that it was stopped in */
        return;
    r->at->text = str_take(&r->text[r->depth--]);
    r->last = r->at;
    r->at = r->at->parent;
}

static void on_text(void *arg, const char *text, int len)
{
    struct reader *r = arg;
    if (!r->refused)
        str_add(&r->text[r->depth], text, (size_t)len);
}

static void on_doctype(void *arg, const char *name, const char *system_id, const char *public_id, int has_subset)
{
    (void)name, (void)system_id, (void)public_id, (void)has_subset;
    refuse(arg, "a document type is not expected");
}

struct xml *xml_parse(const char *text, size_t len, struct error *e)
{
    struct reader r = {.parser = XML_ParserCreate(NULL)};
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, on_start, on_end);
    XML_SetCharacterDataHandler(r.parser, on_text);
    XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
    bool good = len <= INT32_MAX && XML_Parse(r.parser, text, (int)len, XML_TRUE) == XML_STATUS_OK;
    if (!good) {
        error_set(e, ERROR_PROTOCOL, "BadXML", "line %lu column %lu: %s", XML_GetCurrentLineNumber(r.parser), XML_GetCurrentColumnNumber(r.parser),
                  r.refused ? r.refused : XML_ErrorString(XML_GetErrorCode(r.parser)));
        xml_free(r.root);
        r.root = NULL;
    }
    XML_ParserFree(r.parser);
    while (r.depth > 0)
        str_free(&r.text[r.depth--]);
    return r.root;
}

struct xml *xml_parse_reply(const char *text, size_t len, struct error *e)
{
    struct xml *root = xml_parse(text, len, e);
    if (root)
        return root;
    struct str whole = STR_INIT(len * REPAIR_GROWTH);
    repair_xml(text, len, &whole);
    root = xml_parse(str_text(&whole), whole.len, e);
    str_wipe(&whole);
    if (root)
        error_clear(e);
    return root;
}

/* Without recursion: depth is bounded, but the number of siblings is not. */
void xml_free(struct xml *root)
{
    struct xml *node = root;
    while (node) {
        if (node->child) {
            struct xml *child = node->child;
            node->child = NULL;
            node = child;
            continue;
        }
        struct xml *next = node->next ? node->next : node == root ? NULL : node->parent;
        for (char **a = node->attributes; a && *a; a++)
            free(*a);
        free(node->attributes);
        free(node->name);
        free(node->text);
        free(node);
        node = next;
    }
}

const struct xml *xml_child(const struct xml *node, const char *name)
{
    for (const struct xml *child = node ? node->child : NULL; child; child = child->next)
        if (strcmp(child->name, name) == 0)
            return child;
    return NULL;
}

const char *xml_child_text(const struct xml *node, const char *name)
{
    const struct xml *child = xml_child(node, name);
    return child ? child->text : NULL;
}

const char *xml_attribute(const struct xml *node, const char *name)
{
    for (char **a = node->attributes; a && *a; a += 2)
        if (strcmp(a[0], name) == 0)
            return a[1];
    return NULL;
}

void xml_escape(struct str *out, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&':
            str_adds(out, "&amp;");
            break;
        case '<':
            str_adds(out, "&lt;");
            break;
        case '>':
            str_adds(out, "&gt;");
            break;
        case '"':
            str_adds(out, "&quot;");
            break;
        case '\r':
            str_adds(out, "&#13;");
            break;
        default:
            str_addc(out, (unsigned char)*text < 0x20 && *text != '\n' && *text != '\t' ? '?' : *text);
        }
}
