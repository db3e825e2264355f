#include "cli/ask.h"

#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"

static bool read_line(int fd, char *out, size_t size)
{
    size_t len = 0;
    char c;
    while (read(fd, &c, 1) == 1 && c != '\n')
        if (len + 1 < size)
            out[len++] = c;
    out[len] = '\0';
    return len > 0;
}

static bool ask_terminal(const char *prompt, bool echo, char *out, size_t size)
{
    struct termios before, quiet;
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || tcgetattr(fd, &before) != 0) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    quiet = before;
    if (!echo)
        quiet.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(fd, TCSAFLUSH, &quiet);
    bool given = write(fd, prompt, strlen(prompt)) > 0 && read_line(fd, out, size);
    tcsetattr(fd, TCSAFLUSH, &before);
    given = (echo || write(fd, "\r\n", 2) == 2) && given;
    close(fd);
    return given;
}

bool ask_line(const char *prompt, char *out, size_t size) { return ask_terminal(prompt, true, out, size); }

bool ask_price(const struct options *options, struct error *e)
{
    char line[16] = "";
    if (options->yes || (isatty(STDIN_FILENO) && ask_line("Type y to go on: ", line, sizeof line) && !strcmp(line, "y")))
        return true;
    return error_set(e, ERROR_INPUT, "confirm", "not confirmed: give --yes"), false;
}

static bool ask_code(const char *account, const char *serial, const char *refused, char *code, size_t size)
{
    struct str prompt = STR_INIT(2048);
    if (*refused)
        str_addf(&prompt, "\r\n%s", refused);
    str_addf(&prompt, "\r\nMFA code of %s for %s (empty: go on without): ", serial, account);
    bool given = ask_terminal(str_text(&prompt), false, code, size);
    str_free(&prompt);
    return given;
}

void ask_codes(struct app *app)
{
    for (size_t a = 0; a < app->estate->account_count; a++) {
        const struct account *account = &app->estate->accounts[a];
        struct aws_session_info info;
        char code[16], serial[160];
        aws_session_look(feeds_session(app->feeds, a), &info);
        if (info.state != AWS_SESSION_MFA)
            continue;
        text_clean(serial, sizeof serial, info.mfa_serial, strlen(info.mfa_serial));
        bool given = ask_code(account->config->name, serial, info.error.message, code, sizeof code);
        feeds_mfa(app->feeds, a, given ? code : NULL);
        mem_wipe(code, sizeof code);
    }
}

void ask_operator_code(struct action *action)
{
    const char *waits = action_wants_mfa(action);
    struct aws_session_info info;
    char code[16], serial[160], whose[160];
    if (!waits)
        return;
    aws_session_look(action->operator_session, &info);
    text_clean(serial, sizeof serial, waits, strlen(waits));
    text_format(whose, sizeof whose, "the operator role in %s", action->account->config->name);
    bool given = ask_code(whose, serial, info.error.message, code, sizeof code);
    action_mfa(action, given ? code : NULL);
    mem_wipe(code, sizeof code);
}
