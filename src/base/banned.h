/* Functions that the house does without, made a compile error. Included by every .c file through config (-include). */
#ifndef TRIVET_BASE_BANNED_H
#define TRIVET_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncat sprintf vsprintf gets strtok system popen tmpnam mktemp localtime gmtime asctime ctime

#endif
