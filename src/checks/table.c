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
    /* security.c */
    &check_org_accounts,
    &check_org_scp,
    &check_org_trail,
    &check_org_no_workload,
    &check_iam_root_mfa,
    &check_iam_user_mfa,
    &check_iam_prod_mfa,
    &check_iam_cross_account,
    &check_ci_oidc,
    &check_ci_no_keys,
    &check_ci_prod_gate,
    &check_s3_state,
    &check_sec_rotation,
    &check_kms_kms,
    &check_ops_session_manager,
    NULL,
};
