/* Every check, area by area. */
#include "checks/rows.h"

const struct check *const check_rows[] = {
    /* database.c */
    &check_db_engine,
    &check_db_multi_az,
    &check_db_backups,
    &check_db_dr,
    &check_db_encrypted,
    &check_db_iam_auth,
    NULL,
};
