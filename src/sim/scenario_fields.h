/* What the files of scenario*.c share: short ways to write tables of fields, and readers of lists that know how to release what they have read. */
#ifndef TRIVET_SIM_SCENARIO_FIELDS_H
#define TRIVET_SIM_SCENARIO_FIELDS_H

#include "base/yaml.h"

#define TEXT(type, key, member) {key, YAML_T_TEXT, offsetof(type, member)}
#define NEED(type, key, member) {key, YAML_T_TEXT, offsetof(type, member), .required = true}
#define INT(type, key, member, low, high) {key, YAML_T_INT, offsetof(type, member), .min = (low), .max = (high)}
#define REAL(type, key, member) {key, YAML_T_DOUBLE, offsetof(type, member)}
#define FLAG(type, key, member) {key, YAML_T_BOOL, offsetof(type, member)}
#define SPAN(type, key, member) {key, YAML_T_DURATION, offsetof(type, member)}
#define PICK(type, key, member, names) {key, YAML_T_CHOICE, offsetof(type, member), .choices = (names)}
#define LIST(type, key, member, reader) {key, YAML_T_CUSTOM, offsetof(type, member), .read = (reader)}

bool scenario_list(const struct yaml *node, void *vec, size_t size, const struct yaml_field *fields, struct error *e);
bool scenario_texts(const struct yaml *node, void *target, struct error *e);

#define LIST_READER(name, type) \
    static bool read_##name(const struct yaml *node, void *target, struct error *e) \
    { \
        return scenario_list(node, target, sizeof(type), name##_fields, e); \
    }

/* Releasing goes by the same tables: each kind of list, by its reader. */
struct list_type {
    bool (*read)(const struct yaml *node, void *target, struct error *e);
    size_t size;
    const struct yaml_field *fields;
};

extern const struct yaml_field network_fields[];  /* scenario_network.c */
extern const struct list_type network_list_types[]; /* ends with read NULL */
extern const struct yaml_field security_fields[];  /* scenario_security.c */
extern const struct list_type security_list_types[]; /* likewise */

#endif
