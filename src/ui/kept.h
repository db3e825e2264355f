/* What a table knows of each row from one look to the next, so that ten thousand rows are not looked at anew because one of them moved. */
#ifndef TRIVET_UI_KEPT_H
#define TRIVET_UI_KEPT_H

#include "base/vec.h"
#include "ui/pane.h"

struct kept {
    uint64_t stamp;  /* that the rest is of */
    uint32_t look;   /* that saw the row last */
    uint32_t order;  /* among all rows, as the pane lists them */
    bool passes;     /* the filter */
    bool changed;    /* since the look before */
};

struct kept_rows {
    VEC(struct kept_account { VEC(struct kept) rows; }) accounts; /* as row_ref counts them */
    uint32_t look; /* running number */
};

struct kept *kept_at(struct kept_rows *rows, struct row_ref row); /* zeroed if it was not there */
void kept_free(struct kept_rows *rows);

#endif
