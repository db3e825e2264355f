/* What GitHub and CodePipeline say of releases, into rows of the estate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/json.h"
#include "feeds/map.h"

static json_t *load(const char *text)
{
    struct error e = {0};
    json_t *tree = json_load(text, strlen(text), &e);
    if (!tree)
        fail_msg("%s", e.message);
    return tree;
}

static void reviews_are_counted_for_one_environment(void **state)
{
    json_t *reviews = load("[{\"state\":\"approved\",\"user\":{\"login\":\"ines-park\"},\"comment\":\"\",\"environments\":[{\"name\":\"dev\"}]},"
                           "{\"state\":\"rejected\",\"user\":{\"login\":\"rosa-kim\"},\"comment\":\"not \\u001b[31mtoday\","
                           "\"environments\":[{\"name\":\"production\"}]},{\"state\":\"approved\",\"comment\":7,"
                           "\"environments\":[{\"name\":\"production\"},{\"name\":\"dev\"}]},\"strange\",{\"environments\":{}}]");
    struct release r = {.reviews = -1};
    (void)state;
    map_release_reviews(reviews, "production", &r);
    assert_int_equal(r.reviews, 2);
    assert_string_equal(r.reviewed, "approved by ?");
    json_array_remove(reviews, 2);
    map_release_reviews(reviews, "production", &r);
    assert_int_equal(r.reviews, 1);
    assert_non_null(strstr(r.reviewed, "rejected by rosa-kim: not "));
    assert_null(strchr(r.reviewed, '\033'));
    map_release_reviews(reviews, "", &r);
    assert_int_equal(r.reviews, 4);
    map_release_reviews(NULL, "production", &r);
    assert_int_equal(r.reviews, 0);
    json_decref(reviews);
}

#define STAGE(name, status, action) \
    "{\"stageName\":\"" name "\",\"latestExecution\":{\"pipelineExecutionId\":\"e-1\",\"status\":\"" status "\"},\"actionStates\":[" action "]}"
#define SOURCE \
    STAGE("Source", "Succeeded", \
          "{\"actionName\":\"Git\",\"currentRevision\":{\"revisionId\":\"4d1f0c9\"},\"latestExecution\":{\"status\":\"Succeeded\"," \
          "\"summary\":\"Raise it\"}}")

static struct release pipeline(const char *stages)
{
    struct str text = STR_INIT(8192);
    struct release r;
    str_addf(&text, "{\"pipelineName\":\"infra\",\"updated\":1795528931,\"stageStates\":[%s]}", stages);
    json_t *output = load(str_text(&text));
    map_pipeline(output, &r);
    json_decref(output);
    str_free(&text);
    return r;
}

static void a_pipeline_waits_where_an_action_has_a_token(void **state)
{
    struct release r = pipeline(SOURCE "," STAGE("Approve", "InProgress",
                                                 "{\"actionName\":\"Ok\",\"entityUrl\":\"https://ci.example/1\","
                                                 "\"latestExecution\":{\"status\":\"InProgress\","
                                                 "\"token\":\"t-1\",\"lastStatusChange\":1795528900}}"));
    (void)state;
    assert_int_equal(r.provider, RELEASE_PIPELINE);
    assert_int_equal(r.state, RELEASE_WAITING);
    assert_string_equal(r.pipeline, "infra");
    assert_string_equal(r.stage, "Approve");
    assert_string_equal(r.action, "Ok");
    assert_string_equal(r.execution, "e-1");
    assert_string_equal(r.title, "Raise it");
    assert_string_equal(r.sha, "4d1f0c9");
    assert_string_equal(r.link, "https://ci.example/1");
    assert_int_equal(r.waiting_since, INT64_C(1795528900000));
}

static void a_pipeline_is_as_its_stages_are(void **state)
{
    static const struct {
        const char *stages;
        enum release_state state;
    } cases[] = {{SOURCE, RELEASE_SUCCEEDED},
                 {SOURCE "," STAGE("Build", "InProgress", "{\"actionName\":\"B\",\"latestExecution\":{\"status\":\"InProgress\"}}"), RELEASE_RUNNING},
                 {SOURCE "," STAGE("Build", "Failed", ""), RELEASE_FAILED},
                 {SOURCE "," STAGE("Build", "Stopped", ""), RELEASE_CANCELLED},
                 {SOURCE "," STAGE("Build", "Failed", "") "," STAGE("Deploy", "InProgress", ""), RELEASE_RUNNING},
                 {"", RELEASE_SUCCEEDED},
                 {"7,\"x\",{\"actionStates\":[{}]}", RELEASE_SUCCEEDED}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(pipeline(cases[i].stages).state, cases[i].state);
}

/* A job or a step that scans, by its name, that went well, before the first job that deploys began. */
static void a_scan_comes_before_what_deploys(void **state)
{
#define JOB(name, conclusion, began, over, steps) \
    "{\"name\":\"" name "\",\"conclusion\":\"" conclusion "\",\"started_at\":\"2026-11-24T10:" began ":00Z\"," \
    "\"completed_at\":\"2026-11-24T10:" over ":00Z\",\"steps\":[" steps "]}"
#define STEP(name, conclusion, over) "{\"name\":\"" name "\",\"conclusion\":\"" conclusion "\",\"completed_at\":\"2026-11-24T10:" over ":00Z\"}"
    static const struct {
        const char *jobs, *scan, *deploy;
        bool nothing; /* it deployed nothing: a pull request's run, or another workflow's */
    } cases[] = {
        {JOB("build", "success", "01", "04", "") "," JOB("Scan image", "success", "04", "05", "") "," JOB("deploy-dev", "success", "05", "08", ""),
         "Scan image", ""},
        {JOB("build", "success", "01", "04", STEP("Set up", "success", "02") "," STEP("Run Trivy", "success", "03")) ","
         JOB("deploy", "success", "05", "08", ""), "build: Run Trivy", ""},
        {JOB("deploy-dev", "success", "04", "08", "") "," JOB("snyk", "success", "05", "06", ""), "snyk", "deploy-dev"},
        {JOB("scan", "failure", "04", "05", "") "," JOB("deploy-dev", "success", "05", "08", ""), "", ""},
        {JOB("build", "success", "01", "04", STEP("trivy", "skipped", "03")) "," JOB("Deploy / prod", "success", "05", "08", ""), "", ""},
        {JOB("scan", "success", "01", "04", "") "," JOB("deploy", "skipped", "05", "05", ""), "", "", true},
        {JOB("lint", "success", "01", "04", ""), "", "", true},
        {"\"strange\",{\"name\":7,\"steps\":{}}", "", "", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[4096];
        struct deploy_gate g = {0};
        text_format(text, sizeof text, "{\"jobs\":[%s]}", cases[i].jobs);
        json_t *document = load(text);
        assert_int_equal(map_scan(document, &g), !cases[i].nothing);
        assert_string_equal(g.scan, cases[i].scan);
        assert_string_equal(g.deploy, cases[i].deploy);
        json_decref(document);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reviews_are_counted_for_one_environment),
                                       cmocka_unit_test(a_pipeline_waits_where_an_action_has_a_token),
                                       cmocka_unit_test(a_pipeline_is_as_its_stages_are), cmocka_unit_test(a_scan_comes_before_what_deploys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
