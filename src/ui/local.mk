# The room ui, and the themes.
noinst_LIBRARIES += libui.a
libui_a_SOURCES = src/ui/bindings.c src/ui/cell.c src/ui/cell.h src/ui/commands.c src/ui/console.c src/ui/console.h src/ui/export.c src/ui/export.h \
	src/ui/fresh.c src/ui/fresh.h src/ui/host.h src/ui/internal.h src/ui/key.c src/ui/key.h src/ui/page.c src/ui/page.h src/ui/pane.c src/ui/pane.h \
	src/ui/panes/accounts.c src/ui/panes/budgets.c src/ui/panes/database.c src/ui/panes/overview.c src/ui/panes/panes.h src/ui/panes/pods.c \
	src/ui/panes/waf.c src/ui/screen.c src/ui/script.c src/ui/script.h src/ui/table.c src/ui/table.h src/ui/term.c src/ui/term.h src/ui/theme.c \
	src/ui/theme.h src/ui/value.c src/ui/value.h src/ui/views.c

themesdir = $(pkgdatadir)/themes
dist_themes_DATA = themes/colour-blind-safe.yaml themes/default.yaml themes/high-contrast.yaml themes/light.yaml themes/mono.yaml
