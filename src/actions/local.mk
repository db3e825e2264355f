# The room actions: the engine and its procedures.
noinst_LIBRARIES += libactions.a
libactions_a_SOURCES = \
	src/actions/action.h \
	src/actions/audit.c \
	src/actions/audit.h \
	src/actions/calls.c \
	src/actions/dev.c \
	src/actions/dev_steps.c \
	src/actions/dev_steps.h \
	src/actions/engine.c \
	src/actions/engine.h \
	src/actions/guard.c \
	src/actions/internal.h \
	src/actions/journal.c \
	src/actions/journal.h \
	src/actions/kube_steps.c \
	src/actions/kube_steps.h \
	src/actions/lock.c \
	src/actions/lock.h \
	src/actions/operator.c \
	src/actions/record.c \
	src/actions/run.c \
	src/actions/state.c \
	src/actions/state.h \
	src/actions/table.c

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/actions_engine
tests_unit_actions_engine_SOURCES = tests/unit/actions_engine.c
tests_unit_actions_engine_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_actions_engine_LDADD = $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
