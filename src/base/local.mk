# The room base. Unit tests are tests/unit/base_*.c.
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = src/base/banned.h src/base/digest.c src/base/digest.h src/base/error.c src/base/error.h src/base/file.c src/base/file.h \
	src/base/find.c src/base/find.h src/base/json.c src/base/json.h src/base/log.c src/base/log.h src/base/mem.c src/base/mem.h src/base/network.c src/base/network.h src/base/repair.c src/base/repair.h \
	src/base/str.c src/base/str.h src/base/text.c src/base/text.h src/base/text_width.h src/base/vec.h src/base/when.c src/base/when.h \
	src/base/xml.c src/base/xml.h src/base/zone.c src/base/zone.h src/base/yaml.c src/base/yaml.h src/base/yaml_over.c src/base/yaml_read.c src/base/yaml_tree.h
if HAVE_CMOCKA
BASE_TESTS = tests/unit/base_file tests/unit/base_network tests/unit/base_repair tests/unit/base_text tests/unit/base_trees tests/unit/base_when tests/unit/base_yaml
check_PROGRAMS += $(BASE_TESTS) tests/unit/base_zone
tests_unit_base_zone_LDADD = libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_base_file_LDADD = libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_base_network_LDADD = libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_base_repair_LDADD = libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_base_text_LDADD = libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_base_trees_LDADD = libtests.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_base_when_LDADD = libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_base_yaml_LDADD = libtests.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
