#include "actions/probe_conninfo.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"

#define SETTINGS_MAX 16
#define HOSTS_MAX    1200 /* RESOLVE_MAX times a DNS name and a comma */

bool conninfo_show(const char *conninfo, char *out, size_t size)
{
    struct str shown = STR_INIT(STR_TEXT_MAX);
    char *words = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &words);
    for (const PQconninfoOption *o = options; o && o->keyword; o++)
        if (o->val && !strchr(o->dispchar, '*') && strcmp(o->keyword, "options") != 0) /* those may set anything, secrets too */
            str_addf(&shown, "%s%s=%s", shown.len ? " " : "", o->keyword, o->val);
    text_clean(out, size, options ? str_text(&shown) : "postgres", options ? shown.len : 8);
    PQfreemem(words);
    PQconninfoFree(options);
    str_free(&shown);
    return options != NULL;
}

static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
    for (const PQconninfoOption *o = options; o && o->keyword; o++)
        if (!strcmp(o->keyword, keyword))
            return o->val && *o->val ? o->val : NULL;
    return NULL;
}

/* Services and the environment are read by libpq only on the way to a connection. An sslmode that does not exist ends that
 * way after they are read and before anything is looked up. */
static PGconn *read_settings(const char *conninfo)
{
    const char *const keys[] = {"dbname", "sslmode", NULL}, *const values[] = {conninfo, "none, only read", NULL};
    return PQconnectStartParams(keys, values, 1);
}

static bool host_of(const PQconninfoOption *options, char **host, char *error, size_t size)
{
    const char *name = value_of(options, "host");
    if (value_of(options, "hostaddr") || !name || *name == '/' || *name == '@')
        return true;
    if (strchr(name, ',')) {
        text_copy(error, size, "the connection has several hosts: a drill measures one endpoint");
        return false;
    }
    *host = mem_strdup(name);
    return true;
}

bool conninfo_host(const char *conninfo, char **host, char *error, size_t size)
{
    char shown[8];
    *host = NULL;
    if (!conninfo_show(conninfo, shown, sizeof shown)) {
        text_copy(error, size, "the connection string cannot be read: give KEY=VALUE pairs or postgresql://…");
        return false;
    }
    PGconn *connection = read_settings(conninfo);
    PQconninfoOption *options = connection ? PQconninfo(connection) : NULL;
    bool read = value_of(options, "sslmode") != NULL; /* nothing at all is taken over where the service is not found */
    bool good = read && host_of(options, host, error, size);
    if (!read) {
        const char *message = connection ? PQerrorMessage(connection) : "out of memory";
        text_clean(error, size, message, strcspn(message, "\n"));
    }
    PQconninfoFree(options);
    PQfinish(connection);
    return good;
}

PGconn *conninfo_connect(const char *conninfo, const char *host, const struct resolve_address *addresses, size_t count)
{
    char hosts[HOSTS_MAX] = "", list[RESOLVE_MAX * NI_MAXHOST] = "", one[NI_MAXHOST];
    /* A ticket for Kerberos is fetched with blocking calls, so that is off unless the string asks for it. */
    const char *keys[SETTINGS_MAX] = {"gssencmode", "fallback_application_name", "dbname", "host", "hostaddr"};
    const char *values[SETTINGS_MAX] = {"disable", "trivet drill", conninfo, hosts, list};
    struct str names = STR_INIT(sizeof hosts - 1), numbers = STR_INIT(sizeof list - 1);
    for (size_t i = 0; i < count; i++)
        if (getnameinfo((const struct sockaddr *)&addresses[i].at, addresses[i].len, one, sizeof one, NULL, 0, NI_NUMERICHOST) == 0) {
            str_addf(&names, "%s%s", names.len ? "," : "", host); /* as many names as addresses; certificates are checked against them */
            str_addf(&numbers, "%s%s", numbers.len ? "," : "", one);
        }
    text_copy(hosts, sizeof hosts, str_text(&names));
    text_copy(list, sizeof list, str_text(&numbers));
    str_free(&names);
    str_free(&numbers);
    if (!*list)
        keys[3] = NULL;
    return PQconnectStartParams(keys, values, 1);
}

void conninfo_message(const PGconn *connection, const char *message, char *out, size_t size)
{
    const char *secret = PQpass(connection);
    struct str text = STR_INIT(STR_TEXT_MAX);
    size_t len = secret ? strlen(secret) : 0, end = strlen(message);
    while (end > 0 && message[end - 1] == '\n')
        end--;
    str_add(&text, message, end);
    for (char *at = text.data; len > 3 && at && (at = strstr(at, secret)); at++)
        memset(at, '*', len);
    text_clean(out, size, str_text(&text), text.len);
    str_wipe(&text);
}
