#include "base/zone.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#define FILE_MAX    ((size_t)1 << 20)
#define HEADER_SIZE 44
#define DAY_S       86400

/* A day of each year: Mm.w.d, Jn, or n; and the second of it. */
struct rule {
    char kind; /* 'M', 'J', 'n' */
    int month, week, day;
    int64_t second;
};

struct zone {
    size_t count;
    int64_t *at;    /* transitions, seconds */
    int32_t *after; /* the offset from each on */
    int32_t before; /* the offset ahead of the first */
    bool has_rule, has_dst; /* what the footer says of the time after the last */
    int32_t standard, dst;
    struct rule start, end;
};

static int64_t days_from_civil(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void civil_from_days(int64_t z, int *year, int *month, int *day)
{
    z += 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }
static int weekday_of(int64_t days) { return (int)(((days + 4) % 7 + 7) % 7); }

static int64_t big_endian(const unsigned char *p, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | p[i];
    return bytes == 4 ? (int64_t)(int32_t)(uint32_t)value : (int64_t)value;
}

/* The footer: "EST5EDT,M3.2.0,M11.1.0", "<+03>-3". */

static const char *read_name(const char *p)
{
    if (*p == '<') {
        p = strchr(p, '>');
        return p ? p + 1 : NULL;
    }
    const char *start = p;
    while ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z'))
        p++;
    return p - start >= 3 ? p : NULL;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static const char *read_span(const char *p, int64_t *out)
{
    int sign = *p == '-' ? -1 : 1;
    int64_t unit = 3600, sum = 0;
    char *end;
    p += *p == '-' || *p == '+';
    do {
        if (*p < '0' || *p > '9')
            return NULL;
        long n = strtol(p, &end, 10);
        if (n > 200)
            return NULL;
        sum += n * unit;
        unit /= 60;
        p = end;
    } while (*p == ':' && unit > 0 && *++p);
    *out = sign * sum;
    return p;
}

static const char *read_rule(const char *p, struct rule *out)
{
    char *end;
    *out = (struct rule){.kind = *p == 'M' || *p == 'J' ? *p : 'n', .second = 7200};
    if (*p == 'M') {
        out->month = (int)strtol(p + 1, &end, 10);
        if (*end != '.' || out->month < 1 || out->month > 12)
            return NULL;
        out->week = (int)strtol(end + 1, &end, 10);
        if (*end != '.' || out->week < 1 || out->week > 5)
            return NULL;
        out->day = (int)strtol(end + 1, &end, 10);
        if (out->day < 0 || out->day > 6)
            return NULL;
    } else {
        p += *p == 'J';
        if (*p < '0' || *p > '9')
            return NULL;
        out->day = (int)strtol(p, &end, 10);
    }
    return *end == '/' ? read_span(end + 1, &out->second) : end;
}

static bool read_footer(struct zone *z, const char *p)
{
    int64_t west, dst_west;
    p = read_name(p);
    p = p ? read_span(p, &west) : NULL;
    if (!p)
        return false;
    z->standard = z->dst = (int32_t)-west;
    z->has_rule = true;
    if (!*p)
        return true;
    p = read_name(p);
    if (!p)
        return false;
    dst_west = west - 3600;
    if (*p != ',')
        p = read_span(p, &dst_west);
    z->dst = (int32_t)-dst_west;
    z->has_dst = true;
    p = p && *p == ',' ? read_rule(p + 1, &z->start) : NULL;
    p = p && *p == ',' ? read_rule(p + 1, &z->end) : NULL;
    return p && !*p;
}

/* The rule's moment in a year, in seconds of the clock that runs until then. */
static int64_t rule_at(const struct rule *r, int year)
{
    int64_t first = days_from_civil(year, 1, 1);
    bool leap = days_from_civil(year, 3, 1) - days_from_civil(year, 2, 28) == 2;
    if (r->kind == 'J')
        return (first + r->day - 1 + (leap && r->day > 59)) * DAY_S + r->second;
    if (r->kind == 'n')
        return (first + r->day) * DAY_S + r->second;
    int64_t month = days_from_civil(year, r->month, 1),
            next = r->month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, r->month + 1, 1);
    int64_t day = month + (r->day - weekday_of(month) + 7) % 7 + 7 * (r->week - 1);
    while (day >= next)
        day -= 7;
    return day * DAY_S + r->second;
}

static int32_t by_rule(const struct zone *z, int64_t s)
{
    int year, month, day;
    if (!z->has_dst)
        return z->standard;
    civil_from_days(floor_div(s + z->standard, DAY_S), &year, &month, &day);
    int64_t start = rule_at(&z->start, year) - z->standard, end = rule_at(&z->end, year) - z->dst;
    bool on = start < end ? s >= start && s < end : s >= start || s < end;
    return on ? z->dst : z->standard;
}

static int32_t offset_at(const struct zone *z, int64_t s)
{
    size_t low = 0, high = z->count;
    while (low < high) { /* the first transition after s */
        size_t middle = low + (high - low) / 2;
        if (z->at[middle] <= s)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == z->count && z->has_rule)
        return by_rule(z, s);
    return low == 0 ? z->before : z->after[low - 1];
}

/* Counts of a header, in the file's order. */
enum { UT, STD, LEAP, TIMES, TYPES, CHARS, COUNTS };

static bool read_counts(const unsigned char *p, size_t left, size_t counts[COUNTS])
{
    if (left < HEADER_SIZE || memcmp(p, "TZif", 4) != 0)
        return false;
    for (int i = 0; i < COUNTS; i++) {
        counts[i] = (size_t)big_endian(p + 20 + 4 * i, 4);
        if (counts[i] > 100000)
            return false;
    }
    return counts[TYPES] > 0;
}

static size_t body_size(const size_t n[COUNTS], size_t time_size)
{
    return n[TIMES] * time_size + n[TIMES] + n[TYPES] * 6 + n[CHARS] + n[LEAP] * (time_size + 4) + n[STD] + n[UT];
}

static bool read_zone(struct zone *z, const unsigned char *p, size_t left)
{
    size_t n[COUNTS];
    if (!read_counts(p, left, n) || p[4] < '2') /* version 1 ends in 2037 */
        return false;
    size_t skip = HEADER_SIZE + body_size(n, 4);
    if (skip > left || !read_counts(p + skip, left - skip, n))
        return false;
    p += skip + HEADER_SIZE;
    left -= skip + HEADER_SIZE;
    size_t body = body_size(n, 8);
    if (body >= left)
        return false;
    const unsigned char *indices = p + n[TIMES] * 8, *types = indices + n[TIMES];
    z->count = n[TIMES];
    z->at = mem_new_array(z->count + 1, sizeof *z->at);
    z->after = mem_new_array(z->count + 1, sizeof *z->after);
    z->before = (int32_t)big_endian(types, 4);
    for (size_t i = 0; i < z->count; i++) {
        z->at[i] = big_endian(p + 8 * i, 8);
        if (indices[i] >= n[TYPES])
            return false;
        z->after[i] = (int32_t)big_endian(types + 6 * indices[i], 4);
    }
    char *footer = mem_strndup((const char *)p + body, left - body);
    char *end = *footer == '\n' ? strchr(footer + 1, '\n') : NULL;
    bool good = end != NULL;
    if (good && end > footer + 1) {
        *end = '\0';
        good = read_footer(z, footer + 1);
    }
    free(footer);
    return good;
}

static bool is_name(const char *name)
{
    return *name && *name != '/' && strlen(name) < 100 && !strstr(name, "..") &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == strlen(name);
}

struct zone *zone_load(const char *name, struct error *e)
{
    const char *folder = getenv("TZDIR");
    struct str bytes = STR_INIT(FILE_MAX);
    struct error unread = {0};
    struct zone *zone = NULL;
    char *path = is_name(name) ? file_join(folder && *folder ? folder : "/usr/share/zoneinfo", name) : NULL;
    if (path && file_read(path, FILE_MAX, &bytes, &unread)) {
        zone = mem_new(sizeof *zone);
        if (!read_zone(zone, (const unsigned char *)str_text(&bytes), bytes.len)) {
            zone_free(zone);
            zone = NULL;
        }
    }
    if (!zone)
        error_set(e, ERROR_INPUT, "zone", "time zone \"%s\" is not known here: expected a name such as America/New_York", name);
    str_free(&bytes);
    free(path);
    return zone;
}

void zone_free(struct zone *zone)
{
    if (!zone)
        return;
    free(zone->at);
    free(zone->after);
    free(zone);
}

int zone_offset_s(const struct zone *zone, int64_t ms) { return offset_at(zone, floor_div(ms, 1000)); }

void zone_local(const struct zone *zone, int64_t ms, struct zone_time *out)
{
    int64_t s = floor_div(ms, 1000), local = s + offset_at(zone, s), days = floor_div(local, DAY_S), rest = local - days * DAY_S;
    civil_from_days(days, &out->year, &out->month, &out->day);
    out->hour = (int)(rest / 3600);
    out->minute = (int)(rest / 60 % 60);
    out->weekday = weekday_of(days);
}

int64_t zone_utc(const struct zone *zone, const struct zone_time *local)
{
    int64_t s = (days_from_civil(local->year, local->month, 1) + local->day - 1) * DAY_S + local->hour * 3600 + local->minute * 60;
    int32_t early = offset_at(zone, s - DAY_S), late = offset_at(zone, s + DAY_S);
    int64_t first = s - early, second = s - late;
    if (offset_at(zone, first) == early) /* before the change, if there is one: the first of a repeated hour */
        return first * 1000;
    if (offset_at(zone, second) == late)
        return second * 1000;
    return first * 1000; /* in the gap: counted by the clock that ran until then */
}
