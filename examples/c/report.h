/* What the desk saw, as JSON. */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>

#include "desk.h"

/* Writes the last roster and all outcomes to a file. False: said on stderr. */
bool report_write(const struct desk *desk, const char *path);

#endif
