/* Files read within bounds and written whole or not at all; where profiles are found; the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/find.h"
#include "base/log.h"
#include "base/mem.h"

struct place {
    char top[64];
};

static int make_place(void **state)
{
    struct place *p = mem_new(sizeof *p);
    text_copy(p->top, sizeof p->top, "/tmp/trivet-file-XXXXXX");
    *state = p;
    return mkdtemp(p->top) ? 0 : -1;
}

static void remove_all(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            char *inner = file_join(path, entry->d_name);
            if (unlink(inner) != 0)
                remove_all(inner);
            free(inner);
        }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static int drop_place(void **state)
{
    struct place *p = *state;
    remove_all(p->top);
    free(p);
    return 0;
}

static int count_files(const char *path)
{
    DIR *dir = opendir(path);
    int count = -2;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static bool holds(const char *path, const char *text)
{
    struct str out = STR_INIT(STR_TEXT_MAX);
    struct error e = {0};
    bool same = file_read(path, 1000, &out, &e) && strcmp(str_text(&out), text) == 0;
    str_free(&out);
    return same;
}

static void reads_within_bounds(void **state)
{
    const struct place *p = *state;
    struct error e = {0};
    char *path = file_join(p->top, "f");
    struct str out = STR_INIT(100);
    assert_true(file_write(path, "0123456789", 10, 0600, &e));
    assert_true(file_read(path, 10, &out, &e));
    assert_string_equal(str_text(&out), "0123456789");
    assert_false(file_read(path, 9, &out, &e));
    assert_non_null(strstr(e.message, "larger than 9 bytes"));
    str_free(&out);
    out = STR_INIT(5);
    assert_false(file_read(path, 100, &out, &e)); /* the string's own limit */
    str_free(&out);
    out = STR_INIT(100);
    assert_false(file_read(p->top, 100, &out, &e));
    assert_non_null(strstr(e.message, "not a file"));
    assert_false(file_read("/nonexistent/x", 100, &out, &e));
    assert_string_equal(e.message, "/nonexistent/x: No such file or directory");
    assert_true(file_read("/dev/null", 100, &out, &e)); /* AWS_CONFIG_FILE=/dev/null is a way to have none */
    assert_int_equal(out.len, 0);
    assert_false(file_read("/dev/zero", 50, &out, &e));
    str_free(&out);
    free(path);
}

static void writes_whole_or_not_at_all(void **state)
{
    const struct place *p = *state;
    struct error e = {0};
    struct stat st;
    char *path = file_join(p->top, "state.json");
    umask(022);
    assert_true(file_write(path, "old", 3, 0600, &e));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(file_write(path, "newer", 5, 0600, &e));
    assert_true(holds(path, "newer"));
    assert_int_equal(count_files(p->top), 1);
    /* A full disk, as a limit on the size of files: the old one stands, nothing is left beside it. */
    struct rlimit was, small = {.rlim_cur = 1000, .rlim_max = RLIM_INFINITY};
    getrlimit(RLIMIT_FSIZE, &was);
    small.rlim_max = was.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    char *large = mem_new(5000);
    assert_false(file_write(path, large, 5000, 0600, &e));
    setrlimit(RLIMIT_FSIZE, &was);
    free(large);
    assert_non_null(strstr(e.message, "File too large"));
    assert_true(holds(path, "newer"));
    assert_int_equal(count_files(p->top), 1);
    /* In place of a directory, or in none. */
    assert_false(file_write(p->top, "x", 1, 0600, &e));
    assert_false(file_write("/nonexistent/x", "x", 1, 0600, &e));
    assert_int_equal(count_files(p->top), 1);
    assert_true(file_write(path, "", 0, 0600, &e));
    assert_true(holds(path, ""));
    free(path);
}

static void makes_directories(void **state)
{
    const struct place *p = *state;
    struct error e = {0};
    struct stat st;
    char *deep = file_join(p->top, "a/b//c/"), *file = file_join(p->top, "file"), *under = file_join(p->top, "file/x");
    assert_true(file_make_dirs(deep, 0700, &e));
    assert_true(stat(deep, &st) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & 0777) == 0700);
    assert_true(file_make_dirs(deep, 0700, &e));
    assert_true(file_write(file, "", 0, 0600, &e));
    assert_false(file_make_dirs(file, 0700, &e));
    assert_false(file_make_dirs(under, 0700, &e));
    assert_non_null(strstr(e.message, "Not a directory"));
    assert_false(file_make_dirs("", 0700, &e));
    free(deep);
    free(file);
    free(under);
}

static void check_xdg(const char *which, const char *expected)
{
    char *path = file_xdg(which, "name");
    if (expected)
        assert_string_equal(path, expected);
    else
        assert_null(path);
    free(path);
}

static void knows_xdg(void **state)
{
    (void)state;
    setenv("HOME", "/home/x", 1);
    unsetenv("XDG_CONFIG_HOME");
    check_xdg("config", "/home/x/.config/trivet/name");
    unsetenv("XDG_STATE_HOME");
    check_xdg("state", "/home/x/.local/state/trivet/name");
    setenv("XDG_CONFIG_HOME", "/conf", 1);
    check_xdg("config", "/conf/trivet/name");
    setenv("XDG_CONFIG_HOME", "relative", 1);
    check_xdg("config", "/home/x/.config/trivet/name");
    check_xdg("nothing", NULL);
    unsetenv("HOME");
    check_xdg("config", NULL);
    setenv("HOME", "/", 1);
}

static void put(const char *top, const char *dir, const char *name)
{
    struct error e = {0};
    char *folder = file_join(top, dir), *path = file_join(folder, name);
    assert_true(file_make_dirs(folder, 0700, &e));
    assert_true(file_write(path, "x", 1, 0600, &e));
    free(folder);
    free(path);
}

static void finds_by_name(void **state)
{
    const struct place *p = *state;
    struct error e = {0};
    char *installed = file_join(p->top, "share"), *own = file_join(p->top, "config");
    setenv("TRIVET_DATADIR", installed, 1);
    setenv("XDG_CONFIG_HOME", own, 1);
    put(p->top, "share/themes", "mono.yaml");
    put(p->top, "share/themes", "night.yaml");
    put(p->top, "share/themes", ".hidden.yaml");
    put(p->top, "share/themes", "notes.txt");
    put(p->top, "config/trivet/themes", "mono.yaml");
    char *path = file_find("themes", "mono", ".yaml", &e), *expected = file_join(own, "trivet/themes/mono.yaml");
    assert_string_equal(path, expected);
    free(path);
    free(expected);
    path = file_find("themes", "night", ".yaml", &e);
    assert_true(text_ends(path, "share/themes/night.yaml"));
    free(path);
    assert_null(file_find("themes", "day", ".yaml", &e));
    assert_string_equal(e.message, "no \"day\" among the themes; there are mono, night");
    assert_null(file_find("profiles", "x", ".yaml", &e));
    assert_string_equal(e.message, "no \"x\" among the profiles; there are none");
    path = file_find("themes", "./x", ".yaml", &e);
    assert_string_equal(path, "./x");
    free(path);
    path = file_find("themes", "x.yaml", ".yaml", &e);
    assert_string_equal(path, "x.yaml");
    free(path);
    free(installed);
    free(own);
}

static void logs_clean_lines(void **state)
{
    const struct place *p = *state;
    struct error e = {0};
    struct stat st;
    struct str text = STR_INIT(STR_TEXT_MAX);
    char *path = file_join(p->top, "log"), *large = mem_new(5000);
    struct log *log = log_open(path, &e);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    memset(large, 'x', 4999);
    log_line(log, "aws", "%s", "two\nlines \x1B[2J");
    log_line(log, "aws", "%s", large);
    log_close(log);
    log_line(NULL, "aws", "nothing");
    log_close(NULL);
    assert_true(file_read(path, 10000, &text, &e));
    assert_non_null(strstr(str_text(&text), "Z aws two lines ?[2J\n"));
    assert_int_equal(text.data[text.len - 1], '\n');
    assert_null(log_open("/nonexistent/log", &e));
    assert_int_equal(chmod(path, 0640), 0); /* somebody made it before */
    assert_null(log_open(path, &e));
    assert_non_null(strstr(e.message, "chmod 600"));
    log_close(log_open("/dev/null", &e));
    str_free(&text);
    free(path);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_within_bounds, make_place, drop_place),
        cmocka_unit_test_setup_teardown(writes_whole_or_not_at_all, make_place, drop_place),
        cmocka_unit_test_setup_teardown(makes_directories, make_place, drop_place),
        cmocka_unit_test(knows_xdg),
        cmocka_unit_test_setup_teardown(finds_by_name, make_place, drop_place),
        cmocka_unit_test_setup_teardown(logs_clean_lines, make_place, drop_place),
    };
    return cmocka_run_group_tests_name("base_file", tests, NULL, NULL);
}
