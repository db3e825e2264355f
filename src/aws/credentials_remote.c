/* Sources that are asked over HTTP: the container endpoint (ECS, EKS Pod Identity) and the instance metadata service, version 2. */
#include <stdlib.h>
#include <string.h>

#include "aws/credentials_steps.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

#define METADATA_MS 1000
#define TOKEN_MAX   ((size_t)16 << 10)

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static void keys_answered(void *arg, const struct http_reply *reply, const struct error *error)
{
    struct credentials *c = arg;
    struct error e = {0};
    c->call = NULL;
    json_t *tree = reply && reply->status == 200 ? json_load_reply(reply->body, reply->len, &e) : NULL;
    if (error)
        credentials_failed(c, error);
    else if (tree && keys_from_json(tree, &c->keys))
        credentials_good(c);
    else
        credentials_fault(c, "NoCredentials", "%s: expected keys as JSON, got HTTP %d", c->address, reply->status);
    json_decref(tree);
}

static void get_keys(struct credentials *c, const char *url, const struct http_header *headers)
{
    struct http_request request = {.method = "GET", .url = url, .headers = headers, .metadata = true, .connect_timeout_ms = METADATA_MS,
                                   .total_timeout_ms = 5 * METADATA_MS, .max_reply = TOKEN_MAX, .label = "credentials"};
    c->call = http_send(c->core->http, &request, NULL, keys_answered, c);
}

bool source_container(struct credentials *c)
{
    const char *relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"), *full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    const char *file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"), *token = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    struct str text = STR_INIT(TOKEN_MAX);
    struct error e = {0};
    if (!relative && !full) {
        passed_over(c, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set");
        return false;
    }
    text_format(c->address, sizeof c->address, "%s%s", relative ? "http://169.254.170.2" : "", relative ? relative : full);
    if (!relative && !http_url_allowed(c->address) && !http_url_metadata(c->address)) {
        credentials_fault(c, "NoCredentials", "AWS_CONTAINER_CREDENTIALS_FULL_URI: expected https://, loopback or a container address");
        return true;
    }
    if (file && !file_read(file, TOKEN_MAX, &text, &e)) {
        credentials_fault(c, "NoCredentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: %s", e.message);
        return true;
    }
    if (!file && token)
        str_adds(&text, token);
    while (text.len && strchr("\r\n", text.data[text.len - 1]))
        str_cut(&text, text.len - 1, 1);
    struct http_header headers[] = {{text.len ? "authorization" : NULL, str_text(&text)}, {NULL, NULL}};
    get_keys(c, c->address, headers);
    str_wipe(&text);
    return true;
}

static void not_there(struct credentials *c, const char *why)
{
    passed_over(c, "%s", why);
    if (c->named)
        credentials_fault(c, "NoCredentials", "%s", str_text(&c->passed));
    else
        next_source(c);
}

static void role_answered(void *arg, const struct http_reply *reply, const struct error *error)
{
    struct credentials *c = arg;
    c->call = NULL;
    if (error || reply->status != 200 || !reply->len) {
        not_there(c, error ? error->message : "the instance has no role");
        return;
    }
    struct str url = STR_INIT(2048);
    size_t len = strcspn(reply->body, "\r\n");
    str_addf(&url, "%s/latest/meta-data/iam/security-credentials/", c->address);
    percent_add(&url, reply->body, len, false);
    struct http_header headers[] = {{"x-aws-ec2-metadata-token", c->secret}, {NULL, NULL}};
    get_keys(c, str_text(&url), headers);
    str_free(&url);
}

static void token_answered(void *arg, const struct http_reply *reply, const struct error *error)
{
    struct credentials *c = arg;
    c->call = NULL;
    if (error || reply->status != 200 || !reply->len) {
        not_there(c, error ? "no answer from the instance metadata service" : "the instance metadata service gave no token");
        return;
    }
    char url[600];
    c->secret = mem_strndup(reply->body, reply->len);
    text_format(url, sizeof url, "%s/latest/meta-data/iam/security-credentials/", c->address);
    struct http_header headers[] = {{"x-aws-ec2-metadata-token", c->secret}, {NULL, NULL}};
    struct http_request request = {.method = "GET", .url = url, .headers = headers, .metadata = true, .connect_timeout_ms = METADATA_MS,
                                   .total_timeout_ms = 5 * METADATA_MS, .max_reply = TOKEN_MAX, .label = "instance metadata"};
    c->call = http_send(c->core->http, &request, NULL, role_answered, c);
}

bool source_instance(struct credentials *c)
{
    const char *off = variable("AWS_EC2_METADATA_DISABLED"), *base = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const char *mode = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    char url[600];
    if (off && text_same_case(off, "true")) {
        passed_over(c, "AWS_EC2_METADATA_DISABLED is true");
        return false;
    }
    if (!base)
        base = mode && text_same_case(mode, "ipv6") ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
    text_copy(c->address, sizeof c->address, base);
    while (*c->address && c->address[strlen(c->address) - 1] == '/')
        c->address[strlen(c->address) - 1] = '\0';
    text_format(url, sizeof url, "%s/latest/api/token", c->address);
    struct http_header headers[] = {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}, {NULL, NULL}};
    struct http_request request = {.method = "PUT", .url = url, .headers = headers, .metadata = true, .connect_timeout_ms = METADATA_MS,
                                   .total_timeout_ms = METADATA_MS, .max_reply = TOKEN_MAX, .label = "instance metadata"};
    c->call = http_send(c->core->http, &request, NULL, token_answered, c);
    return true;
}
