# The room github. Unit tests are tests/unit/github_*.c.
noinst_LIBRARIES += libgithub.a
libgithub_a_SOURCES =
libgithub_a_SOURCES += src/github/client.c src/github/client.h
libgithub_a_SOURCES += src/github/write.h
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/github_client
tests_unit_github_client_LDADD = libtests.a libgithub.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
