#include "aws/shape.h"

#include <string.h>

const struct aws_service *aws_service_find(const struct aws_table *t, const char *name)
{
    for (uint16_t i = 0; i < t->service_count; i++)
        if (strcmp(aws_name(t, t->services[i].name), name) == 0)
            return &t->services[i];
    return NULL;
}

const struct aws_operation *aws_operation_find(const struct aws_table *t, const struct aws_service *s, const char *name)
{
    for (uint16_t i = 0; i < s->operation_count; i++) {
        const struct aws_operation *operation = &t->operations[s->first_operation + i];
        if (strcmp(aws_name(t, operation->name), name) == 0)
            return operation;
    }
    return NULL;
}

const struct aws_member *aws_member_find(const struct aws_table *t, uint16_t structure, const char *name)
{
    if (structure == SHAPE_NONE)
        return NULL;
    const struct aws_shape *shape = &t->shapes[structure];
    for (uint16_t i = 0; i < shape->member_count; i++)
        if (strcmp(aws_name(t, t->members[shape->members + i].name), name) == 0)
            return &t->members[shape->members + i];
    return NULL;
}
