# The room net. Unit tests are tests/unit/net_*.c.
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES =
libnet_a_SOURCES += src/net/child.c src/net/child.h
libnet_a_SOURCES += src/net/http.c src/net/http.h
libnet_a_SOURCES += src/net/loop.c src/net/loop.h
libnet_a_SOURCES += src/net/metadata.c
libnet_a_SOURCES += src/net/multi.h
libnet_a_SOURCES += src/net/rate.c src/net/rate.h
libnet_a_SOURCES += src/net/resolve.c src/net/resolve.h
libnet_a_SOURCES += src/net/retry.c src/net/retry.h
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/net_http
check_PROGRAMS += tests/unit/net_loop
tests_unit_net_http_LDADD = libtests.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_net_loop_LDADD = libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
