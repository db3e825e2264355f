/* An HTTP server on raw sockets that answers as a test's script says, in a process for each connection. What the script counts, the test reads in
 * memory that both share; connections count side by side, so that counters are _Atomic. */
#ifndef TRIVET_TESTS_SCRIPT_SERVER_H
#define TRIVET_TESTS_SCRIPT_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Answers one whole request, NUL-terminated, of len bytes. Runs in the connection's own process: _exit() hangs up. */
typedef void script_answer(int fd, const char *request, size_t len);

struct script_server {
    script_answer *answer;
    int port, listening;
    pid_t pid; /* 0 while nobody listens */
};

/* Takes a free port of loopback; who connects is refused until script_server_listen(). */
bool script_server_bind(struct script_server *s, script_answer *answer);
bool script_server_listen(struct script_server *s);
/* Both at once. */
bool script_server_start(struct script_server *s, script_answer *answer);
void script_server_stop(struct script_server *s);

/* Zeroed memory that the server's processes and the test share; taken before the server listens. */
void *script_share(size_t size);
void script_unshare(void *memory, size_t size);

/* What the AWS client finds in its usual places: a pair of keys, and nothing that is this machine's own. Writes to who has hung up fail quietly. */
void script_environment(void);

/* For scripts. headers: lines that each end in CR LF, or "". */
void script_say(int fd, const char *text);
void script_reply(int fd, int status, const char *headers, const char *body);
/* A piece of a reply whose Transfer-Encoding is chunked; "" is the last. */
void script_chunk(int fd, const char *text);
/* Says no more, and ends when the client has gone. */
void script_wait_for_close(int fd);

#endif
