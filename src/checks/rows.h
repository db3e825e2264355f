/* The rows of each area, for table.c. */
#ifndef TRIVET_CHECKS_ROWS_H
#define TRIVET_CHECKS_ROWS_H

#include "checks/check.h"

extern const struct check check_engine, check_multi_az, check_backups, check_dr, check_encrypted, check_iam_auth; /* database.c */

#endif
