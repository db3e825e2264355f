# The room checks: conformance with the architecture.
noinst_LIBRARIES += libchecks.a
libchecks_a_SOURCES =
libchecks_a_SOURCES += src/checks/check.c src/checks/check.h
libchecks_a_SOURCES += src/checks/balancers.c src/checks/network.c src/checks/network.h
libchecks_a_SOURCES += src/checks/database.c
libchecks_a_SOURCES += src/checks/report.c src/checks/report.h
libchecks_a_SOURCES += src/checks/security.c
libchecks_a_SOURCES += src/checks/table.c src/checks/rows.h
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/checks_network
tests_unit_checks_network_SOURCES = tests/unit/checks_network.c tests/unit/network_estate.c tests/unit/network_estate.h
tests_unit_checks_network_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_checks_network_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit
tests_unit_checks_network_LDADD = libchecks.a libestate.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/checks_core
check_PROGRAMS += tests/unit/checks_security
tests_unit_checks_security_SOURCES = tests/unit/checks_security.c $(UI_ESTATE)
tests_unit_checks_security_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_checks_security_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit
tests_unit_checks_security_LDADD = $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_checks_core_SOURCES = tests/unit/checks_core.c
tests_unit_checks_core_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_checks_core_LDADD = libchecks.a libestate.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
