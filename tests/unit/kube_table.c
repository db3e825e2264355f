/* Live tables, single objects and logs against a server of raw sockets that follows a script: pages, watches that end, are cut, or are gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "kube/client.h"
#include "script_server.h"

/* What the server counts; shared with the processes that serve. */
static struct counts {
    _Atomic int lists, watches, objects, logs, refused;
} *counts;

static void reply(int fd, int status, const char *body)
{
    script_reply(fd, status, "Content-Type: application/json\r\n", body);
}

#define COLUMNS "\"columnDefinitions\":[{\"name\":\"Name\",\"format\":\"name\"},{\"name\":\"Status\"},{\"name\":\"Restarts\"}]"

static void serve_list(int fd, const char *path)
{
    counts->lists++;
    if (strstr(path, "continue=old"))
        reply(fd, 410, "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}");
    else if (strstr(path, "continue=next%2Fpage"))
        reply(fd, 200, "{\"kind\":\"Table\",\"metadata\":{\"resourceVersion\":\"10\"}," COLUMNS ",\"rows\":[{\"cells\":[\"c\",\"Running\",2]}]}");
    else if (strstr(path, "/expiring/") && counts->lists == 1)
        reply(fd, 200, "{\"kind\":\"Table\",\"metadata\":{\"continue\":\"old\"}," COLUMNS ",\"rows\":[{\"cells\":[\"x\",\"Running\",0]}]}");
    else if (strstr(path, "/expiring/"))
        reply(fd, 200, "{\"kind\":\"Table\",\"metadata\":{\"resourceVersion\":\"11\"}," COLUMNS ",\"rows\":[{\"cells\":[\"y\",null,1.5]}]}");
    else if (strstr(path, "/denied/"))
        reply(fd, 403, "{\"kind\":\"Status\",\"code\":403,\"reason\":\"Forbidden\",\"message\":\"pods is forbidden\"}");
    else if (strstr(path, "/endless/")) { /* a place too long to be asked for */
        char *body = mem_new(40000);
        text_format(body, 40000, "{\"kind\":\"Table\",\"metadata\":{\"continue\":\"%020000d\"}," COLUMNS ",\"rows\":[]}", 1);
        reply(fd, 200, body);
        free(body);
    } else if (strstr(path, "/notable/"))
        reply(fd, 200, "{\"kind\":\"PodList\",\"items\":[]}");
    else
        reply(fd, 200, "{\"kind\":\"Table\",\"metadata\":{\"resourceVersion\":\"9\",\"continue\":\"next/page\"}," COLUMNS
                       ",\"rows\":[{\"cells\":[\"a\",\"Running\",0]},{\"cells\":[\"b\",\"Pending\",1]},{\"cells\":[null,\"Lost\",1]}]}");
}

static void serve_watch(int fd, const char *path)
{
    int number = ++counts->watches;
    if (strstr(path, "/quiet/") && number <= 2) /* libcurl tries a connection that was used before once more by itself */
        _exit(0);
    script_say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    if (strstr(path, "/gone/") && number == 1) {
        script_chunk(fd, "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}}\n");
    } else if (strstr(path, "/sick/") && number == 1) {
        script_chunk(fd, "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":500,\"reason\":\"InternalError\",\"message\":\"etcd \x1b[2J "
                         "is away\"}}\n");
    } else if (strstr(path, "/odd/") && number == 1) {
        script_chunk(fd, "{\"type\":\"ADDED\",\"object\":[[[\n");
        script_wait_for_close(fd);
    } else if (strstr(path, "/quiet/")) {
        script_wait_for_close(fd);
    } else if (strstr(path, "/cut/") && number == 1) {
        script_chunk(fd, "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Table\",\"rows\":[{\"cells\":[\"half");
        _exit(0);
    } else if (number == 1) { /* events split anywhere, and more than one in a piece */
        script_chunk(fd, "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Table\"," COLUMNS ",\"metadata\":{\"resourceVersion\":\"12\"},\"rows\":[{\"ce");
        script_chunk(fd, "lls\":[\"d\",\"Pending\",0]}]}}\n{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Table\",\"rows\":[{\"cells\":[\"d\","
                         "\"Running\",0]}]}}\n\n{\"type\":");
        script_chunk(fd, "\"DELETED\",\"object\":{\"kind\":\"Table\",\"rows\":[{\"cells\":[\"a\",\"Running\",0]}]}}\n"
                  "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Table\",\"metadata\":{\"resourceVersion\":\"20\"},\"rows\":[]}}\n");
    } else {
        const char *version = strstr(path, "resourceVersion=");
        char event[256];
        text_format(event, sizeof event,
                    "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Table\"," COLUMNS ",\"rows\":[{\"cells\":[\"from-%.*s\",\"Running\",0]}]}}\n",
                    (int)strspn(version + 16, "0123456789"), version + 16);
        script_chunk(fd, event);
        script_wait_for_close(fd);
    }
    script_chunk(fd, "");
}

static void serve_log(int fd, const char *path)
{
    counts->logs++;
    if (strstr(path, "/none/")) {
        reply(fd, 404, "{\"kind\":\"Status\",\"code\":404,\"reason\":\"NotFound\",\"message\":\"no pod\"}");
        return;
    }
    char filler[40001];
    memset(filler, 'x', sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    script_say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    script_chunk(fd, "one\ntw");
    script_chunk(fd, "o\n\n");
    script_chunk(fd, filler);
    script_chunk(fd, "\nlast");
    script_chunk(fd, "");
}

static void answer(int fd, const char *request, size_t len)
{
    const char *path = strchr(request, ' ') + 1;
    (void)len;
    if (!strstr(request, "authorization: Bearer good\r\n") && !strstr(request, "authorization: Bearer better\r\n")) {
        counts->refused++;
        reply(fd, 401, "{\"kind\":\"Status\",\"code\":401,\"reason\":\"Unauthorized\"}");
    } else if (strstr(path, "watch=1"))
        serve_watch(fd, path);
    else if (strstr(path, "includeObject="))
        serve_list(fd, path);
    else if (strstr(path, "/log?"))
        serve_log(fd, path);
    else if (strstr(path, "/busy") && ++counts->objects == 1)
        reply(fd, 503, "{}");
    else if (strstr(path, "/broken"))
        reply(fd, 200, "{\"a\":");
    else if (strstr(path, "/html"))
        reply(fd, 502, "<html>");
    else
        reply(fd, 200, "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"}}");
}

struct test {
    struct script_server server;
    struct loop *loop;
    struct http *http;
    struct kube *kube;
    char token_file[64], wanted[64], server_url[64];
    struct str heard;
    struct error error;
};

static int make_test(void **state)
{
    struct test *t = mem_new(sizeof *t);
    char server[64];
    struct error e = {0};
    struct http_options http = {0};
    counts = script_share(sizeof *counts);
    if (!script_server_start(&t->server, answer))
        return -1;
    t->loop = loop_new();
    t->http = http_new(t->loop, &http);
    str_init(&t->heard, STR_TEXT_MAX);
    text_format(t->token_file, sizeof t->token_file, "/tmp/trivet-token-%d", (int)getpid());
    if (!file_write(t->token_file, "good\n", 5, 0600, &e))
        return -1;
    text_format(server, sizeof server, "http://127.0.0.1:%d/", t->server.port);
    text_copy(t->server_url, sizeof t->server_url, server);
    struct kube_options options = {.name = "c", .server = server, .token_file = t->token_file};
    t->kube = kube_new(t->loop, t->http, &options);
    *state = t;
    return 0;
}

static int drop_test(void **state)
{
    struct test *t = *state;
    kube_free(t->kube);
    http_free(t->http);
    loop_free(t->loop);
    script_server_stop(&t->server);
    unlink(t->token_file);
    script_unshare(counts, sizeof *counts);
    str_free(&t->heard);
    free(t);
    return 0;
}

static void on_columns(void *arg, const char *const *names, size_t count)
{
    struct test *t = arg;
    str_addf(&t->heard, "columns %s..%s;", names[0], names[count - 1]);
}

static void on_begin(void *arg) { str_adds(&((struct test *)arg)->heard, "begin;"); }

static void on_row(void *arg, const struct kube_row *row, bool modified)
{
    struct test *t = arg;
    assert_int_equal(row->cell_count, 3);
    assert_null(row->object);
    str_addf(&t->heard, "%s%s=%s,%s;", modified ? "~" : "", row->name, row->cells[1] ? row->cells[1] : "null", row->cells[2]);
}

static void on_gone(void *arg, const char *name) { str_addf(&((struct test *)arg)->heard, "-%s;", name); }
static void on_synced(void *arg) { str_adds(&((struct test *)arg)->heard, "synced;"); }
static void on_failed(void *arg, const struct error *error)
{
    struct test *t = arg;
    t->error = *error;
    str_addf(&t->heard, "failed %s;", error->code);
}

static const struct kube_table_handler handler = {on_columns, on_begin, on_row, on_gone, on_synced, on_failed};

static bool has_heard(void *arg)
{
    struct test *t = arg;
    return strstr(str_text(&t->heard), t->wanted) != NULL;
}

static struct kube_table *start(struct test *t, const char *path, const char *until)
{
    struct kube_table_options options = {.path = path, .selector = "app=web,tier in (a)", .page = 2};
    struct kube_table *table = kube_table_start(t->kube, &options, &handler, t);
    assert_int_equal(t->heard.len, 0);
    text_copy(t->wanted, sizeof t->wanted, until);
    if (!loop_run_until(t->loop, has_heard, t, 10000))
        fail_msg("waited for %s, heard %s", until, str_text(&t->heard));
    return table;
}

#define LISTED "begin;columns Name..Restarts;a=Running,0;b=Pending,1;columns Name..Restarts;c=Running,2;synced;"

static void lists_pages_and_watches(void **state)
{
    struct test *t = *state;
    struct kube_table *table = start(t, "/api/v1/namespaces/app/pods", "from-20");
    assert_string_equal(str_text(&t->heard), LISTED "columns Name..Restarts;d=Pending,0;~d=Running,0;-a;columns Name..Restarts;from-20=Running,0;");
    assert_int_equal(counts->lists, 2);
    assert_int_equal(counts->watches, 2); /* the first ended in peace; the second goes on from the bookmark */
    kube_table_stop(table);
    kube_table_stop(NULL);
}

static void lists_again_when_the_place_is_gone(void **state)
{
    struct test *t = *state;
    start(t, "/api/v1/namespaces/gone/pods", "from-10"); /* stopped by kube_free */
    assert_string_equal(str_text(&t->heard), LISTED LISTED "columns Name..Restarts;from-10=Running,0;");
    assert_int_equal(counts->lists, 4);
}

static void begins_anew_when_a_page_is_gone(void **state)
{
    struct test *t = *state;
    kube_table_stop(start(t, "/api/v1/namespaces/expiring/pods", "synced"));
    assert_string_equal(str_text(&t->heard), "begin;columns Name..Restarts;x=Running,0;begin;columns Name..Restarts;y=null,1.5;synced;");
}

static void watches_again_after_a_fault(void **state)
{
    struct test *t = *state;
    kube_table_stop(start(t, "/api/v1/namespaces/cut/pods", "from-10"));
    assert_string_equal(str_text(&t->heard), LISTED "columns Name..Restarts;from-10=Running,0;");
    assert_int_equal(counts->lists, 2); /* nothing was missed: no new list, and no word of it */
}

/* Where nothing happens there is nothing to be heard, and no server owes a bookmark: that the watch is open must do. */
static void a_quiet_watch_is_well(void **state)
{
    struct test *t = *state;
    kube_table_stop(start(t, "/api/v1/namespaces/quiet/pods", "ConnectionLost;synced"));
    assert_string_equal(str_text(&t->heard), LISTED "failed ConnectionLost;synced;");
    assert_int_equal(counts->watches, 3);
}

static void tells_what_it_may_not_list(void **state)
{
    struct test *t = *state;
    kube_table_stop(start(t, "/api/v1/namespaces/denied/pods", "failed"));
    assert_string_equal(str_text(&t->heard), "failed Forbidden;");
    assert_string_equal(t->error.message, "pods is forbidden");
    assert_int_equal(t->error.status, 403);
    str_clear(&t->heard);
    kube_table_stop(start(t, "/api/v1/namespaces/notable/pods", "failed"));
    assert_string_equal(str_text(&t->heard), "failed BadReply;");
}

static void lists_again_when_the_watch_tells_an_error(void **state)
{
    struct test *t = *state;
    kube_table_stop(start(t, "/api/v1/namespaces/sick/pods", "from-10"));
    assert_string_equal(str_text(&t->heard), LISTED "failed InternalError;" LISTED "columns Name..Restarts;from-10=Running,0;");
    assert_string_equal(t->error.message, "etcd \uFFFD[2J is away");
}

static void lists_again_when_an_event_cannot_be_read(void **state)
{
    struct test *t = *state;
    kube_table_stop(start(t, "/api/v1/namespaces/odd/pods", "from-10"));
    assert_string_equal(str_text(&t->heard), LISTED "failed BadReply;" LISTED "columns Name..Restarts;from-10=Running,0;");
}

/* Half of a list never passes for the whole: what is not in it would be swept away. */
static void does_not_take_half_a_list_for_the_whole(void **state)
{
    struct test *t = *state;
    kube_table_stop(start(t, "/api/v1/namespaces/endless/pods", "failed"));
    assert_string_equal(str_text(&t->heard), "failed BadReply;");
}

static void got(void *arg, json_t *object, const struct error *error)
{
    struct test *t = arg;
    assert_int_equal(object == NULL, error != NULL);
    str_addf(&t->heard, "%s;", object ? json_text_or(object, "metadata.name", "?") : error->code);
    t->error = error ? *error : (struct error){0};
}

static void ask(struct test *t, const char *path)
{
    str_clear(&t->heard);
    kube_get(t->kube, path, got, t);
    assert_int_equal(t->heard.len, 0);
    text_copy(t->wanted, sizeof t->wanted, ";");
    assert_true(loop_run_until(t->loop, has_heard, t, 20000));
}

static void gets_objects(void **state)
{
    struct test *t = *state;
    struct error e = {0};
    ask(t, "/api/v1/namespaces/app/pods/p");
    assert_string_equal(str_text(&t->heard), "p;");
    ask(t, "/busy"); /* tried again */
    assert_string_equal(str_text(&t->heard), "p;");
    assert_int_equal(counts->objects, 2);
    ask(t, "/broken");
    assert_string_equal(str_text(&t->heard), "BadJSON;");
    assert_true(file_write(t->token_file, "better", 6, 0600, &e)); /* the file is read anew */
    ask(t, "/p");
    assert_string_equal(str_text(&t->heard), "p;");
    assert_int_equal(counts->refused, 0);
    assert_true(file_write(t->token_file, "bad", 3, 0600, &e));
    ask(t, "/p");
    assert_string_equal(str_text(&t->heard), "Unauthorized;");
    assert_int_equal(counts->refused, 2); /* once more with a token asked for anew, then no more */
    unlink(t->token_file);
    ask(t, "/p");
    assert_string_equal(str_text(&t->heard), "file;");
    assert_non_null(strstr(t->error.message, "No such file"));
    kube_cancel(kube_get(t->kube, "/p", got, t));
    kube_cancel(NULL);
    kube_get(t->kube, "/p", got, t); /* left under way */
}

/* A program that hands out tokens which have ended already is asked again when one was refused, and not without end. */
static void runs_an_exec_program_with_old_tokens_seldom(void **state)
{
    struct test *t = *state;
    struct str text = STR_INIT(4096), runs = STR_INIT(4096);
    struct error e = {0};
    char config[64], count[64];
    text_format(config, sizeof config, "/tmp/trivet-kubeconfig-%d", (int)getpid());
    text_format(count, sizeof count, "/tmp/trivet-runs-%d", (int)getpid());
    str_addf(&text,
             "current-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: '%s'}}]\n"
             "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, args: [-c, 'echo run >> %s; echo "
             "\"{\\\"status\\\":{\\\"token\\\":\\\"old\\\",\\\"expirationTimestamp\\\":\\\"2020-01-01T00:00:00Z\\\"}}\"']}}}]\n",
             t->server_url, count);
    assert_true(file_write(config, str_text(&text), text.len, 0600, &e));
    setenv("KUBECONFIG", config, 1);
    struct kube_options options = {.context = "c"};
    struct kube *kube = kube_new(t->loop, t->http, &options);
    kube_get(kube, "/p", got, t);
    text_copy(t->wanted, sizeof t->wanted, ";");
    assert_true(loop_run_until(t->loop, has_heard, t, 20000));
    assert_string_equal(str_text(&t->heard), "Unauthorized;");
    assert_true(file_read(count, 4096, &runs, &e));
    assert_string_equal(str_text(&runs), "run\nrun\n");
    kube_free(kube);
    unsetenv("KUBECONFIG");
    unlink(config);
    unlink(count);
    str_free(&text);
    str_free(&runs);
}

static void on_line(void *arg, const char *line, size_t len)
{
    struct test *t = arg;
    assert_int_equal(line[len], '\0');
    str_addf(&t->heard, "%.8s(%zu);", line, len);
}

static void on_end(void *arg, const struct error *error)
{
    struct test *t = arg;
    str_addf(&t->heard, "end %s", error ? error->code : "well");
}

static void follows_logs(void **state)
{
    struct test *t = *state;
    struct kube_log *log = kube_log_follow(t->kube, "app", "p/../x", "main", 100, false, on_line, on_end, t);
    text_copy(t->wanted, sizeof t->wanted, "end");
    assert_true(loop_run_until(t->loop, has_heard, t, 5000));
    assert_string_equal(str_text(&t->heard), "one(3);two(3);(0);xxxxxxxx(16384);last(4);end well");
    kube_log_stop(log);
    str_clear(&t->heard);
    log = kube_log_follow(t->kube, "none", "p", NULL, 100, true, on_line, on_end, t);
    assert_true(loop_run_until(t->loop, has_heard, t, 5000));
    assert_string_equal(str_text(&t->heard), "end NotFound");
    kube_log_stop(log);
    kube_log_stop(NULL);
    kube_log_follow(t->kube, "app", "p", "main", 100, false, on_line, on_end, t); /* left under way */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_test, drop_test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lists_pages_and_watches), TEST(lists_again_when_the_place_is_gone), TEST(begins_anew_when_a_page_is_gone),
        TEST(watches_again_after_a_fault), TEST(a_quiet_watch_is_well), TEST(tells_what_it_may_not_list),
        TEST(lists_again_when_the_watch_tells_an_error), TEST(lists_again_when_an_event_cannot_be_read), TEST(does_not_take_half_a_list_for_the_whole),
        TEST(gets_objects), TEST(runs_an_exec_program_with_old_tokens_seldom), TEST(follows_logs),
    };
    return cmocka_run_group_tests_name("kube_table", tests, NULL, NULL);
}
