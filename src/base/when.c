#include "base/when.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/str.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define YEAR   (365 * DAY)

static int64_t read_clock(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t when_wall(void) { return read_clock(CLOCK_REALTIME); }
int64_t when_monotonic(void) { return read_clock(CLOCK_MONOTONIC); }

static bool from_parts(int year, int month, int day, int hour, int minute, int second, int64_t *ms)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute, .tm_sec = second};
    if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 || hour < 0 ||
        minute < 0 || second < 0)
        return false;
    *ms = (int64_t)timegm(&tm) * 1000;
    return true;
}

/* ".123", "Z", "+01:00", "-0530": what may follow the seconds. */
static bool read_rest(const char *p, int64_t *ms)
{
    if (*p == '.' || *p == ',') {
        int64_t unit = 100;
        for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
            *ms += (*p - '0') * unit;
    }
    if (*p == '\0' || ((*p == 'Z' || *p == 'z') && p[1] == '\0'))
        return true;
    int hours, minutes, used = 0;
    char sign = *p;
    if ((sign != '+' && sign != '-') || (sscanf(p + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 && sscanf(p + 1, "%2d%2d%n", &hours, &minutes, &used) != 2) ||
        p[1 + used])
        return false;
    int64_t offset = hours * HOUR + minutes * MINUTE;
    *ms += sign == '+' ? -offset : offset;
    return true;
}

bool when_parse_iso(const char *s, int64_t *ms)
{
    int y, mo, d, h = 0, mi = 0, sec = 0, used = 0;
    int64_t t;
    char separator;
    if (sscanf(s, "%4d-%2d-%2d%n", &y, &mo, &d, &used) != 3 || used != 10)
        return false;
    if (s[10]) {
        int more = 0;
        if (sscanf(s + 10, "%c%2d:%2d:%2d%n", &separator, &h, &mi, &sec, &more) != 4 || !strchr("Tt ", separator))
            return false;
        used += more;
    }
    if (!from_parts(y, mo, d, h, mi, sec, &t) || !read_rest(s + used, &t))
        return false;
    *ms = t;
    return true;
}

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

bool when_parse_http(const char *s, int64_t *ms)
{
    int d, y, h, mi, sec, used = 0;
    char month[4];
    const char *comma = strchr(s, ',');
    const char *date = comma ? comma + 1 : s;
    if (sscanf(date, " %2d %3[A-Za-z] %4d %2d:%2d:%2d %n", &d, month, &y, &h, &mi, &sec, &used) != 6 || !used ||
        (strncmp(date + used, "GMT", 3) != 0 && strncmp(date + used, "UTC", 3) != 0))
        return false;
    const char *found = strlen(month) == 3 ? strstr(months, month) : NULL;
    return found && (found - months) % 3 == 0 && from_parts(y, (int)(found - months) / 3 + 1, d, h, mi, sec, ms);
}

static struct tm parts(int64_t ms, bool local)
{
    time_t t = (time_t)((ms - (ms % 1000 + 1000) % 1000) / 1000);
    struct tm tm = {0};
    if (local)
        localtime_r(&t, &tm);
    else
        gmtime_r(&t, &tm);
    return tm;
}

static const char *format(int64_t ms, bool local, const char *how, char *out, size_t size)
{
    struct tm tm = parts(ms, local);
    if (strftime(out, size, how, &tm) == 0 && size)
        *out = '\0';
    return out;
}

const char *when_iso(int64_t ms, char *out, size_t size) { return format(ms, false, "%Y-%m-%dT%H:%M:%SZ", out, size); }
const char *when_amz(int64_t ms, char *out, size_t size) { return format(ms, false, "%Y%m%dT%H%M%SZ", out, size); }
const char *when_clock(int64_t ms, char *out, size_t size) { return format(ms, true, "%H:%M:%S", out, size); }
const char *when_date(int64_t ms, char *out, size_t size) { return format(ms, true, "%Y-%m-%d %H:%M", out, size); }

const char *when_iso_ms(int64_t ms, char *out, size_t size)
{
    char seconds[32];
    format(ms, false, "%Y-%m-%dT%H:%M:%S", seconds, sizeof seconds);
    text_format(out, size, "%s.%03dZ", seconds, (int)((ms % 1000 + 1000) % 1000));
    return out;
}

/* Names of days and months in English whatever the locale: the header's format is fixed (RFC 9110, 5.6.7). */
const char *when_http(int64_t ms, char *out, size_t size)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    struct tm tm = parts(ms, false);
    text_format(out, size, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900,
                tm.tm_hour, tm.tm_min, tm.tm_sec);
    return out;
}

struct span_step {
    int64_t below, big, small; /* for spans under `below`: so many of `big`, and of `small` if not 0 */
    char big_letter, small_letter;
};

/* The same steps as Kubernetes' duration.HumanDuration, so that an age reads as kubectl's. */
const char *when_span(int64_t ms, char *out, size_t size)
{
    static const struct span_step steps[] = {
        {120 * SECOND, SECOND, 0, 's', 0}, {10 * MINUTE, MINUTE, SECOND, 'm', 's'}, {3 * HOUR, MINUTE, 0, 'm', 0},
        {8 * HOUR, HOUR, MINUTE, 'h', 'm'}, {48 * HOUR, HOUR, 0, 'h', 0},           {8 * DAY, DAY, HOUR, 'd', 'h'},
        {2 * YEAR, DAY, 0, 'd', 0},         {8 * YEAR, YEAR, DAY, 'y', 'd'},        {INT64_MAX, YEAR, 0, 'y', 0},
    };
    const struct span_step *step = steps;
    if (ms < 0)
        ms = 0;
    while (ms >= step->below && step->below != INT64_MAX)
        step++;
    long long big = ms / step->big, small = step->small ? ms % step->big / step->small : 0;
    if (small)
        text_format(out, size, "%lld%c%lld%c", big, step->big_letter, small, step->small_letter);
    else
        text_format(out, size, "%lld%c", big, step->big_letter);
    return out;
}

const char *when_short(int64_t ms, char *out, size_t size)
{
    if (ms < 0)
        ms = 0;
    if (ms < 100 * SECOND)
        text_format(out, size, "%llds", (long long)(ms / SECOND));
    else if (ms < 100 * MINUTE)
        text_format(out, size, "%lldm", (long long)(ms / MINUTE));
    else if (ms < 48 * HOUR)
        text_format(out, size, "%lldh", (long long)(ms / HOUR));
    else
        text_format(out, size, "%lldd", (long long)(ms / DAY));
    return out;
}

bool when_parse_span(const char *s, int64_t *ms)
{
    static const struct {
        char letter;
        int64_t unit;
    } units[] = {{'s', SECOND}, {'m', MINUTE}, {'h', HOUR}, {'d', DAY}, {'y', YEAR}};
    int64_t total = 0;
    bool any = false;
    while (*s) {
        int64_t n = 0, unit = 0;
        size_t digits = strspn(s, "0123456789");
        if (digits == 0 || digits > 9)
            return false;
        for (size_t i = 0; i < digits; i++)
            n = n * 10 + (s[i] - '0');
        s += digits;
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
            if (*s == units[i].letter)
                unit = units[i].unit;
        if (!unit)
            return false;
        total += n * unit;
        any = true;
        s++;
    }
    if (any)
        *ms = total;
    return any;
}
