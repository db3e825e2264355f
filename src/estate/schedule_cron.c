/* The plan's rhythm as EventBridge Scheduler writes it. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "estate/schedule.h"

static const char *const day_names[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

/* Days in a row as a range, from Monday on. */
static void add_days(struct str *out, uint8_t weekdays)
{
    for (int i = 1; i <= 7; i++) {
        int last = i;
        if (!(weekdays >> (i % 7) & 1))
            continue;
        while (last < 7 && (weekdays >> ((last + 1) % 7) & 1))
            last++;
        str_addf(out, "%s%s", out->len ? "," : "", day_names[i % 7]);
        if (last > i)
            str_addf(out, "%c%s", last > i + 1 ? '-' : ',', day_names[last % 7]);
        i = last;
    }
}

const char *schedule_days_text(uint8_t weekdays, char *out, size_t size)
{
    struct str days = STR_INIT(64);
    add_days(&days, weekdays);
    text_copy(out, size, str_text(&days));
    str_free(&days);
    return out;
}

const char *schedule_cron(int minutes, uint8_t weekdays, char *out, size_t size)
{
    char days[40];
    text_format(out, size, "cron(%d %d ? * %s *)", minutes % 60, minutes / 60,
                (weekdays & 0x7f) == 0x7f ? "*" : schedule_days_text(weekdays, days, sizeof days));
    return out;
}

static bool read_number(const char *text, int least, int most, int *out)
{
    size_t len = strlen(text);
    *out = atoi(text);
    return len >= 1 && len <= 2 && strspn(text, "0123456789") == len && *out >= least && *out <= most;
}

/* 0 is Sunday; the service counts from 1. */
static bool read_day(const char *text, int *out)
{
    for (int i = 0; i < 7; i++)
        if (text_same_case(text, day_names[i]))
            return *out = i, true;
    return read_number(text, 1, 7, out) && (--*out, true);
}

static bool read_days(char *text, uint8_t *out)
{
    char *rest = NULL;
    *out = strcmp(text, "*") && strcmp(text, "?") ? 0 : 0x7f;
    for (char *item = *out ? NULL : strtok_r(text, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
        int first, last;
        char *dash = strchr(item, '-');
        if (dash)
            *dash = '\0';
        if (!read_day(item, &first) || !(dash ? read_day(dash + 1, &last) : (last = first, true)))
            return false;
        for (int day = first;; day = (day + 1) % 7) {
            *out = (uint8_t)(*out | 1u << day);
            if (day == last)
                break;
        }
    }
    return *out != 0;
}

bool schedule_cron_read(const char *expression, int *minutes, uint8_t *weekdays)
{
    char text[128], *rest = NULL, *field[7] = {0};
    size_t len = strlen(expression), count = 0;
    int hour, minute;
    if (!text_starts(expression, "cron(") || !text_ends(expression, ")") || !text_format(text, sizeof text, "%.*s", (int)len - 6, expression + 5))
        return false;
    for (char *part = strtok_r(text, " ", &rest); part && count < 7; part = strtok_r(NULL, " ", &rest))
        field[count++] = part;
    if (count != 6 || !read_number(field[0], 0, 59, &minute) || !read_number(field[1], 0, 23, &hour))
        return false;
    *minutes = hour * 60 + minute;
    return (!strcmp(field[2], "?") || !strcmp(field[2], "*")) && !strcmp(field[3], "*") && read_days(field[4], weekdays) && !strcmp(field[5], "*");
}
