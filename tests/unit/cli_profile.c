/* Profiles: the installed ones are good, and each way to be wrong is told in one line with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/str.h"
#include "cli/profile.h"

static char folder[] = "/tmp/trivet-profile-XXXXXX";

static int setup(void **state)
{
    (void)state;
    const char *dir = getenv("srcdir");
    setenv("TRIVET_DATADIR", dir ? dir : ".", 1);
    unsetenv("TRIVET_PROFILE");
    if (!mkdtemp(folder))
        return -1;
    setenv("XDG_CONFIG_HOME", folder, 1);
    return 0;
}

static void architecture_is_read(void **state)
{
    (void)state;
    struct estate_config c;
    struct error e = {0};
    if (!profile_load("innovate", &c, &e))
        fail_msg("%s", e.message);
    assert_int_equal(c.accounts.len, 3);
    assert_string_equal(c.accounts.at[0].id, "111111111111");
    assert_int_equal(c.accounts.at[1].kind, ACCOUNT_DEVELOPMENT);
    assert_string_equal(c.accounts.at[1].auto_shutdown.stop, "20:00");
    assert_string_equal(c.accounts.at[2].cluster.name, "innovate-prod");
    assert_string_equal(c.accounts.at[2].region, "us-east-1");
    assert_string_equal(c.network.vpc, "10.0.0.0/16");
    assert_int_equal(c.network.app.len, 2);
    assert_string_equal(c.network.db.at[1], "10.0.22.0/24");
    assert_int_equal(c.accounts.at[2].probes.len, 2);
    assert_int_equal(c.accounts.at[2].probes.at[1].kind, PROBE_POSTGRES);
    assert_int_equal(c.queries.len, 3);
    assert_string_equal(c.queries.at[0].name, "errors by pod");
    assert_string_equal(c.queries.at[0].groups.at[0], "/aws/containerinsights/innovate-prod/application");
    assert_int_equal(c.queries.at[1].since_ms, 900000);
    assert_string_equal(c.queries.at[2].account, "prod");
    assert_null(strchr(c.queries.at[2].query, '\n'));
    assert_int_equal(c.failover_ms, 120000);
    assert_true(c.cache_hit > 0.69 && c.cache_hit < 0.71);
    estate_config_free(&c);
}

static void probes_take_from_the_environment(void **state)
{
    static const char text[] = "name: a\nregion: us-east-1\naccounts: [{name: x, id: \"123456789012\", kind: production, probe: "
                               "[{http: \"${TRIVET_T}/a${TRIVET_T}\"}, {tcp: \"$x${}${y:1\"}]}]\n";
    struct estate_config c;
    struct error e = {0};
    char path[128];
    (void)state;
    text_format(path, sizeof path, "%s/p.yaml", folder);
    assert_true(file_write(path, text, strlen(text), 0600, &e));
    unsetenv("TRIVET_T");
    assert_false(profile_load(path, &c, &e));
    assert_non_null(strstr(e.message, ":3:75: probe: the environment has no TRIVET_T"));
    estate_config_free(&c);
    setenv("TRIVET_T", "http://h", 1);
    if (!profile_load(path, &c, &e))
        fail_msg("%s", e.message);
    assert_string_equal(c.accounts.at[0].probes.at[0].target, "http://h/ahttp://h");
    assert_string_equal(c.accounts.at[0].probes.at[1].target, "$x${}${y:1");
    estate_config_free(&c);
    unlink(path);
}

static const struct {
    const char *text, *expected;
} broken[] = {
    {"name: a\nregion: us-east-1\naccounts: [{name: x, id: 12, kind: production}]\n",
     ":3:26: accounts[0].id: expected twelve digits in quotes, found \"12\""},
    {"name: a\nregion: us-east-1\naccounts: [{name: x, id: \"123456789012\", kind: prd}]\n",
     ":3:48: accounts[0].kind: expected management, development or production, found \"prd\""},
    {"name: a\nregion: moon\naccounts: []\n", ":2:9: region: expected a region such as us-east-1, found \"moon\""},
    {"name: a\nregion: us-east-1\naccounts: []\n", ":3:11: accounts: expected a list of at least one account"},
    {"name: a\nregion: us-east-1\n", ":1:1: accounts: missing"},
    {"name: a\nname: b\n", ":2:1: "},
    {"- a\n", ":1:1: expected a mapping"},
    {"name: &x [*x]\n", ":1:7: an alias stands inside its own anchor"},
    {"name: a\nregion: us-east-1\ncolour: red\n",
     ":3:1: colour: unknown key; expected one of name, region, objectives, github, network, freeze, waivers, queries, accounts"},
    {"name: a\nregion: us-east-1\naccounts:\n- {name: x, id: \"123456789012\", kind: production}\n- {name: x, id: \"123456789013\", kind: "
     "production}\n", ":5:10: accounts[1].name: \"x\" stands in accounts[0] already"},
    {"name: a\nregion: us-east-1\naccounts: [{name: x, id: \"123456789012\", kind: production, session_name: a b}]\n",
     ":3:74: accounts[0].session_name: expected 2 to 64 letters, digits or any of +=,.@_-, found \"a b\""},
    {"name: a\nregion: us-east-1\naccounts: [{name: x, id: \"123456789012\", kind: production, session_duration: 5m}]\n",
     ":3:78: accounts[0].session_duration: expected from 15m to 12h, as AssumeRole takes it, found \"5m\""},
    {"name: a\nregion: us-east-1\nnetwork: {vpc: 10.0.0.0}\naccounts: []\n",
     ":3:16: network.vpc: expected addresses such as 10.0.0.0/16, found \"10.0.0.0\""},
    {"name: a\nregion: us-east-1\nnetwork: {app: [10.0.1.0/24, 10.0.2.0/33]}\naccounts: []\n",
     ":3:30: network.app[1]: expected addresses such as 10.0.0.0/16, found \"10.0.2.0/33\""},
    {"name: a\nregion: us-east-1\nnetwork: {db: []}\naccounts: []\n",
     ":3:15: network.db: expected a list of one to eight ranges such as 10.0.11.0/24"},
#define QUERIES(text) "name: a\nregion: us-east-1\naccounts: [{name: x, id: \"123456789012\", kind: production}]\nqueries:\n" text
    {QUERIES("- {name: q}\n"), ":5:3: queries[0].query: missing"},
    {QUERIES("- {name: q, query: limit 1, group: [a]}\n"),
     ":5:29: queries[0].group: unknown key; expected one of name, query, groups, account, since"},
    {QUERIES("- {name: q, query: limit 1, groups: [a b]}\n"),
     ":5:38: queries[0].groups[0]: expected a log group's name, or how it begins, found \"a b\""},
    {QUERIES("- {name: q, query: limit 1, groups: []}\n"),
     ":5:37: queries[0].groups: expected a list of one to fifty log groups, by name or how it begins"},
    {QUERIES("- {name: q, query: limit 1}\n- {name: q, query: limit 2}\n"), ":6:10: queries[1].name: \"q\" stands there already"},
    {QUERIES("- {name: q, query: limit 1, since: 30s}\n"), ":5:36: queries[0].since: expected from 1m to 31d, found \"30s\""},
    {QUERIES("- {name: q, query: limit 1, account: y}\n"), ":5:38: queries[0].account: expected one of x, found \"y\""},
    {QUERIES("- {name: q, query: \"limit \\e[2J\"}\n"), ":5:20: queries[0].query: expected a query without control characters"},
    {"name: a\nregion: us-east-1\naccounts: [{name: x, id: \"111111111111\", kind: production, mfa_serial: \"a\\e[2J\"}]\n",
     ":3:72: accounts[0].mfa_serial: expected text without control characters, found \"a?[2J\""},
    {"name: a\nregion: us-east-1\nwaivers: [{check: ecr-scan, until: 2026-12-20, reason: \"no\\u202e\"}]\naccounts: [{name: x, id: "
     "\"111111111111\", kind: production}]\n", ":3:56: waivers[0].reason: expected text without control characters"},
    {QUERIES("  {name: q, query: limit 1}\n"), ":5:3: queries: expected a list of {name: TEXT, query: TEXT}"},
    {"name: a\nregion: us-east-1\nobjectives: {failover: 120}\naccounts: []\n", ":3:24: objectives.failover: expected a duration"},
};

static void mistakes_have_their_place(void **state)
{
    (void)state;
    char path[128];
    text_format(path, sizeof path, "%s/p.yaml", folder);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct estate_config c;
        struct error e = {0};
        assert_true(file_write(path, broken[i].text, strlen(broken[i].text), 0600, &e));
        assert_false(profile_load(path, &c, &e));
        if (!text_starts(e.message, path) || !text_starts(e.message + strlen(path), broken[i].expected))
            fail_msg("expected …%s\nfound %s", broken[i].expected, e.message);
        assert_null(strchr(e.message, '\n'));
        estate_config_free(&c);
    }
    unlink(path);
}

static void large_and_binary_are_refused(void **state)
{
    (void)state;
    char path[128];
    struct estate_config c;
    struct error e = {0};
    struct str text = STR_INIT((size_t)16 << 20);
    text_format(path, sizeof path, "%s/q.yaml", folder);
    while (text.len < (size_t)10 << 20)
        str_adds(&text, "# ..............................................................\n");
    assert_true(file_write(path, str_text(&text), text.len, 0600, &e));
    assert_false(profile_load(path, &c, &e));
    assert_non_null(strstr(e.message, "q.yaml"));
    assert_true(file_write(path, "name: a\0b\n\xff\xfe", 12, 0600, &e));
    assert_false(profile_load(path, &c, &e));
    assert_non_null(strstr(e.message, "q.yaml:1:"));
    unlink(path);
    str_free(&text);
}

static void names_and_defaults(void **state)
{
    (void)state;
    char path[160];
    struct estate_config c;
    struct error e = {0};
    assert_false(profile_load("nowhere", &c, &e));
    assert_non_null(strstr(e.message, "innovate"));
    assert_false(profile_load(NULL, &c, &e));
    assert_non_null(strstr(e.message, "--profile"));
    setenv("TRIVET_PROFILE", "minimal", 1);
    assert_true(profile_load(NULL, &c, &e));
    assert_string_equal(c.name, "minimal");
    estate_config_free(&c);
    text_format(path, sizeof path, "%s/trivet", folder);
    assert_true(file_make_dirs(path, 0700, &e));
    text_format(path, sizeof path, "%s/trivet/config.yaml", folder);
    assert_true(file_write(path, "profile: innovate\n", 18, 0600, &e));
    assert_true(profile_load(NULL, &c, &e));
    assert_string_equal(c.name, "innovate");
    estate_config_free(&c);
    unlink(path);
    text_format(path, sizeof path, "%s/trivet", folder);
    rmdir(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(architecture_is_read),
        cmocka_unit_test(probes_take_from_the_environment), cmocka_unit_test(mistakes_have_their_place),
                                       cmocka_unit_test(large_and_binary_are_refused), cmocka_unit_test(names_and_defaults)};
    return cmocka_run_group_tests_name("profile", tests, setup, NULL);
}
