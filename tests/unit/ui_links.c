/* What leaves by the terminal: the bytes of clipboard and hyperlink, and the pages of the AWS console. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "estate/write.h"
#include "ui/links.h"
#include "ui/osc.h"

static void the_clipboard_takes_clean_text_alone(void **state)
{
    static const char *const bad[] = {"", "a\033]0;x\a", "a\nb", "\x9b", "bidi \xe2\x80\xae", "\xff"};
    struct str out = STR_INIT(STR_TEXT_MAX);
    (void)state;
    assert_true(osc_copy(&out, "arn:aws:rds:us-east-1:333333333333:db:a"));
    assert_string_equal(str_text(&out), "\033]52;c;YXJuOmF3czpyZHM6dXMtZWFzdC0xOjMzMzMzMzMzMzMzMzpkYjph\a");
    str_clear(&out);
    assert_true(osc_copy(&out, "k\xc3\xa4se"));
    assert_string_equal(str_text(&out), "\033]52;c;a8Okc2U=\a");
    str_clear(&out);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(osc_copy(&out, bad[i]));
        assert_int_equal(out.len, 0);
    }
    str_free(&out);
}

static void the_clipboard_takes_so_much_and_no_more(void **state)
{
    struct str out = STR_INIT(STR_TEXT_MAX);
    size_t most = OSC_COPY_MAX / 4 * 3;
    char *text = malloc(most + 2);
    (void)state;
    assert_non_null(text);
    memset(text, 'a', most + 1);
    text[most] = '\0';
    assert_true(osc_copy(&out, text));
    assert_int_equal(out.len, strlen("\033]52;c;") + OSC_COPY_MAX + 1);
    str_clear(&out);
    text[most] = 'a';
    text[most + 1] = '\0';
    assert_false(osc_copy(&out, text));
    assert_int_equal(out.len, 0);
    free(text);
    str_free(&out);
}

static void a_link_is_made_of_plain_bytes_alone(void **state)
{
    static const char *const bad[] = {"javascript:alert(1)", "file:///etc/passwd", "ftp://a", "https://a b", "https://a\033\\", "https://\xc3\xa4",
                                      "https://a\"b", "https://a\a"};
    struct str one = STR_INIT(4096), two = STR_INIT(4096);
    char *long_url = malloc(3001);
    (void)state;
    assert_true(osc_link(&one, "https://a.example/x?y=1#z", "https://a"));
    assert_true(osc_link(&two, "https://a.example/x?y=1#z", ".example/x"));
    assert_memory_equal(str_text(&one), "\033]8;id=", 7);
    assert_string_equal(str_text(&one) + 7 + 8, ";https://a.example/x?y=1#z\033\\https://a\033]8;;\033\\");
    assert_memory_equal(str_text(&one), str_text(&two), 7 + 8); /* one link */
    str_clear(&one);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(osc_link(&one, bad[i], "x"));
    assert_false(osc_link(&one, "https://a.example", "x\033]8;;evil"));
    assert_non_null(long_url);
    memset(long_url, 'a', 3000);
    memcpy(long_url, "https://", 8);
    long_url[3000] = '\0';
    assert_false(osc_link(&one, long_url, "x"));
    assert_int_equal(one.len, 0);
    free(long_url);
    str_free(&one);
    str_free(&two);
}

static struct estate *estate_in(struct estate_config *config, const char *region)
{
    struct account_config *account = vec_add(&config->accounts);
    account->name = strdup("prod");
    account->id = strdup("333333333333");
    account->region = strdup(region);
    account->kind = ACCOUNT_PRODUCTION;
    account->cluster.name = strdup("innovate-prod");
    struct estate *e = estate_new(config);
    struct alarm alarm = {.name = "alb/5xx", .arn = "arn:aws:cloudwatch:us-east-1:333333333333:alarm:alb/5xx"};
    struct web_acl acl = {.name = "edge", .id = "a-b", .arn = "arn:acl"};
    struct release_set releases = {0};
    struct release *run = vec_add(&releases.runs);
    run->number = run->id = 812;
    text_copy(run->sha, sizeof run->sha, "4f2c91e07d3b5a68c1f9e2d4b6a8907f3c5e1d20");
    text_copy(run->url, sizeof run->url, "https://github.com/innovate/webapp/actions/runs/812");
    alarms_set(e, 0, &alarm, 1, 0);
    web_acl_set(e, 0, &acl, 0);
    releases_set(e, 0, &releases, 0);
    return e;
}

static void every_kind_has_its_page(void **state)
{
    static const struct {
        enum target_kind kind;
        const char *name, *id, *url;
    } rows[] = {
        {TARGET_ACCOUNT, "prod", "333333333333", "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1"},
        {TARGET_DATABASE, "innovate-prod", "innovate-prod",
         "https://eu-west-1.console.aws.amazon.com/rds/home?region=eu-west-1#database:id=innovate-prod;is-cluster=false"},
        {TARGET_DEPLOYMENT, "backend", "backend",
         "https://eu-west-1.console.aws.amazon.com/eks/clusters/innovate-prod/deployments/backend?namespace=web%20x&region=eu-west-1"},
        {TARGET_POD, "backend-1", "backend-1",
         "https://eu-west-1.console.aws.amazon.com/eks/clusters/innovate-prod/pods/backend-1?namespace=web%20x&region=eu-west-1"},
        {TARGET_PIPELINE, "infra", "infra", "https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/infra/view?region=eu-west-1"},
        {TARGET_WEB_ACL, "edge", "arn:acl", "https://us-east-1.console.aws.amazon.com/wafv2/homev2/web-acl/edge/a-b/overview?region=global"},
        {TARGET_DISTRIBUTION, "E2X", "E2X", "https://us-east-1.console.aws.amazon.com/cloudfront/v4/home#/distributions/E2X"},
        {TARGET_ALARM, "alb/5xx", "arn:aws:cloudwatch:us-east-1:333333333333:alarm:alb/5xx",
         "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#alarmsV2:alarm/alb%2F5xx"},
        {TARGET_RELEASE, "812", "4f2c91e07d3b5a68c1f9e2d4b6a8907f3c5e1d20", "https://github.com/innovate/webapp/actions/runs/812"}};
    struct estate_config config = {0};
    struct estate *e = estate_in(&config, "eu-west-1");
    struct link link;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct action_target target = {.kind = rows[i].kind, .ns = "web x"};
        text_copy(target.name, sizeof target.name, rows[i].name);
        link_of_target(e, &target, &link);
        assert_string_equal(link.id, rows[i].id);
        assert_string_equal(link.url, rows[i].url);
        assert_true(osc_url_good(link.url));
    }
    link_of_budget(&e->accounts[0], "prod monthly", &link);
    assert_string_equal(link.url, "https://us-east-1.console.aws.amazon.com/costmanagement/home#/budgets/details?name=prod%20monthly");
    estate_free(e);
    estate_config_free(&config);
}

static void the_partition_has_its_own_host_and_a_name_cannot_leave_its_place(void **state)
{
    static const char *const regions[][2] = {{"cn-north-1", "https://cn-north-1.console.amazonaws.cn/"},
                                             {"us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"}};
    struct link link;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct estate_config config = {0};
        struct estate *e = estate_in(&config, regions[i][0]);
        struct action_target target = {.kind = TARGET_POD, .ns = "a", .name = "x?y#z/../\"\033]8;;"};
        link_of_target(e, &target, &link);
        assert_memory_equal(link.url, regions[i][1], strlen(regions[i][1]));
        assert_non_null(strstr(link.url, "/pods/x%3Fy%23z%2F..%2F%22%1B%5D8%3B%3B?namespace=a&"));
        assert_true(osc_url_good(link.url));
        text_copy(estate_account_write(e, 0)->releases.runs.at[0].url, 300, "javascript:alert(1)");
        target = (struct action_target){.kind = TARGET_RELEASE, .name = "812"};
        link_of_target(e, &target, &link);
        assert_string_equal(link.url, "");
        estate_free(e);
        estate_config_free(&config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_clipboard_takes_clean_text_alone),
                                       cmocka_unit_test(the_clipboard_takes_so_much_and_no_more),
                                       cmocka_unit_test(a_link_is_made_of_plain_bytes_alone), cmocka_unit_test(every_kind_has_its_page),
                                       cmocka_unit_test(the_partition_has_its_own_host_and_a_name_cannot_leave_its_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
