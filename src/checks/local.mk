# The room checks: conformance with the architecture.
noinst_LIBRARIES += libchecks.a
libchecks_a_SOURCES =
libchecks_a_SOURCES += src/checks/check.c src/checks/check.h
libchecks_a_SOURCES += src/checks/database.c
libchecks_a_SOURCES += src/checks/table.c src/checks/rows.h
