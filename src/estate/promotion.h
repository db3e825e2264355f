/* Where an image runs, where it ran before, and whether it came to production by way of development. Pure functions. */
#ifndef TRIVET_ESTATE_PROMOTION_H
#define TRIVET_ESTATE_PROMOTION_H

#include "estate/estate.h"

/* Each image of a Deployment, as it is written there. */
typedef void image_reference(void *arg, const struct deployment *deployment, const char *reference);
void deployment_images(const struct deployment *deployment, image_reference *each, void *arg);
/* "1111.dkr.ecr.us-east-1.amazonaws.com/backend:v1" → "v1"; "" where there is none. */
const char *image_tag(const char *reference, char *out, size_t size);
bool image_is_from(const char *reference, const char *account_id); /* of that account's registry */
bool image_is_meant(const struct image *image, const char *reference); /* by digest; by tag where there is none */

struct image_place {
    size_t account;
    const struct deployment *deployment;
};
bool deployment_runs(const struct deployment *deployment, const struct image *image); /* one that is scaled to nothing runs nothing */
/* The Deployments that run it now, at most `max` of them, production's first. */
size_t image_places(const struct estate *estate, const struct image *image, struct image_place *out, size_t max);
bool image_runs_in(const struct estate *estate, const struct image *image, enum account_kind kind);
/* "prod backend, batch  dev backend". Returns out. */
const char *image_places_text(const struct estate *estate, const struct image *image, char *out, size_t size);

/* The run of the pipeline that built it, as far as one is known: a tag names its commit. NULL: none. `account`: which keeps it. */
const struct release *image_run(const struct estate *estate, const struct image *image, size_t *account);

enum promotion { PROMOTION_RUNS /* in development now */, PROMOTION_RAN, PROMOTION_NEVER,
                 PROMOTION_UNKNOWN /* revisions do not reach back so far */ };
/* An image that the registry does not know has a repository and a digest alone. `at`: since when development had it, 0 not known; NULL is fine. */
enum promotion image_promotion(const struct account *development, const struct image *image, int64_t *at);
const struct account *estate_development(const struct estate *estate); /* the first of that kind; NULL */

#endif
