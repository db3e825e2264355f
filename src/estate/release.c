#include "estate/release.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

#define HASH_SHORT 7
#define HASH_LONG  40

const char *release_state_name(enum release_state state)
{
    static const char *const names[] = {"waiting", "running", "succeeded", "failed", "cancelled"};
    return names[state];
}

static int likeness(const struct release *r, int64_t id_or_number)
{
    return r->id == id_or_number ? 3 : r->number != id_or_number ? 0 : r->state == RELEASE_WAITING ? 2 : 1;
}

const struct release *release_find(const struct release_set *set, int64_t id_or_number)
{
    const struct release *best = NULL;
    for (size_t i = 0; i < set->runs.len; i++)
        if (likeness(&set->runs.at[i], id_or_number) > (best ? likeness(best, id_or_number) : 0))
            best = &set->runs.at[i];
    return best;
}

bool release_is_ambiguous(const struct release_set *set, const struct release *release)
{
    size_t count = 0;
    for (size_t i = 0; i < set->runs.len; i++)
        count += set->runs.at[i].number == release->number && set->runs.at[i].state == RELEASE_WAITING;
    return count > 1;
}

const struct release *release_pipeline(const struct release_set *set, const char *name)
{
    for (size_t i = 0; i < set->runs.len; i++)
        if (set->runs.at[i].provider == RELEASE_PIPELINE && strcmp(set->runs.at[i].pipeline, name) == 0)
            return &set->runs.at[i];
    return NULL;
}

const char *release_label(const struct release_set *set, const struct release *r, char *out, size_t size)
{
    if (r->provider == RELEASE_PIPELINE)
        text_copy(out, size, r->pipeline);
    else
        text_format(out, size, "%lld", (long long)(release_find(set, r->number) != r || release_is_ambiguous(set, r) ? r->id : r->number));
    return out;
}

const struct release *release_last_good(const struct release_set *set, int64_t workflow)
{
    for (size_t i = 0; i < set->runs.len; i++)
        if (set->runs.at[i].state == RELEASE_SUCCEEDED && set->runs.at[i].workflow == workflow)
            return &set->runs.at[i];
    return NULL;
}

const struct image *image_by_digest(const struct image_set *set, const char *digest)
{
    for (size_t i = 0; *digest && i < set->rows.len; i++)
        if (strcmp(set->rows.at[i].digest, digest) == 0)
            return &set->rows.at[i];
    return NULL;
}

/* The next word of "a b c" into out; false at the end. */
static bool next_tag(const char **at, char *out, size_t size)
{
    *at += strspn(*at, " ");
    size_t len = strcspn(*at, " ");
    if (!len)
        return false;
    text_format(out, size, "%.*s", (int)len, *at);
    *at += len;
    return true;
}

bool image_has_tag(const struct image *image, const char *tag)
{
    char one[sizeof image->tags];
    for (const char *at = image->tags; next_tag(&at, one, sizeof one);)
        if (strcmp(one, tag) == 0)
            return true;
    return false;
}

const struct image *image_by_commit(const struct image_set *set, const char *repository, const char *sha)
{
    char tag[sizeof set->rows.at[0].tags];
    for (size_t i = 0; i < set->rows.len; i++) {
        const struct image *image = &set->rows.at[i];
        if (repository && strcmp(image->repository, repository) != 0)
            continue;
        for (const char *at = image->tags; next_tag(&at, tag, sizeof tag);)
            if (tag_is_commit(tag, sha))
                return image;
    }
    return NULL;
}

static const char *skip_digits(const char *s)
{
    const char *end = s;
    while (isdigit((unsigned char)*end))
        end++;
    return end == s || end - s > 9 ? NULL : end;
}

bool tag_is_version(const char *tag)
{
    const char *at = *tag == 'v' ? skip_digits(tag + 1) : NULL;
    for (int part = 1; at && part < 3; part++)
        at = *at == '.' ? skip_digits(at + 1) : NULL;
    return at && !*at;
}

bool tag_is_commit(const char *tag, const char *sha)
{
    const char *hash = text_starts(tag, "sha-") ? tag + 4 : tag;
    size_t len = strlen(hash);
    bool good = len >= HASH_SHORT && len <= HASH_LONG && strspn(hash, "0123456789abcdef") == len;
    return good && (!sha || strncmp(sha, hash, len) == 0);
}

bool tag_is_environment(const char *tag) { return text_ends(tag, "-latest"); }

bool tag_names_build(const struct image *image)
{
    char tag[sizeof image->tags];
    for (const char *at = image->tags; next_tag(&at, tag, sizeof tag);)
        if (tag_is_version(tag) || tag_is_commit(tag, NULL))
            return true;
    return false;
}

void image_parse(const char *reference, char *repository, size_t repository_size, char *digest, size_t digest_size)
{
    const char *scheme = strstr(reference, "://"), *name = scheme ? scheme + 3 : reference; /* docker-pullable:// */
    const char *at = strchr(name, '@'), *slash = strchr(name, '/');
    size_t host = slash ? (size_t)(slash - name) : 0;
    if (slash && (memchr(name, '.', host) || memchr(name, ':', host)))
        name = slash + 1;
    size_t len = at && at > name ? (size_t)(at - name) : strlen(name);
    for (size_t i = 0; i < len; i++)
        if (name[i] == ':')
            len = i;
    text_format(repository, repository_size, "%.*s", (int)len, name);
    text_copy(digest, digest_size, at ? at + 1 : "");
}

/* "111111111111.dkr.ecr.us-east-1.amazonaws.com/backend" */
bool image_region(const char *reference, char *out, size_t size)
{
    static const char mark[] = ".dkr.ecr.";
    const char *scheme = strstr(reference, "://"), *name = scheme ? scheme + 3 : reference;
    const char *at = strstr(name, mark), *slash = strchr(name, '/');
    if (!at || !slash || at > slash)
        return false;
    at += sizeof mark - 1;
    size_t len = strcspn(at, ".");
    return at + len < slash && text_format(out, size, "%.*s", (int)len, at);
}

bool image_is_unread(const struct image_set *set, const char *reference)
{
    char region[24], repository[120], digest[80];
    if (!set->unread.len || !image_region(reference, region, sizeof region))
        return false;
    image_parse(reference, repository, sizeof repository, digest, sizeof digest);
    for (size_t i = 0; i < set->unread.len; i++)
        if (!strcmp(set->unread.at[i].region, region) && !strcmp(set->unread.at[i].repository, repository))
            return true;
    return false;
}

const char *digest_short(const char *digest, char *out, size_t size)
{
    const char *colon = strchr(digest, ':');
    text_format(out, size, "%.8s", colon ? colon + 1 : digest);
    return out;
}
