/* What RDS tells of a failover, and how far it has come by that. The words are the service's: DescribeEvents gives no numbers, those of the
 * documentation (RDS-EVENT-0013…) stand here beside them. */
#include <string.h>

#include "actions/drill.h"
#include "base/json.h"
#include "base/text.h"

static bool is_begin(const char *m) { return text_contains(m, "failover started"); } /* RDS-EVENT-0013 */

static bool is_end(const char *m) /* RDS-EVENT-0015, -0049 */
{
    return text_contains(m, "failover completed") || text_contains(m, "failover to standby complete") || text_contains(m, "failover complete");
}

static bool is_abandoned(const char *m) /* RDS-EVENT-0034 */
{
    return text_contains(m, "Abandoning user requested failover") || text_contains(m, "RDS-EVENT-0034");
}

static void read_one(int64_t at, const char *message, struct failover_events *out)
{
    if (at >= out->last_at) {
        out->last_at = at;
        text_copy(out->last, sizeof out->last, message);
    }
    if (is_abandoned(message)) {
        out->abandoned_at = at;
        text_copy(out->abandoned, sizeof out->abandoned, message);
    } else if (is_end(message) && !out->completed_at) {
        out->completed_at = at;
    } else if (is_begin(message) && !out->started_at) {
        out->started_at = at;
    }
}

static bool is_of(const json_t *row, const char *database) { return text_same_case(json_text_or(row, "SourceIdentifier", ""), database); }

void failover_read(const json_t *events, const char *database, int64_t after, struct failover_events *out, failover_event *each, void *arg)
{
    size_t i;
    json_t *row;
    *out = (struct failover_events){0};
    json_array_foreach(events, i, row)
    {
        char message[160];
        const char *text = json_text_or(row, "Message", "");
        int64_t at = json_when(row, "Date");
        if (!is_of(row, database) || at <= after)
            continue;
        text_clean(message, sizeof message, text, strlen(text));
        read_one(at, message, out);
        if (each)
            each(arg, at, message);
    }
}

static bool is_broken(const char *status)
{
    static const char *const broken[] = {
        "failed", "storage-full", "inaccessible-encryption-credentials", "incompatible-network", "incompatible-restore", "deleting"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        if (!strcmp(status, broken[i]))
            return true;
    return false;
}

static bool is_swapped(const struct failover_look *l) { return *l->zone && *l->zone_before && strcmp(l->zone, l->zone_before) != 0; }

/* Of a failover some time ago the events may be gone, or come late: zones that have swapped tell it too. */
bool failover_is_back(const struct failover_look *l)
{
    return (l->events->completed_at || is_swapped(l)) && !strcmp(l->status, "available") && l->probes_good;
}

static enum finding judge_before(const struct failover_look *l, char *words, size_t size)
{
    if (l->events->started_at || l->events->completed_at || is_swapped(l)) {
        text_copy(words, size, "it has failed over by itself since it was checked");
        return FOUND_FAILED;
    }
    text_format(words, size, "%s, primary in %s", l->status, l->zone);
    return FOUND_TODO;
}

static enum finding judge_after(const struct failover_look *l, char *words, size_t size)
{
    bool available = !strcmp(l->status, "available");
    if (failover_is_back(l)) {
        bool over = is_swapped(l) || l->zones_given_up;
        text_format(words, size, is_swapped(l) ? "failed over, primary in %s" : "failed over; its primary is still shown in %s", l->zone);
        return over ? FOUND_DONE : FOUND_UNDERWAY;
    }
    if (available && !l->events->started_at && !l->events->completed_at && !*l->events->last && !is_swapped(l)) {
        text_copy(words, size, "available, no failover seen yet");
        return FOUND_TODO;
    }
    if (available && (l->events->completed_at || is_swapped(l)))
        text_copy(words, size, "failed over; not every probe answers yet");
    else
        text_format(words, size, "%s%s%s", l->status, *l->events->last ? ": " : "", l->events->last);
    return FOUND_UNDERWAY;
}

enum finding failover_judge(const struct failover_look *l, char *words, size_t size)
{
    if (l->events->abandoned_at) {
        text_format(words, size, "RDS did not attempt the failover: %s", l->events->abandoned);
        return FOUND_FAILED;
    }
    if (is_broken(l->status)) {
        text_format(words, size, "the database is %s", l->status);
        return FOUND_FAILED;
    }
    return l->called ? judge_after(l, words, size) : judge_before(l, words, size);
}
