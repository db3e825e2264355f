/* The gate before production: what is known that speaks for or against releasing a run, each point with a verdict and its evidence. What the
 * Releases pane shows and what the guarded action asks before it approves. */
#ifndef TRIVET_ESTATE_GATE_H
#define TRIVET_ESTATE_GATE_H

#include "estate/estate.h"

enum gate_verdict { GATE_PASS, GATE_FAIL, GATE_UNKNOWN /* could not be read: counts as failed until somebody says otherwise */ };

struct gate_point {
    const char *key, *title; /* "dev-image", "same image ran in dev" */
    enum gate_verdict verdict;
    char evidence[240];
};

struct gate_image { /* of one repository that production's deployments run */
    char repository[120];
    char digest[80];    /* of the candidate; "" if the registry has none for its commit */
    char running[80];   /* what production is to run now; "" not known */
    bool unread;        /* what the registry has of it could not be read */
    const struct image *image, *old; /* the registry's rows; NULL if not there. Borrowed from the estate */
};

#define GATE_POINTS_MAX 12
#define GATE_IMAGES_MAX 8
struct gate {
    struct gate_point points[GATE_POINTS_MAX];
    size_t point_count;
    struct gate_image images[GATE_IMAGES_MAX];
    size_t image_count;
};

/* account is where the release goes; of a pipeline the one it is in. */
void gate_look(const struct estate *estate, size_t account, const struct release *release, int64_t now, struct gate *out);
/* may it be reviewed: this alone */
void gate_rights(const struct estate *estate, size_t account, const struct release *release, int64_t now, struct gate *out);
void gate_images(const struct estate *estate, size_t account, const char *sha, struct gate *out); /* the images alone */
void gate_add(struct gate *gate, const char *key, const char *title, enum gate_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
