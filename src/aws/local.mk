# The room aws, and the tables that sim reads too.
noinst_LIBRARIES += libshape.a libaws.a
libshape_a_SOURCES = src/aws/shape.c src/aws/shape.h src/aws/table.gen.c
libaws_a_SOURCES = src/aws/json_wire.c src/aws/protocol.c src/aws/protocol.h src/aws/query.c src/aws/reply.c src/aws/rest.c src/aws/value.c \
	src/aws/wire.h src/aws/xml_wire.c
EXTRA_DIST += src/aws/operations.txt
