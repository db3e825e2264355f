# The room actions. Unit tests are tests/unit/actions_*.c.
noinst_LIBRARIES += libactions.a
libactions_a_SOURCES = \
	src/actions/probe.c \
	src/actions/probe.h \
	src/actions/probe_http.c \
	src/actions/probe_internal.h \
	src/actions/probe_record.c \
	src/actions/probe_record.h \
	src/actions/probe_rows.c \
	src/actions/probe_rows.h \
	src/actions/probe_tcp.c
if LIBPQ
libactions_a_SOURCES += \
	src/actions/probe_conninfo.c \
	src/actions/probe_conninfo.h \
	src/actions/probe_postgres.c
else
libactions_a_SOURCES += \
	src/actions/probe_no_postgres.c
endif
# Drives one probe for tests/e2e/test_probe_postgres.py. Built with the tests, and no test itself.
EXTRA_PROGRAMS += tests/e2e/probe_runner
check_DATA += tests/e2e/probe_runner$(EXEEXT)
CLEANFILES += tests/e2e/probe_runner$(EXEEXT)
tests_e2e_probe_runner_SOURCES = tests/e2e/probe_runner.c
tests_e2e_probe_runner_LDADD = libactions.a libnet.a libbase.a $(ROOM_LIBS)
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/actions_probe
tests_unit_actions_probe_SOURCES = tests/unit/actions_probe.c
tests_unit_actions_probe_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_actions_probe_LDADD = libactions.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
