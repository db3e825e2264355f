# The room net. Unit tests are tests/unit/net_*.c.
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES =
libnet_a_SOURCES += src/net/metadata.c
