/* Requests to a cluster: paths, discovery, content negotiation, and errors as Status objects. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "sim/kube.h"

#define SEGMENTS_MAX 12

struct segments {
    char *at[SEGMENTS_MAX];
    size_t len;
    bool bad;
};

void kube_reply_tree(struct kube_call *c, json_t *tree)
{
    reply_header(c->reply, "Content-Type", "application/json");
    kube_dump(tree, reply_body(c->reply));
    str_addc(reply_body(c->reply), '\n');
    json_decref(tree);
}

void kube_status(struct kube_call *c, int code, const char *reason, json_t *details, const char *format, ...)
{
    struct str message = STR_INIT(16384);
    va_list ap;
    va_start(ap, format);
    str_addv(&message, format, ap);
    va_end(ap);
    json_t *s =
        json_pack("{s:s, s:s, s:{}, s:s, s:s}", "kind", "Status", "apiVersion", "v1", "metadata", "status", "Failure", "message", str_text(&message));
    if (*reason)
        json_object_set_new(s, "reason", json_string(reason));
    if (details)
        json_object_set_new(s, "details", details);
    json_object_set_new(s, "code", json_integer(code));
    reply_status(c->reply, code);
    kube_reply_tree(c, s);
    str_free(&message);
}

void kube_status_error(struct kube_call *c, const struct error *e) { kube_status(c, e->status ? e->status : 400, e->code, NULL, "%s", e->message); }

json_t *kube_details(enum kube_kind kind, const char *name)
{
    json_t *d = name ? json_pack("{s:s}", "name", name) : json_object();
    if (*kube_types[kind].group)
        json_object_set_new(d, "group", json_string(kube_types[kind].group));
    json_object_set_new(d, "kind", json_string(kube_types[kind].plural));
    return d;
}

const char *kube_resource(enum kube_kind kind, char *out, size_t size)
{
    const struct kube_type *t = &kube_types[kind];
    text_format(out, size, "%s%s%s", t->plural, *t->group ? "." : "", t->group);
    return out;
}

void kube_not_found(struct kube_call *c)
{
    char resource[96];
    kube_status(c, 404, "NotFound", kube_details(c->kind, c->name), "%s \"%s\" not found", kube_resource(c->kind, resource, sizeof resource),
                c->name);
}

void kube_reply_object(struct kube_call *c, const struct kube_object *o)
{
    reply_header(c->reply, "Content-Type", "application/json");
    kube_write_one(c->k, o, o->version, c->format, true, reply_body(c->reply));
    str_addc(reply_body(c->reply), '\n');
}

int64_t kube_query_int(struct kube_call *c, const char *name, int64_t otherwise)
{
    char *text = server_query(c->request, name), *end;
    int64_t value = text && *text ? strtoll(text, &end, 10) : otherwise;
    if (text && *text && *end)
        value = otherwise;
    free(text);
    return value;
}

bool kube_query_flag(struct kube_call *c, const char *name)
{
    char *text = server_query(c->request, name);
    bool yes = text && strcmp(text, "0") != 0 && strcmp(text, "false") != 0;
    free(text);
    return yes;
}

/* Accept. */

static const char *parameter(const char *range, size_t len, const char *name, char *out, size_t size)
{
    size_t name_len = strlen(name);
    *out = '\0';
    for (size_t i = 0; i + name_len + 1 < len; i++)
        if ((range[i] == ';' || range[i] == ' ') && strncmp(range + i + 1, name, name_len) == 0 && range[i + 1 + name_len] == '=') {
            const char *value = range + i + name_len + 2;
            size_t value_len = strcspn(value, ";, ");
            text_format(out, size, "%.*s", (int)value_len, value);
        }
    return out;
}

static bool serves(const char *range, size_t len, struct kube_format *format)
{
    static const char *const types[] = {"application/json", "application/*", "*/*"};
    char as[64], group[64], version[32];
    size_t type_len = strcspn(range, ";, "), t = 0;
    while (t < 3 && (strlen(types[t]) != type_len || strncmp(range, types[t], type_len) != 0))
        t++;
    if (t == 3)
        return false;
    parameter(range, len, "as", as, sizeof as);
    parameter(range, len, "g", group, sizeof group);
    parameter(range, len, "v", version, sizeof version);
    format->form = FORM_JSON;
    if (!*as)
        return true;
    if (strcmp(group, "meta.k8s.io") != 0 || (strcmp(version, "v1") != 0 && strcmp(version, "v1beta1") != 0))
        return false;
    if (strcmp(as, "Table") == 0)
        format->form = FORM_TABLE;
    else if (strcmp(as, "PartialObjectMetadata") == 0 || strcmp(as, "PartialObjectMetadataList") == 0)
        format->form = FORM_PARTIAL;
    return format->form != FORM_JSON;
}

/* The first range that can be served; ranges of a higher q stand before others. */
static bool negotiate(struct kube_call *c)
{
    const char *accept = server_header(c->request, "Accept");
    char *include = server_query(c->request, "includeObject");
    double best = -1;
    c->format.include = text_equal(include, "None") ? INCLUDE_NONE : text_equal(include, "Object") ? INCLUDE_OBJECT : INCLUDE_METADATA;
    free(include);
    if (!accept || !*accept)
        return true;
    while (*accept) {
        struct kube_format format = c->format;
        char q[16];
        accept += strspn(accept, " ,");
        size_t len = strcspn(accept, ",");
        parameter(accept, len, "q", q, sizeof q);
        double weight = *q ? strtod(q, NULL) : 1;
        if (weight > best && serves(accept, len, &format)) {
            best = weight;
            c->format.form = format.form;
        }
        accept += len;
    }
    return best > 0;
}

/* Discovery. */

static json_t *resource_row(enum kube_kind kind)
{
    const struct kube_type *t = &kube_types[kind];
    struct str verbs = STR_INIT(256);
    json_t *list = json_array(), *row;
    str_adds(&verbs, t->verbs);
    for (char *at = verbs.data, *next; at; at = next) {
        next = strchr(at, ' ');
        if (next)
            *next++ = '\0';
        json_array_append_new(list, json_string(at));
    }
    str_free(&verbs);
    row = json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", t->plural, "singularName", t->singular, "namespaced", t->namespaced, "kind", t->kind,
                    "verbs", list);
    if (t->short_name)
        json_object_set_new(row, "shortNames", json_pack("[s]", t->short_name));
    return row;
}

static json_t *resource_list(const char *group, const char *version)
{
    json_t *list = json_array();
    char name[96];
    for (int kind = 0; kind < KUBE_KIND_COUNT; kind++)
        if (strcmp(kube_types[kind].group, group) == 0 && strcmp(kube_types[kind].version, version) == 0)
            json_array_append_new(list, resource_row((enum kube_kind)kind));
    if (json_array_size(list) == 0) {
        json_decref(list);
        return NULL;
    }
    if (strcmp(group, "apps") == 0)
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:b, s:s, s:s, s:s, s:[s,s,s]}", "name", "deployments/scale", "singularName", "", "namespaced", 1,
                                        "group", "autoscaling", "version", "v1", "kind", "Scale", "verbs", "get", "patch", "update"));
    if (!*group)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:b, s:s, s:[s]}", "name", "pods/log", "singularName", "", "namespaced", 1, "kind", "Pod", "verbs", "get"));
    text_format(name, sizeof name, "%s%s%s", group, *group ? "/" : "", version);
    return json_pack("{s:s, s:s, s:s, s:o}", "kind", "APIResourceList", "apiVersion", "v1", "groupVersion", name, "resources", list);
}

static const char *const groups[][2] = {{"apps", "v1"}, {"autoscaling", "v2"}, {"metrics.k8s.io", "v1beta1"}};

static json_t *group_row(size_t i)
{
    char name[96];
    text_format(name, sizeof name, "%s/%s", groups[i][0], groups[i][1]);
    return json_pack("{s:s, s:[{s:s, s:s}], s:{s:s, s:s}}", "name", groups[i][0], "versions", "groupVersion", name, "version", groups[i][1],
                     "preferredVersion", "groupVersion", name, "version", groups[i][1]);
}

static json_t *version_info(const struct kube_sim *k)
{
    char git[64], minor[16];
    const char *dot = strchr(k->version, '.');
    text_format(git, sizeof git, "v%s.1-eks-3025e55", k->version);
    text_format(minor, sizeof minor, "%s", dot ? dot + 1 : "0");
    json_t *v = json_pack("{s:s, s:s}", "major", "1", "minor", minor);
    static const char *const rest[][2] = {{"gitCommit", "7f0d1b9a2e1c4a0f8d6f3c5be9c2a1d4e6b70833"},
                                          {"gitTreeState", "clean"},
                                          {"buildDate", "2025-10-16T21:22:12Z"},
                                          {"goVersion", "go1.24.6"},
                                          {"compiler", "gc"},
                                          {"platform", "linux/amd64"}};
    json_object_set_new(v, "gitVersion", json_string(git));
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
        json_object_set_new(v, rest[i][0], json_string(rest[i][1]));
    return v;
}

static json_t *discovery(const struct kube_sim *k, const struct segments *s)
{
    const char *first = s->at[0];
    if (s->len == 1 && strcmp(first, "version") == 0)
        return version_info(k);
    if (s->len == 1 && strcmp(first, "api") == 0)
        return json_pack("{s:s, s:[s], s:[]}", "kind", "APIVersions", "versions", "v1", "serverAddressByClientCIDRs");
    if (s->len == 1 && strcmp(first, "apis") == 0) {
        json_t *list = json_array();
        for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
            json_array_append_new(list, group_row(i));
        return json_pack("{s:s, s:s, s:o}", "kind", "APIGroupList", "apiVersion", "v1", "groups", list);
    }
    if (s->len == 2 && strcmp(first, "api") == 0)
        return resource_list("", s->at[1]);
    if (s->len == 3 && strcmp(first, "apis") == 0)
        return resource_list(s->at[1], s->at[2]);
    for (size_t i = 0; s->len == 2 && strcmp(first, "apis") == 0 && i < sizeof groups / sizeof *groups; i++)
        if (strcmp(groups[i][0], s->at[1]) == 0) {
            json_t *row = group_row(i);
            json_object_set_new(row, "kind", json_string("APIGroup"));
            json_object_set_new(row, "apiVersion", json_string("v1"));
            return row;
        }
    return NULL;
}

/* Routing. */

static void split(struct segments *s, const char *path)
{
    while (*path) {
        path += *path == '/';
        size_t len = strcspn(path, "/");
        if (!len)
            continue;
        struct str text = STR_INIT(4096);
        if (s->len == SEGMENTS_MAX || !percent_decode(path, len, false, &text)) {
            s->bad = true;
            str_free(&text);
            return;
        }
        s->at[s->len++] = text.len ? str_take(&text) : mem_strdup("");
        path += len;
    }
}

static bool find_kind(const char *group, const char *version, const char *plural, enum kube_kind *kind)
{
    for (int i = 0; i < KUBE_KIND_COUNT; i++)
        if (strcmp(kube_types[i].group, group) == 0 && strcmp(kube_types[i].version, version) == 0 && strcmp(kube_types[i].plural, plural) == 0) {
            *kind = (enum kube_kind)i;
            return true;
        }
    return false;
}

/* api/v1 or apis/GROUP/VERSION, then [namespaces/NS/]PLURAL[/NAME[/SUB]]. */
static bool route(struct kube_call *c, const struct segments *s)
{
    static char none[] = "";
    bool core = strcmp(s->at[0], "api") == 0;
    size_t i = core ? 2 : 3;
    c->ns = c->name = c->sub = none;
    if ((!core && strcmp(s->at[0], "apis") != 0) || s->len <= i)
        return false;
    const char *group = core ? "" : s->at[1], *version = s->at[i - 1];
    if (strcmp(s->at[i], "namespaces") == 0 && s->len > i + 2) {
        c->ns = s->at[i + 1];
        i += 2;
    }
    if (!find_kind(group, version, s->at[i], &c->kind) || (*c->ns && !kube_types[c->kind].namespaced))
        return false;
    if (s->len > i + 1)
        c->name = s->at[i + 1];
    if (s->len > i + 2)
        c->sub = s->at[i + 2];
    return s->len <= i + 3 && (!*c->name || *c->ns || !kube_types[c->kind].namespaced);
}

static void get_one(struct kube_call *c)
{
    const struct kube_object *o = kube_find(c->k, c->kind, c->ns, c->name);
    if (o)
        kube_reply_object(c, o);
    else
        kube_not_found(c);
}

static const struct {
    const char *method, *sub;
    bool named;
    unsigned kinds; /* bits */
    void (*handle)(struct kube_call *);
} routes[] = {
    {"GET", "", false, (1u << KUBE_STORED) - 1, kube_list},
    {"GET", "", true, (1u << KUBE_STORED) - 1, get_one},
    {"GET", "", false, 1u << KUBE_POD_METRICS | 1u << KUBE_NODE_METRICS, kube_metrics},
    {"GET", "", true, 1u << KUBE_POD_METRICS | 1u << KUBE_NODE_METRICS, kube_metrics},
    {"GET", "log", true, 1u << KUBE_POD, kube_log_get},
    {"GET", "scale", true, 1u << KUBE_DEPLOYMENT, kube_scale_get},
    {"PATCH", "", true, 1u << KUBE_POD | 1u << KUBE_DEPLOYMENT | 1u << KUBE_HPA, kube_patch_handle},
    {"PATCH", "scale", true, 1u << KUBE_DEPLOYMENT, kube_patch_handle},
    {"PUT", "", true, 1u << KUBE_DEPLOYMENT | 1u << KUBE_HPA, kube_put_handle},
    {"PUT", "scale", true, 1u << KUBE_DEPLOYMENT, kube_put_handle},
    {"DELETE", "", true, 1u << KUBE_POD, kube_delete_handle},
};

/* Who may do what: everybody reads, some may write too. */

static bool reads(const char *method) { return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0; }

static void forbidden(struct kube_call *c)
{
    static const char *const verbs[][2] = {{"PATCH", "patch"}, {"PUT", "update"}, {"DELETE", "delete"}, {"POST", "create"}};
    char resource[96], where[300] = "";
    const char *verb = "";
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i][0], c->request->method) == 0)
            verb = *c->name || i != 2 ? verbs[i][1] : "deletecollection";
    if (*c->ns)
        text_format(where, sizeof where, " in the namespace \"%s\"", c->ns);
    else
        text_copy(where, sizeof where, " at the cluster scope");
    kube_status(c, 403, "Forbidden", kube_details(c->kind, *c->name ? c->name : NULL),
                "%s%s%s%s is forbidden: User \"%s\" cannot %s resource \"%s%s%s\" in API group \"%s\"%s",
                kube_resource(c->kind, resource, sizeof resource), *c->name ? " \"" : "", c->name, *c->name ? "\"" : "", c->user, verb,
                kube_types[c->kind].plural, *c->sub ? "/" : "", c->sub, kube_types[c->kind].group, where);
}

static bool is_self_review(const struct kube_call *c, const struct segments *s)
{
    return s->len == 4 && strcmp(c->request->method, "POST") == 0 && strcmp(s->at[0], "apis") == 0 && strcmp(s->at[1], "authorization.k8s.io") == 0 &&
           strcmp(s->at[2], "v1") == 0 && strcmp(s->at[3], "selfsubjectaccessreviews") == 0;
}

static void self_review(struct kube_call *c)
{
    static const char *const reading[] = {"get", "list", "watch"};
    struct error e = {0};
    json_t *review = json_load(c->request->body, c->request->body_len, &e);
    const char *verb = json_text_or(review, "spec.resourceAttributes.verb", json_text_or(review, "spec.nonResourceAttributes.verb", ""));
    bool allowed = c->may_write;
    if (!json_at(review, "spec")) {
        json_decref(review);
        kube_status(c, 400, "BadRequest", NULL, "the object provided is unrecognized (must be of type SelfSubjectAccessReview)");
        return;
    }
    for (size_t i = 0; i < sizeof reading / sizeof *reading; i++)
        allowed |= strcmp(verb, reading[i]) == 0;
    reply_status(c->reply, 201);
    kube_reply_tree(c, json_pack("{s:s, s:s, s:{s:n}, s:O, s:{s:b}}", "kind", "SelfSubjectAccessReview", "apiVersion", "authorization.k8s.io/v1",
                                 "metadata", "creationTimestamp", "spec", json_at(review, "spec"), "status", "allowed", allowed));
    json_decref(review);
}

static void dispatch(struct kube_call *c)
{
    bool other_method = false;
    if (!negotiate(c)) {
        kube_status(c, 406, "NotAcceptable", NULL, "only the following media types are accepted: application/json");
        return;
    }
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (strcmp(routes[i].sub, c->sub) != 0 || routes[i].named != (*c->name != '\0') || !(routes[i].kinds & 1u << c->kind))
            continue;
        if (strcmp(routes[i].method, c->request->method) == 0) {
            routes[i].handle(c);
            return;
        }
        other_method = true;
    }
    if (other_method || !*c->sub)
        kube_status(c, 405, "MethodNotAllowed", json_object(), "the server does not allow this method on the requested resource");
    else
        kube_status(c, 404, "NotFound", json_object(), "the server could not find the requested resource");
}

static void plain(struct kube_call *c, int status, const char *text)
{
    reply_status(c->reply, status);
    reply_header(c->reply, "Content-Type", "text/plain; charset=utf-8");
    str_adds(reply_body(c->reply), text);
}

static void handle(struct kube_call *c, const struct segments *s)
{
    static const char *const health[] = {"healthz", "readyz", "livez"};
    for (size_t i = 0; s->len == 1 && i < 3; i++)
        if (strcmp(s->at[0], health[i]) == 0) {
            plain(c, 200, "ok");
            return;
        }
    json_t *found = s->len && strcmp(c->request->method, "GET") == 0 ? discovery(c->k, s) : NULL;
    char *dry = server_query(c->request, "dryRun");
    c->dry_run = text_equal(dry, "All");
    bool bad_dry = dry && *dry && !c->dry_run;
    free(dry);
    if (found)
        kube_reply_tree(c, found);
    else if (is_self_review(c, s))
        self_review(c);
    else if (s->len == 0 || s->bad || (strcmp(s->at[0], "api") != 0 && strcmp(s->at[0], "apis") != 0))
        plain(c, 404, "404 page not found\n");
    else if (!route(c, s))
        kube_status(c, 404, "NotFound", json_object(), "the server could not find the requested resource");
    else if (!c->may_write && !reads(c->request->method))
        forbidden(c);
    else if (bad_dry)
        kube_status(c, 422, "Invalid", NULL, "dryRun: Unsupported value: supported values: \"All\"");
    else
        dispatch(c);
}

void kube_sim_handle(struct kube_sim *k, const char *path, const struct server_request *request, struct server_reply *reply, const char *user,
                     bool may_write)
{
    struct segments s = {0};
    struct kube_call c = {.k = k, .request = request, .reply = reply, .user = user, .may_write = may_write};
    char id[37];
    k->now = sim_now(k->sim);
    random_uuid(id);
    reply_header(reply, "Audit-Id", id);
    reply_header(reply, "Cache-Control", "no-cache, private");
    split(&s, path);
    handle(&c, &s);
    kube_reconcile(k); /* what was asked for begins at once */
    for (size_t i = 0; i < s.len; i++)
        free(s.at[i]);
}
