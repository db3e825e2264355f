# The program trivet, its profiles, and the room's unit tests.
bin_PROGRAMS += trivet
trivet_SOURCES =
trivet_SOURCES += src/cli/act.c src/cli/act.h
trivet_SOURCES += src/cli/action.c
trivet_SOURCES += src/cli/app.c src/cli/app.h
trivet_SOURCES += src/cli/ask.c src/cli/ask.h
trivet_SOURCES += src/cli/audit.c
trivet_SOURCES += src/cli/call.c
trivet_SOURCES += src/cli/check.c src/cli/check.h
trivet_SOURCES += src/cli/commands.h
trivet_SOURCES += src/cli/console.c
trivet_SOURCES += src/cli/demo.c
trivet_SOURCES += src/cli/dev.c
trivet_SOURCES += src/cli/drill.c
trivet_SOURCES += src/cli/logs.c
trivet_SOURCES += src/cli/main.c
trivet_SOURCES += src/cli/options.c src/cli/options.h
trivet_SOURCES += src/cli/profile.c src/cli/profile.h
trivet_SOURCES += src/cli/profile_internal.h
trivet_SOURCES += src/cli/profile_queries.c
trivet_SOURCES += src/cli/release.c
trivet_SOURCES += src/cli/show.c
trivet_LDADD = libui.a $(ROOM_ARCHIVES) $(NCURSES_LIBS) $(ROOM_LIBS)

profilesdir = $(pkgdatadir)/profiles
dist_profiles_DATA = profiles/demo.yaml profiles/innovate.yaml profiles/minimal.yaml

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/cli_options
check_PROGRAMS += tests/unit/cli_profile
check_PROGRAMS += tests/unit/fuzz_parsers
tests_unit_cli_options_SOURCES = tests/unit/cli_options.c src/cli/options.c
tests_unit_cli_options_LDADD = libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_cli_profile_SOURCES = tests/unit/cli_profile.c src/cli/profile.c src/cli/profile_queries.c
tests_unit_cli_profile_LDADD = libchecks.a libestate.a libbase.a $(CMOCKA_LIBS) $(ROOM_LIBS)
tests_unit_fuzz_parsers_SOURCES = tests/unit/fuzz_parsers.c src/cli/profile.c src/cli/profile_queries.c
tests_unit_fuzz_parsers_SOURCES += src/sim/insights_parse.c src/sim/insights_run.c
tests_unit_fuzz_parsers_LDADD = libui.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(NCURSES_LIBS) $(ROOM_LIBS)
endif
