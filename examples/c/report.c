#include "report.h"

#include <stdio.h>

/* A string of JSON; the library's strings are valid UTF-8. */
static void write_text(FILE *file, const char *text)
{
    putc('"', file);
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            fprintf(file, "\\%c", *at);
        else if (*at < 0x20)
            fprintf(file, "\\u%04x", *at);
        else
            putc(*at, file);
    }
    putc('"', file);
}

static void write_member(FILE *file, const char *name, const char *text)
{
    fprintf(file, "\"%s\": ", name);
    if (text == NULL)
        fputs("null", file);
    else
        write_text(file, text);
}

static const char *flag(const ucwa_participant *who, uint32_t bit)
{
    return who->flags & bit ? "true" : "false";
}

static void write_person(FILE *file, const ucwa_participant *who)
{
    fputs("\n    {", file);
    write_member(file, "uri", who->uri);
    fputs(", ", file);
    write_member(file, "name", who->name);
    fputs(", ", file);
    write_member(file, "role", who->role_text[0] != '\0' ? who->role_text : NULL);
    fprintf(file, ", \"in_lobby\": %s, \"organizer\": %s, \"anonymous\": %s}", flag(who, UCWA_PART_IN_LOBBY),
            flag(who, UCWA_PART_ORGANIZER), flag(who, UCWA_PART_ANONYMOUS));
}

static void write_invitation(FILE *file, const ucwa_event *event)
{
    const ucwa_invitation_event *invitation = event->u.invitation;
    fputs("\n    {", file);
    write_member(file, "to", invitation->to_uri);
    fputs(", ", file);
    write_member(file, "operation_id", invitation->operation_id);
    fputs(", ", file);
    write_member(file, "outcome", outcome_name(invitation->outcome));
    fputs(", ", file);
    write_member(file, "code", event->error != NULL ? event->error->code : NULL);
    fputs(", ", file);
    write_member(file, "subcode", event->error != NULL ? event->error->subcode : NULL);
    putc('}', file);
}

bool report_write(const struct desk *desk, const char *path)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        perror(path);
        return false;
    }
    const char *before = "";
    fputs("{\n  \"roster\": [", file);
    for (size_t i = 0; i < desk->room.count; i++, before = ",") {
        fputs(before, file);
        write_person(file, desk->room.people[i].who);
    }
    before = "";
    fputs("\n  ],\n  \"invitations\": [", file);
    for (size_t i = 0; i < desk->invitation_count; i++) {
        if (desk->invitations[i].event == NULL)
            continue; /* nothing was ever heard of it */
        fputs(before, file);
        write_invitation(file, desk->invitations[i].event);
        before = ",";
    }
    fputs("\n  ]\n}\n", file);
    bool written = !ferror(file);
    if (fclose(file) != 0 || !written) {
        perror(path);
        return false;
    }
    return true;
}
