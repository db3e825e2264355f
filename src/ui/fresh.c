#include "ui/fresh.h"

#include "base/when.h"

/* Ages move in steps of this: a number that ticks each second draws the eye for nothing. */
#define CALM_MS 10000

/* From best to worst. */
static int badness(enum slice_state state)
{
    static const int order[] = {[SLICE_NONE] = 0, [SLICE_FRESH] = 1, [SLICE_NEVER] = 2, [SLICE_LOADING] = 3, [SLICE_STALE] = 4, [SLICE_FAILED] = 5};
    return order[state];
}

void fresh_look(const struct pane *pane, const struct account *account, struct fresh *out)
{
    *out = (struct fresh){.state = SLICE_NONE};
    for (int f = 0; f < FEED_COUNT; f++) {
        const struct slice *slice = &account->slices[f];
        if (!(pane_feeds(pane) & FEED_BIT(f)) || slice->state == SLICE_NONE)
            continue;
        bool older = out->slice && slice->state == out->state && slice->read_at < out->slice->read_at;
        if (!out->slice || badness(slice->state) > badness(out->state) || older)
            *out = (struct fresh){slice->state, slice, (enum feed)f, slice->interval_ms == 0};
    }
}

const char *fresh_word(const struct fresh *fresh, int64_t now, char *out, size_t size)
{
    char age[24];
    switch (fresh->state) {
    case SLICE_NONE:
        text_copy(out, size, "–");
        break;
    case SLICE_NEVER:
    case SLICE_LOADING:
        text_copy(out, size, "reading…");
        break;
    case SLICE_FAILED:
        text_copy(out, size, "failed");
        break;
    case SLICE_STALE:
        text_format(out, size, "stale %s", when_short(now - fresh->slice->read_at, age, sizeof age));
        break;
    case SLICE_FRESH:
        if (fresh->live)
            text_copy(out, size, "live");
        else if (now - fresh->slice->read_at < CALM_MS)
            text_copy(out, size, "now");
        else
            when_short((now - fresh->slice->read_at) / CALM_MS * CALM_MS, out, size);
        break;
    }
    return out;
}

uint8_t fresh_role(const struct fresh *fresh)
{
    static const uint8_t roles[] = {[SLICE_NONE] = ROLE_DIM,    [SLICE_NEVER] = ROLE_UNKNOWN, [SLICE_LOADING] = ROLE_UNKNOWN,
                                    [SLICE_FRESH] = ROLE_OK,    [SLICE_STALE] = ROLE_STALE,   [SLICE_FAILED] = ROLE_BAD};
    return roles[fresh->state];
}
