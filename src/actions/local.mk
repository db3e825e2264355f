# The room actions: the engine and its procedures.
noinst_LIBRARIES += libactions.a
libactions_a_SOURCES = \
	src/actions/action.h \
	src/actions/audit.c \
	src/actions/audit.h \
	src/actions/busy.c \
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
	src/actions/pipeline_steps.c \
	src/actions/record.c \
	src/actions/release.c \
	src/actions/release.h \
	src/actions/release_steps.c \
	src/actions/rollout.c \
	src/actions/rollout.h \
	src/actions/run.c \
	src/actions/table.c
