#include "estate/alarm.h"

#include <string.h>

const char *alarm_dimension(const struct alarm *a, const char *name)
{
    for (size_t i = 0; i < ALARM_DIMENSIONS && *a->dimensions[i].name; i++)
        if (!strcmp(a->dimensions[i].name, name))
            return a->dimensions[i].value;
    return "";
}

/* A rule names others as ALARM(name), OK("name") or INSUFFICIENT_DATA(arn). */
static bool is_named(const char *at, const char *name)
{
    size_t len = strlen(name);
    at += strspn(at, " \"'");
    return *name && !strncmp(at, name, len) && (at[len] == '"' || at[len] == '\'' || at[len] == ')' || at[len] == ' ');
}

bool alarm_is_made_of(const struct alarm *a, const struct alarm *other)
{
    for (const char *at = a->rule; (at = strchr(at, '(')); at++)
        if (is_named(at + 1, other->name) || is_named(at + 1, other->arn))
            return true;
    return false;
}
