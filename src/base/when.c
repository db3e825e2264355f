#include "base/when.h"

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
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days[month - 1] - (month == 2 && !leap) || hour > 23 ||
        minute > 59 || second > 60)
        return false;
    *ms = (int64_t)timegm(&tm) * 1000;
    return true;
}

/* Exactly so many digits: sscanf would take blanks and signs too. */
static bool take_digits(const char **p, int count, int *out)
{
    int n = 0;
    for (int i = 0; i < count; i++) {
        if ((*p)[i] < '0' || (*p)[i] > '9')
            return false;
        n = n * 10 + ((*p)[i] - '0');
    }
    *p += count;
    *out = n;
    return true;
}

static bool take_char(const char **p, const char *any)
{
    if (!**p || !strchr(any, **p))
        return false;
    ++*p;
    return true;
}

/* ".123", "Z", "+01:00", "-0530": what may follow the seconds. */
static bool read_rest(const char *p, int64_t *ms)
{
    int hours, minutes;
    if (take_char(&p, ".,")) {
        int64_t unit = 100;
        if (*p < '0' || *p > '9')
            return false;
        for (; *p >= '0' && *p <= '9'; p++, unit /= 10)
            *ms += (*p - '0') * unit;
    }
    if (*p == '\0' || ((*p == 'Z' || *p == 'z') && p[1] == '\0'))
        return true;
    int64_t direction = *p == '+' ? -1 : 1;
    if (!take_char(&p, "+-") || !take_digits(&p, 2, &hours) || (take_char(&p, ":"), !take_digits(&p, 2, &minutes)) || *p || hours > 23 ||
        minutes > 59)
        return false;
    *ms += direction * (hours * HOUR + minutes * MINUTE);
    return true;
}

bool when_parse_iso(const char *s, int64_t *ms)
{
    int y, mo, d, h = 0, mi = 0, sec = 0;
    int64_t t;
    if (!take_digits(&s, 4, &y) || !take_char(&s, "-") || !take_digits(&s, 2, &mo) || !take_char(&s, "-") || !take_digits(&s, 2, &d))
        return false;
    if (*s && (!take_char(&s, "Tt ") || !take_digits(&s, 2, &h) || !take_char(&s, ":") || !take_digits(&s, 2, &mi) || !take_char(&s, ":") ||
               !take_digits(&s, 2, &sec)))
        return false;
    if (!from_parts(y, mo, d, h, mi, sec, &t) || !read_rest(s, &t))
        return false;
    *ms = t;
    return true;
}

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

bool when_parse_http(const char *s, int64_t *ms)
{
    int d, y, h, mi, sec;
    char month[4] = "";
    int64_t t;
    const char *comma = strchr(s, ','), *p = comma ? comma + 1 : s;
    p += strspn(p, " ");
    if (!take_digits(&p, 2, &d) || !take_char(&p, " -") || strlen(p) < 4)
        return false;
    memcpy(month, p, 3);
    p += 3;
    if (!take_char(&p, " -") || !take_digits(&p, 4, &y) || !take_char(&p, " ") || !take_digits(&p, 2, &h) || !take_char(&p, ":") ||
        !take_digits(&p, 2, &mi) || !take_char(&p, ":") || !take_digits(&p, 2, &sec))
        return false;
    const char *zone = p + strcspn(p, " "), *found = strstr(months, month);
    bool good = found && (found - months) % 3 == 0 && from_parts(y, (int)(found - months) / 3 + 1, d, h, mi, sec, &t);
    char fraction[16];
    if (!good || !text_format(fraction, sizeof fraction, "%.*s", (int)(zone - p), p) || !read_rest(fraction, &t) ||
        (strcmp(zone, " GMT") != 0 && strcmp(zone, " UTC") != 0))
        return false;
    *ms = t;
    return true;
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
    int64_t big = ms / step->big, small = step->small ? ms % step->big / step->small : 0;
    char text[2 * TEXT_DECIMAL], *at = text_decimal(text, big);
    *at++ = step->big_letter;
    if (small) {
        at = text_decimal(at, small);
        *at++ = step->small_letter;
    }
    *at = '\0';
    text_copy(out, size, text);
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
        if (!unit || __builtin_mul_overflow(n, unit, &n) || __builtin_add_overflow(total, n, &total))
            return false;
        any = true;
        s++;
    }
    if (any)
        *ms = total;
    return any;
}
