#include "actions/audit_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actions/audit.h"
#include "actions/state.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"

#define HEAD_MAX 4096


bool audit_failed(struct error *e, const char *path, const char *why)
{
    error_set(e, ERROR_INPUT, "audit", "%s: %s", path, why);
    return false;
}

static bool is_hash(const char *text)
{
    return text && strlen(text) == SHA256_HEX_SIZE - 1 && strspn(text, "0123456789abcdef") == SHA256_HEX_SIZE - 1;
}

bool audit_hash(const json_t *record, char out[SHA256_HEX_SIZE])
{
    json_t *bare = json_copy((json_t *)(uintptr_t)record);
    json_object_del(bare, "hash");
    char *text = state_line(bare, AUDIT_LINE_MAX);
    if (text)
        digest_sha256_hex(text, strlen(text), out);
    free(text);
    json_decref(bare);
    return text != NULL;
}

json_t *audit_record(const char *line, size_t len, struct audit_place *at, char *why, size_t size)
{
    struct error e = {0};
    char hash[SHA256_HEX_SIZE];
    json_t *record = json_load(line, len, &e);
    int64_t seq = json_int(record, "seq", 0);
    const char *own = json_text(record, "hash");
    char *again = json_is_object(record) ? state_line(record, AUDIT_LINE_MAX) : NULL;
    *why = '\0';
    if (!json_is_object(record))
        text_copy(why, size, AUDIT_NO_OBJECT);
    else if (seq < 1 || !is_hash(own) || !is_hash(json_text(record, "prev")))
        text_format(why, size, "it has no seq, prev and hash");
    else if (!again || strlen(again) != len || memcmp(again, line, len) != 0)
        text_format(why, size, "it is not written as trivet writes: bytes were changed");
    else if (!audit_hash(record, hash) || strcmp(hash, own) != 0)
        text_format(why, size, "its hash differs: the record was changed");
    else {
        at->seq = (uint64_t)seq;
        text_copy(at->hash, sizeof at->hash, own);
    }
    free(again);
    if (!*why)
        return record;
    json_decref(record);
    return NULL;
}

enum audit_head audit_read_head(const char *state_dir, struct audit_place *out, struct error *e)
{
    char *path = file_join(state_dir, "audit.head");
    char text[HEAD_MAX];
    int fd = state_open(path, O_RDONLY, e);
    enum audit_head found = fd < 0 && errno == ENOENT ? HEAD_NONE : HEAD_BAD;
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (n >= 0) {
        json_t *tree = json_load(text, (size_t)n, e);
        const char *hash = json_text(tree, "hash");
        int64_t seq = json_int(tree, "seq", 0);
        if (seq > 0 && is_hash(hash)) {
            *out = (struct audit_place){.seq = (uint64_t)seq};
            text_copy(out->hash, sizeof out->hash, hash);
            found = HEAD_READ;
        } else {
            audit_failed(e, path, "it does not say what the newest record is");
        }
        json_decref(tree);
    }
    if (fd >= 0)
        close(fd);
    free(path);
    return found;
}
