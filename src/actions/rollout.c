#include "actions/rollout.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/text.h"

#define RESTARTS_MAX 3 /* a new pod that was started so often again does not hold */

/* Of "backend-6f7d9c8b5d-x2x7q", made by the Deployment "backend": "6f7d9c8b5d". False for pods of others. */
static bool template_hash(const struct pod *pod, const char *ns, const char *deployment, char *out, size_t size)
{
    size_t len = strlen(deployment);
    const char *hash = pod->name + len + 1, *dash = strrchr(pod->name, '-');
    if (strcmp(pod->ns, ns) != 0 || strncmp(pod->name, deployment, len) != 0 || pod->name[len] != '-' || dash <= hash)
        return false;
    text_format(out, size, "%.*s", (int)(dash - hash), hash);
    return !strchr(out, '-'); /* else of "backend-worker" */
}

static bool has_text(const json_t *list, const char *text)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
        if (text_equal(json_string_value(one), text))
            return true;
    return false;
}

static json_t *hashes_of(const struct account *account, const struct deployment *d)
{
    json_t *list = json_array();
    char hash[64];
    for (size_t i = 0; i < account->cluster.pods.len; i++)
        if (template_hash(&account->cluster.pods.at[i], d->ns, d->name, hash, sizeof hash) && !has_text(list, hash))
            json_array_append_new(list, json_string(hash));
    return list;
}

/* The digest that the Deployment is told to run of the repository; false if it runs none of it. */
static bool digest_of(const struct deployment *d, const char *repository, char *digest, size_t size)
{
    char one[300], name[120];
    for (const char *at = d->images; *at; at += strcspn(at, ","), at += *at == ',') {
        text_format(one, sizeof one, "%.*s", (int)strcspn(at, ","), at);
        image_parse(one, name, sizeof name, digest, size);
        if (strcmp(name, repository) == 0)
            return true;
    }
    return false;
}

static void add_parts(const struct account *account, const struct gate_image *image, json_t *parts)
{
    char from[80];
    for (size_t i = 0; i < account->cluster.deployments.len && json_array_size(parts) < ROLLOUT_PARTS_MAX; i++) {
        const struct deployment *d = &account->cluster.deployments.at[i];
        if (strcmp(d->ns, "kube-system") == 0 || !digest_of(d, image->repository, from, sizeof from))
            continue;
        bool already = strcmp(from, image->digest) == 0; /* then what is there is new */
        json_array_append_new(parts, json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "ns", d->ns, "name", d->name, "repository", image->repository,
                                               "from", from, "to", image->digest, "hashes", already ? json_array() : hashes_of(account, d)));
    }
}

json_t *rollout_plan(const struct account *account, const struct gate *gate)
{
    json_t *parts = json_array(), *alarms = json_object();
    for (size_t i = 0; i < gate->image_count; i++)
        if (*gate->images[i].digest)
            add_parts(account, &gate->images[i], parts);
    for (size_t i = 0; i < account->alarms.len; i++)
        if (account->alarms.at[i].state == ALARM_ALARM)
            json_object_set_new(alarms, account->alarms.at[i].name, json_integer(account->alarms.at[i].since));
    json_t *plan = json_array_size(parts) ? json_pack("{s:O, s:O}", "parts", parts, "alarms", alarms) : NULL;
    json_decref(parts);
    json_decref(alarms);
    return plan;
}

/* Looking. */

/* What does not go away by itself. A container that has ended with an error is started again, maybe well. */
static bool is_broken(const struct pod *pod)
{
    static const char *const statuses[] = {"CrashLoopBackOff", "ImagePullBackOff",  "InvalidImageName", "CreateContainerConfigError",
                                           "CreateContainerError", "RunContainerError", "ContainerCannotRun", "StartError",
                                           "ErrImageNeverPull"};
    const char *status = text_starts(pod->status, "Init:") ? pod->status + 5 : pod->status;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (strcmp(status, statuses[i]) == 0)
            return true;
    return pod->restarts >= RESTARTS_MAX && !pod_is_ready(pod);
}

static void count_pods(const struct account *account, const json_t *row, struct rollout_part *part, struct rollout *out)
{
    const char *ns = json_text_or(row, "ns", ""), *name = json_text_or(row, "name", "");
    char hash[64];
    for (size_t i = 0; i < account->cluster.pods.len; i++) {
        const struct pod *pod = &account->cluster.pods.at[i];
        if (strcmp(pod->status, "Terminating") == 0 || !template_hash(pod, ns, name, hash, sizeof hash))
            continue;
        if (has_text(json_object_get(row, "hashes"), hash)) {
            part->old += pod->ready > 0;
            continue;
        }
        part->fresh++;
        part->ready += pod_is_ready(pod);
        if (part->changed && is_broken(pod) && !*out->wrong)
            text_format(out->wrong, sizeof out->wrong, "pod %s, of the new image %s: %s%s", pod->name, part->to, pod->status,
                        pod->restarts >= RESTARTS_MAX ? ", started again and again" : "");
    }
}

static const struct deployment *deployment_of(const struct account *account, const json_t *row)
{
    for (size_t i = 0; i < account->cluster.deployments.len; i++) {
        const struct deployment *d = &account->cluster.deployments.at[i];
        if (text_equal(d->ns, json_text(row, "ns")) && text_equal(d->name, json_text(row, "name")))
            return d;
    }
    return NULL;
}

static void look_at_part(const struct account *account, const json_t *row, struct rollout *out)
{
    struct rollout_part *part = &out->parts[out->count++];
    const struct deployment *d = deployment_of(account, row);
    char digest[80] = "";
    text_copy(part->name, sizeof part->name, json_text_or(row, "name", "?"));
    digest_short(json_text_or(row, "from", ""), part->from, sizeof part->from);
    digest_short(json_text_or(row, "to", ""), part->to, sizeof part->to);
    part->changed = d && digest_of(d, json_text_or(row, "repository", ""), digest, sizeof digest) && text_equal(digest, json_text(row, "to"));
    part->desired = d ? d->desired : -1;
    count_pods(account, row, part, out);
    part->settled = part->changed && d->updated == d->desired && d->ready == d->desired && (d->available < 0 || d->available == d->desired) &&
                    !part->old && part->ready >= d->desired;
}

static void look_at_alarms(const struct account *account, const json_t *before, struct rollout *out)
{
    for (size_t i = 0; i < account->alarms.len && !*out->wrong; i++) {
        const struct alarm *alarm = &account->alarms.at[i];
        const json_t *since = json_object_get(before, alarm->name);
        if (alarm->state == ALARM_ALARM && (!since || json_integer_value(since) < alarm->since))
            text_format(out->wrong, sizeof out->wrong, "alarm %s has gone off since: %s", alarm->name, alarm->reason);
    }
}

static void say(struct rollout *out)
{
    struct str text = STR_INIT(4096);
    for (size_t i = 0; i < out->count; i++) {
        const struct rollout_part *part = &out->parts[i];
        str_addf(&text, "%s%s ", i ? "; " : "", part->name);
        if (!part->changed)
            str_addf(&text, "still told to run %s", part->from);
        else
            str_addf(&text, "%d of %d ready with %s", part->ready, part->desired, part->to);
        if (part->changed && part->old)
            str_addf(&text, ", %d old", part->old);
    }
    text_copy(out->words, sizeof out->words, str_text(&text));
    str_free(&text);
}

void rollout_look(const struct account *account, const json_t *plan, struct rollout *out)
{
    const json_t *parts = json_object_get(plan, "parts");
    size_t i;
    json_t *row;
    *out = (struct rollout){.settled = json_array_size(parts) > 0};
    json_array_foreach(parts, i, row)
        if (i < ROLLOUT_PARTS_MAX) {
            look_at_part(account, row, out);
            out->changed |= out->parts[i].changed;
            out->settled &= out->parts[i].settled;
        }
    look_at_alarms(account, json_object_get(plan, "alarms"), out);
    say(out);
}

/* Judging. */

enum rollout_verdict rollout_judge(const struct rollout *r, struct rollout_watch *w, enum rollout_run run, int64_t alarms_read_at, int64_t now,
                                   char *words, size_t size)
{
    if (r->changed && !w->changed_at)
        w->changed_at = now;
    if (run != ROLLOUT_RUN_GOES_ON && !w->run_ended_at)
        w->run_ended_at = now;
    w->settled_at = !r->settled ? 0 : w->settled_at ? w->settled_at : now;
    text_copy(words, size, *r->wrong ? r->wrong : r->words);
    if (*r->wrong)
        return ROLLOUT_FAILING;
    if (w->settled_at && now - w->settled_at >= ROLLOUT_QUIET_MS && alarms_read_at >= w->settled_at)
        return ROLLOUT_SETTLED;
    if (run == ROLLOUT_RUN_FAILED) {
        text_format(words, size, "the run has failed; %s", r->words);
        return ROLLOUT_FAILING;
    }
    if (run == ROLLOUT_RUN_DONE && !r->changed && now - w->run_ended_at > ROLLOUT_UNSEEN_MS) {
        text_format(words, size, "the run has succeeded, but nothing runs its image: %s", r->words);
        return ROLLOUT_FAILING;
    }
    if (w->changed_at && !r->settled && now - w->changed_at > ROLLOUT_LATE_MS) {
        text_format(words, size, "not settled after %d minutes: %s", ROLLOUT_LATE_MS / 60000, r->words);
        return ROLLOUT_FAILING;
    }
    return ROLLOUT_UNDER_WAY;
}

const char *rollout_back(const json_t *plan, char *out, size_t size)
{
    struct str text = STR_INIT(2048);
    char digest[16];
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(plan, "parts"), i, row) {
        str_addf(&text, "%s%s %s", i ? ", " : "", json_text_or(row, "repository", "?"),
                 digest_short(json_text_or(row, "from", ""), digest, sizeof digest));
    }
    text_copy(out, size, str_text(&text));
    str_free(&text);
    return out;
}
