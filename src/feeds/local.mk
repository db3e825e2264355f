# The room feeds. Unit tests are tests/unit/feeds_*.c.
noinst_LIBRARIES += libfeeds.a
libfeeds_a_SOURCES = src/feeds/alarms.c src/feeds/own_actions.c src/feeds/trail_events.c src/feeds/budgets.c src/feeds/calls.c src/feeds/database.c src/feeds/detail.c src/feeds/drills.c src/feeds/feeds.c \
	src/feeds/feeds.h src/feeds/fields.h src/feeds/images.c src/feeds/internal.h src/feeds/kube_detail.c src/feeds/kube_metrics.c src/feeds/kube_tables.c \
	src/feeds/map.h src/feeds/node_groups.c src/feeds/organization.c src/feeds/pipelines.c src/feeds/quantity.c src/feeds/quantity.h src/feeds/releases.c src/feeds/session.c src/feeds/edge.c src/feeds/waf.c
	src/feeds/map.h src/feeds/node_groups.c src/feeds/organization.c src/feeds/pipelines.c src/feeds/quantity.c src/feeds/quantity.h src/feeds/releases.c src/feeds/session.c src/feeds/waf.c
libfeeds_a_SOURCES += src/feeds/schedules.c
libfeeds_a_SOURCES += src/feeds/credentials.c src/feeds/deploy_gate.c src/feeds/identity.c src/feeds/identity_map.c src/feeds/secrets.c \
	src/feeds/service_accounts.c src/feeds/state_bucket.c
libfeeds_a_SOURCES += src/feeds/balancers.c src/feeds/listeners.c src/feeds/network.c src/feeds/network.h
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/feeds_quantity tests/unit/feeds_times
tests_unit_feeds_times_SOURCES = tests/unit/feeds_times.c
tests_unit_feeds_times_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_feeds_times_LDADD = $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_feeds_quantity_SOURCES = tests/unit/feeds_quantity.c
tests_unit_feeds_quantity_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_feeds_quantity_LDADD = libfeeds.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/feeds_releases
tests_unit_feeds_releases_SOURCES = tests/unit/feeds_releases.c
tests_unit_feeds_releases_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_feeds_releases_LDADD = $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
