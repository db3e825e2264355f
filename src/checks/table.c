/* Every check, area by area. */
#include "checks/rows.h"

const struct check *const check_rows[] = {
    /* network.c */
    &check_net_vpc,
    &check_net_app_subnets,
    &check_net_db_subnets,
    &check_net_private,
    &check_net_endpoints,
    &check_net_nacl,
    &check_sg_pods,
    &check_sg_db,
    &check_sg_open,
    /* balancers.c */
    &check_alb_internal,
    &check_alb_header,
    &check_alb_tls,
    &check_alb_health,
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
    &check_ebs_encrypted, /* balancers.c */
    NULL,
};
