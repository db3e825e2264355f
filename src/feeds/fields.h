/* Members of a reply into fields of a row: cleaned, cut, absent as "". */
#ifndef TRIVET_FEEDS_FIELDS_H
#define TRIVET_FEEDS_FIELDS_H

#include <string.h>

#include "base/json.h"
#include "base/text.h"

#define FIELD(to, tree, path) field_text((to), sizeof(to), (tree), (path))

static inline void field_text(char *to, size_t size, const json_t *tree, const char *path)
{
    const char *text = json_text_or(tree, path, "");
    text_clean(to, size, text, strlen(text));
}

/* A list of texts, separated by blanks. */
static inline void field_list(char *to, size_t size, const json_t *list)
{
    struct str all = STR_INIT(16384);
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
        if (json_is_string(one))
            str_addf(&all, "%s%s", all.len ? " " : "", json_string_value(one));
    text_clean(to, size, str_text(&all), all.len);
    str_free(&all);
}

/* Policies write one text, or a list of them. */
static inline size_t texts_count(const json_t *value) { return json_is_array(value) ? json_array_size(value) : value ? 1 : 0; }
static inline const char *texts_at(const json_t *value, size_t i)
{
    const json_t *one = json_is_array(value) ? json_array_get(value, i) : value;
    return json_is_string(one) ? json_string_value(one) : "";
}

#define FIELD_LIST(to, list) field_list((to), sizeof(to), (list))

#endif
