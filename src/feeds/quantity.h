/* Kubernetes quantities: "250m", "128Mi", "1.5", "12345678n". Source: apimachinery's resource.Quantity. */
#ifndef TRIVET_FEEDS_QUANTITY_H
#define TRIVET_FEEDS_QUANTITY_H

#include <stdint.h>

/* In whole units (cores, bytes); 0 for what is none. */
double quantity(const char *text);
/* A whole number that is not negative; what is beyond `most` is `most`. */
int64_t quantity_whole(double number, int64_t most);

#endif
