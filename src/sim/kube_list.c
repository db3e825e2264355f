/* Lists: whole or in pages, as they were at the first page's resourceVersion. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "sim/kube.h"

#define EXPIRED_TEXT                                                                                                                                 \
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or "   \
    "use the "                                                                                                                                       \
    "continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list "  \
    "- objects "                                                                                                                                     \
    "that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list."

struct list_query {
    struct kube_selector *labels, *fields;
    int64_t limit;
    uint64_t version; /* list at this one */
    char *from;       /* continue after this "namespace/name", or NULL */
};

static char *token(uint64_t version, const char *ns, const char *name)
{
    struct str text = STR_INIT(4096), out = STR_INIT(8192);
    json_t *tree = version ? json_pack("{s:s, s:I}", "v", "meta.k8s.io/v1", "rv", (json_int_t)version)
                           : json_pack("{s:s, s:i}", "v", "meta.k8s.io/v1", "rv", -1);
    json_object_set_new(tree, "start", *ns ? json_sprintf("%s/%s", ns, name) : json_string(name));
    kube_dump(tree, &text);
    base64url_add(&out, str_text(&text), text.len);
    json_decref(tree);
    str_free(&text);
    return str_take(&out);
}

static bool read_token(struct kube_call *c, const char *text, struct list_query *q)
{
    struct str plain = STR_INIT(8192);
    struct error ignored;
    json_t *tree = base64_decode(text, strlen(text), &plain) ? json_load(str_text(&plain), plain.len, &ignored) : NULL;
    const char *start = json_text(tree, "start");
    int64_t version = json_int(tree, "rv", 0);
    bool good = text_equal(json_text(tree, "v"), "meta.k8s.io/v1") && start && version != 0;
    if (good) {
        q->from = mem_strdup(start);
        q->version = version < 0 ? c->k->revision : (uint64_t)version;
    } else {
        kube_status(c, 400, "BadRequest", NULL, "continue key is not valid: illegal base64 data or unknown version");
    }
    json_decref(tree);
    str_free(&plain);
    return good;
}

static bool invalid(struct kube_call *c, const char *field, const char *why)
{
    json_t *details = json_pack("{s:s, s:s, s:[{s:s, s:s, s:s}]}", "group", "meta.k8s.io", "kind", "ListOptions", "causes", "reason",
                                "FieldValueForbidden", "message", why, "field", field);
    kube_status(c, 422, "Invalid", details, "ListOptions.meta.k8s.io \"\" is invalid: %s: Forbidden: %s", field, why);
    return false;
}

static bool read_version(struct kube_call *c, const char *text, const char *match, bool paging, struct list_query *q)
{
    char *end;
    bool exact = text_equal(match, "Exact");
    if (match && *match && (!text || !*text))
        return invalid(c, "resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
    if (match && *match && paging)
        return invalid(c, "resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
    if (!text || !*text)
        return true;
    uint64_t version = strtoull(text, &end, 10);
    if (*end || *text == '-') {
        kube_status(c, 400, "BadRequest", NULL, "resourceVersion: Invalid value: \"%.100s\": strconv.ParseUint: parsing \"%.100s\": invalid syntax",
                    text, text);
        return false;
    }
    if (paging && version) {
        kube_status(c, 400, "BadRequest", NULL, "specifying resource version is not allowed when using continue");
        return false;
    }
    if (exact && version == 0)
        return invalid(c, "resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
    if (version > c->k->revision) {
        json_t *details = json_pack("{s:[{s:s, s:s}], s:i}", "causes", "reason", "ResourceVersionTooLarge", "message", "Too large resource version",
                                    "retryAfterSeconds", 1);
        kube_status(c, 504, "Timeout", details, "Too large resource version: %llu, current: %llu", (unsigned long long)version,
                    (unsigned long long)c->k->revision);
        return false;
    }
    if (exact || (version && q->limit && (!match || !*match)))
        q->version = version;
    return true;
}

static bool read_query(struct kube_call *c, struct list_query *q)
{
    struct error e = {0};
    char *labels = server_query(c->request, "labelSelector"), *fields = server_query(c->request, "fieldSelector");
    char *text = server_query(c->request, "continue"), *version = server_query(c->request, "resourceVersion"),
         *match = server_query(c->request, "resourceVersionMatch");
    bool paging = text && *text, watch = kube_query_flag(c, "watch");
    q->limit = kube_query_int(c, "limit", 0);
    q->version = c->k->revision;
    q->labels = kube_labels_parse(labels, &e);
    q->fields = q->labels ? kube_fields_parse(c->kind, fields, &e) : NULL;
    bool good = q->fields != NULL;
    if (!good)
        kube_status_error(c, &e);
    if (good && watch) {
        kube_watch(c, q->labels, q->fields, version ? version : "");
        q->labels = q->fields = NULL;
        good = false; /* answered */
    }
    good = good && read_version(c, version, match, paging, q) && (!paging || read_token(c, text, q));
    free(labels);
    free(fields);
    free(text);
    free(version);
    free(match);
    return good;
}

static bool wanted(const struct kube_call *c, const struct list_query *q, const struct kube_object *o)
{
    return (!*c->ns || strcmp(c->ns, o->ns) == 0) && kube_labels_match(q->labels, kube_selects_all(q->labels) ? NULL : kube_labels(o)) &&
           kube_fields_match(q->fields, o);
}

static bool after(const struct kube_object *o, const char *from)
{
    const char *slash = strchr(from, '/');
    char ns[256];
    text_format(ns, sizeof ns, "%.*s", slash ? (int)(slash - from) : 0, from);
    return kube_compare(o->ns, o->name, ns, slash ? slash + 1 : from) > 0;
}

static void write_head(struct kube_call *c, const struct list_query *q, const char *next, size_t left, struct str *out)
{
    char version[24];
    text_format(version, sizeof version, "%llu", (unsigned long long)q->version);
    if (c->format.form == FORM_TABLE)
        str_adds(out, "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\"");
    else if (c->format.form == FORM_PARTIAL)
        str_adds(out, "{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\"");
    else
        str_addf(out, "{\"kind\":\"%sList\",\"apiVersion\":\"%s\"", kube_types[c->kind].kind, kube_api_version(c->kind));
    str_addf(out, ",\"metadata\":{\"resourceVersion\":\"%s\"", version);
    if (next)
        str_addf(out, ",\"continue\":\"%s\"", next);
    if (next && kube_selects_all(q->labels) && kube_selects_all(q->fields))
        str_addf(out, ",\"remainingItemCount\":%zu", left);
    str_adds(out, "},");
    if (c->format.form == FORM_TABLE) {
        str_adds(out, "\"columnDefinitions\":");
        kube_table_columns(c->kind, out);
        str_adds(out, ",\"rows\":[");
    } else {
        str_adds(out, "\"items\":[");
    }
}

static void write_item(struct kube_call *c, const struct kube_object *o, struct str *out)
{
    if (c->format.form == FORM_TABLE) {
        kube_table_row(c->k, o, o->version, c->format.include, out);
    } else if (c->format.form == FORM_PARTIAL) {
        json_t *tree = json_pack("{s:o}", "metadata", kube_json_metadata(o, o->version));
        kube_dump(tree, out);
        json_decref(tree);
    } else {
        json_t *tree = kube_json(o, o->version, false);
        kube_dump(tree, out);
        json_decref(tree);
    }
}

static void write_list(struct kube_call *c, const struct list_query *q, const kube_objects *all)
{
    struct str *out = reply_body(c->reply);
    VEC(const struct kube_object *) page = {0};
    size_t left = 0;
    bool started = q->from == NULL;
    for (size_t i = 0; i < all->len; i++) {
        if (!started)
            started = after(all->at[i], q->from);
        if (!started || !wanted(c, q, all->at[i]))
            continue;
        if (q->limit > 0 && page.len == (size_t)q->limit)
            left++;
        else
            *vec_add(&page) = all->at[i];
    }
    char *next = left ? token(q->version, page.at[page.len - 1]->ns, page.at[page.len - 1]->name) : NULL;
    reply_header(c->reply, "Content-Type", "application/json");
    write_head(c, q, next, left, out);
    for (size_t i = 0; i < page.len; i++) {
        if (i)
            str_addc(out, ',');
        write_item(c, page.at[i], out);
    }
    str_adds(out, "]}\n");
    free(next);
    vec_free(&page);
}

/* 410, with a token that goes on from the same place in what is true now. */
static void expired(struct kube_call *c, const struct list_query *q)
{
    if (!q->from) {
        kube_status(c, 410, "Expired", NULL, "The resourceVersion for the provided list is too old.");
        return;
    }
    const char *slash = strchr(q->from, '/');
    char ns[256];
    text_format(ns, sizeof ns, "%.*s", slash ? (int)(slash - q->from) : 0, q->from);
    char *next = token(0, ns, slash ? slash + 1 : q->from);
    reply_status(c->reply, 410);
    kube_reply_tree(c, json_pack("{s:s, s:s, s:{s:s}, s:s, s:s, s:s, s:i}", "kind", "Status", "apiVersion", "v1", "metadata", "continue", next,
                                 "status", "Failure", "message", EXPIRED_TEXT, "reason", "Expired", "code", 410));
    free(next);
}

void kube_list(struct kube_call *c)
{
    struct list_query q = {0};
    kube_objects all;
    if (read_query(c, &q)) {
        if (kube_rewind(c->k, c->kind, q.version, &all)) {
            write_list(c, &q, &all);
            kube_objects_free(&all);
        } else {
            expired(c, &q);
        }
    }
    kube_selector_free(q.labels);
    kube_selector_free(q.fields);
    free(q.from);
}
