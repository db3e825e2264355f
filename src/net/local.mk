# The room net. Unit tests are tests/unit/net_*.c.
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES = src/net/child.c src/net/child.h src/net/http.c src/net/http.h src/net/loop.c src/net/loop.h src/net/multi.h \
	src/net/rate.c src/net/rate.h src/net/retry.c src/net/retry.h
libnet_a_SOURCES += src/net/metadata.c src/net/resolve.c src/net/resolve.h
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/net_http tests/unit/net_loop
tests_unit_net_http_LDADD = libtests.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_net_loop_LDADD = libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
