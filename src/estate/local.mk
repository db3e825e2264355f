# The room estate. Unit tests are tests/unit/estate_*.c.
noinst_LIBRARIES += libestate.a
libestate_a_SOURCES =
