/* EventBridge Scheduler's expressions: at(…), rate(…), cron(…), in a time zone of the system's database. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/when.h"
#include "sim/aws_world.h"

#define YEAR_MIN 1970
#define YEAR_MAX 2199
#define DAYS_LOOKED_AT (366 * 9) /* 29 February can be eight years away */

/* Time zones: the C library knows one at a time, so it is lent another for a moment. The simulator has one thread. */

struct lent_zone {
    char *before;
};

static struct lent_zone zone_enter(const char *zone)
{
    struct lent_zone lent = {mem_strdup(getenv("TZ"))};
    char name[80];
    text_format(name, sizeof name, ":%s", zone);
    setenv("TZ", name, 1);
    tzset();
    return lent;
}

static void zone_leave(struct lent_zone lent)
{
    if (lent.before)
        setenv("TZ", lent.before, 1);
    else
        unsetenv("TZ");
    tzset();
    free(lent.before);
}

static bool zone_good(const char *zone)
{
    char path[120];
    return strspn(zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == strlen(zone) && isalpha((unsigned char)*zone) &&
           (strcmp(zone, "UTC") == 0 || (text_format(path, sizeof path, "/usr/share/zoneinfo/%s", zone) && access(path, R_OK) == 0));
}

/* A wall-clock time of the entered zone; 0 where the clocks skip it. Of the two when they are put back it is the first. */
static int64_t to_ms(int year, int month, int day, int hour, int minute, int second)
{
    for (int dst = 1; dst >= 0; dst--) {
        struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute, .tm_sec = second,
                        .tm_isdst = dst};
        time_t t = mktime(&tm);
        if (tm.tm_hour == hour && tm.tm_min == minute && tm.tm_mday == day && tm.tm_isdst == dst)
            return (int64_t)t * 1000;
    }
    return 0;
}

/* Cron fields. */

enum { MINUTES, HOURS, DAYS, MONTHS, WEEKDAYS, YEARS, FIELDS };

static const struct limit {
    int low, high;
} limits[FIELDS] = {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {1, 7}, {YEAR_MIN, YEAR_MAX}};

struct cron {
    bool at[FIELDS][YEAR_MAX - YEAR_MIN + 1];
    bool any_day, any_weekday;            /* '?' */
    bool last_day, last_weekday_of_month; /* L, LW */
    int last_weekday;                     /* 6L: the month's last Friday */
    int near_weekday;                     /* 15W */
    int nth_weekday, nth;                 /* 6#3 */
};

static const char *const month_names[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC", NULL};
static const char *const weekday_names[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", NULL};

static bool take_number(const char **p, int field, int *out)
{
    const char *const *names = field == MONTHS ? month_names : field == WEEKDAYS ? weekday_names : NULL;
    if (isdigit((unsigned char)**p)) {
        char *end;
        long value = strtol(*p, &end, 10);
        if (end - *p > 4)
            return false;
        *p = end;
        *out = (int)value;
        return true;
    }
    for (int i = 0; names && names[i]; i++)
        if (strncasecmp(*p, names[i], 3) == 0) {
            *p += 3;
            *out = i + 1;
            return true;
        }
    return false;
}

/* One of a list: 5, 5-10, *, 5/10, 5-20/5, and the letters of the day fields. */
static bool read_item(struct cron *c, int field, const char *p)
{
    int low = limits[field].low, high = limits[field].high, step = 1;
    if (field == DAYS && strcmp(p, "L") == 0)
        return c->last_day = true;
    if (field == DAYS && strcmp(p, "LW") == 0)
        return c->last_weekday_of_month = true;
    if (*p == '*') {
        p++;
    } else {
        if (!take_number(&p, field, &low) || low < limits[field].low || low > limits[field].high)
            return false;
        if (field == DAYS && strcmp(p, "W") == 0)
            return (c->near_weekday = low) != 0;
        if (field == WEEKDAYS && strcmp(p, "L") == 0)
            return (c->last_weekday = low) != 0;
        if (field == WEEKDAYS && *p == '#') {
            c->nth_weekday = low;
            c->nth = p[1] - '0';
            return c->nth >= 1 && c->nth <= 5 && p[2] == '\0';
        }
        if (*p == '-') {
            p++;
            if (!take_number(&p, field, &high) || high < limits[field].low || high > limits[field].high)
                return false;
        } else if (*p != '/') {
            high = low;
        }
    }
    if (*p == '/') {
        p++;
        if (!isdigit((unsigned char)*p) || !take_number(&p, YEARS, &step) || step < 1)
            return false;
    }
    if (*p)
        return false;
    if (high < low) { /* FRI-MON goes round */
        for (int i = low; i <= limits[field].high; i += step)
            c->at[field][i - limits[field].low] = true;
        low = limits[field].low;
    }
    for (int i = low; i <= high; i += step)
        c->at[field][i - limits[field].low] = true;
    return true;
}

static bool read_field(struct cron *c, int field, char *text)
{
    char *rest = NULL;
    if (strcmp(text, "?") == 0) {
        c->any_day |= field == DAYS;
        c->any_weekday |= field == WEEKDAYS;
        return field == DAYS || field == WEEKDAYS;
    }
    for (char *item = strtok_r(text, ",", &rest); item; item = strtok_r(NULL, ",", &rest))
        if (!read_item(c, field, item))
            return false;
    return true;
}

/* One of day of the month and day of the week must be '?'. */
static bool read_cron(const char *expression, struct cron *c)
{
    char text[256], *rest = NULL;
    size_t len = strlen(expression);
    int field = 0;
    memset(c, 0, sizeof *c);
    if (!text_starts(expression, "cron(") || expression[len - 1] != ')' || !text_format(text, sizeof text, "%.*s", (int)len - 6, expression + 5))
        return false;
    char *part = strtok_r(text, " ", &rest);
    for (; part; part = strtok_r(NULL, " ", &rest))
        if (field >= FIELDS || !read_field(c, field++, part))
            return false;
    return field == FIELDS && c->any_day != c->any_weekday;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0));
}

/* 1 is Sunday (Sakamoto). */
static int weekday(int year, int month, int day)
{
    static const int table[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    int y = year - (month < 3);
    return (y + y / 4 - y / 100 + y / 400 + table[month - 1] + day) % 7 + 1;
}

/* The weekday (Monday to Friday) nearest to a day, within its month. */
static int nearest_workday(int year, int month, int day)
{
    int last = month_days(year, month), day_of_week;
    day = day > last ? last : day;
    day_of_week = weekday(year, month, day);
    if (day_of_week == 7)
        return day > 1 ? day - 1 : 3;
    if (day_of_week == 1)
        return day < last ? day + 1 : day - 2;
    return day;
}

static bool day_fits(const struct cron *c, int year, int month, int day)
{
    int last = month_days(year, month), of_week = weekday(year, month, day);
    if (year > YEAR_MAX || !c->at[YEARS][year - YEAR_MIN] || !c->at[MONTHS][month - 1])
        return false;
    if (!c->any_day)
        return c->at[DAYS][day - 1] || (c->last_day && day == last) || (c->last_weekday_of_month && day == nearest_workday(year, month, last)) ||
               (c->near_weekday && c->near_weekday <= last && day == nearest_workday(year, month, c->near_weekday));
    return c->at[WEEKDAYS][of_week - 1] || (c->last_weekday == of_week && day + 7 > last) ||
           (c->nth && c->nth_weekday == of_week && (day + 6) / 7 == c->nth);
}

/* The first of the day after `after`; 0: none. */
static int64_t next_of_day(const struct cron *c, int year, int month, int day, int64_t after)
{
    for (int h = 0; h < 24; h++)
        for (int m = 0; c->at[HOURS][h] && m < 60; m++) {
            int64_t at = c->at[MINUTES][m] ? to_ms(year, month, day, h, m, 0) : 0;
            if (at > after)
                return at;
        }
    return 0;
}

static int64_t next_cron(const struct cron *c, int64_t after)
{
    time_t seconds = (time_t)(after / 1000);
    struct tm tm;
    localtime_r(&seconds, &tm);
    int year = tm.tm_year + 1900, month = tm.tm_mon + 1, day = tm.tm_mday;
    for (int i = 0; i < DAYS_LOOKED_AT; i++) {
        int64_t at = day_fits(c, year, month, day) ? next_of_day(c, year, month, day, after) : 0;
        if (at)
            return at;
        if (++day > month_days(year, month)) {
            day = 1;
            month = month % 12 + 1;
            year += month == 1;
        }
    }
    return 0;
}

/* rate(5 minutes) */
static int64_t read_rate(const char *expression)
{
    static const struct {
        const char *one, *many;
        int64_t ms;
    } units[] = {{"minute)", "minutes)", MINUTE_MS}, {"hour)", "hours)", 60 * MINUTE_MS}, {"day)", "days)", DAY_MS}};
    char *end;
    if (!text_starts(expression, "rate(") || !isdigit((unsigned char)expression[5]))
        return 0;
    long long count = strtoll(expression + 5, &end, 10);
    if (*end++ != ' ' || count < 1 || count > 1000000)
        return 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(end, units[i].many) == 0 || strcmp(end, units[i].one) == 0)
            return count * units[i].ms;
    return 0;
}

/* at(2026-11-23T20:00:00) */
static bool read_at(const char *expression, int part[6])
{
    int used = 0;
    return strlen(expression) == 23 &&
           sscanf(expression, "at(%4d-%2d-%2dT%2d:%2d:%2d)%n", &part[0], &part[1], &part[2], &part[3], &part[4], &part[5], &used) == 6 &&
           used == 23 && part[0] >= YEAR_MIN && part[1] >= 1 && part[1] <= 12 && part[2] >= 1 && part[2] <= month_days(part[0], part[1]) &&
           part[3] >= 0 && part[3] < 24 && part[4] >= 0 && part[4] < 60 && part[5] >= 0 && part[5] < 60;
}

bool schedule_time_good(const char *expression, const char *zone, const char **wrong)
{
    struct cron cron;
    int part[6];
    *wrong = "Provided timezone is not supported.";
    if (!zone_good(zone))
        return false;
    *wrong = "Invalid Schedule Expression";
    return read_at(expression, part) || read_rate(expression) > 0 || read_cron(expression, &cron);
}

int64_t schedule_time_next(const char *expression, const char *zone, int64_t start, int64_t after)
{
    struct cron cron;
    int part[6];
    int64_t every = read_rate(expression), next = 0;
    if (every)
        return after < start ? start : start + ((after - start) / every + 1) * every;
    struct lent_zone lent = zone_enter(zone);
    if (read_at(expression, part)) {
        next = to_ms(part[0], part[1], part[2], part[3], part[4], part[5]);
        next = next > after ? next : 0;
    } else if (read_cron(expression, &cron)) {
        next = next_cron(&cron, after);
    }
    zone_leave(lent);
    return next;
}
