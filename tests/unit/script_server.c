#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "script_server.h"

void script_say(int fd, const char *text) { (void)!send(fd, text, strlen(text), MSG_NOSIGNAL); }

void script_reply(int fd, int status, const char *headers, const char *body)
{
    char head[1024];
    text_format(head, sizeof head, "HTTP/1.1 %d Some\r\n%sContent-Length: %zu\r\n\r\n", status, headers, strlen(body));
    script_say(fd, head);
    script_say(fd, body);
}

void script_chunk(int fd, const char *text)
{
    char head[32];
    text_format(head, sizeof head, "%zx\r\n", strlen(text));
    script_say(fd, head);
    script_say(fd, text);
    script_say(fd, "\r\n");
}

void script_wait_for_close(int fd)
{
    char c;
    while (recv(fd, &c, 1, 0) > 0)
        ;
    _exit(0);
}

/* How long the request at the head of these bytes is; 0 while it is not whole. */
static size_t whole_request(const char *bytes, size_t len)
{
    const char *end = strstr(bytes, "\r\n\r\n"), *length = strcasestr(bytes, "content-length:");
    if (!end)
        return 0;
    size_t whole = (size_t)(end - bytes) + 4 + (length && length < end ? strtoul(length + 15, NULL, 10) : 0);
    return len < whole ? 0 : whole;
}

static void serve_connection(script_answer *answer, int fd)
{
    char request[65536];
    size_t len = 0, whole;
    ssize_t n;
    while ((n = recv(fd, request + len, sizeof request - 1 - len, 0)) > 0) {
        len += (size_t)n;
        request[len] = '\0';
        while ((whole = whole_request(request, len)) > 0) {
            char next = request[whole];
            request[whole] = '\0';
            answer(fd, request, whole);
            request[whole] = next;
            len -= whole;
            memmove(request, request + whole, len + 1);
        }
    }
    _exit(0);
}

static void serve(const struct script_server *s)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int fd = accept(s->listening, NULL, NULL);
        if (fd >= 0 && fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            serve_connection(s->answer, fd);
        }
        close(fd);
    }
}

bool script_server_bind(struct script_server *s, script_answer *answer)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *s = (struct script_server){.answer = answer, .listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (bind(s->listening, (struct sockaddr *)&address, size) != 0 || getsockname(s->listening, (struct sockaddr *)&address, &size) != 0)
        return false;
    s->port = ntohs(address.sin_port);
    return true;
}

bool script_server_listen(struct script_server *s)
{
    if (listen(s->listening, 256) != 0)
        return false;
    s->pid = fork();
    if (s->pid == 0)
        serve(s);
    return s->pid > 0;
}

bool script_server_start(struct script_server *s, script_answer *answer) { return script_server_bind(s, answer) && script_server_listen(s); }

void script_server_stop(struct script_server *s)
{
    close(s->listening);
    if (s->pid > 0) {
        kill(s->pid, SIGKILL);
        waitpid(s->pid, NULL, 0);
    }
}

void *script_share(size_t size) { return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0); }
void script_unshare(void *memory, size_t size) { munmap(memory, size); }

void script_environment(void)
{
    char name[128];
    for (char **at = environ; *at;) {
        text_format(name, sizeof name, "%.*s", (int)strcspn(*at, "="), *at);
        if (text_starts(name, "AWS_") && unsetenv(name) == 0)
            at = environ;
        else
            at++;
    }
    setenv("NO_PROXY", "*", 1);
    setenv("AWS_CONFIG_FILE", "/dev/null", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
    setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", 1);
    signal(SIGPIPE, SIG_IGN);
}
