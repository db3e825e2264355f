/* Inside the simulator: what its AWS side, its authentication and its routes share. */
#ifndef TRIVET_SIM_INTERNAL_H
#define TRIVET_SIM_INTERNAL_H

#include "sim/auth.h"
#include "sim/faults.h"
#include "sim/scenario.h"
#include "sim/sim.h"

struct alarm_book;
struct trail_book;
struct aws_world;

struct sim {
    struct scenario *scenario;
    uint64_t random;
    int64_t start_wall, start_monotonic; /* ms */
    int64_t held_at; /* the clock stands here; 0: it runs */
    int64_t stepped_to; /* the world is as it is at this time */
    double speed;
    int port;
    bool quiet;
    struct auth *auth;
    struct faults *faults;
    struct kube_sim **clusters; /* one an account; NULL where it has none */
    struct github_sim *github;
    struct alarm_book *alarms;
    struct trail_book *trail;
    struct aws_world *world; /* what changes on the AWS side */
};

struct sim_options {
    const char *scenario; /* path */
    double speed;         /* > 0 */
    int64_t seed;         /* < 0: the scenario's */
    bool quiet;
};
struct sim *sim_new(const struct sim_options *options, struct faults *faults, struct error *e); /* takes the faults */
void sim_free(struct sim *sim);
void sim_step(struct sim *sim);
void sim_set_port(struct sim *sim, int port);
void sim_print_env(const struct sim *sim);
server_handler sim_handle;

/* What of a request is logged; filled in by whoever answers it. */
struct sim_note {
    char service[32], operation[64], account[16];
    char code[96]; /* of an error */
};
void aws_handle(struct sim *sim, const struct server_request *request, struct server_reply *reply, struct sim_note *note);

/* 0 ≤ x < 1, the same for the same arguments: the world's noise as a function of its time. */
double sim_noise(const struct sim *sim, const char *what, int64_t at);
int64_t sim_start(const struct sim *sim);
void sim_html(struct server_reply *reply); /* 503 as a proxy words it */

#endif
