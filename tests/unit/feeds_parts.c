/* What is read though a part of it could not be, or there is more of it: the rest stays, and what is not known is marked so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "estate/promotion.h"
#include "estate/write.h"
#include "feeds/feeds.h"
#include "script_server.h"

#define HERE    "us-east-1"
#define THERE   "us-west-2"
#define NOWHERE "xx-nowhere-1"
#define US      "333333333333"
#define DIGEST  "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define GROUPS  2100

static struct script { /* shared with the server's processes */
    char refused[64];  /* what is in the request that is refused; "" none */
    bool nowhere;      /* who asks in that region hears nothing */
} *script;

static const char xml[] = "Content-Type: text/xml\r\n", json[] = "Content-Type: application/x-amz-json-1.1\r\n";

/* Members of a reply of the query protocol's. */
static void say_xml(int fd, const char *operation, const char *members)
{
    struct str body = STR_INIT(16384);
    str_addf(&body, "<%sResponse><%sResult>%s</%sResult></%sResponse>", operation, operation, members, operation, operation);
    script_reply(fd, 200, xml, str_text(&body));
    str_free(&body);
}

static void say_groups(int fd)
{
    struct str body = STR_INIT((size_t)1 << 20);
    str_adds(&body, "{\"logGroups\":[");
    for (int i = 0; i < GROUPS; i++)
        str_addf(&body, "%s{\"logGroupName\":\"/g/%d\"}", i ? "," : "", i);
    str_adds(&body, "],\"nextToken\":\"on\"}");
    script_reply(fd, 200, json, str_text(&body));
    str_free(&body);
}

static void say_images(int fd, const char *request)
{
    char body[400];
    const char *repository = strstr(request, "\"backend\"") ? "backend" : "frontend";
    text_format(body, sizeof body, "{\"imageDetails\":[{\"repositoryName\":\"%s\",\"imageDigest\":\"" DIGEST "\",\"imageTags\":[\"v1.0.0\"]}]}",
                repository);
    script_reply(fd, 200, json, body);
}

static const struct reply {
    const char *asked, *operation, *members;
} replies[] = {
    {"Action=GetAccountSummary", "GetAccountSummary", "<SummaryMap><entry><key>AccountMFAEnabled</key><value>1</value></entry></SummaryMap>"},
    {"Action=ListRoles", "ListRoles", "<IsTruncated>false</IsTruncated><Roles><member><Path>/</Path><RoleName>Reader</RoleName>"
     "<Arn>arn:aws:iam::" US ":role/Reader</Arn></member></Roles>"},
    {"Action=ListOpenIDConnectProviders", "ListOpenIDConnectProviders", "<OpenIDConnectProviderList/>"},
    {"Action=DescribeDBInstanceAutomatedBackups", "DescribeDBInstanceAutomatedBackups", "<DBInstanceAutomatedBackups><DBInstanceAutomatedBackup>"
     "<DBInstanceIdentifier>db</DBInstanceIdentifier><Region>" HERE "</Region><Status>active</Status></DBInstanceAutomatedBackup>"
     "</DBInstanceAutomatedBackups>"},
    {"Action=DescribeDBInstances", "DescribeDBInstances", "<DBInstances><DBInstance><DBInstanceIdentifier>stray</DBInstanceIdentifier>"
     "</DBInstance></DBInstances>"},
};

static void answer_others(int fd, const char *request)
{
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++)
        if (strstr(request, replies[i].asked)) {
            say_xml(fd, replies[i].operation, replies[i].members);
            return;
        }
    if (strstr(request, "Action=DescribeInstances&"))
        script_reply(fd, 200, xml, "<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>");
    else if (strstr(request, "DescribeLogGroups"))
        say_groups(fd);
    else if (strstr(request, "DescribeImages"))
        say_images(fd, request);
    else if (strstr(request, "ListWebACLs"))
        script_reply(fd, 200, json, strstr(request, "\"NextMarker\"") ? "{\"WebACLs\":[{\"Name\":\"edge\",\"Id\":\"2\"}]}" :
                     "{\"WebACLs\":[{\"Name\":\"other\",\"Id\":\"1\"}],\"NextMarker\":\"other\"}");
    else if (strstr(request, "GetWebACL"))
        script_reply(fd, 200, json, "{\"WebACL\":{\"Name\":\"edge\",\"Id\":\"2\"}}");
    else if (strstr(request, " /api/v1/namespaces?"))
        script_reply(fd, 200, "Content-Type: application/json\r\n",
                     "{\"kind\":\"NamespaceList\",\"metadata\":{\"continue\":\"on\"},\"items\":[{\"metadata\":{\"name\":\"app\"}}]}");
    else if (strstr(request, "watch=1"))
        script_wait_for_close(fd);
    else if (strstr(request, "/deployments?"))
        script_reply(fd, 200, "Content-Type: application/json\r\n", "{\"kind\":\"Table\",\"metadata\":{\"resourceVersion\":\"1\"},"
                     "\"columnDefinitions\":[{\"name\":\"Name\",\"format\":\"name\"}],\"rows\":[{\"cells\":[\"backend\"]}]}");
    else if (strstr(request, "?versioning"))
        script_reply(fd, 200, xml, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
    else if (strstr(request, "?publicAccessBlock"))
        script_reply(fd, 404, xml, "<Error><Code>NoSuchPublicAccessBlockConfiguration</Code></Error>");
    else
        script_reply(fd, 200, json, "{}");
}

static void answer(int fd, const char *request, size_t len)
{
    (void)len;
    if (script->nowhere && strstr(request, "/" NOWHERE "/"))
        _exit(0); /* hangs up */
    if (*script->refused && strstr(request, script->refused))
        script_reply(fd, 403, "Content-Type: application/json\r\nx-amzn-ErrorType: AccessDeniedException\r\n",
                     strstr(request, "json") ? "{\"message\":\"no\"}" : "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>");
    else
        answer_others(fd, request);
}

struct test {
    struct script_server server;
    struct loop *loop;
    struct http *http;
    struct aws *aws;
    struct estate_config config;
    struct estate *estate;
    struct feeds *feeds;
    feed_mask mask;
};

static int make_test(void **state)
{
    struct test *t = *state = mem_new(sizeof *t);
    char url[64];
    script = script_share(sizeof *script);
    if (!script_server_start(&t->server, answer))
        return -1;
    text_format(url, sizeof url, "http://127.0.0.1:%d", t->server.port);
    setenv("AWS_ENDPOINT_URL", url, 1);
    t->loop = loop_new();
    t->http = http_new(t->loop, &(struct http_options){.log = NULL});
    t->aws = aws_new(t->loop, t->http, &(struct aws_options){.region = HERE});
    t->config = (struct estate_config){.name = "one"};
    *vec_add(&t->config.accounts) = (struct account_config){.name = "one", .id = US, .region = HERE, .web_acl = "edge", .state_bucket = "state"};
    return 0;
}

static int drop_test(void **state)
{
    struct test *t = *state;
    feeds_free(t->feeds);
    aws_free(t->aws);
    http_free(t->http);
    estate_free(t->estate);
    vec_free(&t->config.accounts);
    loop_free(t->loop);
    script_server_stop(&t->server);
    script_unshare(script, sizeof *script);
    free(t);
    return 0;
}

static void open_feeds(struct test *t, enum account_kind kind)
{
    t->config.accounts.at[0].kind = kind;
    t->estate = estate_new(&t->config);
    t->feeds = feeds_new(&(struct feeds_options){.loop = t->loop, .http = t->http, .aws = t->aws, .estate = t->estate});
}

static bool is_settled(void *arg) { return feeds_settled(((struct test *)arg)->feeds, ((struct test *)arg)->mask); }

/* The account once the feed has answered, with what is in such a request refused. */
static const struct account *read_one(struct test *t, enum feed feed, const char *refused)
{
    text_copy(script->refused, sizeof script->refused, refused);
    t->mask = FEED_BIT(feed);
    feeds_focus(t->feeds, t->mask);
    feeds_start(t->feeds, t->mask, 0);
    assert_true(loop_run_until(t->loop, is_settled, t, 30000));
    return &t->estate->accounts[0];
}

static void is_read_in_part(const struct account *a, enum feed feed)
{
    assert_true(slice_has_data(&a->slices[feed]));
    assert_true(a->slices[feed].error.kind != ERROR_NONE);
}

static void a_region_s_backups_do_not_hang_on_the_other_s(void **state)
{
    struct test *t = *state;
    open_feeds(t, ACCOUNT_PRODUCTION);
    const struct account *a = read_one(t, FEED_DATABASE_BACKUPS, "/" THERE "/");
    is_read_in_part(a, FEED_DATABASE_BACKUPS);
    assert_int_equal(a->database.backups.len, 1);
    assert_true(a->database.backups_there_unread && !a->database.backups_here_unread);
}

static void roles_do_not_hang_on_providers(void **state)
{
    struct test *t = *state;
    open_feeds(t, ACCOUNT_PRODUCTION);
    const struct account *a = read_one(t, FEED_IDENTITY, "ListOpenIDConnectProviders");
    is_read_in_part(a, FEED_IDENTITY);
    assert_int_equal(a->security.identity.roles.len, 1);
    assert_true(a->security.identity.providers_unread && !a->security.identity.roles_unread);
}

static bool is_read_again(void *arg) { return !((struct test *)arg)->estate->accounts[0].slices[FEED_IDENTITY].loading; }

static void what_was_known_of_a_part_stays(void **state)
{
    struct test *t = *state;
    open_feeds(t, ACCOUNT_PRODUCTION);
    const struct account *a = read_one(t, FEED_IDENTITY, "");
    text_copy(script->refused, sizeof script->refused, "ListRoles");
    feeds_refresh(t->feeds, FEED_BIT(FEED_IDENTITY));
    estate_account_write(t->estate, 0)->slices[FEED_IDENTITY].loading = true;
    assert_true(loop_run_until(t->loop, is_read_again, t, 30000));
    is_read_in_part(a, FEED_IDENTITY);
    assert_int_equal(a->security.identity.roles.len, 1);
    assert_false(a->security.identity.roles_unread);
}

static void each_kind_of_workload_is_read_by_itself(void **state)
{
    struct test *t = *state;
    open_feeds(t, ACCOUNT_MANAGEMENT);
    const struct account *a = read_one(t, FEED_WORKLOADS, "/eks/");
    is_read_in_part(a, FEED_WORKLOADS);
    assert_int_equal(a->security.workloads.len, 1);
    assert_string_equal(a->security.workloads_unread, "clusters");
}

static void of_a_bucket_what_may_be_read_is(void **state)
{
    struct test *t = *state;
    open_feeds(t, ACCOUNT_MANAGEMENT);
    const struct account *a = read_one(t, FEED_STATE_BUCKET, "?encryption");
    is_read_in_part(a, FEED_STATE_BUCKET);
    assert_true(a->security.buckets[BUCKET_STATE].exists && a->security.buckets[BUCKET_STATE].versioned);
    assert_int_equal(a->security.buckets[BUCKET_STATE].unread, BUCKET_ENCRYPTION);
}

static void deploy(struct test *t, const char *name, const char *images)
{
    struct deployment d = {.name = (char *)(uintptr_t)name, .ns = "app", .desired = 1, .ready = 1, .images = images};
    deployments_put(t->estate, 0, &d, 1, 0);
}

/* Who may deploy can write what they like for an image; it is theirs alone that is not known then. */
static void a_registry_that_there_is_not_costs_no_other_its_images(void **state)
{
    static const char ours[] = US ".dkr.ecr." HERE ".amazonaws.com/backend@" DIGEST,
                      odd[] = US ".dkr.ecr." NOWHERE ".amazonaws.com/backend@" DIGEST;
    struct test *t = *state;
    script->nowhere = true;
    open_feeds(t, ACCOUNT_MANAGEMENT);
    for (int i = 0; i < 30; i++) { /* more than there is room for */
        char name[8], image[120];
        text_format(name, sizeof name, "a%d", i);
        text_format(image, sizeof image, US ".dkr.ecr." NOWHERE ".amazonaws.com/%s@" DIGEST, i ? name : "backend");
        deploy(t, name, image);
    }
    deploy(t, "backend", ours);
    const struct account *a = read_one(t, FEED_IMAGES, "");
    is_read_in_part(a, FEED_IMAGES);
    assert_int_equal(a->images.rows.len, 1);
    assert_true(image_is_unread(&a->images, odd));
    assert_false(image_is_unread(&a->images, ours));
}

static void what_is_cut_says_so(void **state)
{
    struct test *t = *state;
    open_feeds(t, ACCOUNT_PRODUCTION);
    const struct account *a = read_one(t, FEED_LOG_GROUPS, "");
    assert_int_equal(a->slices[FEED_LOG_GROUPS].state, SLICE_FRESH);
    assert_true(a->slices[FEED_LOG_GROUPS].part);
    a = read_one(t, FEED_SECRETS, "");
    assert_false(a->slices[FEED_SECRETS].part);
}

/* More namespaces than are followed: told with what is shown, and nothing is missing for want of being among them. */
static void of_a_cluster_too_large_a_part_is_shown(void **state)
{
    struct test *t = *state;
    char url[64];
    text_format(url, sizeof url, "http://127.0.0.1:%d", t->server.port);
    t->config.accounts.at[0].cluster.name = "c";
    t->config.accounts.at[0].cluster.server = url;
    open_feeds(t, ACCOUNT_PRODUCTION);
    const struct account *a = read_one(t, FEED_DEPLOYMENTS, "");
    is_read_in_part(a, FEED_DEPLOYMENTS);
    assert_string_equal(a->slices[FEED_DEPLOYMENTS].error.code, "TooMany");
    assert_int_equal(a->cluster.deployments.len, 1);
    assert_true(a->slices[FEED_DEPLOYMENTS].part);
}

static void web_acls_come_in_pages(void **state)
{
    struct test *t = *state;
    open_feeds(t, ACCOUNT_PRODUCTION);
    const struct account *a = read_one(t, FEED_WEB_ACL, "");
    assert_int_equal(a->slices[FEED_WEB_ACL].state, SLICE_FRESH);
    assert_string_equal(a->web_acl.name, "edge");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_test, drop_test)
    const struct CMUnitTest tests[] = {TEST(a_region_s_backups_do_not_hang_on_the_other_s), TEST(roles_do_not_hang_on_providers),
                                       TEST(what_was_known_of_a_part_stays), TEST(each_kind_of_workload_is_read_by_itself),
                                       TEST(of_a_bucket_what_may_be_read_is), TEST(a_registry_that_there_is_not_costs_no_other_its_images),
                                       TEST(of_a_cluster_too_large_a_part_is_shown), TEST(what_is_cut_says_so), TEST(web_acls_come_in_pages)};
    script_environment();
    setenv("AWS_MAX_ATTEMPTS", "1", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
