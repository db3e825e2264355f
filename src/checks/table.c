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
    &check_ebs_encrypted, /* balancers.c */
    NULL,
};
