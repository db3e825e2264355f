/* Label and field selectors. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "sim/kube.h"

enum operator{ OP_IN, OP_NOT_IN, OP_EXISTS, OP_MISSING };

struct requirement {
    char *key;
    enum operator op;
    VEC(char *) values;
};

struct kube_selector {
    VEC(struct requirement) all;
};

void kube_selector_free(struct kube_selector *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->all.len; i++) {
        for (size_t v = 0; v < s->all.at[i].values.len; v++)
            free(s->all.at[i].values.at[v]);
        vec_free(&s->all.at[i].values);
        free(s->all.at[i].key);
    }
    vec_free(&s->all);
    free(s);
}

bool kube_selects_all(const struct kube_selector *s) { return !s || s->all.len == 0; }

static void refuse(struct error *e, const char *format, const char *what)
{
    char message[400];
    const char *place = strstr(format, "%s");
    text_format(message, sizeof message, "%.*s%.250s%s", (int)(place - format), format, what, place + 2);
    error_set(e, ERROR_SERVICE, "BadRequest", "%s", message);
    e->status = 400;
}

static const char *skip(const char *at) { return at + strspn(at, " \t"); }

static const char *word(const char *at, char **out)
{
    size_t len = strcspn(at, " \t,=!()");
    *out = mem_strndup(at, len);
    return at + len;
}

static bool label_key(const char *key)
{
    const char *slash = strchr(key, '/');
    const char *name = slash ? slash + 1 : key;
    size_t len = strlen(name);
    return len > 0 && len <= 63 && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == len &&
           !strchr("-_.", *name) && !strchr("-_.", name[len - 1]);
}

/* "(a, b)" */
static const char *set_of(const char *at, struct requirement *r)
{
    at = skip(at);
    if (*at++ != '(')
        return NULL;
    do {
        char *value;
        at = skip(word(skip(at), &value));
        *vec_add(&r->values) = value;
    } while (*at == ',' && at++);
    return *at == ')' ? at + 1 : NULL;
}

static const char *operator_and_values(const char *at, struct requirement *r)
{
    char *value;
    at = skip(at);
    if (*at == '\0' || *at == ',') {
        r->op = OP_EXISTS;
        return at;
    }
    if (*at == '=' || strncmp(at, "!=", 2) == 0) {
        r->op = *at == '=' ? OP_IN : OP_NOT_IN;
        at = word(skip(at + (at[0] == '!' || at[1] == '=' ? 2 : 1)), &value);
        *vec_add(&r->values) = value;
        return at;
    }
    at = word(at, &value);
    bool in = strcmp(value, "in") == 0, not_in = strcmp(value, "notin") == 0;
    free(value);
    r->op = in ? OP_IN : OP_NOT_IN;
    return in || not_in ? set_of(at, r) : NULL;
}

static const char *requirement(const char *at, struct kube_selector *s)
{
    struct requirement *r = vec_add(&s->all);
    at = skip(at);
    if (*at == '!') {
        r->op = OP_MISSING;
        at = word(skip(at + 1), &r->key);
    } else {
        at = word(at, &r->key);
        at = operator_and_values(at, r);
    }
    return at && label_key(r->key) ? skip(at) : NULL;
}

struct kube_selector *kube_labels_parse(const char *text, struct error *e)
{
    struct kube_selector *s = mem_new(sizeof *s);
    const char *at = text ? skip(text) : "";
    while (at && *at) {
        at = requirement(at, s);
        if (at && *at == ',')
            at = skip(at + 1);
        else if (at && *at)
            at = NULL;
    }
    if (at)
        return s;
    kube_selector_free(s);
    refuse(e, "unable to parse requirement: \"%s\" is no label selector", text);
    return NULL;
}

static const char *const pod_fields[] = {
    "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase", "status.podIP", NULL};
static const char *const event_fields[] = {"involvedObject.kind",
                                           "involvedObject.namespace",
                                           "involvedObject.name",
                                           "involvedObject.uid",
                                           "involvedObject.apiVersion",
                                           "involvedObject.resourceVersion",
                                           "involvedObject.fieldPath",
                                           "reason",
                                           "reportingComponent",
                                           "source",
                                           "type",
                                           NULL};
static const char *const node_fields[] = {"spec.unschedulable", NULL};
static const char *const namespace_fields[] = {"status.phase", NULL};
static const char *const replica_set_fields[] = {"status.replicas", NULL};
static const char *const *const fields_of[KUBE_KIND_COUNT] = {[KUBE_POD] = pod_fields,
                                                              [KUBE_EVENT] = event_fields,
                                                              [KUBE_NODE] = node_fields,
                                                              [KUBE_NAMESPACE] = namespace_fields,
                                                              [KUBE_REPLICASET] = replica_set_fields};

static bool known_field(enum kube_kind kind, const char *key)
{
    if (strcmp(key, "metadata.name") == 0 || (strcmp(key, "metadata.namespace") == 0 && kube_types[kind].namespaced))
        return true;
    for (size_t i = 0; fields_of[kind] && fields_of[kind][i]; i++)
        if (strcmp(fields_of[kind][i], key) == 0)
            return true;
    return false;
}

static bool field(enum kube_kind kind, const char *part, struct kube_selector *s, struct error *e)
{
    struct requirement *r = vec_add(&s->all);
    size_t len = strcspn(part, "=!");
    r->op = part[len] == '!' ? OP_NOT_IN : OP_IN;
    r->key = mem_strndup(part, len);
    if (part[len] == '\0' || (part[len] == '!' && part[len + 1] != '=')) {
        refuse(e, "invalid selector: '%s'; can't understand it", part);
        return false;
    }
    char *value = mem_strdup(part + len + (part[len] == '!' || part[len + 1] == '=' ? 2 : 1));
    *vec_add(&r->values) = value;
    if (known_field(kind, r->key))
        return true;
    if (fields_of[kind])
        refuse(e, "field label not supported: %s", r->key);
    else
        refuse(e,
               kube_types[kind].namespaced ? "\"%s\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                                           : "\"%s\" is not a known field selector: only \"metadata.name\"",
               r->key);
    return false;
}

struct kube_selector *kube_fields_parse(enum kube_kind kind, const char *text, struct error *e)
{
    struct kube_selector *s = mem_new(sizeof *s);
    bool good = true;
    while (text && *text && good) {
        size_t len = strcspn(text, ",");
        char *part = mem_strndup(text, len);
        good = len == 0 || field(kind, part, s, e);
        free(part);
        text += len + (text[len] == ',');
    }
    if (good)
        return s;
    kube_selector_free(s);
    return NULL;
}

static bool holds(const struct requirement *r, const char *value)
{
    bool among = false;
    for (size_t i = 0; value && i < r->values.len && !among; i++)
        among = strcmp(r->values.at[i], value) == 0;
    switch (r->op) {
    case OP_IN:
        return among;
    case OP_NOT_IN:
        return !among;
    case OP_EXISTS:
        return value != NULL;
    default:
        return value == NULL;
    }
}

bool kube_labels_match(const struct kube_selector *s, const json_t *labels)
{
    for (size_t i = 0; s && i < s->all.len; i++)
        if (!holds(&s->all.at[i], json_string_value(json_object_get(labels, s->all.at[i].key))))
            return false;
    return true;
}

static const char *pod_field(const struct kube_object *o, const char *key, char buffer[16])
{
    if (strcmp(key, "spec.nodeName") == 0)
        return o->pod->node;
    if (strcmp(key, "status.phase") == 0)
        return kube_pod_phase(o);
    if (strncmp(key, "spec.", 5) == 0)
        return json_text_or(o->pod->template->spec, key + 5, "");
    if (!o->pod->ip)
        return "";
    kube_ip(o->pod->ip, buffer);
    return buffer;
}

static const char *field_value(const struct kube_object *o, const char *key, char buffer[32])
{
    if (strcmp(key, "metadata.name") == 0)
        return o->name;
    if (strcmp(key, "metadata.namespace") == 0)
        return o->ns;
    if (o->pod)
        return pod_field(o, key, buffer);
    if (strcmp(key, "source") == 0)
        key = "source.component";
    const json_t *value = json_at(o->tree, key);
    if (json_is_integer(value)) {
        text_format(buffer, 32, "%lld", (long long)json_integer_value(value));
        return buffer;
    }
    if (strcmp(key, "spec.unschedulable") == 0)
        return json_is_true(value) ? "true" : "false";
    return json_is_string(value) ? json_string_value(value) : "";
}

bool kube_fields_match(const struct kube_selector *s, const struct kube_object *o)
{
    char buffer[32];
    for (size_t i = 0; s && i < s->all.len; i++)
        if (!holds(&s->all.at[i], field_value(o, s->all.at[i].key, buffer)))
            return false;
    return true;
}
