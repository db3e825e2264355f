/* One thing that the person did: a key, a character, the mouse. From curses, from a script, or from a test. */
#ifndef TRIVET_UI_KEY_H
#define TRIVET_UI_KEY_H

#include <stdbool.h>
#include <stdint.h>

enum key_code { KEY_CODE_CHAR, KEY_CODE_ENTER, KEY_CODE_ESCAPE, KEY_CODE_TAB, KEY_CODE_BACKTAB, KEY_CODE_BACKSPACE, KEY_CODE_DELETE,
                KEY_CODE_UP, KEY_CODE_DOWN, KEY_CODE_LEFT, KEY_CODE_RIGHT, KEY_CODE_HOME, KEY_CODE_END, KEY_CODE_PAGE_UP, KEY_CODE_PAGE_DOWN,
                KEY_CODE_CTRL, /* with ch: the letter, lower case */
                KEY_CODE_CLICK, KEY_CODE_WHEEL_UP, KEY_CODE_WHEEL_DOWN,
                KEY_CODE_PASTE }; /* a character that was pasted: text, never a command */

struct key {
    enum key_code code;
    uint32_t ch;      /* character, for KEY_CODE_CHAR and KEY_CODE_CTRL */
    int row, column;  /* mouse, from 0 */
};

/* "<Down>", "<Enter>", "<C-c>", "<Space>", "<lt>" or one character. Returns bytes used, 0 if it is none. */
int key_parse(const char *text, struct key *out);
/* The spelling that key_parse reads and the help shows. */
const char *key_text(const struct key *key, char *out, int size);

#endif
