/* Colours: a theme is a YAML file (themes/NAME.yaml) that gives each role a foreground, background and attributes; no colour stands outside a
 * theme. */
#ifndef TRIVET_UI_THEME_H
#define TRIVET_UI_THEME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum theme_role {
    ROLE_TEXT, ROLE_DIM, ROLE_STRONG, ROLE_TITLE, ROLE_HEADER, ROLE_BORDER, ROLE_OK, ROLE_WARN, ROLE_BAD, ROLE_INFO, ROLE_STALE, ROLE_UNKNOWN,
    ROLE_SELECTED, ROLE_MATCH, ROLE_KEY, ROLE_PROMPT, ROLE_PROD, ROLE_DEV, ROLE_ROOT, ROLE_BAR, ROLE_BAR_FORECAST, ROLE_SPARK,
    ROLE_COUNT
};
const char *theme_role_name(enum theme_role role); /* the key in the YAML */

#define COLOUR_DEFAULT (-1)
struct theme_style {
    int16_t foreground, background; /* 0–255, or COLOUR_DEFAULT */
    bool bold, dim, underline, reverse, italic;
};
struct theme {
    char name[40];
    char description[120];
    struct theme_style style[ROLE_COUNT];
};

/* A path, or a name looked for in the user's and the installed themes. Errors as file:line:column. */
bool theme_load(struct theme *theme, const char *name_or_path, struct error *e);
/* What the terminal can show: 256, 16 or 8 colours (nearest), 0: monochrome (bold, reverse, underline only). */
void theme_reduce(struct theme *theme, int colours);

#endif
