/* Each check of clusters and images: it passes on an estate as the architecture has it, and fails by the very thing that a test bends; what could not
 * be read is unknown, and development that sleeps breaks no promise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "check_bench.h"
#include "feeds/map.h"
#include "platform_estate.h"
#include "put.h"
#include "security_estate.h"

#define NOW INT64_C(1795528931000)

static void add_database(struct estate *e, size_t account)
{
    struct database d = {.backup_days = 7};
    PUT(d.id, "innovate");
    PUT(d.status, "available");
    databases_set(e, account, &d, 1, NOW);
    slice_good(e, account, FEED_DATABASE, NOW, 60000, NOW);
}

static void begin(struct bench *b)
{
    bench_begin(b, NOW);
    for (size_t a = DEV; a <= PROD; a++)
        b->config.accounts.at[a].cluster.name = mem_strdup("innovate");
    bench_open(b);
    for (size_t a = ROOT; a <= PROD; a++)
        slice_good(b->estate, a, FEED_REGISTRY, NOW, 1800000, NOW);
    registry_build(b->estate, ROOT, NOW);
    images_build(b->estate, ROOT, NOW);
    for (size_t a = DEV; a <= PROD; a++) {
        add_database(b->estate, a);
        platform_build(b->estate, a, NOW);
        security_build(b->estate, a, NOW);
        workload_build(b->estate, a, a == DEV ? BUILD_NEW : BUILD_OLD, NOW);
    }
}

static struct account *at(struct bench *b, size_t account) { return estate_account_write(b->estate, account); }
static struct platform *platform(struct bench *b) { return &at(b, PROD)->platform; }
static struct ecr_repository *repository(struct bench *b) { return &at(b, ROOT)->registry.repositories.at[0]; }

/* What is bent, one thing a row. */

static void not_active(struct bench *b) { PUT(platform(b)->cluster.status, "FAILED"); }
static void old_version(struct bench *b) { PUT(platform(b)->cluster.support, "EXTENDED_SUPPORT"); }
static void no_private(struct bench *b) { platform(b)->cluster.private_endpoint = false; }
static void open_endpoint(struct bench *b) { PUT(platform(b)->cluster.public_from, "203.0.113.0/24 0.0.0.0/0"); }
static void no_logs(struct bench *b) { PUT(platform(b)->cluster.logs, "api authenticator"); }
static void plain_secrets(struct bench *b) { *platform(b)->cluster.secrets_key = '\0'; }
static void other_profile(struct bench *b) { PUT(platform(b)->profiles.at[0].namespaces, "batch web{tier=front}"); }
static void profile_fails(struct bench *b) { PUT(platform(b)->profiles.at[0].status, "CREATE_FAILED"); }
static void pod_on_managed(struct bench *b)
{
    struct pod_row row = {.ns = "web", .name = "backend-7d9c5b6f4-zzzzz", .status = "Running", .node = "ip-10-0-11-5.ec2.internal", .ip = "10.0.11.7",
                          .ready = 1,
                          .containers = 1, .created_at = NOW};
    pods_put(b->estate, PROD, &row, NOW);
}
static void one_zone(struct bench *b) { pods_gone(b->estate, PROD, "web", "backend-7d9c5b6f4-bx2vk", NOW); }
static void second_group(struct bench *b)
{
    struct node_group more = at(b, PROD)->node_groups.at[0];
    PUT(more.name, "more");
    *vec_add(&at(b, PROD)->node_groups) = more;
}
static void large_nodes(struct bench *b) { PUT(at(b, PROD)->node_groups.at[0].types, "m7i.4xlarge"); }
static void many_nodes(struct bench *b) { at(b, PROD)->node_groups.at[0].desired = 9; }
static void addon_missing(struct bench *b) { deployments_gone(b->estate, PROD, "kube-system", "metrics-server"); }
static void driver_missing(struct bench *b) { platform(b)->daemons.len = 0; }
static void driver_unready(struct bench *b) { platform(b)->daemons.at[0].ready = 1; }
static void no_hpa(struct bench *b) { hpas_gone(b->estate, PROD, "web", "backend"); }
static void pinned(struct bench *b) { at(b, PROD)->cluster.hpas.at[0].replicas = 6; }
static void blind(struct bench *b)
{
    struct hpa h = at(b, PROD)->cluster.hpas.at[0];
    char name[40];
    text_copy(name, sizeof name, h.name);
    h.name = name;
    h.metrics = "cpu: <unknown>/70%";
    hpas_put(b->estate, PROD, &h, 1, NOW);
}
static void no_issuer(struct bench *b) { *platform(b)->cluster.issuer = '\0'; }
static void other_issuer(struct bench *b) { PUT(platform(b)->cluster.issuer, "https://oidc.eks.us-east-1.amazonaws.com/id/9A8B7C6"); }
static void no_role(struct bench *b) { *platform(b)->identities.at[1].role = '\0'; }
static void own_key(struct bench *b) { PUT(platform(b)->workloads.at[2].static_key, "AWS_SECRET_ACCESS_KEY"); }
static void no_scan(struct bench *b) { repository(b)->scan_on_push = false; }
static void tags_move(struct bench *b) { PUT(repository(b)->mutability, "MUTABLE"); }
static void versions_move(struct bench *b) { PUT(repository(b)->excluded, "v*"); }
static void no_lifecycle(struct bench *b) { repository(b)->lifecycle = 0; }
static void no_policy(struct bench *b)
{
    repository(b)->policy = 0;
    *repository(b)->principals = *repository(b)->pullers = '\0';
}
static void dev_looks(struct bench *b) { PUT(repository(b)->pullers, "arn:aws:iam::333333333333:root"); }
static void world_pulls(struct bench *b) { PUT(repository(b)->principals, "222222222222 333333333333 *"); }
static void stranger_pulls(struct bench *b) { PUT(repository(b)->principals, "222222222222 333333333333 arn:aws:iam::444444444444:root"); }
static void namesake_pulls(struct bench *b)
{
    PUT(repository(b)->principals, "222222222222 333333333333 arn:aws:iam::444444444444:role/222222222222");
}
static void namesake_of_prod(struct bench *b)
{
    PUT(repository(b)->principals, "222222222222 arn:aws:iam::222222222222:role/333333333333");
    PUT(repository(b)->pullers, "222222222222 arn:aws:iam::222222222222:role/333333333333");
}
static void prod_pushes(struct bench *b) { PUT(repository(b)->pushes, "ecr:PutImage"); }
static void empty_registry(struct bench *b) { registry_set(b->estate, ROOT, NULL, 0); }
static void second_registry(struct bench *b) { registry_build(b->estate, PROD, NOW); }
static void never_in_dev(struct bench *b)
{
    for (size_t i = 0; i < at(b, DEV)->platform.past.len; i++)
        PUT(at(b, DEV)->platform.past.at[i].digest, "sha256:5555");
    at(b, DEV)->platform.past.at[0].at = at(b, DEV)->platform.past.at[1].at = NOW - INT64_C(864000000);
}
static void run_image(struct bench *b, const char *image)
{
    char name[] = "backend";
    struct deployment d = {.name = name, .ns = "web", .ready = 2, .desired = 2, .updated = 2, .available = 2, .images = image};
    deployments_put(b->estate, PROD, &d, 1, NOW);
}
static void other_registry(struct bench *b) { run_image(b, "docker.io/library/nginx:1.27"); }
static void critical(struct bench *b) { at(b, ROOT)->images.rows.at[1].critical = 2; }
static void odd_tag(struct bench *b) { PUT(at(b, ROOT)->images.rows.at[1].tags, "final-2 prod-latest"); }
static void no_latest(struct bench *b) { PUT(at(b, ROOT)->images.rows.at[1].tags, "v1.8.2"); }

static const struct {
    const char *id;
    size_t account;
    void (*bend)(struct bench *b);
    const char *told; /* part of the first evidence */
} bent[] = {
    {"eks-cluster", PROD, not_active, "FAILED"},
    {"eks-cluster", PROD, old_version, "EXTENDED_SUPPORT"},
    {"eks-cluster", PROD, no_private, "private endpoint off"},
    {"eks-cluster", PROD, open_endpoint, "0.0.0.0/0"},
    {"eks-cluster", PROD, no_logs, "api authenticator"},
    {"eks-cluster", PROD, plain_secrets, "secrets encrypted with no key of the account's own"},
    {"eks-fargate", PROD, other_profile, "no Fargate profile"},
    {"eks-fargate", PROD, profile_fails, "not active"},
    {"eks-fargate", PROD, pod_on_managed, "ip-10-0-11-5"},
    {"eks-spread", PROD, one_zone, "us-east-1a"},
    {"eks-nodes", PROD, second_group, "2 managed"},
    {"eks-nodes", PROD, large_nodes, "m7i.4xlarge"},
    {"eks-nodes", PROD, many_nodes, "9 of"},
    {"eks-nodes", PROD, pod_on_managed, "of web runs on"},
    {"eks-addons", PROD, addon_missing, "not there"},
    {"eks-addons", PROD, driver_missing, "not there"},
    {"eks-addons", PROD, driver_unready, "1/2"},
    {"eks-hpa", PROD, no_hpa, "no autoscaler"},
    {"eks-hpa", PROD, pinned, "pinned"},
    {"eks-hpa", PROD, blind, "does not read"},
    {"eks-irsa", PROD, no_issuer, "none"},
    {"eks-irsa", PROD, other_issuer, "id/9A8B7C6, which is no identity provider"},
    {"eks-irsa", PROD, no_role, "no role"},
    {"eks-irsa", PROD, own_key, "AWS_SECRET_ACCESS_KEY"},
    {"ecr-central", ROOT, empty_registry, "0 repositories"},
    {"ecr-central", PROD, second_registry, "of prod"},
    {"ecr-scan", ROOT, no_scan, "off"},
    {"ecr-immutable", ROOT, tags_move, "MUTABLE"},
    {"ecr-immutable", ROOT, versions_move, "v*"},
    {"ecr-lifecycle", ROOT, no_lifecycle, "no lifecycle"},
    {"ecr-policy", ROOT, no_policy, "may not pull"},
    {"ecr-policy", ROOT, world_pulls, "lets * in"},
    {"ecr-policy", ROOT, stranger_pulls, "444444444444"},
    {"ecr-policy", ROOT, namesake_pulls, "lets arn:aws:iam::444444444444:role/222222222222 in"},
    {"ecr-policy", ROOT, namesake_of_prod, "prod may not pull"},
    {"ecr-policy", ROOT, prod_pushes, "ecr:PutImage"},
    {"ecr-policy", ROOT, dev_looks, "dev may not pull"},
    {"img-promoted", PROD, never_in_dev, "never ran"},
    {"img-promoted", PROD, other_registry, "not from the registry"},
    {"img-findings", PROD, critical, "2 critical"},
    {"img-tags", PROD, odd_tag, "final-2"},
    {"img-tags", PROD, no_latest, "prod-latest resolves to nothing"},
};

static void each_fails_by_what_is_bent(void **state)
{
    struct bench b;
    (void)state;
    for (size_t i = 0; i < sizeof bent / sizeof *bent; i++) {
        begin(&b);
        const struct check_result *r = bench_result(&b, bent[i].id, bent[i].account);
        if (r->verdict != CHECK_PASS)
            fail_msg("%s before: %s: %s", bent[i].id, check_verdict_name(r->verdict), r->evidence.len ? r->evidence.at[0].value : "");
        bent[i].bend(&b);
        r = bench_result(&b, bent[i].id, bent[i].account);
        if (r->verdict != CHECK_FAIL || !strstr(r->evidence.at[0].value, bent[i].told))
            fail_msg("%zu %s: %s: %s: %s", i, bent[i].id, check_verdict_name(r->verdict), r->evidence.at[0].resource, r->evidence.at[0].value);
        bench_end(&b);
    }
}

static void all_pass_as_promised(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    checks_run(b.estate, NOW, &b.results);
    for (size_t i = 0; i < b.results.len; i++) {
        const struct check_result *r = &b.results.at[i];
        if ((!strcmp(r->check->area, "cluster") || !strcmp(r->check->area, "images")) && r->verdict != CHECK_PASS && r->verdict != CHECK_NA)
            fail_msg("%s of %zu: %s", r->check->id, r->account, r->evidence.at[0].value);
    }
    bench_end(&b);
}

static void assert_verdict(struct bench *b, const char *id, size_t account, enum check_verdict verdict)
{
    const struct check_result *r = bench_result(b, id, account);
    if (r->verdict != verdict)
        fail_msg("%s: %s, not %s: %s", id, check_verdict_name(r->verdict), check_verdict_name(verdict),
                 r->evidence.len ? r->evidence.at[0].value : "");
}

/* A part that may not be read makes unknown what hangs on it, and nothing else. */
static void what_was_not_read_is_unknown(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    platform(&b)->known &= ~(1u << PLATFORM_IDENTITIES | 1u << PLATFORM_SUPPORT | 1u << PLATFORM_FARGATE | 1u << PLATFORM_DAEMONS);
    PUT(platform(&b)->trouble[PLATFORM_FARGATE], "AccessDeniedException: no");
    assert_verdict(&b, "eks-irsa", PROD, CHECK_UNKNOWN);
    assert_verdict(&b, "eks-cluster", PROD, CHECK_UNKNOWN);
    assert_verdict(&b, "eks-addons", PROD, CHECK_UNKNOWN);
    assert_verdict(&b, "eks-nodes", PROD, CHECK_PASS);
    assert_non_null(strstr(bench_result(&b, "eks-fargate", PROD)->evidence.at[0].value, "AccessDeniedException"));
    repository(&b)->policy = repository(&b)->lifecycle = -1;
    assert_verdict(&b, "ecr-policy", ROOT, CHECK_UNKNOWN);
    assert_verdict(&b, "ecr-lifecycle", ROOT, CHECK_UNKNOWN);
    at(&b, ROOT)->images.rows.at[1].critical = -1;
    assert_verdict(&b, "img-findings", PROD, CHECK_UNKNOWN);
    bench_end(&b);
}

/* Revisions are kept for so long only: what they cannot tell is not known. */
static void a_past_that_is_short_tells_nothing(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    never_in_dev(&b);
    for (size_t i = 0; i < at(&b, DEV)->platform.past.len; i++)
        at(&b, DEV)->platform.past.at[i].at = NOW - 3600000;
    assert_verdict(&b, "img-promoted", PROD, CHECK_UNKNOWN);
    run_image(&b, BUILD_REGISTRY "backend@" BUILD_NEW);
    char name[] = "frontend";
    struct deployment d = {.name = name, .ns = "web", .ready = 2, .desired = 2, .updated = 2, .available = 2,
                           .images = BUILD_REGISTRY "frontend@" BUILD_NEW};
    deployments_put(b.estate, PROD, &d, 1, NOW);
    assert_verdict(&b, "img-promoted", PROD, CHECK_PASS);
    bench_end(&b);
}

/* Deployed by tag in both accounts: the registry says that it is the same image. */
static void a_tag_stands_for_its_digest(void **state)
{
    static const char *const images[] = {BUILD_REGISTRY "backend:sha-4f2c91e", BUILD_REGISTRY "frontend:sha-4f2c91e"};
    static char names[][10] = {"backend", "frontend"};
    struct bench b;
    (void)state;
    begin(&b);
    never_in_dev(&b);
    for (size_t i = 0; i < 2; i++) {
        struct deployment d = {.name = names[i], .ns = "web", .ready = 2, .desired = 2, .updated = 2, .available = 2, .images = images[i]};
        deployments_put(b.estate, DEV, &d, 1, NOW);
        deployments_put(b.estate, PROD, &d, 1, NOW);
    }
    assert_verdict(&b, "img-promoted", PROD, CHECK_PASS);
    bench_end(&b);
}

static void sleeping_development_breaks_nothing(void **state)
{
    static const char *const names[] = {"backend", "frontend"};
    struct bench b;
    (void)state;
    begin(&b);
    for (size_t i = 0; i < 2; i++) {
        char name[20], image[200];
        text_copy(name, sizeof name, names[i]);
        text_format(image, sizeof image, BUILD_REGISTRY "%s@" BUILD_NEW, name);
        struct deployment d = {.name = name, .ns = "web", .images = image};
        deployments_put(b.estate, DEV, &d, 1, NOW);
    }
    at(&b, DEV)->node_groups.at[0].desired = 0;
    at(&b, DEV)->node_groups.at[0].before = 2;
    PUT(at(&b, DEV)->database.instances.at[0].status, "stopped");
    driver_unready(&b);
    at(&b, DEV)->platform.daemons.at[0].ready = 0;
    assert_verdict(&b, "eks-addons", DEV, CHECK_NA);
    assert_verdict(&b, "eks-hpa", DEV, CHECK_NA);
    assert_verdict(&b, "eks-spread", DEV, CHECK_NA);
    assert_verdict(&b, "img-tags", DEV, CHECK_NA);
    assert_verdict(&b, "eks-addons", PROD, CHECK_FAIL);
    bench_end(&b);
}

/* What is not among the images that were read may be there all the same. */
static void images_beyond_what_is_read_are_not_known(void **state)
{
    struct bench b;
    (void)state;
    begin(&b);
    slice_part(b.estate, ROOT, FEED_IMAGES);
    assert_verdict(&b, "img-tags", PROD, CHECK_UNKNOWN);
    at(&b, ROOT)->images.rows.len = 0;
    assert_verdict(&b, "img-tags", PROD, CHECK_UNKNOWN);
    slice_good(b.estate, ROOT, FEED_IMAGES, NOW, 300000, NOW);
    assert_verdict(&b, "img-tags", PROD, CHECK_FAIL);
    struct image_unread unread[] = {{"us-east-1", "frontend"}, {"us-east-1", "backend"}, {"us-east-1", "innovate/frontend"},
                                    {"us-east-1", "innovate/backend"}};
    images_unread_set(b.estate, ROOT, unread, sizeof unread / sizeof *unread);
    assert_verdict(&b, "img-tags", PROD, CHECK_UNKNOWN);
    for (size_t i = 0; i < sizeof unread / sizeof *unread; i++)
        text_copy(unread[i].region, sizeof unread[i].region, "xx-nowhere-1"); /* another registry's, by the same name */
    images_unread_set(b.estate, ROOT, unread, sizeof unread / sizeof *unread);
    assert_verdict(&b, "img-tags", PROD, CHECK_FAIL);
    bench_end(&b);
}

/* Policies as they are written: one or many, patterns, whatever case, with conditions. */
static void a_repository_s_policy_is_read_in_its_forms(void **state)
{
#define BOTH  "\"Principal\":{\"AWS\":[\"arn:aws:iam::222222222222:root\",\"333333333333\"]}"
#define PULLS "\"Action\":[\"ecr:BatchGetImage\",\"ecr:GetDownloadUrlForLayer\"]"
#define ALLOWED "{\"Effect\":\"Allow\"," BOTH "," PULLS "}"
    static const struct {
        const char *statement;
        enum check_verdict verdict;
        const char *told;
    } cases[] = {
        {"{\"Effect\":\"Allow\"," BOTH "," PULLS "}", CHECK_PASS, "pull for"},
        {"[{\"Effect\":\"Allow\"," BOTH ",\"Action\":\"ecr:Get*\"},{\"Effect\":\"Allow\"," BOTH "," PULLS "}]", CHECK_PASS, "pull for"},
        {"{\"Effect\":\"Allow\"," BOTH ",\"Action\":[\"ECR:batchget*\",\"ecr:Get*\",\"ecr:BatchCheckLayerAvailability\"]}", CHECK_PASS, "pull"},
        {"{\"Effect\":\"Allow\"," BOTH ",\"Action\":\"ecr:Describe*\"}", CHECK_FAIL, "dev may not pull"},
        {"{\"Effect\":\"Allow\"," BOTH ",\"Action\":\"ecr:*\"}", CHECK_FAIL, "lets others do ecr:*"},
        {"{\"Effect\":\"Allow\"," BOTH ",\"Action\":[\"ecr:Batch*\",\"ecr:Get*\"]}", CHECK_FAIL, "lets others do ecr:Batch*"},
        {"{\"Effect\":\"Allow\"," BOTH ",\"NotAction\":\"ecr:DeleteRepository\"}", CHECK_FAIL, "lets others do NotAction"},
        {"{\"Effect\":\"Deny\"," BOTH "," PULLS "}", CHECK_FAIL, "dev may not pull"},
        {"{\"Effect\":\"Allow\",\"Principal\":\"*\"," PULLS "}", CHECK_FAIL, "lets * in"},
        {"{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"}," PULLS ",\"Condition\":{\"StringEquals\":{\"aws:PrincipalOrgID\":\"o-1\"}}}",
         CHECK_UNKNOWN, "a condition"},
        {"{\"Effect\":\"Allow\",\"NotPrincipal\":{\"AWS\":\"444444444444\"}," PULLS "}", CHECK_FAIL, "dev may not pull"},
        {"[{\"Effect\":\"Allow\"," BOTH "," PULLS "},{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"}," PULLS "}]",
         CHECK_FAIL, "lets Service:lambda.amazonaws.com in"},
        {"[" ALLOWED ",{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"ecr:Delete*\"}]", CHECK_PASS, "pull for"},
        {"[" ALLOWED ",{\"Effect\":\"Deny\",\"Principal\":{\"AWS\":\"333333333333\"},\"Action\":\"ecr:BatchGet*\"}]", CHECK_UNKNOWN, "a Deny"},
        {"[" ALLOWED ",{\"Effect\":\"Deny\",\"Principal\":\"*\",\"NotAction\":\"ecr:BatchGetImage\"}]", CHECK_UNKNOWN, "a Deny"},
        {"[" ALLOWED ",{\"Effect\":\"Deny\",\"Principal\":\"*\",\"NotAction\":\"ecr:*\"}]", CHECK_PASS, "pull for"},
        {"[{\"Effect\":\"Allow\",\"Principal\":\"*\"," PULLS "},{\"Effect\":\"Deny\",\"NotPrincipal\":{\"AWS\":\"222222222222\"}," PULLS "}]",
         CHECK_UNKNOWN, "lets * in, but for whom its Deny leaves out"},
        {"[{\"Effect\":\"Allow\",\"Principal\":\"*\"," PULLS "},{\"Effect\":\"Deny\",\"Principal\":{\"AWS\":\"555555555555\"}," PULLS "}]",
         CHECK_FAIL, "lets * in"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench b;
        struct error e = {0};
        char text[2048];
        text_format(text, sizeof text, "{\"Version\":\"2012-10-17\",\"Statement\":%s}", cases[i].statement);
        json_t *policy = json_load(text, strlen(text), &e);
        assert_non_null(policy);
        begin(&b);
        assert_true(map_repository_policy(policy, repository(&b)));
        const struct check_result *r = bench_result(&b, "ecr-policy", ROOT);
        bool told = false;
        for (size_t k = 0; k < r->evidence.len; k++)
            told |= strstr(r->evidence.at[k].value, cases[i].told) != NULL;
        if (r->verdict != cases[i].verdict || !told)
            fail_msg("%zu: %s: %s", i, check_verdict_name(r->verdict), r->evidence.at[0].value);
        json_decref(policy);
        bench_end(&b);
    }
}

/* As registries are set up now: by rules for all repositories, or some. */
static void rules_of_the_registry_scan_too(void **state)
{
    static const struct {
        const char *rules;
        bool scans;
    } cases[] = {
        {"{\"scanFrequency\":\"SCAN_ON_PUSH\",\"repositoryFilters\":[{\"filter\":\"*\",\"filterType\":\"WILDCARD\"}]}", true},
        {"{\"scanFrequency\":\"CONTINUOUS_SCAN\",\"repositoryFilters\":[{\"filter\":\"web\"},{\"filter\":\"back*\"}]}", true},
        {"{\"scanFrequency\":\"SCAN_ON_PUSH\",\"repositoryFilters\":[{\"filter\":\"acken\"}]}", true},
        {"{\"scanFrequency\":\"MANUAL\",\"repositoryFilters\":[{\"filter\":\"*\"}]}", false},
        {"{\"scanFrequency\":\"SCAN_ON_PUSH\",\"repositoryFilters\":[{\"filter\":\"ack*\"},{\"filter\":\"\"}]}", false},
        {"{\"scanFrequency\":\"SCAN_ON_PUSH\",\"repositoryFilters\":[]}", false},
    };
    struct bench b;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error e = {0};
        char text[512];
        begin(&b);
        no_scan(&b);
        text_format(text, sizeof text, "{\"scanningConfiguration\":{\"scanType\":\"BASIC\",\"rules\":[%s]}}", cases[i].rules);
        json_t *output = json_load(text, strlen(text), &e);
        map_scan_rules(output, repository(&b));
        assert_verdict(&b, "ecr-scan", ROOT, cases[i].scans ? CHECK_PASS : CHECK_FAIL);
        json_decref(output);
        bench_end(&b);
    }
    begin(&b);
    no_scan(&b);
    repository(&b)->scan_unknown = true;
    assert_verdict(&b, "ecr-scan", ROOT, CHECK_UNKNOWN);
    bench_end(&b);
}

/* A name that does not fit might be a stranger's. */
static void a_policy_of_too_many_names_is_not_understood(void **state)
{
    struct str text = STR_INIT(8192);
    struct ecr_repository r = {0};
    struct error e = {0};
    (void)state;
    str_adds(&text, "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"ecr:BatchGetImage\",\"Principal\":{\"AWS\":[\"222222222222\"");
    for (int i = 0; i < 400; i++)
        str_addf(&text, ",\"444444444%03d\"", i);
    str_adds(&text, "]}}}");
    json_t *policy = json_load(str_text(&text), text.len, &e);
    assert_false(map_repository_policy(policy, &r));
    json_decref(policy);
    str_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_pass_as_promised), cmocka_unit_test(each_fails_by_what_is_bent),
                                       cmocka_unit_test(what_was_not_read_is_unknown), cmocka_unit_test(a_past_that_is_short_tells_nothing),
                                       cmocka_unit_test(a_tag_stands_for_its_digest),
                                       cmocka_unit_test(sleeping_development_breaks_nothing),
                                       cmocka_unit_test(images_beyond_what_is_read_are_not_known),
                                       cmocka_unit_test(a_repository_s_policy_is_read_in_its_forms),
                                       cmocka_unit_test(rules_of_the_registry_scan_too),
                                       cmocka_unit_test(a_policy_of_too_many_names_is_not_understood)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
