/* Turns that the estate of ui_estate.h takes, for the tests of a request's path and of what is likely behind its trouble. */
#ifndef TRIVET_TESTS_PATH_ESTATE_H
#define TRIVET_TESTS_PATH_ESTATE_H

#include "ui_estate.h"

void path_well(struct estate *e);    /* nothing is wrong any more */
/* From there: */
void path_rollout(struct estate *e); /* seven minutes ago release 812 brought an image to the backend that does not start in either zone */
void path_zone(struct estate *e);    /* no target in us-east-1b answers */
void path_failover(struct estate *e); /* of the database, four minutes ago, which still reboots */
void path_surge(struct estate *e);   /* for ten minutes the WAF has blocked thousands */
void path_alarm(struct estate *e, const char *name, const char *space, const char *reason);
/* Many accounts, all read: every third a production account with a cluster; the third and the last of all have an alarm. ui_estate_free() it. */
struct estate *path_many(size_t count);

#endif
