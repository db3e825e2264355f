#include "actions/probe_record.h"

#include "base/str.h"
#include "base/text.h"

#define ERROR_TEXT_MAX 240

void record_start(struct probe_record *record, int64_t at_ms) { record->started = at_ms; }

static void add_sample(struct probe_record *record, struct probe_sample sample)
{
    if (record->samples.len >= PROBE_SAMPLES_MAX) {
        size_t gone = PROBE_SAMPLES_MAX / 4;
        record->samples.len -= gone;
        memmove(record->samples.at, record->samples.at + gone, record->samples.len * sizeof *record->samples.at);
        record->dropped += gone;
    }
    *vec_add(&record->samples) = sample;
    record->attempts++;
}

/* The one text of these words. */
static const char *keep_error(struct probe_record *record, const char *error)
{
    char text[ERROR_TEXT_MAX];
    text_clean(text, sizeof text, error, strlen(error));
    for (size_t i = 0; i < record->errors.len; i++)
        if (!strcmp(record->errors.at[i], text))
            return record->errors.at[i];
    if (record->errors.len >= PROBE_ERRORS_MAX)
        return "another error: there were too many different ones to keep";
    return *vec_add(&record->errors) = mem_strdup(text);
}

void record_good(struct probe_record *record, int64_t at_ms, int latency_ms)
{
    add_sample(record, (struct probe_sample){.at_ms = at_ms, .latency_ms = latency_ms, .good = true});
    if (record->down)
        record->outages.at[record->outages.len - 1].to_ms = at_ms;
    record->down = false;
    record->last_good = at_ms;
}

void record_bad(struct probe_record *record, int64_t at_ms, int latency_ms, const char *error)
{
    add_sample(record, (struct probe_sample){.at_ms = at_ms, .latency_ms = latency_ms, .error = keep_error(record, error)});
    record->failures++;
    if (record->down)
        return;
    record->down = true;
    vec_add(&record->outages)->from_ms = record->last_good ? record->last_good : record->started;
}

void record_view(const struct probe_record *record, int64_t now_ms, struct probe_view *view)
{
    view->samples = record->samples.at;
    view->sample_count = record->samples.len;
    view->samples_dropped = record->dropped;
    view->error = record->samples.len ? record->samples.at[record->samples.len - 1].error : NULL;
    view->outages = record->outages.at;
    view->outage_count = record->outages.len;
    view->attempts = record->attempts;
    view->failures = record->failures;
    view->longest_ms = view->down_ms = 0;
    for (size_t i = 0; i < record->outages.len; i++) {
        const struct probe_outage *outage = &record->outages.at[i];
        int64_t span = (outage->to_ms ? outage->to_ms : now_ms) - outage->from_ms;
        view->longest_ms = span > view->longest_ms ? span : view->longest_ms;
        view->down_ms += span;
    }
}

void record_free(struct probe_record *record)
{
    for (size_t i = 0; i < record->errors.len; i++)
        free(record->errors.at[i]);
    vec_free(&record->errors);
    vec_free(&record->samples);
    vec_free(&record->outages);
}
