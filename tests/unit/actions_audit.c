/* The audit log: its chain, whatever may be done to it behind our back, crashes in the middle, and many writers at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actions/audit.h"
#include "actions/state.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

#define NOW INT64_C(1795500000123)

struct test {
    char base[64], dir[80], log[120], head[120];
};

static int make_test(void **state)
{
    struct test *t = mem_new(sizeof *t);
    text_copy(t->base, sizeof t->base, "/tmp/trivet-audit-XXXXXX");
    if (!mkdtemp(t->base))
        return -1;
    text_format(t->dir, sizeof t->dir, "%s/state", t->base);
    text_format(t->log, sizeof t->log, "%s/audit.jsonl", t->dir);
    text_format(t->head, sizeof t->head, "%s/audit.head", t->dir);
    *state = t;
    return 0;
}

static int drop_test(void **state)
{
    struct test *t = *state;
    unlink(t->log);
    unlink(t->head);
    rmdir(t->dir);
    rmdir(t->base);
    free(t);
    return 0;
}

static void add(struct test *t, const char *action)
{
    struct error e = {0};
    if (!audit_append(t->dir, NOW, json_pack("{s:s, s:[i,f,b], s:s}", "action", action, "numbers", 7, 0.1, 1, "reason", "tést \x1b[2J\x7f\x7f"), &e))
        fail_msg("%s", e.message);
}

static void add_many(struct test *t, int count)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
    for (int i = 0; i < count; i++)
        add(t, names[i]);
}

static char *contents(const char *path, size_t *len)
{
    struct str text = STR_INIT((size_t)16 << 20);
    struct error e = {0};
    assert_true(file_read(path, (size_t)16 << 20, &text, &e));
    *len = text.len;
    return str_take(&text);
}

static void replace(const char *path, const char *text, size_t len)
{
    struct error e = {0};
    assert_true(file_write(path, text, len, 0600, &e));
}

static const char *nth_line(const char *text, int n) /* n from 1; one past the last is the end */
{
    while (--n > 0)
        text = strchr(text, '\n') + 1;
    return text;
}

static void expect(struct test *t, uint64_t lines, uint64_t broken, const char *why)
{
    struct audit_report report;
    struct error e = {0};
    if (!audit_verify(t->dir, &report, &e))
        fail_msg("%s", e.message);
    if (report.broken != broken || !strstr(report.why, why) || report.lines != lines)
        fail_msg("%d lines, %d: \"%s\" instead of %d lines, %d: \"%s\"", (int)report.lines, (int)report.broken, report.why, (int)lines,
                 (int)broken, why);
    assert_true(broken || !*report.why);
}

static void binds_each_record_to_the_one_before(void **state)
{
    struct test *t = *state;
    struct stat st;
    struct error e = {0};
    size_t len;
    char prev[65], hash[65];
    expect(t, 0, 0, "");
    add_many(t, 3);
    expect(t, 3, 0, "");
    assert_int_equal(stat(t->log, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(stat(t->dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    memset(prev, '0', 64);
    prev[64] = '\0';
    char *text = contents(t->log, &len);
    for (int i = 1; i <= 3; i++) {
        const char *line = nth_line(text, i);
        size_t line_len = strcspn(line, "\n");
        json_t *record = json_load(line, line_len, &e);
        assert_int_equal(json_int(record, "seq", 0), i);
        assert_string_equal(json_text(record, "at"), "2026-11-24T06:00:00.123Z");
        assert_string_equal(json_text(record, "prev"), prev);
        assert_string_equal(json_text(record, "reason"), "tést \x1b[2J\x7f\x7f");
        /* The hash is of the line's own bytes without it: cut it out by hand. */
        struct str bare = STR_INIT(4096);
        const char *member = strstr(line, "\"hash\":");
        str_add(&bare, line, (size_t)(member - line));
        str_add(&bare, member + 74, line_len - (size_t)(member - line) - 74);
        digest_sha256_hex(str_text(&bare), bare.len, hash);
        assert_string_equal(json_text(record, "hash"), hash);
        text_copy(prev, sizeof prev, hash);
        str_free(&bare);
        json_decref(record);
    }
    for (size_t i = 0; i < len; i++) /* nothing in it that a terminal would obey */
        assert_true(text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
    free(text);
}

static void finds_changed_bytes(void **state)
{
    struct test *t = *state;
    size_t len;
    add_many(t, 3);
    char *text = contents(t->log, &len);
    /* Every byte of the second line, in turn. */
    size_t from = (size_t)(nth_line(text, 2) - text), to = (size_t)(nth_line(text, 3) - text);
    for (size_t i = from; i < to; i++) {
        struct audit_report report;
        struct error e = {0};
        char was = text[i];
        text[i] ^= 1;
        replace(t->log, text, len);
        assert_true(audit_verify(t->dir, &report, &e));
        if (report.broken != 2 || !*report.why)
            fail_msg("byte %zu: line %d %s", i - from, (int)report.broken, report.why);
        text[i] = was;
    }
    char *reason = strstr(nth_line(text, 2), "\"action\":\"b\"") + 10;
    *reason = 'x';
    replace(t->log, text, len);
    expect(t, 3, 2, "its hash differs");
    *reason = 'b';
    struct str spaced = STR_INIT(65536); /* the same object, other bytes */
    str_add(&spaced, text, from + 1);
    str_addc(&spaced, ' ');
    str_add(&spaced, text + from + 1, len - from - 1);
    replace(t->log, str_text(&spaced), spaced.len);
    expect(t, 3, 2, "bytes were changed");
    str_free(&spaced);
    free(text);
}

/* Writes the log anew from these of its lines. */
static void rearrange(struct test *t, const char *text, const char *lines)
{
    struct str out = STR_INIT(65536);
    for (; *lines; lines++) {
        const char *line = nth_line(text, *lines - '0');
        str_add(&out, line, strcspn(line, "\n") + 1);
    }
    replace(t->log, str_text(&out), out.len);
    str_free(&out);
}

static void finds_lines_taken_out_moved_and_put_in(void **state)
{
    struct test *t = *state;
    size_t len;
    add_many(t, 5);
    char *text = contents(t->log, &len);
    rearrange(t, text, "12345");
    expect(t, 5, 0, "");
    rearrange(t, text, "1245");
    expect(t, 4, 3, "it is record 4 where 3 is expected: records were taken out");
    rearrange(t, text, "2345");
    expect(t, 4, 1, "it is record 2 where 1 is expected");
    rearrange(t, text, "13245");
    expect(t, 5, 2, "it is record 3 where 2 is expected");
    rearrange(t, text, "12234");
    expect(t, 5, 3, "it is record 2 where 3 is expected: it was put in or moved");
    rearrange(t, text, "123");
    expect(t, 3, 4, "2 records are missing at the end");
    rearrange(t, text, "1234");
    expect(t, 4, 5, "1 record is missing at the end");
    rearrange(t, text, "");
    expect(t, 0, 1, "5 records are missing at the end");
    unlink(t->log);
    expect(t, 0, 1, "5 records are missing at the end");
    free(text);
}

/* A record made anew with a right hash, in place of another. */
static void finds_forged_records(void **state)
{
    struct test *t = *state;
    struct error e = {0};
    size_t len;
    char hash[65];
    add_many(t, 3);
    char *text = contents(t->log, &len);
    const char *third = nth_line(text, 3);
    json_t *record = json_load(third, strcspn(third, "\n"), &e);
    json_object_set_new(record, "action", json_string("innocent"));
    json_object_del(record, "hash");
    char *bare = state_line(record, 65536);
    digest_sha256_hex(bare, strlen(bare), hash);
    json_object_set_new(record, "hash", json_string(hash));
    char *line = state_line(record, 65536);
    struct str out = STR_INIT(65536);
    str_add(&out, text, (size_t)(third - text));
    str_addf(&out, "%s\n", line);
    replace(t->log, str_text(&out), out.len);
    expect(t, 3, 4, "the newest record is not the one that was written last");
    add(t, "later");
    expect(t, 4, 4, "its prev is not the hash of the record before");
    str_free(&out);
    free(line);
    free(bare);
    json_decref(record);
    free(text);
}

/* Going on after it must not hide that something is missing. */
static void keeps_a_cut_end_to_be_seen(void **state)
{
    struct test *t = *state;
    size_t len;
    add_many(t, 5);
    char *text = contents(t->log, &len);
    rearrange(t, text, "123");
    add(t, "later");
    expect(t, 4, 4, "it is record 6 where 4 is expected: records were taken out");
    unlink(t->log);
    add(t, "later still");
    expect(t, 1, 1, "it is record 7 where 1 is expected");
    free(text);
}

static void minds_the_head(void **state)
{
    struct test *t = *state;
    size_t len, first_len;
    add(t, "a");
    char *first = contents(t->head, &first_len);
    add(t, "b");
    char *second = contents(t->head, &len);
    replace(t->head, first, first_len); /* a crash between the two files */
    expect(t, 2, 0, "");
    add(t, "c");
    expect(t, 3, 0, "");
    replace(t->head, first, first_len);
    expect(t, 3, 4, "audit.head is of record 1, the log goes on to 3");
    unlink(t->head);
    expect(t, 3, 4, "audit.head is missing");
    replace(t->head, "{}", 2);
    expect(t, 3, 4, "audit.head does not say");
    add(t, "d");
    expect(t, 4, 0, "");
    free(first);
    free(second);
}

static void goes_on_after_a_torn_line(void **state)
{
    struct test *t = *state;
    size_t len;
    add_many(t, 3);
    char *text = contents(t->log, &len), *head;
    size_t head_len;
    text[len - 30] = '\0'; /* the crash came in the middle of the third, and before its head */
    replace(t->log, text, len - 30);
    expect(t, 3, 3, "it is cut");
    unlink(t->head);
    add(t, "later");
    expect(t, 4, 3, "it is not a JSON object; the chain goes on after it: a crash may have cut it");
    head = contents(t->head, &head_len);
    assert_non_null(strstr(head, "\"seq\":3}"));
    add(t, "later still");
    expect(t, 5, 3, "it is not a JSON object; the chain goes on");
    free(head);
    free(text);
}

static void goes_on_after_a_missing_newline(void **state)
{
    struct test *t = *state;
    size_t len;
    add_many(t, 2);
    char *text = contents(t->log, &len);
    replace(t->log, text, len - 1);
    expect(t, 2, 2, "it is cut");
    add(t, "c");
    expect(t, 3, 0, "");
    free(text);
}

static void refuses_what_it_could_not_verify(void **state)
{
    struct test *t = *state;
    struct error e = {0};
    char *huge = mem_new(AUDIT_LINE_MAX + 1);
    memset(huge, 'x', AUDIT_LINE_MAX);
    add(t, "a");
    assert_false(audit_append(t->dir, NOW, json_pack("{s:s}", "reason", huge), &e));
    assert_non_null(strstr(e.message, "too long"));
    assert_false(audit_append(t->dir, NOW, json_array(), &e));
    assert_false(audit_append(t->dir, NOW, json_pack("{s:s#}", "reason", "a\0b", 3), &e));
    expect(t, 1, 0, "");
    huge[AUDIT_LINE_MAX - 1000] = '\0'; /* its end is further back than one look */
    assert_true(audit_append(t->dir, NOW, json_pack("{s:s}", "reason", huge), &e));
    unlink(t->head);
    add(t, "c");
    expect(t, 3, 0, "");
    free(huge);
}

static void tells_of_lines_that_are_too_long(void **state)
{
    struct test *t = *state;
    char *huge = mem_new(AUDIT_LINE_MAX + 10);
    memset(huge, 'x', AUDIT_LINE_MAX + 9);
    struct error e = {0};
    add(t, "a");
    size_t len;
    char *text = contents(t->log, &len);
    struct str out = STR_INIT((size_t)1 << 20);
    str_addf(&out, "%s%s\n", text, huge);
    assert_true(file_write(t->log, str_text(&out), out.len, 0600, &e));
    expect(t, 2, 2, "it is longer than");
    str_free(&out);
    free(text);
    free(huge);
}

static void refuses_files_that_are_not_its_own(void **state)
{
    struct test *t = *state;
    struct audit_report report;
    struct error e = {0};
    char other[140];
    add(t, "a");
    chmod(t->log, 0640);
    assert_false(audit_append(t->dir, NOW, json_object(), &e));
    assert_non_null(strstr(e.message, "its mode is 0640"));
    assert_false(audit_verify(t->dir, &report, &e));
    assert_non_null(strstr(e.message, "its mode is 0640"));
    chmod(t->log, 0600);
    text_format(other, sizeof other, "%s/other", t->base);
    rename(t->log, other);
    assert_int_equal(symlink(other, t->log), 0);
    assert_false(audit_append(t->dir, NOW, json_object(), &e));
    assert_non_null(strstr(e.message, "is a symbolic link"));
    unlink(t->log);
    assert_int_equal(mkfifo(t->log, 0600), 0);
    assert_false(audit_verify(t->dir, &report, &e));
    assert_non_null(strstr(e.message, "not a plain file"));
    unlink(t->log);
    rename(other, t->log);
    chmod(t->dir, 0770);
    assert_false(audit_append(t->dir, NOW, json_object(), &e));
    assert_non_null(strstr(e.message, "others may write into it"));
    chmod(t->dir, 0700);
    if (geteuid() == 0) {
        assert_int_equal(chown(t->dir, 12345, (gid_t)-1), 0);
        assert_false(audit_append(t->dir, NOW, json_object(), &e));
        assert_non_null(strstr(e.message, "belongs to another user"));
        assert_int_equal(chown(t->dir, 0, (gid_t)-1), 0);
    }
    expect(t, 1, 0, "");
}

static void takes_many_writers_at_once(void **state)
{
    struct test *t = *state;
    pid_t writers[4];
    for (size_t i = 0; i < 4; i++) {
        writers[i] = fork();
        if (writers[i] == 0) {
            struct error e = {0};
            for (int n = 0; n < 10; n++)
                if (!audit_append(t->dir, NOW, json_pack("{s:i}", "n", n), &e))
                    _exit(1);
            _exit(0);
        }
    }
    for (size_t i = 0; i < 4; i++) {
        int status;
        waitpid(writers[i], &status, 0);
        assert_int_equal(status, 0);
    }
    expect(t, 40, 0, "");
}

static void does_not_wait_without_end(void **state)
{
    struct test *t = *state;
    struct error e = {0};
    add(t, "a");
    int fd = state_open(t->log, 0, &e);
    assert_true(fd >= 0 && flock(fd, LOCK_EX) == 0);
    assert_false(audit_append(t->dir, NOW, json_object(), &e));
    assert_non_null(strstr(e.message, "another process holds it"));
    close(fd);
    expect(t, 1, 0, "");
}

static void on_record(void *arg, uint64_t line, const json_t *record)
{
    str_addf(arg, "%d:%s;", (int)line, record ? json_text(record, "action") : "-");
}

static void reads_records(void **state)
{
    struct test *t = *state;
    struct error e = {0};
    struct str heard = STR_INIT(4096);
    size_t len;
    assert_true(audit_read(t->dir, on_record, &heard, &e));
    add_many(t, 2);
    char *text = contents(t->log, &len);
    struct str out = STR_INIT(65536);
    str_addf(&out, "garbage\n%s[1]\n", text);
    replace(t->log, str_text(&out), out.len);
    assert_true(audit_read(t->dir, on_record, &heard, &e));
    assert_string_equal(str_text(&heard), "1:-;2:a;3:b;4:-;");
    chmod(t->log, 0644);
    assert_false(audit_read(t->dir, on_record, &heard, &e));
    str_free(&out);
    str_free(&heard);
    free(text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_test, drop_test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(binds_each_record_to_the_one_before), TEST(finds_changed_bytes), TEST(finds_lines_taken_out_moved_and_put_in),
        TEST(finds_forged_records), TEST(keeps_a_cut_end_to_be_seen), TEST(minds_the_head), TEST(goes_on_after_a_torn_line),
        TEST(goes_on_after_a_missing_newline),
        TEST(refuses_what_it_could_not_verify), TEST(tells_of_lines_that_are_too_long), TEST(refuses_files_that_are_not_its_own),
        TEST(takes_many_writers_at_once), TEST(does_not_wait_without_end), TEST(reads_records),
    };
    return cmocka_run_group_tests_name("actions_audit", tests, NULL, NULL);
}
