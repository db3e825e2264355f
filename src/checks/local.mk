# The room checks: conformance with the architecture.
noinst_LIBRARIES += libchecks.a
libchecks_a_SOURCES =
libchecks_a_SOURCES += src/checks/balancers.c
libchecks_a_SOURCES += src/checks/check.c src/checks/check.h
libchecks_a_SOURCES += src/checks/costs.c
libchecks_a_SOURCES += src/checks/database.c
libchecks_a_SOURCES += src/checks/edge.c
libchecks_a_SOURCES += src/checks/images.c
libchecks_a_SOURCES += src/checks/monitoring.c
libchecks_a_SOURCES += src/checks/network.c src/checks/network.h
libchecks_a_SOURCES += src/checks/platform.c
libchecks_a_SOURCES += src/checks/report.c src/checks/report.h
libchecks_a_SOURCES += src/checks/rows.h
libchecks_a_SOURCES += src/checks/security.c
libchecks_a_SOURCES += src/checks/table.c
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/checks_core
check_PROGRAMS += tests/unit/checks_edge
tests_unit_checks_edge_LDADD = libtests.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/checks_network
check_PROGRAMS += tests/unit/checks_costs
tests_unit_checks_costs_LDADD = libtests.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_checks_network_LDADD = libtests.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/checks_security
tests_unit_checks_security_LDADD = libtests.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/checks_platform
tests_unit_checks_platform_LDADD = libtests.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_checks_core_LDADD = libtests.a libchecks.a libestate.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
