/* Private to net/: what http.c needs of the loop. */
#ifndef TRIVET_NET_MULTI_H
#define TRIVET_NET_MULTI_H

#include <curl/curl.h>

#include "net/loop.h"

CURLM *loop_multi(struct loop *loop);
/* Transfers enter and leave by these: the loop goes on while there is one. Neither may be called while curl is at work. */
void loop_transfer_add(struct loop *loop, CURL *easy);
void loop_transfer_remove(struct loop *loop, CURL *easy);
/* Is curl at work further up the stack? Then no handle may be added or removed. */
bool loop_in_transfers(const struct loop *loop);
/* Told of each finished transfer; may remove the handle. One listener. */
void loop_on_transfer(struct loop *loop, void (*finished)(void *arg, CURL *easy, CURLcode result), void *arg);

#endif
