# The program trivet-sim. It shares nothing with the clients but base and the tables of AWS shapes.
if SIM
bin_PROGRAMS += trivet-sim
noinst_LIBRARIES += libsim.a
libsim_a_SOURCES = src/sim/aws_ce.c src/sim/aws_logs.c src/sim/aws_logs_query.c src/sim/insights.h src/sim/insights_parse.c src/sim/insights_plan.h \
	src/sim/insights_run.c src/sim/logs.h src/sim/scenario_costs.c src/sim/scenario_costs.h \
	src/sim/alarms.c src/sim/alarms.h src/sim/auth.c src/sim/auth.h src/sim/aws.c src/sim/aws.h src/sim/aws_budgets.c \
	src/sim/aws_cloudfront.c src/sim/aws_cloudtrail.c src/sim/aws_cloudwatch.c src/sim/aws_codepipeline.c src/sim/aws_ec2.c \
	src/sim/aws_ecr.c src/sim/aws_eks.c src/sim/aws_ip_set.c src/sim/aws_node_group.c src/sim/aws_rds_course.c src/sim/aws_schedule_time.c \
	src/sim/aws_scheduler.c src/sim/aws_waf_surge.c src/sim/aws_world.c src/sim/aws_world.h \
	src/sim/aws_organizations.c src/sim/aws_rds.c src/sim/aws_sso.c src/sim/aws_sts.c src/sim/aws_wafv2.c src/sim/faults.c \
	src/sim/faults.h src/sim/internal.h src/sim/metrics.c src/sim/metrics.h src/sim/proto.h src/sim/proto_read.c \
	src/sim/proto_rest.c src/sim/proto_write.c src/sim/release.c src/sim/scenario.c src/sim/scenario.h src/sim/scenario_like.c src/sim/server.c src/sim/server.h src/sim/sim.c \
	src/sim/sim.h src/sim/trail.c src/sim/trail.h
libsim_a_CFLAGS = $(AM_CFLAGS) $(MICROHTTPD_CFLAGS)
libsim_a_SOURCES += src/sim/kube.h src/sim/kube_control.c src/sim/kube_event.c src/sim/kube_hpa.c src/sim/kube_http.c \
	src/sim/kube_json.c src/sim/kube_list.c src/sim/kube_log.c src/sim/kube_metrics.c src/sim/kube_node.c src/sim/kube_patch.c \
	src/sim/kube_pod.c src/sim/kube_rollout.c src/sim/kube_scenario.c src/sim/kube_select.c src/sim/kube_sim.c src/sim/kube_store.c src/sim/kube_table.c \
	src/sim/kube_watch.c src/sim/kube_write.c src/sim/kube_zone.c
libsim_a_SOURCES += src/sim/aws_acm.c src/sim/aws_cloudfront_config.c src/sim/aws_route53.c src/sim/scenario_edge.c src/sim/scenario_edge.h
libsim_a_SOURCES += src/sim/aws_elb_world.c src/sim/aws_elbv2.c src/sim/aws_interfaces.c src/sim/aws_network.c src/sim/kube_network.c src/sim/scenario_fields.h src/sim/scenario_network.c \
	src/sim/scenario_network.h
libsim_a_SOURCES += src/sim/happenings.c src/sim/github.c src/sim/github.h src/sim/github_json.c src/sim/github_runs.c src/sim/github_scenario.c
libsim_a_SOURCES += src/sim/aws_iam.c src/sim/aws_secrets.c src/sim/scenario_security.c src/sim/scenario_security.h
trivet_sim_SOURCES = src/sim/main.c
trivet_sim_LDADD = libsim.a libshape.a libbase.a $(MICROHTTPD_LIBS) $(OPENSSL_LIBS) $(JANSSON_LIBS) $(YAML_LIBS) $(EXPAT_LIBS)

scenariosdir = $(pkgdatadir)/profiles/scenarios
dist_scenarios_DATA = profiles/scenarios/drifted.yaml profiles/scenarios/healthy.yaml profiles/scenarios/incident-az-down.yaml \
	profiles/scenarios/incident-bad-release.yaml profiles/scenarios/over-budget.yaml profiles/scenarios/under-attack.yaml

libsim_a_SOURCES += src/sim/kube_daemon.c
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/sim_auth tests/unit/sim_faults tests/unit/sim_server
tests_unit_sim_auth_LDADD = libsim.a libshape.a libbase.a $(CMOCKA_LIBS) $(MICROHTTPD_LIBS) $(OPENSSL_LIBS) $(JANSSON_LIBS) $(YAML_LIBS) $(EXPAT_LIBS)
tests_unit_sim_faults_LDADD = libsim.a libshape.a libbase.a $(CMOCKA_LIBS) $(MICROHTTPD_LIBS) $(OPENSSL_LIBS) $(JANSSON_LIBS) $(YAML_LIBS) $(EXPAT_LIBS)
tests_unit_sim_server_LDADD = libsim.a libshape.a libbase.a $(CMOCKA_LIBS) $(MICROHTTPD_LIBS) $(OPENSSL_LIBS) $(JANSSON_LIBS) $(YAML_LIBS) $(EXPAT_LIBS)
endif
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/sim_kube tests/unit/sim_scenario tests/unit/sim_schedule
tests_unit_sim_scenario_LDADD = libsim.a libshape.a libbase.a $(CMOCKA_LIBS) $(MICROHTTPD_LIBS) $(OPENSSL_LIBS) $(JANSSON_LIBS) $(YAML_LIBS) $(EXPAT_LIBS)
tests_unit_sim_schedule_LDADD = libsim.a libshape.a libbase.a $(CMOCKA_LIBS) $(MICROHTTPD_LIBS) $(OPENSSL_LIBS) $(JANSSON_LIBS) $(YAML_LIBS) $(EXPAT_LIBS)
tests_unit_sim_kube_LDADD = libsim.a libshape.a libbase.a $(CMOCKA_LIBS) $(MICROHTTPD_LIBS) $(OPENSSL_LIBS) $(JANSSON_LIBS) $(YAML_LIBS) $(EXPAT_LIBS)
endif
endif
