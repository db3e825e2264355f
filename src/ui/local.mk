# The room ui, and the themes.
noinst_LIBRARIES += libui.a
libui_a_SOURCES = src/ui/action_ask.c src/ui/action_list.c src/ui/action_menu.c src/ui/action_page.c src/ui/action_view.c src/ui/bindings.c \
	src/ui/box.c src/ui/cell.c src/ui/cell.h src/ui/commands.c src/ui/console.c src/ui/console.h src/ui/copy.c src/ui/export.c src/ui/export.h \
	src/ui/filter.c src/ui/filter.h src/ui/fresh.c src/ui/fresh.h src/ui/host.h src/ui/internal.h src/ui/kept.c src/ui/kept.h src/ui/key.c src/ui/key.h src/ui/leads.c src/ui/leads.h src/ui/links.c src/ui/links.h src/ui/markdown.c \
	src/ui/mfa.c src/ui/osc.c src/ui/osc.h src/ui/page.c src/ui/page.h src/ui/paid.c src/ui/pane.c src/ui/pane.h src/ui/panes/accounts.c \
	src/ui/panes/alarms.c src/ui/panes/budgets.c src/ui/panes/conformance.c src/ui/panes/costs.c src/ui/panes/database.c src/ui/panes/dev.c \
	src/ui/panes/edge.c src/ui/panes/edge.h src/ui/panes/edge_detail.c src/ui/panes/edge_leads.c src/ui/panes/images.c src/ui/panes/logs.c src/ui/panes/network.c \
	src/ui/panes/network.h src/ui/panes/network_detail.c src/ui/panes/network_leads.c src/ui/panes/nodes.c src/ui/panes/nodes.h src/ui/panes/nodes_detail.c src/ui/panes/nodes_leads.c \
	src/ui/panes/overview.c src/ui/panes/panes.h src/ui/panes/pods.c src/ui/panes/releases.c src/ui/panes/request_hops.c src/ui/panes/request_path.c \
	src/ui/panes/request_path.h src/ui/panes/security.c src/ui/panes/security.h src/ui/panes/security_detail.c src/ui/panes/security_leads.c src/ui/panes/timeline.c \
	src/ui/panes/waf.c src/ui/query.c src/ui/query_view.c src/ui/screen.c src/ui/script.c src/ui/script.h src/ui/strip.c src/ui/strip.h src/ui/table.c src/ui/table.h src/ui/term.c src/ui/term.h \
	src/ui/theme.c src/ui/theme.h src/ui/trail.c src/ui/trouble.c src/ui/trouble.h src/ui/value.c src/ui/value.h src/ui/views.c
libui_a_SOURCES += src/ui/compare.c src/ui/compare.h src/ui/compare_cluster.c src/ui/compare_network.c src/ui/compare_services.c
libui_a_SOURCES += src/ui/compare_page.c src/ui/panes/compare.c src/ui/thing.h

themesdir = $(pkgdatadir)/themes
dist_themes_DATA = themes/colour-blind-safe.yaml themes/default.yaml themes/high-contrast.yaml themes/light.yaml themes/mono.yaml
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/ui_cell tests/unit/ui_theme tests/unit/ui_console tests/unit/ui_export tests/unit/ui_screens
tests_unit_ui_cell_LDADD = libui.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(NCURSES_LIBS) $(ROOM_LIBS)
tests_unit_ui_theme_LDADD = libui.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(NCURSES_LIBS) $(ROOM_LIBS)
tests_unit_ui_console_LDADD = libtests.a libui.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(NCURSES_LIBS) $(ROOM_LIBS)
tests_unit_ui_export_LDADD = libtests.a libui.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(NCURSES_LIBS) $(ROOM_LIBS)
tests_unit_ui_screens_LDADD = libtests.a libui.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(NCURSES_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/ui_actions
tests_unit_ui_actions_LDADD = libtests.a libui.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(NCURSES_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/ui_table
tests_unit_ui_table_LDADD = libtests.a libui.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(NCURSES_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/ui_filter
tests_unit_ui_filter_LDADD = libtests.a libui.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(NCURSES_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/ui_leads
tests_unit_ui_leads_LDADD = libtests.a libui.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(NCURSES_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/ui_path
tests_unit_ui_path_LDADD = libtests.a libui.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(NCURSES_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/ui_links
tests_unit_ui_links_LDADD = libui.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(NCURSES_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/fuzz_console
tests_unit_fuzz_console_LDADD = libtests.a libui.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(NCURSES_LIBS) $(ROOM_LIBS)
check_PROGRAMS += tests/unit/ui_compare
tests_unit_ui_compare_LDADD = libtests.a libui.a $(ROOM_ARCHIVES) $(CMOCKA_LIBS) $(NCURSES_LIBS) $(ROOM_LIBS)
endif
EXTRA_DIST += tests/screens
