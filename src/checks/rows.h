/* The rows of each area, for table.c. */
#ifndef TRIVET_CHECKS_ROWS_H
#define TRIVET_CHECKS_ROWS_H

#include "checks/check.h"

extern const struct check check_net_vpc, check_net_app_subnets, check_net_db_subnets, check_net_private, check_net_endpoints, check_net_nacl,
    check_sg_pods, check_sg_db,
    check_sg_open; /* network.c */
extern const struct check check_alb_internal, check_alb_header, check_alb_tls, check_alb_health, check_ebs_encrypted; /* balancers.c */
extern const struct check check_dns_cloudfront, check_cdn_origin, check_cdn_behaviours, check_cdn_hit_ratio, check_waf_attached, check_waf_rules,
    check_waf_logging; /* edge.c */
extern const struct check check_db_engine, check_db_multi_az, check_db_backups, check_db_dr, check_db_encrypted, check_db_iam_auth, check_db_tls,
    check_db_private; /* database.c */
extern const struct check check_cost_budgets, check_cost_anomaly, check_cost_shutdown; /* costs.c */
extern const struct check check_mon_alarms, check_mon_logs; /* monitoring.c */
extern const struct check check_org_accounts, check_org_scp, check_org_trail, check_org_no_workload, check_iam_root_mfa, check_iam_user_mfa,
    check_iam_prod_mfa, check_iam_cross_account, check_ci_oidc, check_ci_no_keys, check_ci_prod_gate, check_ci_scan, check_s3_state, check_s3_static,
    check_sec_rotation, check_kms_kms,
    check_ops_session_manager; /* security.c */
/* platform.c */
extern const struct check check_eks_cluster, check_eks_fargate, check_eks_spread, check_eks_nodes, check_eks_addons, check_eks_hpa, check_eks_irsa;
extern const struct check check_image_central, check_image_scan, check_image_immutable, check_image_lifecycle, check_image_policy,
    check_image_promoted,
    check_image_findings, check_image_tags; /* images.c */

#endif
