/* The front desk of front_desk.c in one loop around poll(2): no thread of its own, no callback, no lock. The reader's wait
 * handle is one more descriptor beside those that the program watches anyway.
 *
 * poll_loop --user sip:lene@contoso.com --password-env PASSWORD --invite sip:bo@contoso.com
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "desk.h"
#include "options.h"
#include "report.h"

/* How long nothing is to be heard before the room is shown. */
#define MOMENT_MS 100
#define SHUTDOWN_MS 10000

enum { EVENTS, INPUT, WATCHED };

/* Takes all that is queued. False: nothing will come any more. */
static bool drain(struct desk *desk, ucwa_reader *reader)
{
    for (;;) {
        const ucwa_event *event;
        ucwa_status status = ucwa_reader_next(reader, 0, &event);
        if (status == UCWA_NO_EVENT)
            return true;
        if (status == UCWA_E_CLOSED)
            return false;
        if (!check(status)) {
            desk->failed = true;
            return false;
        }
        desk_hear(desk, event);
        ucwa_event_unref(event);
    }
}

/* Reads the input to its end, which is all that it has to say. */
static void hear_input(struct desk *desk, struct pollfd *input)
{
    char ignored[256];
    if (read(input->fd, ignored, sizeof ignored) > 0)
        return;
    input->fd = -1; /* poll leaves it out from now on */
    desk->input_ended = true;
    desk->news = true;
}

static bool loop(struct desk *desk, ucwa_reader *reader, int handle)
{
    struct pollfd watched[WATCHED] = {[EVENTS] = {handle, POLLIN, 0}, [INPUT] = {STDIN_FILENO, POLLIN, 0}};
    for (;;) {
        /* Without news there is nothing to wait for but events and input, so it waits as long as it takes. */
        int ready = poll(watched, WATCHED, desk->news ? MOMENT_MS : -1);
        if (ready < 0 && errno != EINTR) {
            perror("poll");
            return false;
        }
        if (ready == 0)
            desk_rest(desk);
        if (ready > 0 && watched[INPUT].revents != 0)
            hear_input(desk, &watched[INPUT]);
        if (ready > 0 && watched[EVENTS].revents != 0 && (!drain(desk, reader) || desk->ended))
            return !desk->failed;
    }
}

/* Attaches before it opens, so that nothing is missed. */
static bool serve(struct desk *desk, ucwa_reader *reader)
{
    int64_t handle;
    if (!check(ucwa_reader_attach(reader, desk->session)) || !check(ucwa_reader_wait_handle(reader, &handle)))
        return false;
    bool done = check(ucwa_session_open(desk->session, NULL)) && loop(desk, reader, (int)handle);
    close((int)handle);
    room_show(&desk->room);
    return done;
}

static bool run(const struct options *options)
{
    struct desk desk;
    ucwa_reader *reader = NULL;
    bool done = desk_init(&desk, options) && check(ucwa_reader_new(UCWA_MASK_ALL, 0, &reader))
             && serve(&desk, reader);
    if (done && options->report != NULL)
        done = report_write(&desk, options->report);
    check(ucwa_reader_free(reader));
    desk_free(&desk);
    return done;
}

int main(int argc, char **argv)
{
    struct options options;
    setvbuf(stdout, NULL, _IOLBF, 0);
    enum options_result understood = options_read(&options, argc, argv);
    bool done = understood == OPTIONS_HELP || (understood == OPTIONS_OK && run(&options));
    options_free(&options);
    done = check(ucwa_shutdown(SHUTDOWN_MS)) && done;
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
