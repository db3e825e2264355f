#include "estate/acknowledged.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"

static bool is_about(const json_t *row, const char *account_id, const struct alarm *alarm)
{
    return text_equal(json_text(row, "account"), account_id) && text_equal(json_text(row, "name"), alarm->name);
}

const json_t *acknowledged_find(const json_t *store, const char *account_id, const struct alarm *alarm)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(store, "alarms"), i, row)
        if (is_about(row, account_id, alarm) && json_int(row, "since", -1) == alarm->since)
            return row;
    return NULL;
}

void acknowledged_add(json_t *store, const char *account_id, const struct alarm *alarm, const char *by, const char *why, int64_t at)
{
    json_t *list = json_object_get(store, "alarms");
    if (!json_is_array(list))
        json_object_set_new(store, "alarms", list = json_array());
    for (size_t i = json_array_size(list); i-- > 0;)
        if (is_about(json_array_get(list, i), account_id, alarm))
            json_array_remove(list, i);
    json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:s, s:s, s:I}", "account", account_id, "name", alarm->name, "since",
                                          (json_int_t)alarm->since, "by", by, "why", why, "at", (json_int_t)at));
    while (json_array_size(list) > ACKNOWLEDGED_MAX)
        json_array_remove(list, 0);
}

static void take(char *to, size_t size, const json_t *row, const char *member)
{
    const char *text = json_text_or(row, member, "");
    text_clean(to, size, text, strlen(text));
}

void acknowledged_apply(const json_t *store, const char *account_id, struct alarm *alarm)
{
    const json_t *row = acknowledged_find(store, account_id, alarm);
    take(alarm->acknowledged_by, sizeof alarm->acknowledged_by, row, "by");
    take(alarm->acknowledged_why, sizeof alarm->acknowledged_why, row, "why");
    alarm->acknowledged_at = json_int(row, "at", 0);
}
