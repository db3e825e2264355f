/* The bar of accounts at the top of every pane: each with its state, on the Overview with its spend too; of many, how many are well and who is
 * not. */
#ifndef TRIVET_UI_STRIP_H
#define TRIVET_UI_STRIP_H

#include "estate/estate.h"
#include "ui/cell.h"

void strip_draw(const struct estate *estate, int64_t now, bool spend, struct cells *cells, int row);

#endif
