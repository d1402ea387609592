// What the desk saw, as JSON.
#ifndef REPORT_HPP
#define REPORT_HPP

#include <fstream>
#include <iomanip>
#include <stdexcept>
#include <string>
#include <string_view>

#include "ucwa.hpp"

// The word for UCWA_OUTCOME_*; empty while under way.
inline std::string_view outcome_name(std::int32_t outcome)
{
    switch (outcome) {
    case UCWA_OUTCOME_NONE: return "";
    case UCWA_OUTCOME_ACCEPTED: return "accepted";
    case UCWA_OUTCOME_DECLINED: return "declined";
    case UCWA_OUTCOME_BUSY: return "busy";
    case UCWA_OUTCOME_NO_ANSWER: return "no_answer";
    case UCWA_OUTCOME_UNREACHABLE: return "unreachable";
    case UCWA_OUTCOME_CANCELLED: return "cancelled";
    case UCWA_OUTCOME_FAILED: return "failed";
    case UCWA_OUTCOME_LOST: return "lost";
    default: return "?"; // of a later version
    }
}

// A string of JSON; the library's text is valid UTF-8.
struct quoted {
    std::string_view text;

    friend std::ostream &operator<<(std::ostream &out, quoted it)
    {
        out << '"';
        for (const char c : it.text) {
            if (c == '"' || c == '\\')
                out << '\\' << c;
            else if (static_cast<unsigned char>(c) < 0x20)
                out << "\\u" << std::hex << std::setw(4) << std::setfill('0') << +c << std::dec;
            else
                out << c;
        }
        return out << '"';
    }
};

// "" is null.
struct quoted_or_null {
    std::string_view text;

    friend std::ostream &operator<<(std::ostream &out, quoted_or_null it)
    {
        return it.text.empty() ? out << "null" : out << quoted{it.text};
    }
};

inline void write(std::ostream &out, const ucwa_participant &who)
{
    const auto flag = [&who](std::uint32_t bit) { return (who.flags & bit) != 0; };
    out << "{\"uri\": " << quoted{who.uri} << ", \"name\": " << quoted{who.name}
        << ", \"role\": " << quoted_or_null{who.role_text} << std::boolalpha
        << ", \"in_lobby\": " << flag(UCWA_PART_IN_LOBBY) << ", \"organizer\": " << flag(UCWA_PART_ORGANIZER)
        << ", \"anonymous\": " << flag(UCWA_PART_ANONYMOUS) << "}";
}

inline void write(std::ostream &out, const ucwa::event &event)
{
    const ucwa_invitation_event &invitation = *event.invitation();
    out << "{\"to\": " << quoted{invitation.to_uri} << ", \"operation_id\": " << quoted{invitation.operation_id}
        << ", \"outcome\": " << quoted_or_null{outcome_name(invitation.outcome)};
    if (const ucwa_error *why = event.error())
        out << ", \"code\": " << quoted{why->code} << ", \"subcode\": " << quoted{why->subcode} << "}";
    else
        out << ", \"code\": null, \"subcode\": null}";
}

// People and Invitations: ranges of what write() takes.
template <class People, class Invitations>
void write_report(const std::string &path, const People &people, const Invitations &invitations)
{
    std::ofstream out(path);
    const auto write_all = [&out](const auto &range) {
        const char *before = "";
        for (const auto &each : range) {
            out << std::exchange(before, ",") << "\n    ";
            write(out, each);
        }
    };
    out << "{\n  \"roster\": [";
    write_all(people);
    out << "\n  ],\n  \"invitations\": [";
    write_all(invitations);
    out << "\n  ]\n}\n";
    if (!out.flush())
        throw std::runtime_error("cannot write " + path);
}

#endif
