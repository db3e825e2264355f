#include "ui/key.h"

#include <string.h>

#include "base/str.h"
#include "base/text.h"

static const struct {
    const char *name;
    struct key key;
} names[] = {
    {"<Enter>", {KEY_CODE_ENTER}},     {"<Esc>", {KEY_CODE_ESCAPE}},       {"<Tab>", {KEY_CODE_TAB}},           {"<S-Tab>", {KEY_CODE_BACKTAB}},
    {"<BS>", {KEY_CODE_BACKSPACE}},    {"<Del>", {KEY_CODE_DELETE}},       {"<Up>", {KEY_CODE_UP}},             {"<Down>", {KEY_CODE_DOWN}},
    {"<Left>", {KEY_CODE_LEFT}},       {"<Right>", {KEY_CODE_RIGHT}},      {"<Home>", {KEY_CODE_HOME}},         {"<End>", {KEY_CODE_END}},
    {"<PageUp>", {KEY_CODE_PAGE_UP}},  {"<PageDown>", {KEY_CODE_PAGE_DOWN}}, {"<Space>", {KEY_CODE_CHAR, ' '}}, {"<lt>", {KEY_CODE_CHAR, '<'}},
    {"<WheelUp>", {KEY_CODE_WHEEL_UP}}, {"<WheelDown>", {KEY_CODE_WHEEL_DOWN}},
};

int key_parse(const char *text, struct key *out)
{
    size_t used;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_starts(text, names[i].name)) {
            *out = names[i].key;
            return (int)strlen(names[i].name);
        }
    if (text_starts(text, "<C-") && text[3] >= 'a' && text[3] <= 'z' && text[4] == '>') {
        *out = (struct key){KEY_CODE_CTRL, (uint32_t)text[3], 0, 0};
        return 5;
    }
    if (!*text || *text == '<')
        return 0;
    uint32_t ch = text_decode(text, strlen(text), &used);
    *out = (struct key){KEY_CODE_CHAR, ch, 0, 0};
    return (int)used;
}

const char *key_text(const struct key *key, char *out, int size)
{
    char bytes[4];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].key.code == key->code && names[i].key.ch == key->ch) {
            text_copy(out, (size_t)size, names[i].name);
            return out;
        }
    if (key->code == KEY_CODE_CTRL)
        text_format(out, (size_t)size, "<C-%c>", (char)key->ch);
    else
    {
        size_t len = text_encode(key->ch, bytes);
        text_format(out, (size_t)size, "%.*s", (int)len, bytes);
    }
    return out;
}
