# The room aws, and the tables that sim reads too.
noinst_LIBRARIES += libshape.a libaws.a
libshape_a_SOURCES =
libshape_a_SOURCES += src/aws/shape.c src/aws/shape.h
libshape_a_SOURCES += src/aws/table.gen.c
libaws_a_SOURCES =
libaws_a_SOURCES += src/aws/client.c src/aws/client.h
libaws_a_SOURCES += src/aws/config_file.c src/aws/config_file.h
libaws_a_SOURCES += src/aws/credentials.c src/aws/credentials.h
libaws_a_SOURCES += src/aws/credentials_profile.c
libaws_a_SOURCES += src/aws/credentials_remote.c
libaws_a_SOURCES += src/aws/credentials_role.c
libaws_a_SOURCES += src/aws/credentials_sso.c
libaws_a_SOURCES += src/aws/credentials_steps.h
libaws_a_SOURCES += src/aws/endpoint.c src/aws/endpoint.h
libaws_a_SOURCES += src/aws/exchange.c src/aws/exchange.h
libaws_a_SOURCES += src/aws/json_wire.c
libaws_a_SOURCES += src/aws/protocol.c src/aws/protocol.h
libaws_a_SOURCES += src/aws/query.c
libaws_a_SOURCES += src/aws/reply.c
libaws_a_SOURCES += src/aws/rest.c
libaws_a_SOURCES += src/aws/session.c src/aws/session.h
libaws_a_SOURCES += src/aws/sigv4.c src/aws/sigv4.h
libaws_a_SOURCES += src/aws/value.c
libaws_a_SOURCES += src/aws/wire.h
libaws_a_SOURCES += src/aws/write.h
libaws_a_SOURCES += src/aws/xml_wire.c
EXTRA_DIST += src/aws/operations.txt
EXTRA_DIST += tests/data/protocol
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/aws_protocol_cases
check_PROGRAMS += tests/unit/aws_protocol_faults
tests_unit_aws_protocol_cases_SOURCES = tests/unit/aws_protocol_cases.c tests/data/protocol/table.gen.c
tests_unit_aws_protocol_cases_LDADD = libaws.a libshape.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_aws_protocol_faults_SOURCES = tests/unit/aws_protocol_faults.c tests/data/protocol/table.gen.c
tests_unit_aws_protocol_faults_LDADD = libaws.a libshape.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
EXTRA_DIST += tests/data/sigv4
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/aws_session
check_PROGRAMS += tests/unit/aws_sigv4
tests_unit_aws_session_LDADD = libtests.a libaws.a libshape.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_aws_sigv4_LDADD = libaws.a libshape.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/aws_write
tests_unit_aws_write_LDADD = libtests.a libaws.a libshape.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
