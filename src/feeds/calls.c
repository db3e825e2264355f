/* What a refresh asks of AWS: one call, or several that go out together, and the last answer ends it. */
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "base/mem.h"
#include "base/text.h"
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
    if (aws_cut(output))
        feed_more(run);
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

enum matters { MATTERS, MATTERS_WHILE_THERE, MATTERS_AS_A_PART, MATTERS_NOT };

struct calls_one {
    struct calls *calls;
    struct calls_one *next;
    struct aws_call *call; /* NULL: in line */
    const char *service, *operation;
    json_t *input;
    struct aws_call_options options;
    calls_answer *answer;
    void *arg;
    enum matters matters;
};

void calls_begin(struct calls *calls, struct feed_run *run, void (*done)(struct feed_run *, const struct error *))
{
    *calls = (struct calls){.run = run, .done = done, .adding = true};
    calls->last = &calls->first;
}

static void end_if_over(struct calls *calls)
{
    if (calls->pending || calls->adding)
        return;
    struct error first = calls->error;
    calls->done(calls->run, first.kind == ERROR_NONE ? NULL : &first);
}

/* Each service has its own words for "there is no such thing". */
static bool is_gone(const struct error *error)
{
    static const char *const words[] = {"NotFound", "NoSuch", "Nonexistent"};
    for (size_t i = 0; error && error->kind == ERROR_SERVICE && i < sizeof words / sizeof *words; i++)
        if (text_contains(error->code, words[i]))
            return true;
    return false;
}

static void take_out(struct calls *calls, struct calls_one *one)
{
    struct calls_one **at = &calls->first;
    while (*at != one)
        at = &(*at)->next;
    *at = one->next;
    if (calls->last == &one->next)
        calls->last = at;
    json_decref(one->input);
    free(one);
}

static void send_more(struct calls *calls);

static void failed(struct calls *calls, const struct calls_one *one, const struct error *error)
{
    bool gone = one->matters != MATTERS && is_gone(error), part = one->matters == MATTERS_AS_A_PART;
    json_t *nothing = gone && part ? json_object() : NULL;
    if (!gone && calls->error.kind == ERROR_NONE)
        calls->error = *error;
    if (part)
        one->answer(calls->run, nothing, one->arg);
    json_decref(nothing);
}

static void answered(void *arg, json_t *output, const struct error *error)
{
    struct calls_one one = *(struct calls_one *)arg;
    struct calls *calls = one.calls;
    take_out(calls, arg);
    calls->sent--;
    calls->adding = true; /* the answer may ask for more */
    if (aws_cut(output))
        feed_more(calls->run);
    if (output || one.matters == MATTERS_NOT)
        one.answer(calls->run, output, one.arg);
    else
        failed(calls, &one, error);
    calls->adding = false;
    calls->pending--;
    send_more(calls);
    end_if_over(calls);
}

static void send_more(struct calls *calls)
{
    for (struct calls_one *one = calls->first; one && calls->sent < CALLS_AT_ONCE; one = one->next)
        if (!one->call) {
            calls->sent++;
            one->call = aws_call(calls->run->session, one->service, one->operation, one->input, &one->options, answered, one);
        }
}

static void add(struct calls *calls, const struct calls_one *like)
{
    struct calls_one *one = mem_new(sizeof *one);
    *one = *like;
    one->calls = calls;
    *calls->last = one;
    calls->last = &one->next;
    calls->pending++;
    send_more(calls);
}

static struct aws_call_options options_of(const struct aws_call_options *options) { return options ? *options : (struct aws_call_options){0}; }

void calls_add(struct calls *calls, const char *service, const char *operation, json_t *take_input, const struct aws_call_options *options,
               calls_answer *answer, void *arg)
{
    add(calls, &(struct calls_one){.service = service, .operation = operation, .input = take_input, .options = options_of(options),
                                   .answer = answer, .arg = arg});
}

void calls_each(struct calls *calls, const char *service, const char *operation, json_t *take_input, const struct aws_call_options *options,
                calls_answer *answer, void *arg)
{
    add(calls, &(struct calls_one){.service = service, .operation = operation, .input = take_input, .options = options_of(options),
                                   .answer = answer, .arg = arg, .matters = MATTERS_WHILE_THERE});
}

void calls_part(struct calls *calls, const char *service, const char *operation, json_t *take_input, const struct aws_call_options *options,
                calls_answer *answer, void *arg)
{
    add(calls, &(struct calls_one){.service = service, .operation = operation, .input = take_input, .options = options_of(options),
                                   .answer = answer, .arg = arg, .matters = MATTERS_AS_A_PART});
}

void calls_try(struct calls *calls, const char *service, const char *operation, json_t *take_input, calls_answer *answer, void *arg)
{
    add(calls, &(struct calls_one){.service = service, .operation = operation, .input = take_input, .answer = answer, .arg = arg,
                                   .matters = MATTERS_NOT});
}

void calls_both(struct calls *calls, const char *service, const char *operation, json_t *take_input, const struct aws_call_options *options,
                calls_answer *answer)
{
    const char *own = calls->run->config->region, *global = aws_global_region(own);
    struct aws_call_options there = options_of(options);
    calls_add(calls, service, operation, json_incref(take_input), options, answer, (void *)(uintptr_t)true);
    there.region = global;
    if (strcmp(own, global) != 0)
        calls_add(calls, service, operation, json_incref(take_input), &there, answer, (void *)(uintptr_t)false);
    json_decref(take_input);
}

void calls_end(struct calls *calls)
{
    calls->adding = false;
    end_if_over(calls);
}

void calls_cancel(struct calls *calls)
{
    while (calls->first) {
        aws_cancel(calls->first->call);
        take_out(calls, calls->first);
    }
    calls->pending = calls->sent = 0;
}
