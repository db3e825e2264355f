# The room kube. Unit tests are tests/unit/kube_*.c.
noinst_LIBRARIES += libkube.a
libkube_a_SOURCES =
libkube_a_SOURCES += src/kube/call.c
libkube_a_SOURCES += src/kube/client.c src/kube/client.h
libkube_a_SOURCES += src/kube/internal.h
libkube_a_SOURCES += src/kube/kubeconfig.c
libkube_a_SOURCES += src/kube/log.c
libkube_a_SOURCES += src/kube/row.c
libkube_a_SOURCES += src/kube/table.c
libkube_a_SOURCES += src/kube/table_decode.c
libkube_a_SOURCES += src/kube/write.c src/kube/write.h
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/kube_decode
check_PROGRAMS += tests/unit/kube_table
tests_unit_kube_decode_LDADD = libtests.a libkube.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_kube_table_LDADD = libtests.a libkube.a libaws.a libshape.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/kube_write
tests_unit_kube_write_LDADD = libtests.a libkube.a libaws.a libshape.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
