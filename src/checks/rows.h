/* The rows of each area, for table.c. */
#ifndef TRIVET_CHECKS_ROWS_H
#define TRIVET_CHECKS_ROWS_H

#include "checks/check.h"

extern const struct check check_db_engine, check_db_multi_az, check_db_backups, check_db_dr, check_db_encrypted, check_db_iam_auth; /* database.c */

#endif
