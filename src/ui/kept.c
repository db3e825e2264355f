#include "ui/kept.h"

struct kept *kept_at(struct kept_rows *rows, struct row_ref row)
{
    while (rows->accounts.len <= row.account)
        (void)vec_add(&rows->accounts);
    struct kept_account *account = &rows->accounts.at[row.account];
    while (account->rows.len <= row.index)
        (void)vec_add(&account->rows);
    return &account->rows.at[row.index];
}

void kept_free(struct kept_rows *rows)
{
    for (size_t i = 0; i < rows->accounts.len; i++)
        vec_free(&rows->accounts.at[i].rows);
    vec_free(&rows->accounts);
}
