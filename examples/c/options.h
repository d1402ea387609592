/* The command line of the examples. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stddef.h>

#include "ucwa.h"

struct options {
    ucwa_config *config;
    const char *subject; /* NULL: none */
    const char **invite; /* borrowed from argv */
    size_t invite_count;
    const char *report; /* NULL: none */
};

enum options_result { OPTIONS_OK, OPTIONS_HELP, OPTIONS_WRONG };

/* Reads the command line. What is wrong is said on stderr. options_free() in every case. */
enum options_result options_read(struct options *options, int argc, char **argv);
void options_free(struct options *options);

#endif
