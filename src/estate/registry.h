/* The container registry of an account, repository by repository: how it guards what is in it, and who may pull. */
#ifndef TRIVET_ESTATE_REGISTRY_H
#define TRIVET_ESTATE_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

struct ecr_repository {
    char name[120];
    char mutability[32];  /* IMMUTABLE, MUTABLE, IMMUTABLE_WITH_EXCLUSION… */
    char excluded[700];   /* patterns of tags to which the other rule applies, separated by blanks */
    bool scan_on_push;    /* by its own setting or by a rule of the registry */
    bool scan_unknown;    /* not by its own; the registry's rules could not be read */
    int lifecycle;        /* 1: it has such a policy, 0: none, -1: not known */
    int policy;           /* likewise, of who may do what with it */
    char principals[4000]; /* whom that policy lets in: ARNs, account ids, "*", "Service:…"; separated by blanks */
    char pullers[4000];    /* those of them who may pull */
    bool denies, denies_all; /* pulls to some whom it lets in; and that not by name, so that it may be anybody */
    bool conditional;     /* it lets everybody in who meets a condition */
    char pushes[200];     /* what it lets them do beyond pulling and looking: "ecr:PutImage ecr:*" */
    int64_t created_at;
};

struct registry {
    VEC(struct ecr_repository) repositories;
};

/* Is a tag of this name held fast, whoever pushes? */
bool repository_holds(const struct ecr_repository *repository, const char *tag);

#endif
