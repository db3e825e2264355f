# The room checks: conformance with the architecture.
noinst_LIBRARIES += libchecks.a
libchecks_a_SOURCES =
libchecks_a_SOURCES += src/checks/check.c src/checks/check.h
libchecks_a_SOURCES += src/checks/balancers.c src/checks/network.c src/checks/network.h
libchecks_a_SOURCES += src/checks/database.c
libchecks_a_SOURCES += src/checks/table.c src/checks/rows.h
