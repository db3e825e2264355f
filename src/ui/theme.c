#include "ui/theme.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/find.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/yaml.h"

const char *theme_role_name(enum theme_role role)
{
    static const char *const names[ROLE_COUNT] = {
        [ROLE_TEXT] = "text",       [ROLE_DIM] = "dim",         [ROLE_STRONG] = "strong",   [ROLE_TITLE] = "title",
        [ROLE_HEADER] = "header",   [ROLE_BORDER] = "border",   [ROLE_OK] = "ok",           [ROLE_WARN] = "warn",
        [ROLE_BAD] = "bad",         [ROLE_INFO] = "info",       [ROLE_STALE] = "stale",     [ROLE_UNKNOWN] = "unknown",
        [ROLE_SELECTED] = "selected", [ROLE_MATCH] = "match",   [ROLE_KEY] = "key",         [ROLE_PROMPT] = "prompt",
        [ROLE_PROD] = "prod",       [ROLE_DEV] = "dev",         [ROLE_ROOT] = "root",       [ROLE_BAR] = "bar",
        [ROLE_BAR_FORECAST] = "bar-forecast", [ROLE_SPARK] = "spark",
    };
    return names[role];
}

static const char *const colours[] = {"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "bright-black", "bright-red",
                                      "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan", "bright-white", NULL};

static bool read_colour(const struct yaml *node, void *target, struct error *e)
{
    int16_t *out = target;
    char *end;
    if (node->kind == YAML_SCALAR) {
        long number = strtol(node->text, &end, 10);
        for (int i = 0; colours[i]; i++)
            if (!strcmp(node->text, colours[i])) {
                *out = (int16_t)i;
                return true;
            }
        if (!strcmp(node->text, "default")) {
            *out = COLOUR_DEFAULT;
            return true;
        }
        if (*node->text && !*end && number >= 0 && number <= 255) {
            *out = (int16_t)number;
            return true;
        }
    }
    return yaml_expected(e, node, "default, a colour's name (red, bright-blue) or a number from 0 to 255");
}

static bool read_style(const struct yaml *node, void *target, struct error *e)
{
    static const struct yaml_field fields[] = {{"foreground", YAML_T_CUSTOM, offsetof(struct theme_style, foreground), .read = read_colour},
                                               {"background", YAML_T_CUSTOM, offsetof(struct theme_style, background), .read = read_colour},
                                               {"bold", YAML_T_BOOL, offsetof(struct theme_style, bold)},
                                               {"dim", YAML_T_BOOL, offsetof(struct theme_style, dim)},
                                               {"underline", YAML_T_BOOL, offsetof(struct theme_style, underline)},
                                               {"reverse", YAML_T_BOOL, offsetof(struct theme_style, reverse)},
                                               {"italic", YAML_T_BOOL, offsetof(struct theme_style, italic)},
                                               {0}};
    return node->kind == YAML_MAP ? yaml_read(node, fields, target, e) : read_colour(node, &((struct theme_style *)target)->foreground, e);
}

static bool read_roles(const struct yaml *node, void *target, struct error *e)
{
    struct yaml_field fields[ROLE_COUNT + 1] = {{0}};
    for (int i = 0; i < ROLE_COUNT; i++)
        fields[i] = (struct yaml_field){theme_role_name((enum theme_role)i), YAML_T_CUSTOM, (size_t)i * sizeof(struct theme_style),
                                        .read = read_style};
    return node->kind == YAML_MAP ? yaml_read(node, fields, target, e) : yaml_expected(e, node, "a mapping of roles to styles");
}

struct reading {
    char *name, *description;
    struct theme_style style[ROLE_COUNT];
};

bool theme_load(struct theme *theme, const char *name_or_path, struct error *e)
{
    static const struct yaml_field fields[] = {{"name", YAML_T_TEXT, offsetof(struct reading, name), .required = true},
                                               {"description", YAML_T_TEXT, offsetof(struct reading, description)},
                                               {"roles", YAML_T_CUSTOM, offsetof(struct reading, style), .required = true, .read = read_roles},
                                               {0}};
    struct reading reading = {0};
    for (int i = 0; i < ROLE_COUNT; i++)
        reading.style[i] = (struct theme_style){.foreground = COLOUR_DEFAULT, .background = COLOUR_DEFAULT};
    char *path = file_find("themes", name_or_path, ".yaml", e);
    struct yaml_doc *doc = path ? yaml_load_file(path, e) : NULL;
    bool good = doc && yaml_read(yaml_root(doc), fields, &reading, e);
    if (good) {
        *theme = (struct theme){0};
        text_copy(theme->name, sizeof theme->name, reading.name);
        text_copy(theme->description, sizeof theme->description, reading.description ? reading.description : "");
        memcpy(theme->style, reading.style, sizeof theme->style);
    }
    free(reading.name);
    free(reading.description);
    yaml_doc_free(doc);
    free(path);
    return good;
}

/* xterm's palette: sixteen of the terminal's own, a cube of six levels, a ramp of greys. */
static void components(int colour, int out[3])
{
    static const int base[16][3] = {{0, 0, 0},       {205, 0, 0},   {0, 205, 0},   {205, 205, 0},   {0, 0, 238},    {205, 0, 205},
                                    {0, 205, 205},   {229, 229, 229}, {127, 127, 127}, {255, 0, 0}, {0, 255, 0},    {255, 255, 0},
                                    {92, 92, 255},   {255, 0, 255}, {0, 255, 255}, {255, 255, 255}};
    static const int level[6] = {0, 95, 135, 175, 215, 255};
    if (colour < 16)
        memcpy(out, base[colour], sizeof base[colour]);
    else if (colour < 232) {
        out[0] = level[(colour - 16) / 36];
        out[1] = level[(colour - 16) / 6 % 6];
        out[2] = level[(colour - 16) % 6];
    } else
        out[0] = out[1] = out[2] = 8 + 10 * (colour - 232);
}

static int16_t nearest(int16_t colour, int colours_there)
{
    int want[3], have[3], best = 0;
    long least = -1;
    if (colour == COLOUR_DEFAULT || colour < colours_there)
        return colour;
    components(colour, want);
    for (int i = 0; i < colours_there && i < 16; i++) {
        long d = 0;
        components(i, have);
        for (int k = 0; k < 3; k++)
            d += (long)(want[k] - have[k]) * (want[k] - have[k]);
        if (least < 0 || d < least) {
            least = d;
            best = i;
        }
    }
    return (int16_t)best;
}

void theme_reduce(struct theme *theme, int colours_there)
{
    for (int i = 0; i < ROLE_COUNT; i++) {
        struct theme_style *s = &theme->style[i];
        bool had_background = s->background != COLOUR_DEFAULT;
        if (colours_there > 0) {
            s->foreground = nearest(s->foreground, colours_there);
            s->background = nearest(s->background, colours_there);
            continue;
        }
        s->foreground = s->background = COLOUR_DEFAULT;
        s->reverse |= had_background || i == ROLE_SELECTED;
        s->bold |= i == ROLE_BAD || i == ROLE_WARN || i == ROLE_PROD || i == ROLE_STRONG || i == ROLE_TITLE;
    }
}
