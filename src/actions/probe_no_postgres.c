/* In the place of probe_postgres.c where there is no libpq. */
#include "actions/probe_internal.h"
#include "base/str.h"

static void *open_postgres(struct probe *probe)
{
    text_copy(probe->shown, sizeof probe->shown, "postgres");
    probe_refuse(probe, "trivet was built without libpq, and so without this probe");
    return probe;
}

/* An unusable probe is never started. */
static void nothing(void *own) { (void)own; }

const struct probe_type probe_postgres = {open_postgres, nothing, nothing, nothing};
