/* The buckets of Terraform's state and of static images, one after the other: versions, encryption, public access. That something is not set up comes
 * as an error of its own code; what may not be read hides nothing of the rest. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "feeds/fields.h"
#include "feeds/internal.h"

struct reading {
    struct aws_call *call;
    struct bucket buckets[BUCKETS];
    size_t at;
    bool any;
    struct error first;
};

static void end(struct feed_run *run)
{
    struct reading *r = run->state;
    struct error first = r->first;
    bool any = r->any || first.kind == ERROR_NONE;
    run->state = NULL;
    if (any)
        buckets_set(feeds_estate(run->feeds), run->account, r->buckets);
    free(r);
    feed_end_partly(run, any, &first);
}

/* The bucket, if the answer tells of it: with an error, that there is nothing of the kind (`none`). Otherwise it stays unknown. */
static struct bucket *told(struct reading *r, enum bucket_part part, const struct error *error, const char *none)
{
    struct bucket *bucket = &r->buckets[r->at];
    r->call = NULL;
    if (error && !error_is(error, none)) {
        bucket->unread |= part;
        if (r->first.kind == ERROR_NONE)
            r->first = *error;
        return NULL;
    }
    bucket->exists = r->any = true;
    return bucket;
}

static void ask(struct feed_run *run, const char *operation, aws_done *answer)
{
    struct reading *r = run->state;
    json_t *input = json_pack("{s:s}", "Bucket", r->buckets[r->at].name);
    r->call = aws_call(run->session, "s3", operation, input, NULL, answer, run);
    json_decref(input);
}

static void next(struct feed_run *run);

static void got_access(void *arg, json_t *output, const struct error *error)
{
    struct feed_run *run = arg;
    struct reading *r = run->state;
    struct bucket *bucket = told(r, BUCKET_ACCESS, error, "NoSuchPublicAccessBlockConfiguration");
    const json_t *block = json_at(output, "PublicAccessBlockConfiguration");
    if (bucket)
        bucket->blocked = json_flag(block, "BlockPublicAcls", false) + json_flag(block, "IgnorePublicAcls", false) +
                          json_flag(block, "BlockPublicPolicy", false) + json_flag(block, "RestrictPublicBuckets", false);
    r->at++;
    next(run);
}

static void got_encryption(void *arg, json_t *output, const struct error *error)
{
    struct feed_run *run = arg;
    struct reading *r = run->state;
    struct bucket *bucket = told(r, BUCKET_ENCRYPTION, error, "ServerSideEncryptionConfigurationNotFoundError");
    if (bucket)
        FIELD(bucket->encryption, output, "ServerSideEncryptionConfiguration.Rules.0.ApplyServerSideEncryptionByDefault.SSEAlgorithm");
    ask(run, "GetPublicAccessBlock", got_access);
}

static void got_versioning(void *arg, json_t *output, const struct error *error)
{
    struct feed_run *run = arg;
    struct reading *r = run->state;
    r->call = NULL;
    if (error_is(error, "NoSuchBucket")) {
        r->any = true;
        r->at++;
        next(run);
        return;
    }
    struct bucket *bucket = told(r, BUCKET_VERSIONS, error, "");
    if (bucket)
        bucket->versioned = text_equal(json_text(output, "Status"), "Enabled");
    ask(run, "GetBucketEncryption", got_encryption);
}

static void next(struct feed_run *run)
{
    struct reading *r = run->state;
    while (r->at < BUCKETS && !*r->buckets[r->at].name)
        r->at++;
    if (r->at < BUCKETS)
        ask(run, "GetBucketVersioning", got_versioning);
    else
        end(run);
}

static void start(struct feed_run *run)
{
    struct reading *r = run->state = mem_new(sizeof *r);
    const char *const names[BUCKETS] = {[BUCKET_STATE] = run->config->state_bucket, [BUCKET_STATIC] = run->config->static_bucket};
    for (size_t i = 0; i < BUCKETS; i++)
        text_copy(r->buckets[i].name, sizeof r->buckets[i].name, names[i] ? names[i] : "");
    next(run);
}

static void stop(struct feed_run *run)
{
    struct reading *r = run->state;
    aws_cancel(r->call);
    free(r);
    run->state = NULL;
}

static bool wanted(const struct account_config *account) { return account->state_bucket || account->static_bucket; }

const struct feed_type feed_state_bucket = {
    .feed = FEED_STATE_BUCKET, .interval_ms = 1800000, .focus_ms = 300000, .wanted = wanted, .start = start, .stop = stop};
