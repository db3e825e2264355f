/* trivet demo: the console on a simulated estate. Starts trivet-sim beside us and points our environment at it; it ends when its
 * standard input closes, so it dies with us however we die. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "cli/app.h"
#include "cli/commands.h"

extern char **environ;

struct simulator {
    pid_t pid;
    int to, from; /* its stdin, its stdout */
};

/* The one beside this program stands before the installed one, so that a build tree can be used in place. */
static const char *simulator_path(char *out, size_t size)
{
    ssize_t len = readlink("/proc/self/exe", out, size - 1);
    if (len > 0) {
        out[len] = '\0';
        char *slash = strrchr(out, '/');
        if (slash && text_copy(slash + 1, size - (size_t)(slash + 1 - out), "trivet-sim") && access(out, X_OK) == 0)
            return out;
    }
    return TRIVET_BINDIR "/trivet-sim";
}

static bool start(struct simulator *sim, const struct options *options, struct error *e)
{
    int to[2], from[2];
    char program[4096], scenario[4200], speed[64];
    const char *path = simulator_path(program, sizeof program);
    text_format(scenario, sizeof scenario, "--scenario=%s", options->scenario ? options->scenario : "healthy");
    text_format(speed, sizeof speed, "--speed=%s", options->speed ? options->speed : "1");
    if (pipe(to) != 0)
        goto failed;
    if (pipe(from) != 0) {
        close(to[0]);
        close(to[1]);
        goto failed;
    }
    sim->pid = fork();
    if (sim->pid == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        for (int fd = 3; fd < 64; fd++)
            close(fd);
        execl(path, path, "--env", "--until-eof", "--quiet", scenario, speed, (char *)NULL);
        fprintf(stderr, "trivet: %s: %s\n", path, strerror(errno));
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    sim->to = to[1];
    sim->from = from[0];
    if (sim->pid > 0)
        return true;
    close(sim->to);
    close(sim->from);
failed:
    error_set(e, ERROR_INPUT, "demo", "cannot start the simulator: %s", strerror(errno));
    return false;
}

/* What the person has set for the real AWS must not reach the simulated one. */
static void forget_aws(void)
{
    char name[256];
    for (char **at = environ; *at;) {
        size_t len = strcspn(*at, "=");
        if (text_starts(*at, "AWS_") && len < sizeof name) {
            text_format(name, sizeof name, "%.*s", (int)len, *at);
            unsetenv(name);
            at = environ;
        } else {
            at++;
        }
    }
    setenv("NO_PROXY", "*", 1);
}

/* `export NAME=VALUE` lines up to an empty one. */
static bool take_environment(const struct simulator *sim)
{
    FILE *lines = fdopen(dup(sim->from), "r");
    char line[4096];
    bool whole = false;
    while (lines && !whole && fgets(line, sizeof line, lines)) {
        line[strcspn(line, "\n")] = '\0';
        char *equals = strchr(line, '=');
        whole = !*line;
        if (text_starts(line, "export ") && equals) {
            *equals = '\0';
            setenv(line + strlen("export "), equals + 1, 1);
        }
    }
    if (lines)
        fclose(lines);
    return whole;
}

static int wait_end(const struct simulator *sim)
{
    int status = 0;
    close(sim->to);
    close(sim->from);
    while (waitpid(sim->pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_TROUBLE;
}

int command_demo(const struct options *options)
{
    struct simulator sim;
    struct error e = {0};
    struct options mine = *options;
    if (!start(&sim, options, &e))
        return app_complain(&e);
    forget_aws();
    if (!take_environment(&sim)) { /* it has said why */
        wait_end(&sim);
        return EXIT_TROUBLE;
    }
    if (!mine.profile)
        mine.profile = "demo";
    int status = command_console(&mine);
    wait_end(&sim);
    return status;
}
