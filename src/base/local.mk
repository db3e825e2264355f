# The room base. Unit tests are tests/unit/base_*.c.
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = src/base/find.c src/base/find.h
