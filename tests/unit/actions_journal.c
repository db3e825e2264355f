/* Journals and locks: what stands on the disk at each moment, who holds it, and what a killed process leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actions/journal.h"
#include "actions/lock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/when.h"

#define NOW INT64_C(1795500000123)

struct test {
    char base[64], dir[80], file[120];
    struct error error;
};

static int make_test(void **state)
{
    struct test *t = mem_new(sizeof *t);
    text_copy(t->base, sizeof t->base, "/tmp/trivet-journal-XXXXXX");
    if (!mkdtemp(t->base))
        return -1;
    text_format(t->dir, sizeof t->dir, "%s/state", t->base);
    text_format(t->file, sizeof t->file, "%s/journal/one.jsonl", t->dir);
    *state = t;
    return 0;
}

static void empty(const char *path)
{
    char *const remove[] = {"rm", "-rf", (char *)(uintptr_t)path, NULL};
    pid_t pid = fork();
    if (pid == 0) {
        execvp("rm", remove);
        _exit(1);
    }
    waitpid(pid, NULL, 0);
}

static int drop_test(void **state)
{
    struct test *t = *state;
    empty(t->base);
    free(t);
    return 0;
}

static void expect_file(struct test *t, const char *expected)
{
    struct str text = STR_INIT(65536);
    if (!file_read(t->file, 65536, &text, &t->error))
        fail_msg("%s", t->error.message);
    assert_string_equal(str_text(&text), expected);
    str_free(&text);
}

static void write_file(struct test *t, const char *text) { assert_true(file_write(t->file, text, strlen(text), 0600, &t->error)); }

static struct journal *begin(struct test *t)
{
    struct journal *journal = journal_begin(t->dir, "one", json_pack("{s:s}", "action", "dev-stop"), &t->error);
    if (!journal)
        fail_msg("%s", t->error.message);
    return journal;
}

#define PLAN   "{\"action\":\"dev-stop\",\"event\":\"plan\"}\n"
#define INTENT "{\"event\":\"intent\",\"step\":1}\n"

static json_t *intent(void) { return json_pack("{s:s, s:i}", "event", "intent", "step", 1); }

static void on_found(void *arg, const struct journal_found *found)
{
    str_addf(arg, "%s %s %zu %s;", found->id, found->held ? "held" : "free", json_array_size(found->events), found->events ? "" : found->error->code);
}

static void expect_list(struct test *t, const char *expected)
{
    struct str heard = STR_INIT(65536);
    assert_true(journal_list(t->dir, on_found, &heard, &t->error));
    assert_string_equal(str_text(&heard), expected);
    str_free(&heard);
}

static void keeps_events_until_the_end(void **state)
{
    struct test *t = *state;
    struct stat st;
    expect_list(t, "");
    struct journal *journal = begin(t);
    expect_file(t, PLAN);
    assert_int_equal(stat(t->file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_true(journal_note(journal, intent(), &t->error));
    expect_file(t, PLAN INTENT);
    expect_list(t, "one held 2 ;");
    assert_false(journal_note(journal, json_object(), &t->error));
    assert_false(journal_note(journal, json_array(), &t->error));
    expect_file(t, PLAN INTENT);
    assert_true(journal_end(journal, json_pack("{s:s}", "outcome", "done"), &t->error));
    assert_int_equal(access(t->file, F_OK), -1);
    expect_list(t, "");
}

static void is_resumed(void **state)
{
    struct test *t = *state;
    json_t *events;
    struct journal *journal = begin(t), *second;
    assert_true(journal_note(journal, intent(), &t->error));
    assert_null(journal_open(t->dir, "one", &events, &t->error));
    assert_non_null(strstr(t->error.message, "another process carries it on"));
    assert_null(events);
    journal_free(journal);
    expect_list(t, "one free 2 ;");
    second = journal_open(t->dir, "one", &events, &t->error);
    assert_non_null(second);
    assert_string_equal(json_text(events, "0.action"), "dev-stop");
    assert_string_equal(json_text(events, "1.event"), "intent");
    json_decref(events);
    assert_true(journal_note(second, json_pack("{s:s}", "event", "result"), &t->error));
    expect_file(t, PLAN INTENT "{\"event\":\"result\"}\n");
    expect_list(t, "one held 3 ;");
    assert_true(journal_end(second, NULL, &t->error));
    assert_null(journal_open(t->dir, "one", &events, &t->error));
    journal_free(NULL);
}

static void drops_a_torn_event(void **state)
{
    struct test *t = *state;
    json_t *events;
    journal_free(begin(t));
    write_file(t, PLAN INTENT "{\"event\":\"resu");
    expect_list(t, "one free 2 ;");
    struct journal *journal = journal_open(t->dir, "one", &events, &t->error);
    assert_int_equal(json_array_size(events), 2);
    json_decref(events);
    expect_file(t, PLAN INTENT);
    assert_true(journal_note(journal, intent(), &t->error));
    expect_file(t, PLAN INTENT INTENT);
    journal_free(journal);
}

static void refuses_a_damaged_one(void **state)
{
    struct test *t = *state;
    json_t *events;
    journal_free(begin(t));
    write_file(t, PLAN "{\"event\":\n" INTENT);
    expect_list(t, "one free 0 journal;");
    assert_null(journal_open(t->dir, "one", &events, &t->error));
    assert_non_null(strstr(t->error.message, "line 2 cannot be read"));
    write_file(t, "");
    assert_null(journal_open(t->dir, "one", &events, &t->error));
    expect_file(t, "");
    unlink(t->file);
    assert_int_equal(symlink("/etc/passwd", t->file), 0);
    assert_null(journal_open(t->dir, "one", &events, &t->error));
    assert_non_null(strstr(t->error.message, "symbolic link"));
    expect_list(t, "one free 0 state;");
}

static void takes_no_name_that_leads_elsewhere(void **state)
{
    struct test *t = *state;
    static const char *const names[] = {"", "..", "../x", "a/b", "a.b", "a b", "a\n"};
    json_t *events;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_null(journal_begin(t->dir, names[i], json_object(), &t->error));
        assert_null(journal_open(t->dir, names[i], &events, &t->error));
    }
    journal_free(begin(t));
    assert_null(journal_begin(t->dir, "one", json_object(), &t->error));
    assert_non_null(strstr(t->error.message, "is there already"));
    expect_file(t, PLAN);
    expect_list(t, "one free 1 ;");
}

/* A crash after the end was written and before the file was gone. */
static void does_not_list_what_has_ended(void **state)
{
    struct test *t = *state;
    json_t *events;
    journal_free(begin(t));
    write_file(t, PLAN "{\"event\":\"end\"}\n");
    assert_null(journal_open(t->dir, "one", &events, &t->error));
    assert_non_null(strstr(t->error.message, "has ended"));
    assert_null(events);
    expect_list(t, "");
    assert_int_equal(access(t->file, F_OK), -1);
}

/* A disk that takes no more: here a limit on the size of files. */
static void tells_when_an_event_is_not_on_the_disk(void **state)
{
    struct test *t = *state;
    struct rlimit before, limit;
    struct journal *journal = begin(t);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = sizeof PLAN - 1 + 10;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    bool noted = journal_note(journal, intent(), &t->error);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_false(noted);
    assert_non_null(strstr(t->error.message, "File too large"));
    expect_file(t, PLAN);
    assert_true(journal_note(journal, intent(), &t->error));
    expect_file(t, PLAN INTENT);
    journal_free(journal);
}

/* Runs `work` in a process of its own that then waits to be killed; returns once it has said that it is done. */
static pid_t in_another_process(struct test *t, void (*work)(struct test *t))
{
    int said[2];
    char c;
    assert_int_equal(pipe(said), 0);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        work(t);
        (void)!write(said[1], "x", 1);
        pause();
        _exit(0);
    }
    close(said[1]);
    assert_int_equal(read(said[0], &c, 1), 1);
    close(said[0]);
    return pid;
}

static void kill_it(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void work_on_journal(struct test *t)
{
    struct error e = {0};
    struct journal *journal = journal_begin(t->dir, "one", json_pack("{s:s}", "action", "dev-stop"), &e);
    if (!journal || !journal_note(journal, intent(), &e))
        _exit(1);
}

static void survives_a_killed_process(void **state)
{
    struct test *t = *state;
    json_t *events;
    pid_t pid = in_another_process(t, work_on_journal);
    expect_list(t, "one held 2 ;");
    kill_it(pid);
    expect_list(t, "one free 2 ;");
    struct journal *journal = journal_open(t->dir, "one", &events, &t->error);
    assert_int_equal(json_array_size(events), 2);
    json_decref(events);
    assert_true(journal_end(journal, NULL, &t->error));
}

/* Locks. */

static json_t *holder(void) { return json_pack("{s:s, s:s}", "action", "dev-stop", "account", "dev"); }

static struct lock *take(struct test *t, const char *key) { return lock_take(t->dir, key, NOW, holder(), &t->error); }

static void lets_one_action_run_on_a_resource(void **state)
{
    struct test *t = *state;
    char expected[300], clock[40];
    struct lock *first = take(t, "dev / innovate-dev"), *other = take(t, "dev / another");
    assert_non_null(first);
    assert_non_null(other);
    assert_null(take(t, "dev / innovate-dev"));
    assert_string_equal(t->error.code, "Held");
    text_format(expected, sizeof expected, "pid %d, since %s", (int)getpid(), when_clock(NOW, clock, sizeof clock));
    assert_true(text_starts(t->error.message, "dev / innovate-dev: dev-stop by "));
    assert_true(text_ends(t->error.message, expected));
    assert_non_null(strchr(t->error.message, '@'));
    lock_release(first);
    first = take(t, "dev / innovate-dev");
    assert_non_null(first);
    lock_release(first);
    lock_release(other);
    lock_release(NULL);
}

static void hold_lock(struct test *t)
{
    if (!take(t, "a"))
        _exit(1);
}

static void is_freed_when_its_process_dies(void **state)
{
    struct test *t = *state;
    pid_t pid = in_another_process(t, hold_lock);
    char expected[40];
    assert_null(take(t, "a"));
    text_format(expected, sizeof expected, "pid %d,", (int)pid);
    assert_non_null(strstr(t->error.message, expected));
    kill_it(pid);
    struct lock *lock = take(t, "a");
    assert_non_null(lock);
    lock_release(lock);
}

static void refuses_a_state_directory_of_others(void **state)
{
    struct test *t = *state;
    lock_release(take(t, "a"));
    chmod(t->dir, 0777);
    assert_null(take(t, "a"));
    assert_non_null(strstr(t->error.message, "others may write into it"));
    assert_null(journal_begin(t->dir, "one", json_object(), &t->error));
    assert_null(lock_take("/proc/nothing", "a", NOW, NULL, &t->error));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_test, drop_test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keeps_events_until_the_end), TEST(is_resumed), TEST(drops_a_torn_event), TEST(refuses_a_damaged_one),
        TEST(takes_no_name_that_leads_elsewhere), TEST(does_not_list_what_has_ended), TEST(tells_when_an_event_is_not_on_the_disk),
        TEST(survives_a_killed_process), TEST(lets_one_action_run_on_a_resource), TEST(is_freed_when_its_process_dies),
        TEST(refuses_a_state_directory_of_others),
    };
    return cmocka_run_group_tests_name("actions_journal", tests, NULL, NULL);
}
