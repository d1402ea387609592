/* A front desk: what it knows from events, and what it does about them. It has no thread and no lock of its own: whoever
 * calls sees to it that only one thread does at a time. */
#ifndef DESK_H
#define DESK_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"
#include "room.h"
#include "ucwa.h"

struct invitation {
    ucwa_invitation_id id;
    const ucwa_event *event; /* the last of it, kept; NULL before the first */
};

struct desk {
    const struct options *options;
    ucwa_session *session;
    ucwa_op meeting;                   /* that starts the meeting; 0: not yet */
    ucwa_conversation_id conversation; /* 0: the meeting is not on yet */
    struct room room;                  /* as it was when the meeting was over for us */
    struct invitation *invitations;    /* as many as options->invite */
    size_t invitation_count;
    bool input_ended; /* set by whoever reads the input */
    bool over;        /* the meeting, for us */
    bool leaving;
    bool ended; /* the session; nothing follows */
    bool failed;
    bool news; /* something was heard since desk_rest() */
};

/* A desk with a session that is not open yet. False: said on stderr. desk_free() in every case. */
bool desk_init(struct desk *desk, const struct options *options);

/* Takes in one event, of any type, and acts on it. Never waits. */
void desk_hear(struct desk *desk, const ucwa_event *event);

/* To be called when nothing was heard for a moment: shows the room, leaves when everything is done. */
void desk_rest(struct desk *desk);

/* Frees the session and what was kept of it. */
void desk_free(struct desk *desk);

/* The word for UCWA_OUTCOME_*; NULL while under way. */
const char *outcome_name(int32_t outcome);

#endif
