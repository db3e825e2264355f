/* From a reply to its output, or to the service's error. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/wire.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"

static const struct {
    int status;
    const char *code;
} by_status[] = {{400, "BadRequest"},         {401, "Unauthorized"}, {403, "Forbidden"},          {404, "NotFound"},      {408, "RequestTimeout"},
                 {413, "RequestTooLarge"},    {429, "TooManyRequests"}, {500, "InternalFailure"}, {502, "BadGateway"},    {503, "ServiceUnavailable"},
                 {504, "GatewayTimeout"}};

static const char *request_id(const struct http_reply *reply)
{
    static const char *const names[] = {"x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (http_header_of(reply, names[i]))
            return http_header_of(reply, names[i]);
    return NULL;
}

void aws_reply_request_id(const struct http_reply *reply, char out[AWS_REQUEST_ID_SIZE])
{
    const char *id = request_id(reply);
    text_clean(out, AWS_REQUEST_ID_SIZE, id ? id : "", id ? strlen(id) : 0);
}

/* "com.amazonaws#ThrottlingException:http://…" is ThrottlingException. */
static void bare_code(const char *from, char *out, size_t size)
{
    const char *hash = strrchr(from, '#');
    text_format(out, size, "%.*s", (int)strcspn(hash ? hash + 1 : from, ":"), hash ? hash + 1 : from);
}

static void set_service_error(struct error *e, const struct http_reply *reply, const char *code, const char *message, const char *id)
{
    char named[32];
    if (!code || !*code) {
        text_format(named, sizeof named, "HTTP%d", reply->status);
        code = named;
        for (size_t i = 0; i < sizeof by_status / sizeof *by_status; i++)
            if (by_status[i].status == reply->status)
                code = by_status[i].code;
    }
    error_set(e, ERROR_SERVICE, code, "%s", message ? message : "");
    text_clean(e->request_id, sizeof e->request_id, id ? id : "", id ? strlen(id) : 0);
    e->status = reply->status;
}

static bool xml_error(const struct http_reply *reply, struct error *e)
{
    struct error ignored;
    struct xml *root = xml_parse_reply(reply->body, reply->len, &ignored);
    if (!root)
        return false;
    const struct xml *error = strcmp(root->name, "Error") == 0 ? root : xml_child(root, "Error");
    if (!error)
        error = xml_child(xml_child(root, "Errors"), "Error");
    const char *code = error ? xml_child_text(error, "Code") : NULL;
    const char *id = xml_child_text(root, "RequestId");
    if (!id)
        id = xml_child_text(root, "RequestID");
    if (code)
        set_service_error(e, reply, code, xml_child_text(error, "Message"), id ? id : request_id(reply));
    xml_free(root);
    return code != NULL;
}

static const char *first_text(const json_t *tree, const char *const names[])
{
    for (; *names; names++)
        if (json_text(tree, *names))
            return json_text(tree, *names);
    return NULL;
}

static bool json_error(const struct http_reply *reply, struct error *e)
{
    static const char *const codes[] = {"__type", "code", "Code", "error", NULL};
    static const char *const messages[] = {"message", "Message", "errorMessage", "error_description", NULL};
    struct error ignored;
    char code[96] = "", query_code[96];
    json_t *body = json_load_reply(reply->body, reply->len, &ignored);
    const char *typed = http_header_of(reply, "x-amzn-errortype"), *queried = http_header_of(reply, "x-amzn-query-error");
    if (!typed)
        typed = first_text(body, codes);
    if (queried) { /* a service that once spoke query: the old name is the one that people know */
        text_format(query_code, sizeof query_code, "%.*s", (int)strcspn(queried, ";"), queried);
        typed = query_code;
    }
    if (typed)
        bare_code(typed, code, sizeof code);
    if (*code)
        set_service_error(e, reply, code, first_text(body, messages), request_id(reply));
    json_decref(body);
    return *code != '\0';
}

void reply_error(const struct wire *w, const struct http_reply *reply, struct error *e)
{
    bool json = w->service->protocol == AWS_JSON_1_0 || w->service->protocol == AWS_JSON_1_1 || w->service->protocol == AWS_REST_JSON;
    /* By the service's own protocol first; a gateway before it may speak the other. */
    if (json ? json_error(reply, e) || xml_error(reply, e) : xml_error(reply, e) || json_error(reply, e))
        return;
    set_service_error(e, reply, NULL, NULL, request_id(reply));
    const char *start = reply->body + strspn(reply->body, " \r\n\t");
    if (text_starts(start, "<!") || strncasecmp(start, "<html", 5) == 0)
        error_set(e, ERROR_PROTOCOL, e->code, "an HTML page instead of an answer");
}

static json_t *from_xml(const struct wire *w, const struct aws_shape *s, const struct aws_member *payload, const struct http_reply *reply,
                        struct error *e)
{
    struct xml *root = xml_parse_reply(reply->body, reply->len, e);
    if (!root)
        return NULL;
    const struct xml *node = root;
    if (w->operation->result_wrapper)
        node = xml_child(root, wire_name(w, w->operation->result_wrapper));
    if (!node || strcmp(node->name, "html") == 0) { /* a page of something on the way: not the same as an empty answer */
        error_set(e, ERROR_PROTOCOL, "BadReply", "<%s> is no answer to %s", root->name, wire_name(w, w->operation->name));
        xml_free(root);
        return NULL;
    }
    json_t *out = payload ? xml_shape_in(w, payload, node) : xml_structure_in(w, s, node);
    xml_free(root);
    return out;
}

static json_t *from_json(const struct wire *w, const struct aws_shape *s, const struct aws_member *payload, const struct http_reply *reply,
                         struct error *e)
{
    json_t *body = json_load_reply(reply->body, reply->len, e);
    if (!body)
        return NULL;
    json_t *out = payload ? json_shape_in(w, payload, body) : json_is_object(body) ? json_structure_in(w, s, body) : NULL;
    if (!out && !payload)
        error_set(e, ERROR_PROTOCOL, "BadReply", "expected a JSON object");
    json_decref(body);
    return out;
}

/* A payload that is the body itself, as it is. */
static json_t *raw_payload(const struct aws_shape *s, const struct http_reply *reply)
{
    if (s->type != SHAPE_BLOB)
        return json_stringn(reply->body, reply->len);
    struct str text = STR_INIT(reply->len * 2 + 8);
    base64_add(&text, reply->body, reply->len);
    json_t *out = json_string(str_text(&text));
    str_free(&text);
    return out;
}

static bool read_body(const struct wire *w, const struct aws_shape *s, const struct http_reply *reply, json_t *output, struct error *e)
{
    bool json = w->service->protocol == AWS_JSON_1_0 || w->service->protocol == AWS_JSON_1_1 || w->service->protocol == AWS_REST_JSON;
    const struct aws_member *payload = s->payload == SHAPE_NONE ? NULL : wire_member(w, s, s->payload);
    const struct aws_shape *payload_shape = payload ? wire_shape(w, payload->shape) : NULL;
    bool rest = w->service->protocol == AWS_REST_JSON || w->service->protocol == AWS_REST_XML;
    if (reply->len == 0 && !rest && s->member_count) /* something on the way has swallowed it: not the same as an empty list */
        error_set(e, ERROR_PROTOCOL, "BadReply", "an empty answer to %s", wire_name(w, w->operation->name));
    if (reply->len == 0)
        return e->kind == ERROR_NONE;
    json_t *read;
    if (payload_shape && payload_shape->type != SHAPE_STRUCTURE && !(payload_shape->flags & SHAPE_DOCUMENT))
        read = raw_payload(payload_shape, reply);
    else
        read = json ? from_json(w, s, payload, reply, e) : from_xml(w, s, payload, reply, e);
    if (!read)
        return e->kind == ERROR_NONE;
    if (payload)
        json_object_set_new(output, wire_name(w, payload->name), read);
    else
        json_object_update_new(output, read);
    return true;
}

json_t *aws_reply_parse(const struct aws_table *t, const struct aws_service *service, const struct aws_operation *operation,
                        const struct http_reply *reply, struct error *e)
{
    struct wire w = {t, service, operation};
    error_clear(e);
    if (reply->status < 200 || reply->status >= 300) {
        reply_error(&w, reply, e);
        return NULL;
    }
    const struct aws_shape *s = wire_shape(&w, operation->output);
    json_t *output = json_object();
    if (!s)
        return output;
    rest_headers_in(&w, s, reply, output);
    if (read_body(&w, s, reply, output, e))
        return output;
    json_decref(output);
    char why[sizeof e->message];
    text_copy(why, sizeof why, e->message);
    error_set(e, ERROR_PROTOCOL, "BadReply", "%s", why);
    e->status = reply->status;
    aws_reply_request_id(reply, e->request_id);
    return NULL;
}
