/* Every check, area by area. */
#include "checks/rows.h"

const struct check *const check_rows[] = {
    /* database.c */
    &check_engine,
    &check_multi_az,
    &check_backups,
    &check_dr,
    &check_encrypted,
    &check_iam_auth,
    NULL,
};
