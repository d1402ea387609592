/* A front desk: starts an online meeting, invites everybody it is told to, shows who is in the room and how each
 * invitation goes, and leaves when its input ends (Ctrl-D).
 *
 * Events come by callback, on threads of the library; a mutex guards what they share. The main thread only looks after
 * its input, as a window's thread would look after its window. poll_loop.c does the same without a thread.
 *
 * front_desk --user sip:lene@contoso.com --password-env PASSWORD --invite sip:bo@contoso.com
 */
#include <poll.h>
#include <pthread.h>
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

struct front {
    pthread_mutex_t lock;
    struct desk desk; /* under the lock */
};

/* Who is in the room, and when that is over: one subscription, since only within one do events keep their order. */
static const uint64_t ROOM = UCWA_MASK(UCWA_EVENT_PARTICIPANT) | UCWA_MASK(UCWA_EVENT_CONVERSATION);
static const uint64_t INVITATIONS = UCWA_MASK(UCWA_EVENT_INVITATION);
static const uint64_t THE_REST
    = ~(UCWA_MASK(UCWA_EVENT_PARTICIPANT) | UCWA_MASK(UCWA_EVENT_CONVERSATION) | UCWA_MASK(UCWA_EVENT_INVITATION)
        | UCWA_MASK(UCWA_EVENT_OVERFLOW));

/* Runs on a thread of the library. The event is borrowed; the desk keeps what it needs of it. */
static void hear(void *user_data, const ucwa_event *event)
{
    struct front *front = user_data;
    pthread_mutex_lock(&front->lock);
    desk_hear(&front->desk, event);
    pthread_mutex_unlock(&front->lock);
}

/* Waits for the end of the input, at most a moment. */
static bool input_ended(void)
{
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    char ignored[256];
    return poll(&input, 1, MOMENT_MS) > 0 && read(STDIN_FILENO, ignored, sizeof ignored) <= 0;
}

/* Waits a moment, then looks after the desk. False: the session has ended. */
static bool look_after(struct front *front, bool *input_is_open)
{
    if (*input_is_open)
        *input_is_open = !input_ended();
    else
        poll(NULL, 0, MOMENT_MS);
    pthread_mutex_lock(&front->lock);
    front->desk.input_ended = !*input_is_open;
    if (front->desk.news)
        front->desk.news = false; /* there may be more in a moment */
    else
        desk_rest(&front->desk);
    bool goes_on = !front->desk.ended;
    pthread_mutex_unlock(&front->lock);
    return goes_on;
}

/* Subscribes before it opens, so that nothing is missed. */
static bool serve(struct front *front)
{
    static const uint64_t *const MASKS[] = {&ROOM, &INVITATIONS, &THE_REST};
    enum { COUNT = sizeof MASKS / sizeof *MASKS };
    ucwa_subscription *subscriptions[COUNT] = {NULL};
    ucwa_session *session = front->desk.session;
    bool ready = true, input_is_open = true;
    for (size_t i = 0; ready && i < COUNT; i++)
        ready = check(ucwa_session_subscribe(session, *MASKS[i], hear, front, NULL, &subscriptions[i]));
    ready = ready && check(ucwa_session_open(session, NULL));
    while (ready && look_after(front, &input_is_open))
        ;
    /* Without the lock: this waits for callbacks, and they wait for the lock. Then no other thread touches the desk. */
    for (size_t i = 0; i < COUNT; i++)
        check(ucwa_subscription_free(subscriptions[i]));
    room_show(&front->desk.room);
    return ready && !front->desk.failed;
}

static bool run(const struct options *options)
{
    struct front front = {.lock = PTHREAD_MUTEX_INITIALIZER};
    bool done = desk_init(&front.desk, options) && serve(&front);
    if (done && options->report != NULL)
        done = report_write(&front.desk, options->report);
    desk_free(&front.desk);
    pthread_mutex_destroy(&front.lock);
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
