# The room actions. Unit tests are tests/unit/actions_*.c.
noinst_LIBRARIES += libactions.a
libactions_a_SOURCES =
libactions_a_SOURCES += src/actions/audit.c src/actions/audit.h
libactions_a_SOURCES += src/actions/audit_internal.h
libactions_a_SOURCES += src/actions/audit_record.c
libactions_a_SOURCES += src/actions/audit_verify.c
libactions_a_SOURCES += src/actions/journal.c src/actions/journal.h
libactions_a_SOURCES += src/actions/lock.c src/actions/lock.h
libactions_a_SOURCES += src/actions/state.c src/actions/state.h
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/actions_audit
tests_unit_actions_audit_SOURCES = tests/unit/actions_audit.c
tests_unit_actions_audit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_actions_audit_LDADD = libactions.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/actions_journal
tests_unit_actions_journal_SOURCES = tests/unit/actions_journal.c
tests_unit_actions_journal_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_actions_journal_LDADD = libactions.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
