# The room base. Unit tests are tests/unit/base_*.c.
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = src/base/banned.h src/base/digest.c src/base/digest.h src/base/error.c src/base/error.h src/base/file.c src/base/file.h \
	src/base/find.c src/base/find.h src/base/json.c src/base/json.h src/base/log.c src/base/log.h src/base/mem.c src/base/mem.h \
	src/base/str.c src/base/str.h src/base/text.c src/base/text.h src/base/text_width.h src/base/vec.h src/base/when.c src/base/when.h \
	src/base/xml.c src/base/xml.h src/base/yaml.c src/base/yaml.h src/base/yaml_read.c
