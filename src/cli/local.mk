# The program trivet, its profiles, and the room's unit tests.
bin_PROGRAMS += trivet
trivet_SOURCES = src/cli/act.c src/cli/action.c src/cli/act.h src/cli/app.c src/cli/app.h src/cli/ask.c src/cli/ask.h src/cli/call.c src/cli/check.c src/cli/check.h src/cli/commands.h src/cli/console.c src/cli/demo.c \
	src/cli/main.c src/cli/options.c src/cli/options.h src/cli/logs.c src/cli/profile.c src/cli/profile.h src/cli/profile_internal.h src/cli/profile_queries.c src/cli/release.c src/cli/show.c
trivet_SOURCES += src/cli/audit.c
trivet_SOURCES += src/cli/drill.c
trivet_SOURCES += src/cli/dev.c
trivet_LDADD = libui.a $(ROOM_ARCHIVES) $(NCURSES_LIBS) $(ROOM_LIBS)

profilesdir = $(pkgdatadir)/profiles
dist_profiles_DATA = profiles/demo.yaml profiles/innovate.yaml profiles/minimal.yaml

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/cli_options tests/unit/cli_profile tests/unit/fuzz_parsers
tests_unit_cli_options_SOURCES = tests/unit/cli_options.c src/cli/options.c
tests_unit_cli_options_LDADD = libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_cli_profile_SOURCES = tests/unit/cli_profile.c src/cli/profile.c src/cli/profile_queries.c
tests_unit_cli_profile_LDADD = libchecks.a libestate.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_fuzz_parsers_SOURCES = tests/unit/fuzz_parsers.c src/cli/profile.c src/cli/profile_queries.c
tests_unit_fuzz_parsers_LDADD = libui.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(NCURSES_LIBS) $(ROOM_LIBS)
endif
