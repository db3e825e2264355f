# The room estate. Unit tests are tests/unit/estate_*.c.
noinst_LIBRARIES += libestate.a
libestate_a_SOURCES = src/estate/acknowledged.c src/estate/acknowledged.h src/estate/alarm.c src/estate/alarm.h src/estate/block.c src/estate/block.h src/estate/budget.h src/estate/change.h src/estate/cluster.h src/estate/cluster_index.c \
	src/estate/cluster_write.c \
	src/estate/config.h src/estate/database.h src/estate/detail.h src/estate/distribution.h src/estate/estate.c src/estate/estate.h src/estate/gate.c src/estate/gate.h src/estate/health.c src/estate/history.h \
	src/estate/internal.h src/estate/names.c src/estate/organization.h src/estate/release.c src/estate/release.h src/estate/release_write.c src/estate/schedule.c src/estate/schedule.h src/estate/session.h src/estate/slice.h src/estate/waf.h \
	src/estate/write.c src/estate/write.h
libestate_a_SOURCES += src/estate/edge.c src/estate/edge.h src/estate/edge_write.c
libestate_a_SOURCES += src/estate/network.c src/estate/network.h src/estate/network_write.c
libestate_a_SOURCES += src/estate/likely.c src/estate/likely.h
libestate_a_SOURCES += src/estate/cost.c src/estate/cost.h src/estate/cost_write.c src/estate/log_group.h
libestate_a_SOURCES += src/estate/insights.c src/estate/insights.h
libestate_a_SOURCES += src/estate/schedule_cron.c
libestate_a_SOURCES += src/estate/security.c src/estate/security.h src/estate/write_security.c
libestate_a_SOURCES += src/estate/schedule_tell.c
libestate_a_SOURCES += src/estate/scheduled.c src/estate/scheduled.h
libestate_a_SOURCES += src/estate/platform.c src/estate/platform.h src/estate/platform_write.c src/estate/registry.h
libestate_a_SOURCES += src/estate/promotion.c src/estate/promotion.h
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/estate_account tests/unit/estate_cluster tests/unit/estate_edge tests/unit/estate_schedule
tests_unit_estate_edge_LDADD = libestate.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/estate_network
tests_unit_estate_network_LDADD = libtests.a libestate.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_estate_schedule_LDADD = libestate.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_estate_account_LDADD = libestate.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_estate_cluster_LDADD = libtests.a libestate.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/estate_scheduled
tests_unit_estate_scheduled_LDADD = libestate.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/estate_likely
tests_unit_estate_likely_LDADD = libtests.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/estate_gate
tests_unit_estate_gate_LDADD = libtests.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
