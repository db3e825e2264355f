/* Releases: workflow runs that wait at an environment, those of late, and what lies between what production runs and the candidate, kept by the
 * production account; and pipelines of CodePipeline that wait for a person, kept by the account they are in.
 * Titles, messages, branches and names are written by whoever can push: cleaned on their way in. */
#ifndef TRIVET_ESTATE_RELEASE_H
#define TRIVET_ESTATE_RELEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

enum release_state { RELEASE_WAITING, RELEASE_RUNNING, RELEASE_SUCCEEDED, RELEASE_FAILED, RELEASE_CANCELLED };
const char *release_state_name(enum release_state state); /* "waiting", … */

enum release_provider { RELEASE_GITHUB, RELEASE_PIPELINE };

struct release {
    enum release_provider provider;
    int64_t id, number;       /* 0 of a pipeline */
    int64_t workflow;
    char pipeline[104];       /* its name; "" of a run */
    char stage[104], action[104]; /* where the pipeline waits for approval; "" if it does not */
    char execution[40];       /* of a pipeline: which one waits */
    char link[300];           /* what the pipeline wants looked at; "" none */
    char url[300];            /* of a run: its page at GitHub */
    enum release_state state;
    char title[160], message[240];
    char branch[100], sha[44], actor[48], event[24];
    char environment[64];     /* it waits at; "" if at none. Of a pipeline the stage */
    int64_t environment_id;
    bool can_approve;         /* the token's owner may review it; of a pipeline: the profile names an operator role */
    char reviewers[120];      /* "rosa-kim, ines-park" */
    int reviews;              /* of the environment, in this run so far; -1 not known */
    char reviewed[200];       /* the last of them: "approved by rosa-kim: cache fix"; "" none */
    int64_t created_at, updated_at;
    int64_t waiting_since;    /* about: since the run was last changed; 0 if it does not wait */
    int64_t waits_until;      /* of a wait timer; 0 none */
};

struct release_commit {
    char sha[44], message[160], author[48];
    int64_t at;
};

struct release_set {
    char repository[140];
    VEC(struct release) runs;           /* newest first */
    char from[44], to[44];              /* what the last release that went well deployed, and the newest that waits; "" not known */
    int ahead, behind;                  /* commits; -1 not known */
    VEC(struct release_commit) commits; /* between the two, newest first; bounded */
};

/* By id, or by number: workflows number their runs each for itself, so one that waits comes before others. NULL if not there. */
const struct release *release_find(const struct release_set *set, int64_t id_or_number);
bool release_is_ambiguous(const struct release_set *set, const struct release *release); /* another one that waits has the same number */
const struct release *release_pipeline(const struct release_set *set, const char *name); /* NULL if not there */
/* What people call it: "812"; its id where the number is another's too; the pipeline's name. Returns out. */
const char *release_label(const struct release_set *set, const struct release *release, char *out, size_t size);
/* The newest of the same workflow that went well: what production runs, as far as GitHub knows. NULL if there is none. */
const struct release *release_last_good(const struct release_set *set, int64_t workflow);

/* The images that clusters run, as the registry in the management account has them. */
struct image {
    char repository[120];
    char digest[80];      /* "sha256:…" */
    char tags[200];       /* "v1.8.3 4f2c91e", in the registry's order */
    int64_t pushed_at;
    char scan[24];        /* COMPLETE, ACTIVE, IN_PROGRESS, FAILED…; "" never scanned */
    int critical, high, medium, low; /* findings; -1 not known */
};
typedef VEC(struct image) image_rows;
/* What a scan found in an image that production runs: the worst first, a few of each image. */
struct image_finding {
    char digest[80], name[64], severity[16], package[80], version[64];
};
#define IMAGE_FINDINGS_MAX 25 /* of an image */
struct image_unread { /* a repository whose images could not be read: what is not among the rows may be there all the same */
    char region[24], repository[120];
};
struct image_set {
    image_rows rows; /* by repository, newest first */
    VEC(struct image_unread) unread;
    VEC(struct image_finding) findings;
};

const struct image *image_by_digest(const struct image_set *set, const char *digest);                       /* NULL if not there */
const struct image *image_by_commit(const struct image_set *set, const char *repository, const char *sha); /* repository NULL: the first of any */
bool image_has_tag(const struct image *image, const char *tag);
/* v1.2.3, or the commit: its hash whole or at least seven digits of it, also behind "sha-". sha NULL: any hash. */
bool tag_is_version(const char *tag);
bool tag_is_commit(const char *tag, const char *sha);
bool tag_is_environment(const char *tag); /* "prod-latest": moves with what an environment runs */
bool tag_names_build(const struct image *image); /* does a tag of it say version or commit? */
/* Of "host/repository:tag@sha256:…": the repository without the host, the digest. "" where there is none. */
void image_parse(const char *reference, char *repository, size_t repository_size, char *digest, size_t digest_size);
/* The region of a reference to a registry of AWS's; false: it is none. */
bool image_region(const char *reference, char *out, size_t size);
bool image_is_unread(const struct image_set *set, const char *reference); /* could its repository not be read? */
const char *digest_short(const char *digest, char *out, size_t size); /* "sha256:91ab03c2…" → "91ab03c2" */

#endif
