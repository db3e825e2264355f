/* Files: bounded reading, and writing that never leaves half a file behind. */
#ifndef TRIVET_BASE_FILE_H
#define TRIVET_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/str.h"

/* Appends the file to out; fails beyond `max`. e names the file and the reason. Directories and block devices are refused. */
bool file_read(const char *path, size_t max, struct str *out, struct error *e);
/* Writes beside the file, syncs, renames over it, syncs the directory. */
bool file_write(const char *path, const void *data, size_t len, mode_t mode, struct error *e);
bool file_write_all(int fd, const void *data, size_t len); /* false with errno */
/* A new name, or one that is gone, is only kept once the directory that holds `path` is synced. */
void file_sync_directory(const char *path);
bool file_make_dirs(const char *path, mode_t mode, struct error *e);
/* XDG: "config" → $XDG_CONFIG_HOME/trivet or ~/.config/trivet; also "state", "cache". NULL without a home. Caller frees. */
char *file_xdg(const char *which, const char *name);
char *file_join(const char *dir, const char *name); /* caller frees */

#endif
