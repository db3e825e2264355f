/* The one object looked at closely (Enter, y) and the one log followed (l): asked for by the console, filled by feeds. */
#ifndef TRIVET_ESTATE_DETAIL_H
#define TRIVET_ESTATE_DETAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "estate/alarm.h"
#include "estate/slice.h"

enum detail_kind { DETAIL_NONE, DETAIL_ACCOUNT, DETAIL_POD, DETAIL_DATABASE, DETAIL_BUDGET, DETAIL_WEB_ACL, DETAIL_ALARM, DETAIL_RELEASE,
                   DETAIL_PIPELINE, DETAIL_NETWORK,
                   DETAIL_SECURITY, DETAIL_EDGE, DETAIL_LOG_GROUP, DETAIL_IMAGE, DETAIL_PLATFORM /* ns says what of it */ };

struct detail_key {
    enum detail_kind kind;
    size_t account;
    char ns[64];     /* of pods; what kind of row it is, of the network and of security */
    char name[256];
};

struct container {
    char name[64], image[256], state[40]; /* Running, CrashLoopBackOff, Completed… */
    bool init, ready;
    int restarts, exit_code;  /* last exit; -1 none */
    int64_t since;
};

struct object_event { /* Kubernetes events of the object */
    int64_t at;
    char type[16], reason[64], message[240];
    int count;
};

struct detail {
    struct detail_key key;
    struct slice slice;
    char *yaml;              /* the raw document(s) as YAML, cleaned; NULL until read. Owned */
    VEC(struct container) containers;
    VEC(struct object_event) events;
    double points[ALARM_POINTS]; /* of an alarm's metric, a period each, oldest first; NAN where there is no datum */
    int point_s;                /* seconds of a period; 0: it has no single metric */
    int64_t points_end;         /* wall ms */
    bool points_read;
    char statistic[24];
    struct error points_error;  /* why not */
    char service_account[64], owner[128], qos[16], image_digest[80];
    int64_t created_at;
};

#define LOG_LINES_MAX 2000
struct log_view {
    bool open, ended;
    size_t account;
    char ns[64], pod[256], container[64];
    struct error error;
    char *lines[LOG_LINES_MAX]; /* ring; cleaned; owned */
    size_t count;               /* ever; newest is lines[(count - 1) % LOG_LINES_MAX] */
};
const char *log_view_line(const struct log_view *log, size_t i); /* i = 0 is the newest; NULL beyond what is kept */

#endif
