# The room kube. Unit tests are tests/unit/kube_*.c.
noinst_LIBRARIES += libkube.a
libkube_a_SOURCES =
