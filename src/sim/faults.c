#include "sim/faults.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "base/when.h"

struct fault {
    enum fault_kind kind;
    char service[32], operation[64], account[16]; /* "": any */
    char code[96];
    int status;
    int64_t ms;
    int64_t left; /* < 0: no end */
};

struct faults {
    VEC(struct fault) list;
};

struct faults *faults_new(void) { return mem_new(sizeof(struct faults)); }

void faults_free(struct faults *faults)
{
    if (faults)
        vec_free(&faults->list);
    free(faults);
}

static bool number(const char *text, int64_t *out)
{
    char *end;
    *out = strtoll(text, &end, 10);
    return end != text && *end == '\0' && *out >= 0;
}

static bool read_ms(const char *text, int64_t *out)
{
    char digits[24];
    size_t len = strspn(text, "0123456789");
    if (len == 0 || len >= sizeof digits)
        return false;
    text_format(digits, sizeof digits, "%.*s", (int)len, text);
    if (!number(digits, out))
        return false;
    if (strcmp(text + len, "s") == 0)
        *out *= 1000;
    return text[len] == '\0' || strcmp(text + len, "ms") == 0 || strcmp(text + len, "s") == 0;
}

/* "rds.DescribeEvents@333333333333" up to len. */
static bool read_target(struct fault *f, const char *text, size_t len)
{
    char target[128];
    if (len == 0 || !text_format(target, sizeof target, "%.*s", (int)len, text))
        return false;
    char *at = strchr(target, '@'), *dot;
    if (at) {
        *at = '\0';
        text_copy(f->account, sizeof f->account, at + 1);
        if (strlen(at + 1) != 12 || strspn(at + 1, "0123456789") != 12)
            return false;
    }
    dot = strchr(target, '.');
    if (dot) {
        *dot = '\0';
        text_copy(f->operation, sizeof f->operation, dot + 1);
    }
    if (strcmp(target, "*") != 0)
        text_copy(f->service, sizeof f->service, target);
    return *target != '\0';
}

static bool read_error(struct fault *f, char *value)
{
    int64_t status = 0;
    char *equals = strchr(value, '='), *slash;
    if (equals) {
        *equals = '\0';
        if (!number(equals + 1, &f->left))
            return false;
    }
    slash = strchr(value, '/');
    if (slash) {
        *slash = '\0';
        if (!number(slash + 1, &status) || status < 400 || status > 599)
            return false;
    }
    f->status = (int)status;
    return *value && text_copy(f->code, sizeof f->code, value);
}

static bool read_effect(struct fault *f, const char *text)
{
    static const struct {
        const char *name;
        enum fault_kind kind;
    } kinds[] = {{"latency", FAULT_LATENCY}, {"throttle", FAULT_THROTTLE}, {"error", FAULT_ERROR},
                 {"abort", FAULT_ABORT},     {"truncate", FAULT_TRUNCATE}, {"html", FAULT_HTML}};
    char word[160], *value;
    if (!text_copy(word, sizeof word, text))
        return false;
    value = strchr(word, '=');
    if (value)
        *value++ = '\0';
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(word, kinds[i].name) == 0)
            f->kind = kinds[i].kind;
    if (f->kind == FAULT_LATENCY)
        return value && read_ms(value, &f->ms);
    if (f->kind == FAULT_ERROR)
        return value && read_error(f, value);
    return f->kind != FAULT_NONE && (!value || number(value, &f->left));
}

bool faults_add(struct faults *faults, const char *spec, struct error *e)
{
    struct fault f = {.left = -1};
    const char *colon = strchr(spec, ':');
    if ((!colon || read_target(&f, spec, (size_t)(colon - spec))) && read_effect(&f, colon ? colon + 1 : spec)) {
        *vec_add(&faults->list) = f;
        return true;
    }
    error_set(e, ERROR_INPUT, "fault",
              "--fault %s: expected [SERVICE[.Operation][@ACCOUNT]:]FAULT with FAULT latency=MS, throttle[=N], error=CODE[/STATUS][=N], abort[=N], "
              "truncate[=N] or html[=N]",
              spec);
    return false;
}

static bool meets(const char *wanted, const char *found) { return *wanted == '\0' || text_same_case(wanted, found); }

void faults_apply(struct faults *faults, const char *service, const char *operation, const char *account, struct fault_effect *out)
{
    *out = (struct fault_effect){0};
    for (size_t i = 0; i < faults->list.len; i++) {
        struct fault *f = &faults->list.at[i];
        if (f->left == 0 || !meets(f->service, service) || !meets(f->operation, operation) || !meets(f->account, account))
            continue;
        if (f->kind == FAULT_LATENCY) {
            out->delay_ms += f->ms;
        } else if (out->kind == FAULT_NONE) {
            f->left -= f->left > 0;
            out->kind = f->kind;
            out->status = f->status;
            text_copy(out->code, sizeof out->code, f->code);
        }
    }
}
