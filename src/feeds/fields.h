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

#endif
