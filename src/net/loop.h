/* The one loop of the process: HTTP transfers (curl_multi), file descriptors, timers and signals in one poll.
 * A pass: wait for whatever comes first, then handle transfers, descriptors, due timers, and at the
 * end call the pass hook once (the console draws there). Callbacks may add and remove anything, themselves included. */
#ifndef TRIVET_NET_LOOP_H
#define TRIVET_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct loop;
struct loop_timer;
struct loop_watch;

struct loop *loop_new(void);
void loop_free(struct loop *loop); /* pending timers and watches are dropped without a call */

int64_t loop_now(const struct loop *loop);  /* monotonic ms, read once a pass */
int64_t loop_wall(const struct loop *loop); /* wall-clock ms, read once a pass */

/* One-shot. The handle is void after it fired or was cancelled. delay_ms 0 fires on the next pass. */
struct loop_timer *loop_after(struct loop *loop, int64_t delay_ms, void (*fire)(void *arg), void *arg);
void loop_cancel(struct loop *loop, struct loop_timer *timer); /* NULL is fine */

/* events and revents are poll's POLLIN, POLLOUT… The descriptor stays the caller's. */
struct loop_watch *loop_watch(struct loop *loop, int fd, short events, void (*ready)(void *arg, short revents), void *arg);
void loop_watch_events(struct loop_watch *watch, short events);
void loop_unwatch(struct loop *loop, struct loop_watch *watch); /* NULL is fine */

/* Blocks the signal and delivers it from the loop (signalfd). One handler a signal; NULL takes it back. */
bool loop_signal(struct loop *loop, int signo, void (*caught)(void *arg, int signo), void *arg);

void loop_on_pass(struct loop *loop, void (*hook)(void *arg), void *arg); /* one hook; NULL removes it */

void loop_run(struct loop *loop);  /* until loop_stop(); returns at once if there is nothing left to wait for */
void loop_stop(struct loop *loop);
/* Runs passes until done(arg) is true (then true) or timeout_ms have gone (then false). For headless commands and tests. */
bool loop_run_until(struct loop *loop, bool (*done)(void *arg), void *arg, int64_t timeout_ms);

#endif
