/* For who builds an estate: a text into a field of fixed size. */
#ifndef TRIVET_TESTS_PUT_H
#define TRIVET_TESTS_PUT_H

#include "base/str.h"

#define PUT(field, text) text_copy((field), sizeof(field), (text))

#endif
