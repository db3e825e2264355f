/* The drawing of the request's way through production, for the Overview. */
#ifndef TRIVET_UI_REQUEST_PATH_H
#define TRIVET_UI_REQUEST_PATH_H

#include "ui/pane.h"

/* Rows used, a blank one at the end among them if there is room; 0 where there is no production account with a cluster, or no room for all hops. */
int request_path_draw(const struct pane_view *view, struct cells *cells, int top, int height);

#endif
