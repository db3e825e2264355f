/* RDS: instances, their events, their automated backups (also those replicated to another region). */
#ifndef TRIVET_ESTATE_DATABASE_H
#define TRIVET_ESTATE_DATABASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"
#include "estate/waf.h"

struct database {
    char id[64];
    char arn[160];
    char engine[32], version[24], class[32];
    char status[40];       /* available, rebooting, stopped… */
    char zone[24];         /* the primary's */
    char standby_zone[24]; /* "" if none */
    bool multi_az, encrypted, iam_auth, public_access, deletion_protection;
    int backup_days;       /* BackupRetentionPeriod; -1 not known */
    int storage_gib; /* -1 not known */
    char storage_type[16]; /* gp3, io2…; "" not told */
    char endpoint[200];
    int port;
    char key[160];         /* ARN of the KMS key that its storage is encrypted with; "" none */
    char parameter_group[80];
    char parameter_status[24]; /* in-sync; pending-reboot: not all of the group holds yet */
    char subnets[6][32];   /* ids, of its subnet group; "" beyond */
    char groups[4][32];    /* ids of its security groups */
    int64_t restorable_at; /* LatestRestorableTime */
    int64_t restarts_at;   /* AutomaticRestartTime of a stopped instance; 0 none */
    char pending[120];     /* pending modified values or maintenance, in words; "" none */
    bool maintenance_known; /* false: pending maintenance could not be read, `pending` does not tell of it */
};

/* It answers; it may be busy with itself: RDS calls an instance that optimises its storage, for hours after it grew, fully operational. */
bool database_works(const struct database *database);

#define LOAD_LATE 5 /* minutes that CloudWatch's data of it may come late */

struct database_event {
    int64_t at;
    char source[64];  /* instance id */
    char category[40];
    char id[24];      /* RDS-EVENT-0013 where the reply has it; "" otherwise */
    char message[240];
};

/* What a parameter group says. */
struct database_parameters {
    char group[80];
    int force_ssl; /* rds.force_ssl: 1, 0; -1 not there */
};

#define DATABASE_POINTS WAF_POINTS
/* What an instance does, by the minute, oldest first; NAN where there is no datum. */
struct database_load {
    char database[64];
    double cpu[DATABASE_POINTS]; /* per cent */
    double connections[DATABASE_POINTS];
    double free_bytes[DATABASE_POINTS]; /* of its storage */
};

struct database_backup {
    char source[64];  /* instance id */
    char region[24];
    char status[24];  /* active, replicating, retained… */
    int encrypted;    /* 1, 0; -1 not told */
    int backup_days;
    int64_t earliest_at, latest_at; /* restore window */
};

/* A failover drill that was run from here: what its report says (feeds/drills.c reads them from the state directory). */
struct drill {
    char database[64];
    char verdict[16];       /* PASSED, FAILED, INCOMPLETE */
    char why[240];          /* which promise was not kept, or what is not known; "" if PASSED */
    char path[300];         /* the report's directory */
    char from[24], to[24];  /* the primary's zone before and after */
    char reason[200], who[160];
    int64_t at;             /* when it began */
    int64_t outage_ms;      /* the longest that a probe measured; -1 not known */
    int64_t objective_ms;
    int64_t acknowledged, lost; /* rows; -1 not known */
    char *text;             /* the report for people, of the newest of each database; NULL otherwise. Owned */
};

struct database_set {
    VEC(struct database) instances;
    VEC(struct database_event) events;   /* newest first, bounded */
    VEC(struct database_backup) backups;
    bool backups_here_unread, backups_there_unread; /* of this region, of the second: not known */
    VEC(struct database_parameters) parameters; /* of the groups that the instances use */
    VEC(struct database_load) loads;
    VEC(struct drill) drills;            /* newest first, bounded */
};

const struct database_load *database_load_of(const struct database_set *set, const char *database); /* NULL */
const struct drill *drill_last(const struct database_set *set, const char *database); /* NULL: none */

#endif
