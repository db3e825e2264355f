/* A screen's text against tests/screens/NAME-COLUMNSxROWS.txt. TRIVET_UPDATE_SCREENS=1 writes it anew: read it before you commit. */
#ifndef TRIVET_TESTS_UI_PICTURE_H
#define TRIVET_TESTS_UI_PICTURE_H

#include "base/str.h"
#include "ui/console.h"

#define SCREEN_MAX ((size_t)1 << 20)

void check_picture(const char *name, int rows, int columns, const struct str *now);
void type_keys(struct console *c, const char *keys, int64_t now); /* as key_parse reads them; draws after each */

#endif
