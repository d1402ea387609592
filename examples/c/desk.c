#include "desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

bool desk_init(struct desk *desk, const struct options *options)
{
    memset(desk, 0, sizeof *desk);
    desk->options = options;
    if (options->invite_count > 0) {
        desk->invitations = calloc(options->invite_count, sizeof *desk->invitations);
        if (desk->invitations == NULL)
            return false;
    }
    return check(ucwa_session_new(options->config, &desk->session));
}

void desk_free(struct desk *desk)
{
    check(ucwa_session_free(desk->session));
    room_free(&desk->room);
    for (size_t i = 0; i < desk->invitation_count; i++)
        ucwa_event_unref(desk->invitations[i].event);
    free(desk->invitations);
}

/* Something does not work: the session is closed, and the program ends when that is done. */
static void give_up(struct desk *desk)
{
    desk->failed = true;
    if (!check(ucwa_session_close(desk->session, NULL)))
        desk->ended = true;
}

static void complain(const ucwa_error *error)
{
    if (error != NULL)
        fprintf(stderr, "%s: %s\n", ucwa_status_name(error->status), error->message);
}

static const char *state_name(int32_t state)
{
    static const char *const NAMES[] = {"New",        "Discovering", "Authenticating", "Online",
                                        "Recovering", "Closing",     "Closed",         "Failed"};
    return state >= 0 && (size_t)state < sizeof NAMES / sizeof *NAMES ? NAMES[state] : "?";
}

const char *outcome_name(int32_t outcome)
{
    static const char *const NAMES[] = {NULL,          "accepted",  "declined", "busy", "no_answer",
                                        "unreachable", "cancelled", "failed",   "lost"};
    if (outcome < 0 || (size_t)outcome >= sizeof NAMES / sizeof *NAMES)
        return "?"; /* of a later version */
    return NAMES[outcome];
}

static void state_changed(struct desk *desk, const ucwa_state_event *change, const ucwa_error *why)
{
    printf("session: %s -> %s\n", state_name(change->old_state), state_name(change->new_state));
    switch (change->new_state) {
    case UCWA_STATE_ONLINE:
        if (desk->meeting == 0) {
            ucwa_join_options meeting = UCWA_JOIN_OPTIONS_INIT;
            meeting.subject = desk->options->subject;
            if (!check(ucwa_meeting_start(desk->session, &meeting, &desk->meeting)))
                give_up(desk);
        }
        break;
    case UCWA_STATE_FAILED:
        complain(why);
        desk->failed = true;
        desk->ended = true;
        break;
    case UCWA_STATE_CLOSED:
        desk->ended = true;
        break;
    default:
        break;
    }
}

static bool invite_all(struct desk *desk)
{
    for (size_t i = 0; i < desk->options->invite_count; i++) {
        const char *to = desk->options->invite[i];
        ucwa_invitation_id id;
        if (!check(ucwa_conversation_add_participant(desk->session, desk->conversation, to, NULL, &id, NULL)))
            return false;
        desk->invitations[desk->invitation_count].id = id;
        desk->invitation_count++;
    }
    return true;
}

static void operation_done(struct desk *desk, const ucwa_op_event *done, const ucwa_error *why)
{
    if (done->status == UCWA_E_CLOSED)
        return; /* our own closing was faster than the answer to leaving */
    if (done->status != UCWA_OK) {
        complain(why);
        give_up(desk);
    } else if (done->op == desk->meeting) {
        puts("the meeting is on");
        desk->conversation = done->result_id;
        if (!invite_all(desk))
            give_up(desk);
    }
}

static void invitation_moved(struct desk *desk, const ucwa_event *event)
{
    static const char *const PHASES[] = {"", "started", "added", "updated", "completed", "deleted"};
    const ucwa_invitation_event *now = event->u.invitation;
    size_t i = 0;
    while (i < desk->invitation_count && desk->invitations[i].id != now->id)
        i++;
    if (i == desk->invitation_count)
        return; /* none of ours */
    ucwa_event_unref(desk->invitations[i].event);
    desk->invitations[i].event = ucwa_event_ref(event);
    const char *outcome = outcome_name(now->outcome);
    printf("invitation %-9s %-32s %-11s %s", PHASES[now->phase], now->to_uri, now->state,
           outcome != NULL ? outcome : "under way");
    if (event->error != NULL)
        printf(" (%s/%s: %s)", event->error->code, event->error->subcode, event->error->message);
    putchar('\n');
}

static void conversation_moved(struct desk *desk, const ucwa_conversation_event *now)
{
    if (strcmp(now->state, "Disconnected") == 0)
        desk->over = true;
    if (now->phase == UCWA_PHASE_DELETED && !check(ucwa_session_close(desk->session, NULL)))
        give_up(desk);
}

static void credentials_needed(struct desk *desk, const ucwa_credentials_event *asked)
{
    const char *why = asked->attempt > 1 ? "the password was refused" : "no password was given";
    check(ucwa_session_refuse_credentials(desk->session, asked->request_id, why));
}

void desk_hear(struct desk *desk, const ucwa_event *event)
{
    desk->news = true;
    switch (event->type) {
    case UCWA_EVENT_STATE:
        state_changed(desk, event->u.state, event->error);
        break;
    case UCWA_EVENT_OP_DONE:
        operation_done(desk, event->u.op, event->error);
        break;
    case UCWA_EVENT_PARTICIPANT:
        if (!desk->over && !room_hear(&desk->room, event))
            give_up(desk);
        break;
    case UCWA_EVENT_OVERFLOW:
        if (!desk->over && !room_begin_anew(&desk->room, desk->session, event->u.overflow->conversation))
            give_up(desk);
        break;
    case UCWA_EVENT_INVITATION:
        invitation_moved(desk, event);
        break;
    case UCWA_EVENT_CONVERSATION:
        conversation_moved(desk, event->u.conversation);
        break;
    case UCWA_EVENT_CREDENTIALS_NEEDED:
        credentials_needed(desk, event->u.credentials);
        break;
    default:
        break; /* of a later version */
    }
}

/* The meeting is on, its input has ended, every invitation has its outcome and everybody's name is known. */
static bool is_done(const struct desk *desk)
{
    if (desk->conversation == 0 || !desk->input_ended)
        return false;
    for (size_t i = 0; i < desk->invitation_count; i++) {
        const ucwa_event *last = desk->invitations[i].event;
        if (last == NULL || last->u.invitation->outcome == UCWA_OUTCOME_NONE)
            return false;
    }
    return room_is_known(&desk->room);
}

void desk_rest(struct desk *desk)
{
    desk->news = false;
    room_show(&desk->room);
    if (desk->leaving || desk->failed || !is_done(desk))
        return;
    desk->leaving = true;
    if (!check(ucwa_conversation_leave(desk->session, desk->conversation, NULL)))
        give_up(desk);
}
