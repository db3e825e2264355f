/* What procedures share: planning steps, and the calls by which steps look and act. */
#ifndef TRIVET_ACTIONS_INTERNAL_H
#define TRIVET_ACTIONS_INTERNAL_H

#include "actions/action.h"

/* Procedures, in the order of the menu (table.c). */
extern const struct action_type action_rds_drill;
extern const struct action_type action_dev_stop, action_dev_start, action_dev_keep_up, action_restart, action_scale, action_delete_pod;
extern const struct action_type action_schedule_create, action_schedule_pause, action_schedule_resume, action_schedule_remove;
extern const struct action_type action_release_approve, action_release_reject, action_pipeline_approve, action_pipeline_reject;
extern const struct action_type action_waf_block, action_waf_unblock, action_invalidate, action_ack_alarm;

/* Adds a step to the plan; take_with may be NULL. Returns it. */
struct step *plan_step(struct action *action, const struct step_type *type, const char *target, json_t *take_with);
const struct step_type *step_type_find(const char *name); /* table.c: of all procedures, for the journal; NULL */

/* Ends of a look. The text is what is seen: "2 of 4 ready". */
void step_found(struct step *step, enum finding finding, const char *format, ...) __attribute__((format(printf, 3, 4)));
void step_unseen(struct step *step, const struct error *error); /* it could not be looked at */
/* End of a call. */
void step_called(struct step *step, const char *request_id, const struct error *error);

/* Calls as the operator. `got` is called with the output; an error ends the look or call by itself. */
typedef void step_got(struct action *action, struct step *step, const json_t *output);
void step_look_aws(struct step *step, const char *service, const char *operation, json_t *take_input, const char *region, step_got *got);
/* The same, where it may well be absent: got(NULL) then. */
void step_look_aws_or_none(struct step *step, const char *service, const char *operation, json_t *take_input, const char *region, step_got *got);
void step_call_aws(struct step *step, const char *service, const char *operation, json_t *take_input, const char *region);
/* kube paths are made by kube_path_of() in steps_kube.c; a 404 gives got(NULL). */
void step_look_kube(struct step *step, const char *path, step_got *got);
void step_patch_kube(struct step *step, const char *path, json_t *take_body); /* merge patch */
void step_delete_kube(struct step *step, const char *path, json_t *take_preconditions);
void step_look_github(struct step *step, const char *path, step_got *got);
void step_review_github(struct step *step, const char *repository, int64_t run, int64_t environment, bool approved, const char *comment);

/* A check: what else is going on in the account, here or in another console. with_development: also a development account that is put to sleep. */
void gate_busy(struct action *action, bool with_development);

void action_begun(struct action *action, const struct error *error);
void action_finished(struct action *action);
const char *person_name(char *out, size_t size); /* who runs this program, as the system names them */
void action_touch(struct action *action);
/* What was seen, into the journal, for whoever takes it up after a crash. Unlike an intent nothing hangs on it: if it cannot be written, so be it. */
void action_jot(struct action *action, json_t *take_event);
int64_t action_now(const struct action *action); /* wall ms */
struct loop *action_loop(const struct action *action);
struct http *action_http(const struct action *action);
const struct estate *action_estate(const struct action *action);

#endif
