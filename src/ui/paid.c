/* What costs money: the price in words, then y or n. */
#include "ui/internal.h"

bool paid_can_ask(struct console *c) { return console_pane(c)->paid && c->host.costs && estate_management(c->options.estate); }

/* That it is asked, and what comes of it, the pane itself tells. */
static void ask(struct console *c) { c->host.costs(c->host.arg); }

void paid_ask(struct console *c)
{
    struct page *page = &c->sure.text;
    const struct account *management = estate_management(c->options.estate);
    if (management->cost_asking.under_way) {
        console_say(c, ROLE_WARN, "Cost Explorer is being asked already");
        return;
    }
    page_clear(page);
    page_add(page, ROLE_STRONG, "Ask Cost Explorer for $0.%02d?", COST_REQUESTS * COST_CENTS);
    page_wrapped(page, ROLE_TEXT, 70, 0,
                 "AWS takes $0.01 for each request. There are 3: usage by account and service, the forecast, and anomalies. Where a list goes on, "
                 "each further page is a request too, 6 at most: $0.09 in all.");
    page_wrapped(page, ROLE_TEXT, 70, 0,
                 "The answer is kept on this machine and shown with its age. Cost Explorer's own data move a few times a day.");
    page_add(page, ROLE_DIM, "y asks and pays   n does not");
    sure_ask(c, ask, "");
}
