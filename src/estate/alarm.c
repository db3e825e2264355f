#include "estate/alarm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"

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

const char *alarm_amount(double number, char *out, size_t size)
{
    static const char units[] = {'\0', 'k', 'M', 'G', 'T'};
    size_t unit = 0;
    for (bool large = fabs(number) >= 10000; large && fabs(number) >= 1000 && unit + 1 < sizeof units; unit++)
        number /= 1000;
    if (unit)
        text_format(out, size, "%.3g%c", number, units[unit]);
    else
        text_grouped(number, out, size);
    return out;
}

const char *alarm_reason_brief(const char *text, char *out, size_t size)
{
    static const char crossed[] = "Threshold Crossed: ", limit_is[] = " the threshold (";
    if (!text_starts(text, crossed))
        return text;
    text += sizeof crossed - 1;
    const char *point = strchr(text, '['), *limit = strstr(text, limit_is);
    bool refused = strstr(text, " not "), less = strstr(text, " less than "), below = less != refused,
         equal = (strstr(text, " or equal to ") != NULL) != refused;
    char value[64], most[64], *end = NULL;
    double number = point && limit && (less || strstr(text, " greater than ")) ? strtod(point + 1, &end) : NAN;
    text_copy(out, size, text);
    if (end && end > point + 1 && isfinite(number))
        text_format(out, size, "%s %s %s", alarm_amount(number, value, sizeof value), below ? equal ? "<=" : "<" : equal ? ">=" : ">",
                    alarm_amount(strtod(limit + sizeof limit_is - 1, NULL), most, sizeof most));
    return out;
}
