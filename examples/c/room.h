/* Who is in the room, kept up to date from events alone. */
#ifndef ROOM_H
#define ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ucwa.h"

struct person {
    const ucwa_participant *who; /* borrowed from the event beside it, or from the room's snapshot */
    const ucwa_event *event;     /* kept; NULL when the snapshot holds who */
};

struct room {
    struct person *people; /* in the order of joining */
    size_t count;
    size_t capacity;
    const ucwa_roster *snapshot; /* NULL until events were lost */
    uint64_t revision;           /* of the last change seen */
    bool changed;                /* since it was shown */
};

/* Takes in one UCWA_EVENT_PARTICIPANT. False: out of memory. */
bool room_hear(struct room *room, const ucwa_event *event);

/* Begins anew from a snapshot, after UCWA_EVENT_OVERFLOW. */
bool room_begin_anew(struct room *room, const ucwa_session *session, ucwa_conversation_id conversation);

/* Nobody is in it of whom only a link is known. */
bool room_is_known(const struct room *room);

/* Prints the room as a table, when it changed. */
void room_show(struct room *room);

void room_free(struct room *room);

#endif
