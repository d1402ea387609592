#include "options.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char USAGE[] =
    "usage: PROGRAM (--user SIP | --root-url URL) --username NAME --password-env VAR [--ca FILE]\n"
    "               [--set KEY=VALUE]... [--subject TEXT] [--invite SIP]... [--report FILE]\n"
    "\n"
    "  --user SIP          who signs in; autodiscovery begins at its domain\n"
    "  --root-url URL      begin here instead of autodiscovery\n"
    "  --username NAME     the name to sign in with, if it is not the user's address\n"
    "  --password-env VAR  the environment variable that holds the password\n"
    "  --ca FILE           trust these certificates (PEM) besides those of the system\n"
    "  --set KEY=VALUE     any key of docs/CONFIG.md, such as resolve.lyncdiscover.contoso.com=127.0.0.1:4443\n"
    "  --invite SIP        invite this person; may be given many times\n"
    "  --report FILE       write the last roster and all outcomes there, as JSON\n";

/* The sign-in, put together once all of the command line is read. */
struct sign_in {
    const char *username;
    const char *password;
};

static bool wrong(const char *what, const char *which)
{
    fprintf(stderr, "%s: %s\n%s", what, which, USAGE);
    return false;
}

/* A whole file, for the caller to free; NULL when it cannot be read. */
static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return NULL;
    }
    char *text = NULL;
    size_t room = 0;
    *length = 0;
    do {
        if (*length == room) {
            room = room == 0 ? 4096 : room * 2;
            char *more = realloc(text, room);
            if (more == NULL)
                goto failed;
            text = more;
        }
        *length += fread(text + *length, 1, room - *length, file);
        if (ferror(file))
            goto failed;
    } while (!feof(file));
    fclose(file);
    return text;

failed:
    perror(path);
    free(text);
    fclose(file);
    return NULL;
}

static bool add_root_certs(ucwa_config *config, const char *path)
{
    size_t length;
    char *pem = read_file(path, &length);
    if (pem == NULL)
        return false;
    bool added = check(ucwa_config_add_root_certs_pem(config, pem, length));
    free(pem);
    return added;
}

/* KEY=VALUE */
static bool set(ucwa_config *config, const char *pair)
{
    const char *equals = strchr(pair, '=');
    if (equals == NULL)
        return wrong("--set wants KEY=VALUE", pair);
    size_t length = (size_t)(equals - pair);
    char *key = malloc(length + 1);
    if (key == NULL)
        return false;
    memcpy(key, pair, length);
    key[length] = '\0';
    bool done = check(ucwa_config_set(config, key, equals + 1));
    free(key);
    return done;
}

static bool set_user(struct options *options, struct sign_in *sign_in, const char *uri)
{
    if (sign_in->username == NULL)
        sign_in->username = strncmp(uri, "sip:", 4) == 0 ? uri + 4 : uri;
    return check(ucwa_config_set_user(options->config, uri));
}

static bool set_password(struct sign_in *sign_in, const char *variable)
{
    sign_in->password = getenv(variable);
    return sign_in->password != NULL || wrong("this environment variable is not set", variable);
}

static bool take(struct options *options, struct sign_in *sign_in, const char *flag, const char *value)
{
    if (strcmp(flag, "--user") == 0)
        return set_user(options, sign_in, value);
    if (strcmp(flag, "--root-url") == 0)
        return check(ucwa_config_set_discovery_url(options->config, value));
    if (strcmp(flag, "--password-env") == 0)
        return set_password(sign_in, value);
    if (strcmp(flag, "--ca") == 0)
        return add_root_certs(options->config, value);
    if (strcmp(flag, "--set") == 0)
        return set(options->config, value);
    if (strcmp(flag, "--username") == 0)
        sign_in->username = value;
    else if (strcmp(flag, "--subject") == 0)
        options->subject = value;
    else if (strcmp(flag, "--invite") == 0)
        options->invite[options->invite_count++] = value;
    else if (strcmp(flag, "--report") == 0)
        options->report = value;
    else
        return wrong("there is no such option", flag);
    return true;
}

enum options_result options_read(struct options *options, int argc, char **argv)
{
    struct sign_in sign_in = {NULL, NULL};
    memset(options, 0, sizeof *options);
    options->invite = calloc((size_t)argc, sizeof *options->invite);
    if (options->invite == NULL || !check(ucwa_config_new(&options->config)))
        return OPTIONS_WRONG;
    for (int i = 1; i < argc; i += 2) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(USAGE, stdout);
            return OPTIONS_HELP;
        }
        if (i + 1 == argc) {
            wrong("a value is missing after", argv[i]);
            return OPTIONS_WRONG;
        }
        if (!take(options, &sign_in, argv[i], argv[i + 1]))
            return OPTIONS_WRONG;
    }
    if (sign_in.username != NULL && sign_in.password != NULL
        && !check(ucwa_config_set_password(options->config, sign_in.username, sign_in.password)))
        return OPTIONS_WRONG;
    return OPTIONS_OK;
}

void options_free(struct options *options)
{
    check(ucwa_config_free(options->config));
    free(options->invite);
}
