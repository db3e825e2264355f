/* kubeconfig files: foreign YAML, so unknown keys are passed over. Several files in $KUBECONFIG are merged, the first that names a thing wins. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/yaml.h"
#include "kube/internal.h"

#define FILES_MAX 16
#define PEM_MAX   ((size_t)1 << 20)

void kube_access_free(struct kube_access *a)
{
    char *const texts[] = {a->server, a->ca_pem, a->ca_file, a->client_cert, a->tls_server_name, a->token_file};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    mem_free_secret(a->client_key);
    mem_free_secret(a->token);
    child_free_words(a->exec_argv);
    child_free_words(a->exec_env);
    *a = (struct kube_access){0};
}

struct files {
    struct yaml_doc *doc[FILES_MAX];
    char *path[FILES_MAX];
    size_t count;
};

static const char *text_of(const struct yaml *map, const char *key)
{
    const struct yaml *node = yaml_get(map, key);
    return node && node->kind == YAML_SCALAR && *node->text ? node->text : NULL;
}

/* A file that is not there is passed over, as kubectl does; one that cannot be read is a mistake that has to be told. */
static bool load_one(struct files *files, const char *path, struct error *e)
{
    if (!*path || files->count == FILES_MAX || access(path, F_OK) != 0)
        return true;
    struct yaml_doc *doc = yaml_load_file(path, e);
    if (!doc)
        return false;
    files->doc[files->count] = doc;
    files->path[files->count++] = mem_strdup(path);
    return true;
}

static bool load_files(struct files *files, struct error *e)
{
    const char *list = getenv("KUBECONFIG"), *home = getenv("HOME");
    if (!list || !*list) {
        char *path = home ? file_join(home, ".kube/config") : mem_strdup("");
        bool good = load_one(files, path, e);
        free(path);
        return good;
    }
    char *copy = mem_strdup(list), *rest = copy, *path;
    bool good = true;
    while (good && (path = strsep(&rest, ":")))
        good = load_one(files, path, e);
    free(copy);
    return good;
}

static void free_files(struct files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        yaml_doc_free(files->doc[i]);
        free(files->path[i]);
    }
}

/* The mapping `inner` of the entry with that name in a list such as clusters; *file tells whose it is. */
static const struct yaml *find(const struct files *files, const char *list, const char *inner, const char *name, size_t *file)
{
    for (*file = 0; name && *file < files->count; ++*file) {
        const struct yaml *entries = yaml_get(yaml_root(files->doc[*file]), list);
        for (size_t i = 0; entries && entries->kind == YAML_LIST && i < entries->count; i++)
            if (text_equal(text_of(entries->items[i], "name"), name))
                return yaml_get(entries->items[i], inner);
    }
    return NULL;
}

static bool fail(struct error *e, const char *format, const char *what)
{
    struct str text = STR_INIT(STR_TEXT_MAX);
    str_addf(&text, "%s \"%s\"", format, what ? what : "");
    error_set(e, ERROR_INPUT, "kubeconfig", "kubeconfig: %s", str_text(&text));
    str_free(&text);
    return false;
}

/* Relative paths are relative to the file that has them. */
static char *beside(const struct files *files, size_t file, const char *path)
{
    const char *slash = strrchr(files->path[file], '/');
    if (*path == '/' || !slash)
        return mem_strdup(path);
    char *dir = mem_strndup(files->path[file], (size_t)(slash - files->path[file]));
    char *whole = file_join(dir, path);
    free(dir);
    return whole;
}

/* KEY-data (base64) or KEY (a path), as PEM text. Absent leaves *out alone. */
static bool read_pem(const struct files *files, size_t file, const struct yaml *map, const char *key, char **out, struct error *e)
{
    char data_key[64];
    struct str pem = STR_INIT(PEM_MAX);
    text_format(data_key, sizeof data_key, "%s-data", key);
    const char *data = text_of(map, data_key), *path = text_of(map, key);
    bool good = true;
    if (data) {
        good = base64_decode(data, strlen(data), &pem) || fail(e, "not base64:", data_key);
    } else if (path) {
        char *whole = beside(files, file, path);
        good = file_read(whole, PEM_MAX, &pem, e);
        free(whole);
    }
    if (good && pem.len)
        *out = mem_strdup(str_text(&pem));
    str_wipe(&pem);
    return good;
}

static bool read_exec(const struct files *files, size_t file, struct kube_access *a, const struct yaml *exec, struct error *e)
{
    const char *command = text_of(exec, "command"), *version = text_of(exec, "apiVersion");
    const struct yaml *args = yaml_get(exec, "args"), *env = yaml_get(exec, "env");
    VEC(char *) argv = {0}, vars = {0};
    if (!command || !version || !text_starts(version, "client.authentication.k8s.io/"))
        return fail(e, "exec: expected a command and apiVersion client.authentication.k8s.io/v1, found", version);
    /* A bare name is looked for in PATH; one with a directory is relative to the file, as paths are. */
    *vec_add(&argv) = strchr(command, '/') ? beside(files, file, command) : mem_strdup(command);
    for (size_t i = 0; args && args->kind == YAML_LIST && i < args->count; i++)
        if (args->items[i]->kind == YAML_SCALAR)
            *vec_add(&argv) = mem_strdup(args->items[i]->text);
    *vec_add(&argv) = NULL;
    for (size_t i = 0; env && env->kind == YAML_LIST && i < env->count; i++) {
        const char *name = text_of(env->items[i], "name"), *value = text_of(env->items[i], "value");
        struct str pair = STR_INIT(STR_TEXT_MAX);
        if (!name)
            continue;
        str_addf(&pair, "%s=%s", name, value ? value : "");
        *vec_add(&vars) = str_take(&pair);
    }
    struct str info = STR_INIT(STR_TEXT_MAX);
    str_addf(&info, "KUBERNETES_EXEC_INFO={\"apiVersion\":\"%s\",\"kind\":\"ExecCredential\",\"spec\":{\"interactive\":false}}", version);
    *vec_add(&vars) = str_take(&info);
    *vec_add(&vars) = NULL;
    a->exec_argv = argv.at;
    a->exec_env = vars.at;
    a->source = TOKEN_EXEC;
    return true;
}

static bool read_user(const struct files *files, size_t file, struct kube_access *a, const struct yaml *user, struct error *e)
{
    const char *token = text_of(user, "token"), *token_file = text_of(user, "tokenFile");
    if (token_file) {
        a->source = TOKEN_FILE;
        a->token_file = beside(files, file, token_file);
    } else if (token) {
        a->source = TOKEN_STATIC;
        a->token = mem_strdup(token);
    } else if (yaml_get(user, "exec")) {
        if (!read_exec(files, file, a, yaml_get(user, "exec"), e))
            return false;
    } else if (yaml_get(user, "auth-provider") || yaml_get(user, "username")) {
        return fail(e, "expected a token, a client certificate or exec, found", yaml_get(user, "username") ? "username" : "auth-provider");
    }
    return read_pem(files, file, user, "client-certificate", &a->client_cert, e) && read_pem(files, file, user, "client-key", &a->client_key, e);
}

static bool read_cluster(const struct files *files, size_t file, struct kube_access *a, const struct yaml *cluster, struct error *e)
{
    const char *server = text_of(cluster, "server"), *name = text_of(cluster, "tls-server-name");
    if (!server)
        return fail(e, "a cluster needs a", "server");
    if (text_equal(text_of(cluster, "insecure-skip-tls-verify"), "true"))
        return fail(e, "trivet always checks certificates; remove", "insecure-skip-tls-verify");
    a->server = mem_strdup(server);
    a->tls_server_name = mem_strdup(name);
    return read_pem(files, file, cluster, "certificate-authority", &a->ca_pem, e);
}

static bool read_context(const struct files *files, struct kube_access *a, const char *context, struct error *e)
{
    size_t file;
    for (size_t i = 0; (!context || !*context) && i < files->count; i++)
        context = text_of(yaml_root(files->doc[i]), "current-context");
    const struct yaml *found = find(files, "contexts", "context", context, &file);
    if (!found)
        return fail(e, "no context", context);
    const struct yaml *cluster = find(files, "clusters", "cluster", text_of(found, "cluster"), &file);
    if (!cluster)
        return fail(e, "no cluster", text_of(found, "cluster"));
    if (!read_cluster(files, file, a, cluster, e))
        return false;
    const char *name = text_of(found, "user");
    const struct yaml *user = find(files, "users", "user", name, &file);
    if (!user)
        return !name || fail(e, "no user", name);
    return read_user(files, file, a, user, e);
}

bool kubeconfig_read(struct kube_access *access, const char *context, struct error *e)
{
    struct files files = {0};
    bool good = load_files(&files, e) && (files.count || fail(e, "there is no file; set", "KUBECONFIG")) && read_context(&files, access, context, e);
    free_files(&files);
    if (!good)
        kube_access_free(access);
    return good;
}
