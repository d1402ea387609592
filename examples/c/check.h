/* What every call of the library is wrapped in. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdio.h>

#include "ucwa.h"

/* True when a call succeeded. Otherwise says on stderr what the library says: which argument, why, what to do. */
static inline bool check(ucwa_status status)
{
    if (status == UCWA_OK)
        return true;
    char why[512];
    ucwa_last_error_message(why, sizeof why);
    fprintf(stderr, "%s: %s\n", ucwa_status_name(status), why);
    return false;
}

#endif
