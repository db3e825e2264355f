# The room github. Unit tests are tests/unit/github_*.c.
noinst_LIBRARIES += libgithub.a
libgithub_a_SOURCES = src/github/client.c src/github/client.h src/github/write.h
