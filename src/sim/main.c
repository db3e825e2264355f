/* trivet-sim: a simulated AWS estate on loopback. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/find.h"
#include "base/when.h"
#include "sim/internal.h"

#define STEP_MS 250

static const char help[] =
    "usage: trivet-sim [--scenario FILE|NAME] [option]...\n"
    "Serves a simulated AWS estate (with its Kubernetes clusters and GitHub repository) on 127.0.0.1.\n\n"
    "  --scenario FILE|NAME   what the estate holds; default: healthy\n"
    "  --port N               default: any free port\n"
    "  --speed X              simulated time runs X times as fast; default: 1\n"
    "  --seed N               chance; default: the scenario's own\n"
    "  --fault SPEC           may be given several times, see below\n"
    "  --env                  print the variables that point any client here, then an empty line\n"
    "  --until-eof            end when the standard input is closed\n"
    "  --quiet                no line for each request on the standard error\n"
    "  --version, --help\n\n"
    "SPEC is [SERVICE[.Operation][@ACCOUNT]:]FAULT; * stands for any service, kubernetes and github are services too. FAULT:\n"
    "  latency=MS             every reply waits (50, 50ms, 2s)\n"
    "  throttle[=N]           the service's throttling error, only the first N times\n"
    "  error=CODE[/STATUS][=N]\n"
    "  abort[=N]              the connection is closed without an answer\n"
    "  truncate[=N]           the reply breaks off half way\n"
    "  html[=N]               503 with an HTML page\n"
    "for example: --fault latency=50ms --fault 'rds.DescribeEvents@333333333333:throttle=3' --fault eks:error=ServerException/500\n";

struct settings {
    struct sim_options sim;
    const char *scenario;
    int port;
    bool env, until_eof;
    struct faults *faults;
};

static volatile sig_atomic_t stopped;
static void on_signal(int number) { stopped = number; }

static bool usage(const char *text, const char *value)
{
    fprintf(stderr, "trivet-sim: %s%s%s (--help tells more)\n", text, value ? ": " : "", value ? value : "");
    return false;
}

static bool read_number(const char *text, double low, double high, double *out)
{
    char *end;
    *out = strtod(text, &end);
    return *text && *end == '\0' && *out >= low && *out <= high;
}

enum { OPTION_SCENARIO = 256, OPTION_PORT, OPTION_SPEED, OPTION_SEED, OPTION_FAULT, OPTION_ENV, OPTION_EOF, OPTION_QUIET, OPTION_VERSION,
       OPTION_HELP };

static const struct option options[] = {
    {"scenario", required_argument, NULL, OPTION_SCENARIO}, {"port", required_argument, NULL, OPTION_PORT},
    {"speed", required_argument, NULL, OPTION_SPEED}, {"seed", required_argument, NULL, OPTION_SEED},
    {"fault", required_argument, NULL, OPTION_FAULT}, {"env", no_argument, NULL, OPTION_ENV}, {"until-eof", no_argument, NULL, OPTION_EOF},
    {"quiet", no_argument, NULL, OPTION_QUIET}, {"version", no_argument, NULL, OPTION_VERSION}, {"help", no_argument, NULL, OPTION_HELP}, {0}};

static bool take(struct settings *s, int option, const char *value)
{
    double number;
    struct error e = {0};
    switch (option) {
    case OPTION_SCENARIO:
        s->scenario = value;
        return true;
    case OPTION_PORT:
        if (!read_number(value, 0, 65535, &number) || number != (int)number)
            return usage("--port: expected a number from 0 to 65535", value);
        s->port = (int)number;
        return true;
    case OPTION_SPEED:
        if (!read_number(value, 0.001, 100000, &s->sim.speed))
            return usage("--speed: expected a number from 0.001 to 100000", value);
        return true;
    case OPTION_SEED:
        if (!read_number(value, 0, 9007199254740992.0, &number) || number != (double)(int64_t)number)
            return usage("--seed: expected a whole number", value);
        s->sim.seed = (int64_t)number;
        return true;
    case OPTION_FAULT:
        return faults_add(s->faults, value, &e) || usage(e.message, NULL);
    case OPTION_ENV:
        return s->env = true;
    case OPTION_EOF:
        return s->until_eof = true;
    case OPTION_QUIET:
        return s->sim.quiet = true;
    default:
        return false;
    }
}

/* True to go on; otherwise *status is what to exit with. */
static bool read_options(int argc, char **argv, struct settings *s, int *status)
{
    int option;
    *status = 0;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return fputs(help, stdout) < 0;
        if (option == OPTION_VERSION)
            return printf("trivet-sim " PACKAGE_VERSION "\n") < 0;
        *status = 2;
        if (option == '?' || !take(s, option, optarg))
            return false;
        *status = 0;
    }
    if (optind < argc) {
        *status = 2;
        return usage("unexpected argument", argv[optind]);
    }
    return true;
}

static void drain(bool *eof)
{
    char bytes[256];
    *eof = read(STDIN_FILENO, bytes, sizeof bytes) <= 0;
}

static void serve(struct sim *sim, struct server *server, bool until_eof)
{
    int64_t next = when_monotonic();
    bool eof = false;
    while (!stopped && !eof) {
        int64_t now = when_monotonic();
        if (now >= next) {
            sim_step(sim);
            next = now + STEP_MS;
        }
        if (server_run(server, (int)(next - now), until_eof ? STDIN_FILENO : -1))
            drain(&eof);
    }
}

static void catch_signals(void)
{
    struct sigaction stop = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGHUP, &stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

static int run(struct settings *s)
{
    struct error e = {0};
    struct sim *sim = NULL;
    struct server *server = NULL;
    char *path = file_find("profiles/scenarios", s->scenario, ".yaml", &e);
    s->sim.scenario = path;
    if (path)
        sim = sim_new(&s->sim, s->faults, &e);
    else
        faults_free(s->faults);
    if (sim)
        server = server_new(s->port, sim_handle, sim, &e);
    int status = server ? 0 : 2;
    if (server) {
        sim_set_port(sim, server_port(server));
        if (s->env)
            sim_print_env(sim);
        else
            fprintf(stderr, "trivet-sim: listening on http://127.0.0.1:%d\n", server_port(server));
        serve(sim, server, s->until_eof);
    } else {
        fprintf(stderr, "trivet-sim: %s\n", e.message);
    }
    server_free(server); /* before the world: its streams belong to it */
    sim_free(sim);
    free(path);
    return status;
}

int main(int argc, char **argv)
{
    struct settings s = {.scenario = "healthy", .sim = {.speed = 1, .seed = -1}, .faults = faults_new()};
    int status;
    if (!read_options(argc, argv, &s, &status)) {
        faults_free(s.faults);
        return status;
    }
    catch_signals();
    return run(&s);
}
