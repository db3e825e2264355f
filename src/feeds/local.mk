# The room feeds. Unit tests are tests/unit/feeds_*.c.
noinst_LIBRARIES += libfeeds.a
libfeeds_a_SOURCES =
