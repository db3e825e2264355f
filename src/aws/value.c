/* Scalars as they stand in URIs, headers, query strings and XML. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "aws/wire.h"
#include "base/when.h"

bool value_seconds(const json_t *value, double *seconds)
{
    int64_t ms;
    if (json_is_number(value)) {
        *seconds = json_number_value(value);
        return isfinite(*seconds) && fabs(*seconds) < 1e12;
    }
    if (!json_is_string(value) || !(when_parse_iso(json_string_value(value), &ms) || when_parse_http(json_string_value(value), &ms)))
        return false;
    *seconds = (double)ms / 1000;
    return true;
}

static bool add_time(double seconds, enum shape_time time, struct str *out)
{
    char text[64];
    int64_t ms = (int64_t)llround(seconds * 1000);
    if (time == TIME_RFC822)
        return str_adds(out, when_http(ms, text, sizeof text));
    if (time == TIME_UNIX)
        return ms % 1000 ? str_addf(out, "%.15g", seconds) : str_addf(out, "%lld", (long long)(ms / 1000));
    return str_adds(out, ms % 1000 ? when_iso_ms(ms, text, sizeof text) : when_iso(ms, text, sizeof text));
}

static bool add_double(double number, struct str *out)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        text_format(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    return str_adds(out, text);
}

bool value_add_text(const struct wire *w, const struct aws_shape *s, enum shape_time time, const json_t *value, struct str *out)
{
    double seconds;
    (void)w;
    if (s->type == SHAPE_TIMESTAMP)
        return value_seconds(value, &seconds) && add_time(seconds, time, out);
    if (json_is_string(value))
        return str_add(out, json_string_value(value), json_string_length(value));
    if (json_is_boolean(value))
        return str_adds(out, json_is_true(value) ? "true" : "false");
    if (json_is_integer(value))
        return str_addf(out, "%lld", (long long)json_integer_value(value));
    return json_is_real(value) && add_double(json_real_value(value), out);
}

json_t *value_time(double seconds)
{
    if (!isfinite(seconds))
        return NULL;
    return seconds == floor(seconds) && fabs(seconds) < 9e15 ? json_integer((json_int_t)seconds) : json_real(seconds);
}

static json_t *time_from_text(enum shape_time time, const char *text)
{
    int64_t ms;
    char *end;
    if (when_parse_iso(text, &ms) || when_parse_http(text, &ms))
        return value_time((double)ms / 1000);
    (void)time; /* services are not strict about the format: whatever can be read is taken */
    double seconds = strtod(text, &end);
    return end != text && *end == '\0' ? value_time(seconds) : NULL;
}

static json_t *double_from_text(const char *text)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end)
        return NULL;
    return isfinite(number) ? json_real(number) : json_string(text);
}

json_t *value_from_text(const struct aws_shape *s, enum shape_time time, const char *text)
{
    char *end;
    switch (s->type) {
    case SHAPE_BOOLEAN:
        return text_same_case(text, "true") ? json_true() : text_same_case(text, "false") ? json_false() : NULL;
    case SHAPE_INTEGER: {
        long long n = strtoll(text, &end, 10);
        return end != text && *end == '\0' ? json_integer(n) : NULL;
    }
    case SHAPE_DOUBLE:
        return double_from_text(text);
    case SHAPE_TIMESTAMP:
        return time_from_text(time, text);
    default:
        return json_string(text);
    }
}
