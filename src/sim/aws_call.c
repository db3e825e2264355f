/* What handlers share: members of an input, values of an output, pages of a list. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "sim/aws.h"

json_t *call_time(int64_t ms) { return ms % 1000 ? json_real((double)ms / 1000) : json_integer(ms / 1000); }

json_t *call_text(const char *format, ...)
{
    char text[2048];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    return json_string(text);
}

int64_t call_ms(const json_t *input, const char *member, int64_t otherwise)
{
    const json_t *value = json_at(input, member);
    return json_is_number(value) ? (int64_t)(json_number_value(value) * 1000) : otherwise;
}

bool call_in(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return json_array_size(list) == 0;
}

bool call_filter(const json_t *input, const char *name, const char *value)
{
    size_t i;
    json_t *filter;
    json_array_foreach(json_object_get(input, "Filters"), i, filter)
        if (strcmp(json_text_or(filter, "Name", ""), name) == 0 && !call_in(json_object_get(filter, "Values"), value))
            return false;
    return true;
}

/* Tokens are opaque, and bound to the operation: one of another list is refused. */

static void token_tag(const struct aws_call *call, size_t offset, char out[9])
{
    char text[160], hex[SHA256_HEX_SIZE];
    text_format(text, sizeof text, "%s.%s.%zu.%lld", call->service, call->operation, offset, (long long)call->sim->scenario->seed);
    digest_sha256_hex(text, strlen(text), hex);
    text_format(out, 9, "%.8s", hex);
}

char *call_token(const struct aws_call *call, size_t offset)
{
    struct str token = STR_INIT(256);
    char tag[9], text[64];
    token_tag(call, offset, tag);
    text_format(text, sizeof text, "{\"o\":%zu,\"t\":\"%s\"}", offset, tag);
    base64url_add(&token, text, strlen(text));
    return str_take(&token);
}

bool call_token_read(const struct aws_call *call, const char *token, size_t *offset)
{
    struct str text = STR_INIT(256);
    char tag[9], found[9] = "";
    unsigned long long at = 0;
    bool good = base64_decode(token, strlen(token), &text) && sscanf(str_text(&text), "{\"o\":%llu,\"t\":\"%8[0-9a-f]\"}", &at, found) == 2;
    str_free(&text);
    *offset = (size_t)at;
    token_tag(call, *offset, tag);
    return good && strcmp(tag, found) == 0;
}

json_t *call_page(struct aws_call *call, json_t *all, const struct call_page *page)
{
    const char *token = json_text(call->input, page->token_in);
    const json_t *limit = page->limit_in ? json_object_get(call->input, page->limit_in) : NULL;
    int64_t most = json_is_string(limit) ? strtoll(json_string_value(limit), NULL, 10) : limit ? json_integer_value(limit) : page->usual;
    size_t from = 0, size = json_array_size(all), to;
    json_t *out = NULL, *list = json_array();
    if (token && (!call_token_read(call, token, &from) || from > size)) {
        call_fail(call, page->bad_token, "The pagination token %s is not valid.", page->token_in);
    } else if (most < page->least || most > page->most) {
        call_fail(call, page->bad_limit ? page->bad_limit : page->bad_token, "Invalid value %lld for %s. Must be between %lld and %lld.",
                  (long long)most, page->limit_in, (long long)page->least, (long long)page->most);
    } else {
        to = size - from < (size_t)most ? size : from + (size_t)most;
        for (size_t i = from; i < to; i++)
            json_array_append(list, json_array_get(all, i));
        out = json_pack("{s:O}", page->list, list);
        if (to < size) {
            char *next = call_token(call, to);
            json_object_set_new(out, page->token_out, json_string(next));
            free(next);
        }
    }
    json_decref(list);
    json_decref(all);
    return out;
}
