/* What a refresh asks of AWS: one call, or several that go out together, and the last answer ends it. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "feeds/internal.h"

struct lone {
    struct feed_run *run;
    void (*take)(struct feed_run *run, json_t *output);
    struct aws_call *call;
};

static void lone_answered(void *arg, json_t *output, const struct error *error)
{
    struct lone *lone = arg;
    struct feed_run *run = lone->run;
    run->state = NULL;
    if (!error)
        lone->take(run, output);
    free(lone);
    feed_end(run, error);
}

void feed_call(struct feed_run *run, const char *service, const char *operation, json_t *take_input, const struct aws_call_options *options,
               void (*take)(struct feed_run *run, json_t *output))
{
    struct lone *lone = run->state = mem_new(sizeof *lone);
    *lone = (struct lone){run, take, NULL};
    lone->call = aws_call(run->session, service, operation, take_input, options, lone_answered, lone);
    json_decref(take_input);
}

void feed_call_stop(struct feed_run *run)
{
    struct lone *lone = run->state;
    if (lone)
        aws_cancel(lone->call);
    free(lone);
    run->state = NULL;
}

struct one {
    struct calls *calls;
    size_t slot;
    calls_answer *answer;
    void *arg;
    bool optional;
};

void calls_begin(struct calls *calls, struct feed_run *run, void (*done)(struct feed_run *, const struct error *))
{
    *calls = (struct calls){.run = run, .done = done, .adding = true};
}

static void end_if_over(struct calls *calls)
{
    if (calls->pending || calls->adding)
        return;
    struct error first = calls->first;
    calls->done(calls->run, first.kind == ERROR_NONE ? NULL : &first);
}

static void answered(void *arg, json_t *output, const struct error *error)
{
    struct one one = *(struct one *)arg;
    free(arg);
    struct calls *calls = one.calls;
    calls->at[one.slot] = NULL;
    calls->ones[one.slot] = NULL;
    calls->adding = true; /* the answer may ask for more */
    if (output || one.optional)
        one.answer(calls->run, output, one.arg);
    else if (calls->first.kind == ERROR_NONE && !one.optional)
        calls->first = *error;
    calls->adding = false;
    calls->pending--;
    end_if_over(calls);
}

static void add(struct calls *calls, const char *service, const char *operation, json_t *take_input, const struct aws_call_options *options,
                calls_answer *answer, void *arg, bool optional)
{
    size_t slot = 0;
    while (slot < CALLS_MAX && calls->ones[slot])
        slot++;
    if (slot < CALLS_MAX) { /* what is beyond is left out: no feed needs so many at once */
        struct one *one = mem_new(sizeof *one);
        *one = (struct one){calls, slot, answer, arg, optional};
        calls->ones[slot] = one;
        calls->pending++;
        calls->at[slot] = aws_call(calls->run->session, service, operation, take_input, options, answered, one);
    }
    json_decref(take_input);
}

void calls_add(struct calls *calls, const char *service, const char *operation, json_t *take_input, const struct aws_call_options *options,
               calls_answer *answer, void *arg)
{
    add(calls, service, operation, take_input, options, answer, arg, false);
}

void calls_try(struct calls *calls, const char *service, const char *operation, json_t *take_input, calls_answer *answer, void *arg)
{
    add(calls, service, operation, take_input, NULL, answer, arg, true);
}

void calls_end(struct calls *calls)
{
    calls->adding = false;
    end_if_over(calls);
}

void calls_cancel(struct calls *calls)
{
    for (size_t i = 0; i < CALLS_MAX; i++) {
        aws_cancel(calls->at[i]);
        free(calls->ones[i]);
        calls->at[i] = NULL;
        calls->ones[i] = NULL;
    }
    calls->pending = 0;
}
