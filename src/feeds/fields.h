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
/* The points of a result of GetMetricData, whose periods of `step` end at `end`, into their places: the newest last. What has no datum is left
 * alone. */
static inline void field_points(double *points, size_t count, const json_t *result, int64_t end, int64_t step)
{
    const json_t *times = json_object_get(result, "Timestamps"), *values = json_object_get(result, "Values");
    for (size_t i = 0; i < json_array_size(times) && i < json_array_size(values); i++) {
        int64_t at = json_when(json_array_get(times, i), ""), back = (end - at) / step;
        if (at <= end && back >= 1 && back <= (int64_t)count)
            points[count - (size_t)back] = json_number_value(json_array_get(values, i));
    }
}

#define FIELD_LIST(to, list) field_list((to), sizeof(to), (list))

#endif
