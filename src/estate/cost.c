#include "estate/cost.h"

#include <math.h>
#include <string.h>

static bool meant(const struct cost_line *line, const char *account) { return !account || !strcmp(line->account, account); }

double cost_month(const struct cost_report *report, const char *account)
{
    double sum = NAN;
    for (size_t i = 0; i < report->lines.len; i++)
        if (meant(&report->lines.at[i], account))
            sum = (isnan(sum) ? 0 : sum) + report->lines.at[i].month;
    return sum;
}

void cost_days(const struct cost_report *report, const char *account, double out[COST_DAYS])
{
    for (int d = 0; d < COST_DAYS; d++) {
        out[d] = NAN;
        for (size_t i = 0; i < report->lines.len; i++) {
            const struct cost_line *line = &report->lines.at[i];
            if (meant(line, account) && !isnan(line->days[d]))
                out[d] = (isnan(out[d]) ? 0 : out[d]) + line->days[d];
        }
    }
}

void cost_report_free(struct cost_report *report)
{
    vec_free(&report->lines);
    vec_free(&report->anomalies);
}
