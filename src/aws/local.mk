# The room aws, and the tables that sim reads too.
noinst_LIBRARIES += libshape.a libaws.a
libshape_a_SOURCES =
libaws_a_SOURCES =
