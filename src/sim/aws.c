/* From a request to an operation and back: who asks, which service and operation, may they, is the input right, what is the answer. */
#include "sim/aws.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "base/when.h"
#include "sim/aws_world.h"
#include "sim/proto.h"
#include "sim/trail.h"

static const struct aws_handler *const handlers[] = {aws_sts,   aws_sso,        aws_organizations, aws_rds, aws_budgets,   aws_cloudwatch,
                                                     aws_wafv2, aws_cloudtrail, aws_eks,           aws_ec2, aws_cloudfront,
                                                     aws_ecr,   aws_scheduler,  aws_codepipeline,  aws_network, aws_interfaces, aws_elbv2, aws_acm,
                                                     aws_iam,   aws_secrets,    aws_route53,       aws_ce,  aws_logs};

static json_t *(*find_handler(const char *service, const char *operation))(struct aws_call *)
{
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++)
        for (const struct aws_handler *h = handlers[i]; h->service; h++)
            if (strcmp(h->service, service) == 0 && strcmp(h->operation, operation) == 0)
                return h->handle;
    return NULL;
}

/* Errors that every service has, as each protocol names them. */

enum common_error {
    COMMON_MISSING_TOKEN,
    COMMON_INCOMPLETE,
    COMMON_UNKNOWN_KEY,
    COMMON_BAD_SIGNATURE,
    COMMON_SKEWED,
    COMMON_EXPIRED,
    COMMON_BAD_TOKEN,
    COMMON_DENIED,
    COMMON_UNKNOWN_OPERATION,
    COMMON_MISSING_MEMBER,
    COMMON_UNKNOWN_MEMBER,
    COMMON_BAD_TYPE,
    COMMON_THROTTLED,
    COMMON_INTERNAL,
};

enum family { FAMILY_QUERY, FAMILY_EC2, FAMILY_JSON, FAMILY_REST_JSON, FAMILY_REST_XML };

static const struct common {
    const char *code;
    int status;
} commons[][5] = {
    [COMMON_MISSING_TOKEN] = {{"MissingAuthenticationToken", 403}, {"AuthFailure", 401}, {"MissingAuthenticationTokenException", 400},
                              {"MissingAuthenticationTokenException", 403}, {"MissingAuthenticationToken", 403}},
    [COMMON_INCOMPLETE] = {{"IncompleteSignature", 403}, {"IncompleteSignature", 400}, {"IncompleteSignatureException", 400},
                           {"IncompleteSignatureException", 403}, {"IncompleteSignature", 403}},
    [COMMON_UNKNOWN_KEY] = {{"InvalidClientTokenId", 403}, {"AuthFailure", 401}, {"UnrecognizedClientException", 400},
                            {"UnrecognizedClientException", 403}, {"InvalidClientTokenId", 403}},
    [COMMON_BAD_SIGNATURE] = {{"SignatureDoesNotMatch", 403}, {"AuthFailure", 401}, {"InvalidSignatureException", 400},
                              {"InvalidSignatureException", 403}, {"SignatureDoesNotMatch", 403}},
    [COMMON_SKEWED] = {{"SignatureDoesNotMatch", 403}, {"RequestExpired", 400}, {"InvalidSignatureException", 400},
                       {"InvalidSignatureException", 403}, {"RequestTimeTooSkewed", 403}},
    [COMMON_EXPIRED] = {{"ExpiredToken", 403}, {"RequestExpired", 400}, {"ExpiredTokenException", 400}, {"ExpiredTokenException", 403},
                        {"ExpiredToken", 403}},
    [COMMON_BAD_TOKEN] = {{"InvalidClientTokenId", 403}, {"AuthFailure", 401}, {"UnrecognizedClientException", 400},
                          {"UnrecognizedClientException", 403}, {"InvalidClientTokenId", 403}},
    [COMMON_DENIED] = {{"AccessDenied", 403}, {"UnauthorizedOperation", 403}, {"AccessDeniedException", 400}, {"AccessDeniedException", 403},
                       {"AccessDenied", 403}},
    [COMMON_UNKNOWN_OPERATION] = {{"InvalidAction", 400}, {"InvalidAction", 400}, {"UnknownOperationException", 400},
                                  {"UnknownOperationException", 404}, {"UnknownOperationException", 404}},
    [COMMON_MISSING_MEMBER] = {{"ValidationError", 400}, {"MissingParameter", 400}, {"ValidationException", 400}, {"ValidationException", 400},
                               {"InvalidArgument", 400}},
    [COMMON_UNKNOWN_MEMBER] = {{"ValidationError", 400}, {"UnknownParameter", 400}, {"SerializationException", 400}, {"SerializationException", 400},
                               {"MalformedXML", 400}},
    [COMMON_BAD_TYPE] = {{"MalformedInput", 400}, {"InvalidParameterValue", 400}, {"SerializationException", 400}, {"SerializationException", 400},
                         {"InvalidArgument", 400}},
    [COMMON_THROTTLED] = {{"Throttling", 400}, {"RequestLimitExceeded", 503}, {"ThrottlingException", 400}, {"TooManyRequestsException", 429},
                          {"Throttling", 400}},
    [COMMON_INTERNAL] = {{"InternalFailure", 500}, {"InternalError", 500}, {"InternalFailure", 500}, {"InternalFailure", 500},
                         {"InternalFailure", 500}},
};

static enum family family(const struct aws_service *service)
{
    static const enum family families[] = {[AWS_QUERY] = FAMILY_QUERY,   [AWS_EC2] = FAMILY_EC2,         [AWS_JSON_1_0] = FAMILY_JSON,
                                           [AWS_JSON_1_1] = FAMILY_JSON, [AWS_REST_JSON] = FAMILY_REST_JSON, [AWS_REST_XML] = FAMILY_REST_XML};
    return families[service->protocol];
}

static bool common(const struct aws_service *service, enum common_error which, struct error *e, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static bool common(const struct aws_service *service, enum common_error which, struct error *e, const char *format, ...)
{
    const struct common *c = &commons[which][family(service)];
    char message[2048];
    va_list ap;
    va_start(ap, format);
    vsnprintf(message, sizeof message, format, ap);
    va_end(ap);
    error_set(e, ERROR_SERVICE, c->code, "%s", message);
    e->status = c->status;
    return false;
}

/* For handlers. */

json_t *call_fail(struct aws_call *call, const char *code, const char *format, ...)
{
    const struct aws_service *service = aws_service_find(&aws_table, call->service);
    const struct aws_operation *operation = aws_operation_find(&aws_table, service, call->operation);
    char message[1024];
    va_list ap;
    va_start(ap, format);
    vsnprintf(message, sizeof message, format, ap);
    va_end(ap);
    error_set(call->error, ERROR_SERVICE, code, "%s", message);
    call->error->status = 400;
    for (uint16_t i = 0; i < operation->error_count; i++) {
        const struct aws_error *e = &aws_table.errors[operation->first_error + i];
        if (strcmp(name_at(e->code), code) == 0 && e->status)
            call->error->status = e->status;
    }
    return NULL;
}

json_t *call_denied(struct aws_call *call, const char *resource)
{
    const struct aws_service *service = aws_service_find(&aws_table, call->service);
    common(service, COMMON_DENIED, call->error, "User: %s is not authorized to perform: %s:%s on resource: %s", call->who->arn, call->service,
           call->operation, resource);
    return NULL;
}

/* The request's way. */

static const struct aws_service *service_signed_as(const char *signing_name)
{
    for (uint16_t i = 0; i < aws_table.service_count; i++)
        if (strcmp(name_at(aws_table.services[i].signing_name), signing_name) == 0)
            return &aws_table.services[i];
    return NULL;
}

/* Requests without a credential: an operation that needs none, or else the service that the request looks like. */
static const struct aws_service *service_unsigned(const struct server_request *request, char *name, size_t size)
{
    const char *target = server_header(request, "X-Amz-Target");
    const struct aws_service *otherwise = aws_service_find(&aws_table, "sts");
    for (uint16_t i = 0; i < aws_table.service_count; i++) {
        const struct aws_service *s = &aws_table.services[i];
        const char *prefix = name_at(s->target_prefix);
        const struct aws_operation *operation = proto_operation(s, request, name, size);
        if (operation && (operation->flags & OPERATION_UNSIGNED))
            return s;
        if (target && *prefix && text_starts(target, prefix))
            otherwise = s;
    }
    return otherwise;
}


struct joined {
    const char *name;
    struct str *value;
    bool found;
};

static void join_header(void *arg, const char *name, const char *value)
{
    struct joined *j = arg;
    if (!text_same_case(name, j->name))
        return;
    str_addf(j->value, "%s%s", j->found ? "," : "", value);
    j->found = true;
}

static bool input_header(const void *context, const char *name, struct str *value)
{
    struct joined j = {name, value, false};
    server_headers(context, join_header, &j);
    return j.found;
}

struct exchange {
    struct sim *sim;
    const struct server_request *request;
    struct auth_input input;
    struct auth_scope scope;
    struct proto_op op;
    char name[64]; /* of the operation asked for */
    struct identity who;
    bool is_signed;
};

static bool authenticate(struct exchange *x, struct error *e)
{
    static const enum common_error kinds[AUTH_RESULTS] = {
        [AUTH_MISSING] = COMMON_MISSING_TOKEN,       [AUTH_INCOMPLETE] = COMMON_INCOMPLETE, [AUTH_UNKNOWN_KEY] = COMMON_UNKNOWN_KEY,
        [AUTH_BAD_SIGNATURE] = COMMON_BAD_SIGNATURE, [AUTH_SKEWED] = COMMON_SKEWED,         [AUTH_EXPIRED] = COMMON_EXPIRED,
        [AUTH_BAD_TOKEN] = COMMON_BAD_TOKEN};
    struct str message = STR_INIT(4096);
    enum auth_result result = auth_verify(x->sim->auth, &x->input, when_wall(), sim_now(x->sim), 0, &x->who, &message);
    const char *text = str_text(&message);
    if (family(x->op.service) == FAMILY_EC2) /* which tells less than the others */
        text = result == AUTH_SKEWED || result == AUTH_EXPIRED ? "Request has expired."
                                                              : "AWS was not able to validate the provided access credentials";
    if (result != AUTH_OK)
        common(x->op.service, kinds[result], e, "%s", text);
    str_free(&message);
    if (result == AUTH_OK && x->op.service->global && strcmp(x->scope.region, "us-east-1") != 0 && strcmp(name_at(x->op.service->name), "sts") != 0)
        return common(x->op.service, COMMON_BAD_SIGNATURE, e, "Credential should be scoped to a valid region. ");
    return result == AUTH_OK;
}

static bool unknown_operation(const struct exchange *x, struct error *e)
{
    const struct aws_service *s = x->op.service;
    char shown[64];
    text_clean(shown, sizeof shown, x->name, strlen(x->name));
    if (family(s) == FAMILY_EC2)
        return common(s, COMMON_UNKNOWN_OPERATION, e, "The action %s is not valid for this web service.", shown);
    if (family(s) == FAMILY_QUERY)
        return common(s, COMMON_UNKNOWN_OPERATION, e, "Could not find operation %s for version %s", shown, name_at(s->api_version));
    return common(s, COMMON_UNKNOWN_OPERATION, e, "%s", family(s) == FAMILY_JSON ? "" : "Unknown operation");
}

static bool has_text(const texts *list, const char *text)
{
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->at[i], text) == 0)
            return true;
    return false;
}

/* A policy on a unit binds what is in it and in the units under it. */
static bool binds_unit_of(const struct organization *o, const struct policy *p, const char *account)
{
    const struct unit *unit = NULL;
    for (size_t i = 0; i < o->units.len && !unit; i++)
        if (has_text(&o->units.at[i].accounts, account))
            unit = &o->units.at[i];
    for (size_t depth = 0; unit && depth < o->units.len; depth++) {
        const char *under = unit->under;
        if (has_text(&p->targets, unit->id))
            return true;
        unit = NULL;
        for (size_t i = 0; under && i < o->units.len && !unit; i++)
            if (strcmp(o->units.at[i].id, under) == 0)
                unit = &o->units.at[i];
    }
    return false;
}

/* Policies bind the organisation's member accounts, never the management account. */
static bool denied_by_organization(const struct sim *sim, const struct identity *who, const char *service, const char *operation)
{
    const struct account *a = &sim->scenario->accounts.at[who->account];
    const struct organization *o = &sim->scenario->organization;
    for (size_t i = 0; a->kind != 0 && i < o->policies.len; i++) {
        const struct policy *p = &o->policies.at[i];
        bool binds = has_text(&p->targets, "root") || has_text(&p->targets, a->id) || binds_unit_of(o, p, a->id);
        if (binds && auth_matches(&p->deny, service, operation))
            return true;
    }
    return false;
}

bool aws_permitted(const struct sim *sim, const struct identity *who, const char *service, const char *operation, struct error *e)
{
    const struct aws_service *s = aws_service_find(&aws_table, service);
    char why[200];
    if (denied_by_organization(sim, who, service, operation))
        text_format(why, sizeof why, "with an explicit deny in a service control policy");
    else if (auth_may(who, service, operation))
        return true;
    else
        text_format(why, sizeof why, "because no identity-based policy allows the %s:%s action", service, operation);
    return common(s, COMMON_DENIED, e, "%sUser: %s is not authorized to perform: %s:%s on resource: * %s",
                  family(s) == FAMILY_EC2 ? "You are not authorized to perform this operation. " : "", who->arn, service, operation, why);
}

json_t *aws_carry_out(struct aws_call *call)
{
    json_t *(*handler)(struct aws_call *) = find_handler(call->service, call->operation);
    if (handler)
        return handler(call);
    error_set(call->error, ERROR_SERVICE, "UnknownOperationException", "%s", call->operation);
    return NULL;
}

static bool bad_input(const struct exchange *x, const struct proto_fault *fault, struct error *e)
{
    const struct aws_service *s = x->op.service;
    bool json = family(s) == FAMILY_JSON || family(s) == FAMILY_REST_JSON;
    switch (fault->problem) {
    case PROTO_MISSING:
        if (family(s) == FAMILY_EC2)
            return common(s, COMMON_MISSING_MEMBER, e, "The request must contain the parameter %s", fault->member);
        return common(s, COMMON_MISSING_MEMBER, e,
                      "1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", fault->member);
    case PROTO_UNKNOWN:
        if (family(s) == FAMILY_EC2)
            return common(s, COMMON_UNKNOWN_MEMBER, e, "The parameter %s is not recognized", fault->member);
        return common(s, COMMON_UNKNOWN_MEMBER, e, "Unknown parameter: %s", fault->member);
    case PROTO_TYPE:
        return common(s, COMMON_BAD_TYPE, e, json ? "The value of %s is not of the expected type" : "Invalid value for the parameter %s",
                      fault->member);
    default:
        return common(s, COMMON_UNKNOWN_MEMBER, e, "The request's body could not be read");
    }
}

/* The first text of the input names what it is about, as a person would find it. */
static const char *resource_of(const json_t *input)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)input, key, value)
        if (json_is_string(value))
            return json_string_value(value);
    return "";
}

/* CloudTrail's view of a call that changes something; `e` if it was refused. */
static void record(const struct exchange *x, const json_t *input, const struct error *e)
{
    struct trail_record r = {.at = sim_now(x->sim), .account = x->who.account};
    const char *user = strrchr(x->who.arn, '/'), *resource = resource_of(input);
    if (!x->is_signed || !(x->op.operation->flags & OPERATION_WRITE))
        return;
    random_uuid(r.id);
    text_clean(r.name, sizeof r.name, x->name, strlen(x->name));
    text_format(r.source, sizeof r.source, "%s.amazonaws.com", name_at(x->op.service->endpoint_prefix));
    text_clean(r.user, sizeof r.user, user ? user + 1 : x->who.arn, strlen(user ? user + 1 : x->who.arn));
    text_clean(r.resource, sizeof r.resource, resource, strlen(resource));
    text_copy(r.arn, sizeof r.arn, x->who.arn);
    text_copy(r.code, sizeof r.code, e ? e->code : "");
    trail_book_add(x->sim->trail, &r);
}

static bool answer(struct exchange *x, const char *request_id, struct server_reply *reply, struct error *e)
{
    const char *service = name_at(x->op.service->name);
    struct proto_fault fault = {0};
    json_t *(*handler)(struct aws_call *) = x->op.operation ? find_handler(service, x->name) : NULL;
    if (!handler)
        return unknown_operation(x, e);
    if (x->is_signed && strcmp(x->name, "GetCallerIdentity") != 0 && !aws_permitted(x->sim, &x->who, service, x->name, e)) {
        record(x, NULL, e);
        return false;
    }
    json_t *input = proto_read(&x->op, x->request, &fault);
    if (!input)
        return bad_input(x, &fault, e);
    struct aws_call call = {.sim = x->sim,
                            .who = x->is_signed ? &x->who : NULL,
                            .account = x->is_signed ? &x->sim->scenario->accounts.at[x->who.account] : NULL,
                            .service = service,
                            .operation = x->name,
                            .region = x->is_signed ? x->scope.region : "us-east-1",
                            .now = sim_now(x->sim),
                            .input = input,
                            .error = e};
    json_t *output = handler(&call);
    record(x, input, output ? NULL : e);
    json_decref(input);
    if (!output)
        return false;
    bool good = proto_write(&x->op, output, request_id, reply, &fault);
    json_decref(output);
    return good || common(x->op.service, COMMON_INTERNAL, e, "trivet-sim: the output does not fit the model at %s", fault.member);
}

/* True if the fault has answered, one way or the other. */
static bool befallen(struct exchange *x, const char *account, struct server_reply *reply, struct error *e, bool *failed)
{
    struct fault_effect fault;
    faults_apply(x->sim->faults, name_at(x->op.service->name), x->name, account, &fault);
    reply_delay(reply, fault.delay_ms);
    switch (fault.kind) {
    case FAULT_THROTTLE:
        common(x->op.service, COMMON_THROTTLED, e, "Rate exceeded");
        break;
    case FAULT_ERROR:
        error_set(e, ERROR_SERVICE, fault.code, "%s", "A fault that was asked for.");
        e->status = fault.status ? fault.status : 400;
        break;
    case FAULT_ABORT:
        reply_abort(reply);
        return true;
    case FAULT_HTML:
        sim_html(reply);
        return true;
    case FAULT_TRUNCATE:
        reply_truncate(reply);
        return false;
    default:
        return false;
    }
    return *failed = true;
}

static void no_service(const struct server_request *request, struct server_reply *reply)
{
    (void)request;
    reply_status(reply, 404);
    reply_header(reply, "Content-Type", "text/xml");
    str_adds(reply_body(reply), "<ErrorResponse><Error><Type>Sender</Type><Code>UnknownService</Code><Message>No service is signed for by that "
                                "name.</Message></Error></ErrorResponse>");
}

void aws_handle(struct sim *sim, const struct server_request *request, struct server_reply *reply, struct sim_note *note)
{
    struct exchange x = {.sim = sim, .request = request};
    struct error e = {0};
    char request_id[37];
    const char *account = "";
    bool failed = false;
    world_step(sim, sim_now(sim));
    x.input = (struct auth_input){request->method, request->path, request->query, request->body, request->body_len, input_header, request};
    bool scoped = auth_scope_read(&x.input, &x.scope);
    x.op.service = scoped ? service_signed_as(x.scope.service) : service_unsigned(request, x.name, sizeof x.name);
    if (!x.op.service) {
        no_service(request, reply);
        return;
    }
    random_uuid(request_id);
    x.op.operation = proto_operation(x.op.service, request, x.name, sizeof x.name);
    x.is_signed = scoped || !x.op.operation || !(x.op.operation->flags & OPERATION_UNSIGNED);
    failed = x.is_signed && !authenticate(&x, &e);
    if (x.is_signed && !failed)
        account = sim->scenario->accounts.at[x.who.account].id;
    if (failed || !befallen(&x, account, reply, &e, &failed))
        failed = failed || !answer(&x, request_id, reply, &e);
    if (failed)
        proto_error(&x.op, &e, request_id, reply);
    text_copy(note->service, sizeof note->service, name_at(x.op.service->name));
    text_clean(note->operation, sizeof note->operation, x.name, strlen(x.name));
    text_copy(note->account, sizeof note->account, account);
    text_copy(note->code, sizeof note->code, e.code);
}
