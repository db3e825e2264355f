/* Private to yaml*.c: what a document is made of. */
#ifndef TRIVET_BASE_YAML_TREE_H
#define TRIVET_BASE_YAML_TREE_H

#include <yaml.h>

#include "base/yaml.h"

struct yaml_doc {
    char *name;
    struct yaml *root;
    size_t nodes;
    bool *open; /* while loading: libyaml's nodes that are being copied further up, to find an alias inside its own anchor */
    yaml_document_t *source;
    struct yaml_doc *over; /* what was laid over this one: its nodes name its file */
};

void yaml_node_free(struct yaml *node); /* NULL: nothing */

#endif
