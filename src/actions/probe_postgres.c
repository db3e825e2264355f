/* Writes numbered rows, and reads them back after the drill. One step at a time, each with a time limit. */
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "actions/probe_conninfo.h"
#include "actions/probe_internal.h"
#include "actions/probe_rows.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "net/resolve.h"

#define ROW_MS       100
#define AGAIN_MS     250
#define CONNECT_MS   2000
#define STATEMENT_MS 2500 /* ours; the server's own is 2000, so that a server that lives says so itself */

#define SET    "SET statement_timeout = 2000"
#define SET_V  "SET statement_timeout = 0" /* verifying has a limit of its own */
#define INSERT "INSERT INTO trivet_drill (run_id, n, at) VALUES ($1, $2, clock_timestamp())"
#define CREATE "CREATE TABLE IF NOT EXISTS trivet_drill (run_id text, n bigint, at timestamptz, PRIMARY KEY (run_id, n))"
#define ASK    "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean"
#define READ   "SELECT n FROM trivet_drill WHERE run_id = $1 ORDER BY n"
#define REMOVE "DELETE FROM trivet_drill WHERE run_id = $1"

enum step { RESTING, LOOKING_UP, CONNECTING, SETTING, IDLE, INSERTING, CREATING, ASKING, READING, REMOVING };

struct postgres {
    struct probe *probe;
    char *host; /* to be looked up before each connection; NULL: nothing is */
    enum step step;
    PGconn *connection;
    PGresult *result; /* of the step's statement: the first error, else the latest */
    bool warned;      /* the server confirmed with a warning */
    bool created;     /* on this connection */
    struct loop_watch *watch;
    struct loop_timer *timer; /* the step's limit, or what comes next */
    struct resolve *lookup;   /* one that is slow outlives the attempt and serves the next */
    bool stopping, verifying;
    int64_t verify_end; /* on the loop's clock */
    struct row_set acknowledged;
    struct row_verdict verdict;
    char error[240];
};

static void attempt(void *arg);
static void on_socket(void *arg, short revents);

static void *open_postgres(struct probe *probe)
{
    struct postgres *pg = mem_new(sizeof *pg);
    char error[200];
    pg->probe = probe;
    conninfo_show(probe->target, probe->shown, sizeof probe->shown);
    if (!conninfo_host(probe->target, &pg->host, error, sizeof error))
        probe_refuse(probe, "%s", error);
    return pg;
}

static void set_timer(struct postgres *pg, int64_t delay, void (*fire)(void *arg))
{
    loop_cancel(pg->probe->loop, pg->timer);
    pg->timer = fire ? loop_after(pg->probe->loop, delay, fire, pg) : NULL;
}

static void watch(struct postgres *pg, short events)
{
    loop_unwatch(pg->probe->loop, pg->watch); /* on the way to a connection, libpq changes sockets under the same number */
    pg->watch = loop_watch(pg->probe->loop, PQsocket(pg->connection), events, on_socket, pg);
}

/* A timer that fired is void. */
static void on_attempt_due(void *arg)
{
    ((struct postgres *)arg)->timer = NULL;
    attempt(arg);
}

static void hang_up(struct postgres *pg)
{
    loop_unwatch(pg->probe->loop, pg->watch);
    pg->watch = NULL;
    PQclear(pg->result);
    pg->result = NULL;
    PQfinish(pg->connection);
    pg->connection = NULL;
    pg->step = RESTING;
}

static void end(struct postgres *pg)
{
    set_timer(pg, 0, NULL);
    hang_up(pg);
    pg->probe->rows.error = *pg->error ? pg->error : NULL;
    probe_ended(pg->probe);
}

/* On a connection of its own: what is read is what anybody finds who comes by now. */
static void verify(struct postgres *pg)
{
    hang_up(pg);
    if (pg->probe->rows.sent == 0) {
        text_copy(pg->error, sizeof pg->error, "no row was ever written");
        end(pg);
        return;
    }
    pg->verifying = true;
    pg->verify_end = loop_now(pg->probe->loop) + pg->probe->verify_ms;
    attempt(pg);
}

/* `error` may lie in the connection, which goes away here. */
static void fail(struct postgres *pg, const char *error)
{
    struct probe *probe = pg->probe;
    bool over = pg->verifying && (pg->step == REMOVING || loop_now(probe->loop) + AGAIN_MS >= pg->verify_end);
    text_copy(pg->error, sizeof pg->error, error);
    if (!pg->verifying)
        probe_bad(probe, pg->error);
    hang_up(pg);
    if (over)
        end(pg);
    else if (pg->stopping && !pg->verifying)
        verify(pg);
    else
        set_timer(pg, probe_rest(probe, AGAIN_MS), on_attempt_due);
}

static void fail_connection(struct postgres *pg)
{
    char text[240];
    conninfo_message(pg->connection, PQerrorMessage(pg->connection), text, sizeof text);
    fail(pg, *text ? text : "the connection was lost");
}

static void fail_result(struct postgres *pg)
{
    const char *message = PQresultErrorField(pg->result, PG_DIAG_MESSAGE_PRIMARY), *state = PQresultErrorField(pg->result, PG_DIAG_SQLSTATE);
    char cleaned[200], text[240];
    conninfo_message(pg->connection, message ? message : "the server's answer was not what it should be", cleaned, sizeof cleaned);
    text_format(text, sizeof text, "%s%s%.5s%s", cleaned, state ? " (" : "", state ? state : "", state ? ")" : "");
    fail(pg, text);
}

static void on_limit(void *arg)
{
    struct postgres *pg = arg;
    pg->timer = NULL;
    fail(pg, pg->step == LOOKING_UP   ? "the name was not found out within 2 s"
             : pg->step == CONNECTING ? "no connection within 2 s"
             : pg->verifying          ? "the server did not answer in time"
                                      : "no answer within 2.5 s");
}

/* A verification has its time and no more; reading many rows back may take a while of them. */
static void set_limit(struct postgres *pg, int64_t limit)
{
    int64_t left = pg->verify_end - loop_now(pg->probe->loop);
    if (pg->verifying)
        limit = limit == CONNECT_MS && left > limit ? limit : left;
    set_timer(pg, limit, on_limit);
}

/* Takes what PQsend… said. */
static void sent(struct postgres *pg, enum step step, int taken)
{
    pg->step = step;
    pg->warned = false;
    PQclear(pg->result);
    pg->result = NULL;
    int left = taken ? PQflush(pg->connection) : -1;
    if (left < 0) {
        fail_connection(pg);
        return;
    }
    loop_watch_events(pg->watch, (short)(POLLIN | (left ? POLLOUT : 0)));
    set_limit(pg, STATEMENT_MS);
}

static void ask(struct postgres *pg, enum step step, const char *sql) { sent(pg, step, PQsendQuery(pg->connection, sql)); }

static void ask_run(struct postgres *pg, enum step step, const char *sql)
{
    const char *const values[] = {pg->probe->run_id};
    sent(pg, step, PQsendQueryParams(pg->connection, sql, 1, NULL, values, NULL, NULL, 0));
}

static void insert(struct postgres *pg)
{
    char number[24];
    const char *const values[] = {pg->probe->run_id, number};
    text_format(number, sizeof number, "%lld", (long long)++pg->probe->rows.sent);
    probe_begin(pg->probe);
    sent(pg, INSERTING, PQsendQueryParams(pg->connection, INSERT, 2, NULL, values, NULL, NULL, 0));
}

static void on_row_due(void *arg)
{
    struct postgres *pg = arg;
    pg->timer = NULL;
    insert(pg);
}

static void acknowledge(struct postgres *pg)
{
    struct probe_rows *rows = &pg->probe->rows;
    rows_add(&pg->acknowledged, rows->sent);
    rows->acknowledged = pg->acknowledged.count;
    rows->last = rows->sent;
    rows->last_ms = probe_now(pg->probe);
    probe_good(pg->probe);
    if (pg->stopping) {
        verify(pg);
        return;
    }
    pg->step = IDLE;
    set_timer(pg, probe_rest(pg->probe, ROW_MS), on_row_due);
}

static bool result_is(const struct postgres *pg, const char *sqlstate)
{
    return text_equal(PQresultErrorField(pg->result, PG_DIAG_SQLSTATE), sqlstate);
}

static void judge(struct postgres *pg)
{
    struct probe_rows *rows = &pg->probe->rows;
    int count = result_is(pg, "42P01") ? 0 : PQntuples(pg->result); /* not even the table is left */
    int64_t *found = mem_new_array((size_t)count + 1, sizeof *found);
    for (int i = 0; i < count; i++)
        found[i] = strtoll(PQgetvalue(pg->result, i, 0), NULL, 10);
    rows_compare(&pg->acknowledged, found, (size_t)count, &pg->verdict);
    free(found);
    rows->verified = true;
    rows->found = pg->verdict.found;
    rows->lost = pg->verdict.lost;
    rows->extra = pg->verdict.extra;
    rows->lost_ranges = pg->verdict.missing.ranges.at;
    rows->lost_range_count = pg->verdict.missing.ranges.len;
    pg->error[0] = '\0'; /* of earlier tries */
    if (rows->lost > 0 || rows->found == 0)
        end(pg); /* what is left is evidence */
    else
        ask_run(pg, REMOVING, REMOVE);
}

static void after_insert(struct postgres *pg, bool good)
{
    if (good && !pg->warned)
        acknowledge(pg);
    else if (good)
        fail(pg, "the server confirmed the row with a warning: it may not be on the standby");
    else if (result_is(pg, "42P01") && !pg->created) {
        pg->created = true;
        pg->probe->rows.sent--; /* a plain refusal: this number stands nowhere, and the next row may have it */
        ask(pg, CREATING, CREATE);
    } else
        fail_result(pg);
}

/* The statement's last word is in: the server is ready for the next. */
static void answered(struct postgres *pg)
{
    ExecStatusType status = PQresultStatus(pg->result);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (pg->step == INSERTING)
        after_insert(pg, good);
    else if (pg->step == READING && (good || result_is(pg, "42P01")))
        judge(pg);
    else if (!good)
        fail_result(pg);
    else if (pg->step == SETTING && pg->verifying)
        ask(pg, ASKING, ASK);
    else if (pg->step == SETTING || pg->step == CREATING)
        insert(pg);
    else if (pg->step == ASKING && (PQntuples(pg->result) != 1 || *PQgetvalue(pg->result, 0, 0) != 'f'))
        fail(pg, "the server that answers is a standby, or takes no writes");
    else if (pg->step == ASKING)
        ask_run(pg, READING, READ);
    else if (pg->step == REMOVING) {
        pg->probe->rows.removed = true;
        end(pg);
    }
}

/* libpq would print them. A commit that nobody else has confirmed comes with a warning of this class, and looks good otherwise. */
static void on_notice(void *arg, const PGresult *notice)
{
    struct postgres *pg = arg;
    if (pg->step == INSERTING && text_equal(PQresultErrorField(notice, PG_DIAG_SQLSTATE), "01000"))
        pg->warned = true;
}

static void keep(struct postgres *pg, PGresult *result)
{
    ExecStatusType had = PQresultStatus(pg->result);
    if (pg->result && had != PGRES_COMMAND_OK && had != PGRES_TUPLES_OK) {
        PQclear(result);
        return;
    }
    PQclear(pg->result);
    pg->result = result;
}

/* "INSERT 0 1" comes before the commit, which is done when the server says that it is ready again. So nothing is judged
 * until PQgetResult() has no more: an error of the commit itself would be the last result. */
static void receive(struct postgres *pg)
{
    if (!PQconsumeInput(pg->connection)) {
        fail_connection(pg);
        return;
    }
    while (!PQisBusy(pg->connection)) {
        PGresult *result = PQgetResult(pg->connection);
        ExecStatusType status = PQresultStatus(result);
        if (result && (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)) {
            PQclear(result);
            fail(pg, "the server's answer was not what it should be");
            return;
        }
        if (result) {
            keep(pg, result);
            continue;
        }
        if (PQstatus(pg->connection) != CONNECTION_OK)
            fail_connection(pg);
        else if (pg->step != IDLE)
            answered(pg);
        return;
    }
}

static void on_connecting(struct postgres *pg)
{
    switch (PQconnectPoll(pg->connection)) {
    case PGRES_POLLING_READING:
        watch(pg, POLLIN);
        break;
    case PGRES_POLLING_WRITING:
        watch(pg, POLLOUT);
        break;
    case PGRES_POLLING_OK:
        PQsetnonblocking(pg->connection, 1);
        watch(pg, POLLIN);
        ask(pg, SETTING, pg->verifying ? SET_V : SET);
        break;
    default:
        fail_connection(pg);
    }
}

static void on_socket(void *arg, short revents)
{
    struct postgres *pg = arg;
    if (pg->step == CONNECTING) {
        on_connecting(pg);
        return;
    }
    if (pg->step == IDLE)
        probe_begin(pg->probe); /* what breaks between two rows took no time */
    int left = (revents & POLLOUT) ? PQflush(pg->connection) : 0;
    if (left < 0) {
        fail_connection(pg);
        return;
    }
    if ((revents & POLLOUT) && left == 0)
        loop_watch_events(pg->watch, POLLIN);
    receive(pg);
}

static void begin_connection(struct postgres *pg, const struct resolve_address *addresses, size_t count)
{
    pg->step = CONNECTING;
    pg->created = false;
    pg->connection = conninfo_connect(pg->probe->target, pg->host, addresses, count);
    if (!pg->connection)
        fail(pg, "out of memory");
    else if (PQstatus(pg->connection) == CONNECTION_BAD)
        fail_connection(pg);
    else {
        PQsetNoticeReceiver(pg->connection, on_notice, pg);
        watch(pg, POLLOUT);
    }
}

static void looked_up(void *arg, const struct resolve_address *addresses, size_t count, const struct error *error)
{
    struct postgres *pg = arg;
    pg->lookup = NULL;
    if (pg->step != LOOKING_UP)
        return; /* the attempt was over before; the next asks anew */
    if (error)
        fail(pg, error->message);
    else
        begin_connection(pg, addresses, count);
}

static void attempt(void *arg)
{
    struct postgres *pg = arg;
    probe_begin(pg->probe);
    pg->step = LOOKING_UP;
    set_limit(pg, CONNECT_MS);
    if (!pg->host)
        begin_connection(pg, NULL, 0);
    else if (!pg->lookup)
        pg->lookup = resolve_start(pg->probe->loop, pg->host, NULL, looked_up, pg);
}

static void stop_postgres(void *own)
{
    struct postgres *pg = own;
    pg->stopping = true;
    if (pg->step != INSERTING && pg->step != CREATING)
        verify(pg);
}

static void close_postgres(void *own)
{
    struct postgres *pg = own;
    set_timer(pg, 0, NULL);
    hang_up(pg);
    resolve_cancel(pg->lookup);
    rows_free(&pg->acknowledged);
    rows_free(&pg->verdict.missing);
    free(pg->host);
    free(pg);
}

const struct probe_type probe_postgres = {open_postgres, attempt, stop_postgres, close_postgres};
