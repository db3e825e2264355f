# The room actions: the engine, what is durable beneath it, and the procedures. Unit tests are tests/unit/actions_*.c.
noinst_LIBRARIES += libactions.a
libactions_a_SOURCES =
libactions_a_SOURCES += src/actions/action.h
libactions_a_SOURCES += src/actions/audit.c src/actions/audit.h
libactions_a_SOURCES += src/actions/audit_internal.h
libactions_a_SOURCES += src/actions/audit_record.c
libactions_a_SOURCES += src/actions/audit_verify.c
libactions_a_SOURCES += src/actions/busy.c
libactions_a_SOURCES += src/actions/calls.c
libactions_a_SOURCES += src/actions/dev.c
libactions_a_SOURCES += src/actions/dev_steps.c src/actions/dev_steps.h
libactions_a_SOURCES += src/actions/drill.c src/actions/drill.h
libactions_a_SOURCES += src/actions/drill_check.c
libactions_a_SOURCES += src/actions/drill_events.c
libactions_a_SOURCES += src/actions/drill_record.c
libactions_a_SOURCES += src/actions/drill_report.c
libactions_a_SOURCES += src/actions/drill_steps.h
libactions_a_SOURCES += src/actions/drill_watch.c
libactions_a_SOURCES += src/actions/engine.c src/actions/engine.h
libactions_a_SOURCES += src/actions/guard.c
libactions_a_SOURCES += src/actions/internal.h
libactions_a_SOURCES += src/actions/journal.c src/actions/journal.h
libactions_a_SOURCES += src/actions/kube_steps.c src/actions/kube_steps.h
libactions_a_SOURCES += src/actions/lock.c src/actions/lock.h
libactions_a_SOURCES += src/actions/operator.c
libactions_a_SOURCES += src/actions/pipeline_steps.c
libactions_a_SOURCES += src/actions/probe.c src/actions/probe.h
libactions_a_SOURCES += src/actions/probe_http.c
libactions_a_SOURCES += src/actions/probe_internal.h
libactions_a_SOURCES += src/actions/probe_record.c src/actions/probe_record.h
libactions_a_SOURCES += src/actions/probe_rows.c src/actions/probe_rows.h
libactions_a_SOURCES += src/actions/probe_tcp.c
libactions_a_SOURCES += src/actions/record.c
libactions_a_SOURCES += src/actions/release.c src/actions/release.h
libactions_a_SOURCES += src/actions/release_steps.c
libactions_a_SOURCES += src/actions/rollout.c src/actions/rollout.h
libactions_a_SOURCES += src/actions/run.c
libactions_a_SOURCES += src/actions/schedule_steps.c src/actions/schedule_steps.h
libactions_a_SOURCES += src/actions/schedules.c
libactions_a_SOURCES += src/actions/state.c src/actions/state.h
libactions_a_SOURCES += src/actions/table.c
libactions_a_SOURCES += src/actions/workload.c src/actions/workload.h
if LIBPQ
libactions_a_SOURCES += src/actions/probe_conninfo.c src/actions/probe_conninfo.h src/actions/probe_postgres.c
else
libactions_a_SOURCES += src/actions/probe_no_postgres.c
endif
# Drives one probe for tests/e2e/test_probe_postgres.py. Built with the tests, and no test itself.
EXTRA_PROGRAMS += tests/e2e/probe_runner
check_DATA += tests/e2e/probe_runner$(EXEEXT)
CLEANFILES += tests/e2e/probe_runner$(EXEEXT)
tests_e2e_probe_runner_SOURCES = tests/e2e/probe_runner.c
tests_e2e_probe_runner_LDADD = libactions.a libnet.a libbase.a $(ROOM_LIBS)
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/actions_audit
tests_unit_actions_audit_SOURCES = tests/unit/actions_audit.c
tests_unit_actions_audit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_actions_audit_LDADD = libactions.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/actions_engine
tests_unit_actions_engine_SOURCES = tests/unit/actions_engine.c
tests_unit_actions_engine_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_actions_engine_LDADD = $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/actions_journal
tests_unit_actions_journal_SOURCES = tests/unit/actions_journal.c
tests_unit_actions_journal_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_actions_journal_LDADD = libactions.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/actions_probe
tests_unit_actions_probe_SOURCES = tests/unit/actions_probe.c
tests_unit_actions_probe_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_actions_probe_LDADD = libactions.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/actions_drill
tests_unit_actions_drill_SOURCES = tests/unit/actions_drill.c
tests_unit_actions_drill_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_actions_drill_LDADD = $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
