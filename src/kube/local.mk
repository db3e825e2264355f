# The room kube. Unit tests are tests/unit/kube_*.c.
noinst_LIBRARIES += libkube.a
libkube_a_SOURCES = src/kube/client.c src/kube/client.h src/kube/internal.h src/kube/kubeconfig.c src/kube/log.c src/kube/table.c \
	src/kube/table_decode.c
