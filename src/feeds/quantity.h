/* Kubernetes quantities: "250m", "128Mi", "1.5", "12345678n". Source: apimachinery's resource.Quantity. */
#ifndef TRIVET_FEEDS_QUANTITY_H
#define TRIVET_FEEDS_QUANTITY_H

/* In whole units (cores, bytes); 0 for what is none. */
double quantity(const char *text);

#endif
