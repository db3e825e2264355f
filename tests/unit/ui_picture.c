#include "ui_picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "ui/key.h"

void check_picture(const char *name, int rows, int columns, const struct str *now)
{
    const char *source = getenv("srcdir"), *update = getenv("TRIVET_UPDATE_SCREENS");
    char path[400];
    struct str expected = STR_INIT(SCREEN_MAX);
    struct error error = {0};
    text_format(path, sizeof path, "%s/tests/screens/%s-%dx%d.txt", source ? source : ".", name, columns, rows);
    if (update && strcmp(update, "1") == 0) {
        if (!file_write(path, str_text(now), now->len, 0644, &error))
            fail_msg("%s", error.message);
    } else {
        if (!file_read(path, SCREEN_MAX, &expected, &error))
            fail_msg("%s", error.message);
        if (strcmp(str_text(now), str_text(&expected)) != 0)
            fail_msg("%s is now:\n%s", path, str_text(now));
    }
    str_free(&expected);
}

void type_keys(struct console *c, const char *keys, int64_t now)
{
    struct key key;
    for (int used; *keys; keys += used) {
        used = key_parse(keys, &key);
        assert_true(used > 0);
        console_key(c, &key, now);
        console_draw(c, now);
    }
}
