/* A list's bytes, cut into single rows as they come: ten thousand rows never stand in memory as one tree. */
#include <string.h>

#include "base/json.h"
#include "kube/internal.h"

#define HEAD_MAX ((size_t)1 << 20)
#define ROW_MAX  ((size_t)4 << 20)

void table_decoder_init(struct table_decoder *d, bool (*on_head)(void *, const json_t *), void (*on_row)(void *, const json_t *), void *arg)
{
    *d = (struct table_decoder){.array = "rows",
                                .head = STR_INIT(HEAD_MAX),
                                .row = STR_INIT(ROW_MAX),
                                .key = STR_INIT(64),
                                .on_head = on_head,
                                .on_row = on_row,
                                .arg = arg};
}

void table_decoder_free(struct table_decoder *d)
{
    str_free(&d->head);
    str_free(&d->row);
    str_free(&d->key);
}

bool table_decoder_whole(const struct table_decoder *d) { return d->head_told && d->depth == 0 && !d->failed; }

static bool tell_head(struct table_decoder *d)
{
    struct error ignored;
    json_t *head = d->head.overflow ? NULL : json_load_reply(str_text(&d->head), d->head.len, &ignored);
    bool good = head && d->on_head(d->arg, head);
    json_decref(head);
    d->head_told = true;
    return good;
}

static bool tell_row(struct table_decoder *d)
{
    struct error ignored;
    if (d->on_text && !d->row.overflow && d->on_text(d->arg, d->row.data, d->row.len)) {
        str_clear(&d->row);
        return true;
    }
    json_t *row = d->row.overflow ? NULL : json_load_reply(str_text(&d->row), d->row.len, &ignored);
    if (row)
        d->on_row(d->arg, row);
    json_decref(row);
    str_clear(&d->row);
    return row != NULL;
}

static bool open_bracket(struct table_decoder *d, char c)
{
    d->depth++;
    /* The rows: what stood before them is closed off and told. */
    if (c == '[' && d->depth == 2 && !d->head_told && strcmp(str_text(&d->key), d->array) == 0) {
        str_adds(&d->head, "[]}");
        d->in_rows = true;
        return tell_head(d);
    }
    if (d->in_rows)
        return str_addc(&d->row, c);
    return d->head_told || str_addc(&d->head, c);
}

static bool close_bracket(struct table_decoder *d, char c)
{
    d->depth--;
    if (d->in_rows && d->depth == 1) {
        d->in_rows = false;
        return true;
    }
    if (d->in_rows) {
        str_addc(&d->row, c);
        return d->depth != 2 || tell_row(d);
    }
    if (d->head_told)
        return d->depth >= 0;
    str_addc(&d->head, c);
    return d->depth > 0 || tell_head(d); /* a Table without rows */
}

/* Runs of plain bytes are added as a whole: a list is megabytes. */
static void add_run(struct table_decoder *d, const char *data, size_t len)
{
    if (d->in_rows && d->depth >= 3)
        str_add(&d->row, data, len);
    else if (!d->in_rows && !d->head_told)
        str_add(&d->head, data, len);
    if (d->in_string && d->depth == 1)
        str_add(&d->key, data, len);
}

static bool take(struct table_decoder *d, char c)
{
    if (d->in_string) {
        if (!d->escaped && c == '"')
            d->in_string = false;
        d->escaped = !d->escaped && c == '\\';
        bool in_string = d->in_string;
        d->in_string = false; /* the quote itself is no part of the key */
        add_run(d, &c, 1);
        d->in_string = in_string;
        return true;
    }
    if (c == '"') {
        str_clear(&d->key);
        add_run(d, &c, 1);
        d->in_string = true;
        return true;
    }
    if (c == '{' || c == '[')
        return open_bracket(d, c);
    if (c == '}' || c == ']')
        return close_bracket(d, c);
    add_run(d, &c, 1);
    return true;
}

/* Does a run of plain bytes end here? */
static bool is_stop(char c, bool in_string)
{
    return c == '"' || c == '\0' || (in_string ? c == '\\' : c == '{' || c == '}' || c == '[' || c == ']');
}

bool table_decoder_feed(struct table_decoder *d, const char *data, size_t len)
{
    while (len && !d->failed) {
        size_t run = 0;
        while (!d->escaped && run < len && !is_stop(data[run], d->in_string))
            run++;
        if (run) {
            add_run(d, data, run);
        } else {
            run = 1;
            d->failed = !take(d, *data);
        }
        data += run;
        len -= run;
    }
    return !d->failed;
}
