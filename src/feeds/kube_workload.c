/* What a Deployment or daemon runs as and asks for. Of pods' environments only the names of variables are looked at. */
#include <stdlib.h>
#include <string.h>

#include "feeds/fields.h"
#include "feeds/map.h"
#include "feeds/quantity.h"

static bool is_static_key(const char *variable)
{
    return text_same_case(variable, "AWS_ACCESS_KEY_ID") || text_same_case(variable, "AWS_SECRET_ACCESS_KEY");
}

static void look_for_keys(const json_t *containers, struct workload *w)
{
    size_t i, k;
    json_t *container, *variable;
    json_array_foreach(containers, i, container)
        json_array_foreach(json_object_get(container, "env"), k, variable) {
            if (*w->static_key || !is_static_key(json_text_or(variable, "name", "")))
                continue;
            FIELD(w->static_key, variable, "name");
            FIELD(w->container, container, "name");
        }
}

typedef VEC(char *) names;

static void add_name(names *to, const char *prefix, const char *name)
{
    struct str text = STR_INIT(512);
    if (*name && str_addf(&text, "%s%s", prefix, name))
        *vec_add(to) = str_take(&text);
    str_free(&text);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void gather_names(const json_t *containers, names *to)
{
    size_t i, k;
    json_t *container, *one;
    json_array_foreach(containers, i, container) {
        json_array_foreach(json_object_get(container, "env"), k, one)
            add_name(to, "", json_text_or(one, "name", ""));
        json_array_foreach(json_object_get(container, "envFrom"), k, one) {
            add_name(to, "configmap/", json_text_or(one, "configMapRef.name", ""));
            add_name(to, "secret/", json_text_or(one, "secretRef.name", ""));
        }
    }
}

static void map_variables(const json_t *containers, struct workload *w)
{
    names all = {0};
    struct str text = STR_INIT(sizeof w->variables - 1);
    gather_names(containers, &all);
    if (all.len)
        qsort(all.at, all.len, sizeof *all.at, by_name);
    for (size_t i = 0; i < all.len; i++)
        if (!i || strcmp(all.at[i], all.at[i - 1]) != 0)
            str_addf(&text, "%s%s", text.len ? " " : "", all.at[i]);
    w->more_variables = text.overflow;
    text_clean(w->variables, sizeof w->variables, str_text(&text), text.len);
    for (size_t i = 0; i < all.len; i++)
        free(all.at[i]);
    vec_free(&all);
    str_free(&text);
}

/* Summed up; a limit only if each container has one. In thousandths where `milli`. */
static int64_t sum_up(const json_t *containers, const char *path, bool milli, bool each)
{
    double sum = 0;
    size_t i;
    json_t *container;
    json_array_foreach(containers, i, container) {
        double one = quantity(json_text_or(container, path, ""));
        if (each && !(one > 0))
            return 0;
        sum += one;
    }
    return quantity_whole(milli ? sum * 1000 + 0.5 : sum, INT64_C(1) << 60);
}

void map_workload(const json_t *row, const char *kind, struct workload *w)
{
    const json_t *pod = json_at(row, "spec.template.spec"), *containers = json_object_get(pod, "containers");
    *w = (struct workload){.cpu_m = sum_up(containers, "resources.requests.cpu", true, false),
                           .cpu_limit_m = sum_up(containers, "resources.limits.cpu", true, true),
                           .memory = sum_up(containers, "resources.requests.memory", false, false),
                           .memory_limit = sum_up(containers, "resources.limits.memory", false, true)};
    text_copy(w->kind, sizeof w->kind, kind);
    FIELD(w->ns, row, "metadata.namespace");
    FIELD(w->name, row, "metadata.name");
    FIELD(w->service_account, pod, "serviceAccountName");
    if (!*w->service_account)
        text_copy(w->service_account, sizeof w->service_account, "default");
    look_for_keys(containers, w);
    look_for_keys(json_object_get(pod, "initContainers"), w);
    map_variables(containers, w);
}
