#include <stdio.h>
#include <stdlib.h>
#include <ucwa.h>

/* A session that is never opened: everything of the library is linked, and nothing is sent. */
static ucwa_status make_session(void)
{
    ucwa_config *config = NULL;
    ucwa_session *session = NULL;
    ucwa_status status = ucwa_config_new(&config);
    if (status == UCWA_OK)
        status = ucwa_config_set_user(config, "sip:lene@contoso.com");
    if (status == UCWA_OK)
        status = ucwa_session_new(config, &session);
    ucwa_session_free(session);
    ucwa_config_free(config);
    return status;
}

int main(void)
{
    if (ucwa_abi_version() != UCWA_ABI_VERSION)
        return EXIT_FAILURE;
    ucwa_status status = make_session();
    if (status != UCWA_OK) {
        fprintf(stderr, "%s\n", ucwa_status_name(status));
        return EXIT_FAILURE;
    }
    if (ucwa_shutdown(5000) != UCWA_OK)
        return EXIT_FAILURE;
    puts(ucwa_version_string());
    return EXIT_SUCCESS;
}
