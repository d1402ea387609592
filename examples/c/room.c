#include "room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

static size_t place_of(const struct room *room, ucwa_participant_id id)
{
    size_t i = 0;
    while (i < room->count && room->people[i].who->id != id)
        i++;
    return i;
}

static bool make_room_for(struct room *room, size_t count)
{
    if (count <= room->capacity)
        return true;
    size_t capacity = count * 2;
    struct person *people = realloc(room->people, capacity * sizeof *people);
    if (people == NULL)
        return false;
    room->people = people;
    room->capacity = capacity;
    return true;
}

/* The event is kept, so what its pointers lead to needs no copy. */
static bool put(struct room *room, size_t at, const ucwa_event *event)
{
    if (at == room->count) {
        if (!make_room_for(room, room->count + 1))
            return false;
        room->count++;
    } else {
        ucwa_event_unref(room->people[at].event);
    }
    room->people[at].event = ucwa_event_ref(event);
    room->people[at].who = event->u.participant->participant;
    return true;
}

static void take_out(struct room *room, size_t at)
{
    if (at == room->count)
        return;
    ucwa_event_unref(room->people[at].event);
    room->count--;
    memmove(room->people + at, room->people + at + 1, (room->count - at) * sizeof *room->people);
}

bool room_hear(struct room *room, const ucwa_event *event)
{
    const ucwa_participant_event *change = event->u.participant;
    if (change->revision <= room->revision)
        return true; /* the snapshot holds it already */
    size_t at = place_of(room, change->participant->id);
    if (change->phase == UCWA_PHASE_DELETED)
        take_out(room, at);
    else if (!put(room, at, event))
        return false;
    room->revision = change->revision;
    room->changed = true;
    return true;
}

static void clear(struct room *room)
{
    while (room->count > 0)
        take_out(room, room->count - 1);
    ucwa_roster_unref(room->snapshot);
    room->snapshot = NULL;
}

bool room_begin_anew(struct room *room, const ucwa_session *session, ucwa_conversation_id conversation)
{
    const ucwa_roster *snapshot;
    if (!check(ucwa_roster_snapshot(session, conversation, &snapshot)))
        return false;
    clear(room);
    room->snapshot = snapshot;
    if (!make_room_for(room, snapshot->count))
        return false;
    for (size_t i = 0; i < snapshot->count; i++) {
        room->people[i].who = ucwa_roster_at(snapshot, i);
        room->people[i].event = NULL;
    }
    room->count = snapshot->count;
    room->revision = snapshot->revision;
    room->changed = true;
    return true;
}

bool room_is_known(const struct room *room)
{
    for (size_t i = 0; i < room->count; i++)
        if (room->people[i].who->flags & UCWA_PART_PARTIAL)
            return false;
    return true;
}

static void show_notes(uint32_t flags)
{
    static const struct {
        uint32_t flag;
        const char *note;
    } NOTES[] = {
        {UCWA_PART_LOCAL, "me"},         {UCWA_PART_ORGANIZER, "organizer"}, {UCWA_PART_IN_LOBBY, "in the lobby"},
        {UCWA_PART_TYPING, "typing"},    {UCWA_PART_ANONYMOUS, "guest"},     {UCWA_PART_PARTIAL, "..."},
    };
    const char *before = "";
    for (size_t i = 0; i < sizeof NOTES / sizeof *NOTES; i++) {
        if (flags & NOTES[i].flag) {
            printf("%s%s", before, NOTES[i].note);
            before = ", ";
        }
    }
}

void room_show(struct room *room)
{
    if (!room->changed)
        return;
    room->changed = false;
    bool terminal = isatty(STDOUT_FILENO) != 0;
    printf("%s  %-24s %-36s %-9s notes%s\n", terminal ? "\033[1m" : "", "name", "address", "role",
           terminal ? "\033[0m" : "");
    for (size_t i = 0; i < room->count; i++) {
        const ucwa_participant *who = room->people[i].who;
        printf("  %-24s %-36s %-9s ", who->name, who->uri, who->role_text);
        show_notes(who->flags);
        putchar('\n');
    }
}

void room_free(struct room *room)
{
    clear(room);
    free(room->people);
    memset(room, 0, sizeof *room);
}
