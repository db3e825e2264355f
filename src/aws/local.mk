# The room aws, and the tables that sim reads too.
noinst_LIBRARIES += libshape.a libaws.a
libshape_a_SOURCES = src/aws/shape.c src/aws/shape.h src/aws/table.gen.c
libaws_a_SOURCES = src/aws/client.c src/aws/client.h src/aws/config_file.c src/aws/config_file.h src/aws/credentials.c src/aws/credentials.h \
	src/aws/credentials_profile.c src/aws/credentials_remote.c src/aws/credentials_role.c src/aws/credentials_sso.c src/aws/credentials_steps.h \
	src/aws/endpoint.c src/aws/endpoint.h src/aws/exchange.c src/aws/exchange.h src/aws/json_wire.c src/aws/protocol.c src/aws/protocol.h src/aws/query.c src/aws/reply.c src/aws/rest.c src/aws/value.c \
	src/aws/session.c src/aws/session.h src/aws/sigv4.c src/aws/sigv4.h src/aws/wire.h src/aws/write.h src/aws/xml_wire.c
EXTRA_DIST += src/aws/operations.txt
EXTRA_DIST += tests/data/protocol
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/aws_protocol_cases tests/unit/aws_protocol_faults
tests_unit_aws_protocol_cases_SOURCES = tests/unit/aws_protocol_cases.c tests/data/protocol/table.gen.c
tests_unit_aws_protocol_cases_LDADD = libaws.a libshape.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_aws_protocol_faults_SOURCES = tests/unit/aws_protocol_faults.c tests/data/protocol/table.gen.c
tests_unit_aws_protocol_faults_LDADD = libaws.a libshape.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
EXTRA_DIST += tests/data/sigv4
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/aws_session tests/unit/aws_sigv4
tests_unit_aws_session_LDADD = libtests.a libaws.a libshape.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_aws_sigv4_LDADD = libaws.a libshape.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/aws_write
tests_unit_aws_write_LDADD = libtests.a libaws.a libshape.a libnet.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
endif
