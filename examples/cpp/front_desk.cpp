// A front desk: starts an online meeting, invites everybody it is told to, shows who is in the room and how each
// invitation goes, and leaves when its input ends (Ctrl-D).
//
// front_desk --user sip:lene@contoso.com --password-env PASSWORD --invite sip:bo@contoso.com
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <iomanip>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#include "options.hpp"
#include "report.hpp"
#include "ucwa.hpp"

using namespace std::chrono_literals;

// Somebody in the room, and what lends the description: the last event about them, or a snapshot.
struct person {
    const ucwa_participant *who;
    ucwa::event event;
    ucwa::roster snapshot;
};

void show(const std::map<ucwa_participant_id, person> &room)
{
    const bool terminal = isatty(STDOUT_FILENO) != 0;
    const auto row = [](auto name, auto address, auto role) {
        std::cout << std::left << "  " << std::setw(24) << name << ' ' << std::setw(36) << address << ' ' << std::setw(9)
                  << role << ' ';
    };
    std::cout << (terminal ? "\033[1m" : "");
    row("name", "address", "role");
    std::cout << "notes" << (terminal ? "\033[0m" : "") << '\n';
    constexpr std::pair<std::uint32_t, const char *> notes[] = {
        {UCWA_PART_LOCAL, "me"},      {UCWA_PART_ORGANIZER, "organizer"}, {UCWA_PART_IN_LOBBY, "in the lobby"},
        {UCWA_PART_TYPING, "typing"}, {UCWA_PART_ANONYMOUS, "guest"},     {UCWA_PART_PARTIAL, "..."},
    };
    for (const auto &[id, person] : room) {
        row(person.who->name, person.who->uri, person.who->role_text);
        const char *before = "";
        for (const auto &[flag, note] : notes)
            if ((person.who->flags & flag) != 0)
                std::cout << std::exchange(before, ", ") << note;
        std::cout << '\n';
    }
    std::cout.flush();
}

class desk {
public:
    explicit desk(const options &options) : options_(options), session_(options.config)
    {
        // Only within one subscription do events keep their order, so the room and its end share one.
        constexpr auto room = ucwa::mask(UCWA_EVENT_PARTICIPANT, UCWA_EVENT_CONVERSATION);
        constexpr auto invitations = ucwa::mask(UCWA_EVENT_INVITATION);
        constexpr auto rest = ~(room | invitations);
        for (const auto mask : {room, invitations, rest})
            subscriptions_.push_back(session_.subscribe(mask, [this](const ucwa::event &event) { hear(event); }));
    }

    // Until the session has ended. Throws why it failed.
    void serve(const std::atomic<bool> &input_ended)
    {
        session_.open();
        std::unique_lock lock(mutex_);
        while (!ended_) {
            // The room is shown, and left, when nothing was to be heard for a moment.
            if (!heard_.wait_for(lock, 100ms, [this] { return news_; }))
                rest(input_ended);
            news_ = false;
        }
        lock.unlock(); // the end of a subscription waits for its callback, which waits for the lock
        subscriptions_.clear();
        if (failure_)
            std::rethrow_exception(failure_);
        if (changed_)
            show(room_);
    }

    void report(const std::string &path) const
    {
        std::vector<ucwa_participant> people;
        for (const auto &[id, person] : room_)
            people.push_back(*person.who);
        std::vector<ucwa::event> invitations;
        for (const auto &[id, event] : invitations_)
            if (event)
                invitations.push_back(event);
        write_report(path, people, invitations);
    }

private:
    // Runs on threads of the library.
    void hear(const ucwa::event &event)
    {
        const std::lock_guard lock(mutex_);
        news_ = true;
        try {
            if (const auto *change = event.state())
                state_changed(*change, event.error());
            else if (const auto *done = event.op())
                operation_done(*done, event.error());
            else if (event.participant() != nullptr && !over_)
                somebody_moved(event);
            else if (event.overflow() != nullptr && !over_)
                begin_anew(event.overflow()->conversation);
            else if (event.invitation() != nullptr)
                invitation_moved(event);
            else if (const auto *conversation = event.conversation())
                conversation_moved(*conversation);
            else if (const auto *asked = event.credentials())
                session_.refuse_credentials(
                    asked->request_id, asked->attempt > 1 ? "the password was refused" : "no password was given");
        } catch (...) {
            give_up(std::current_exception());
        }
        heard_.notify_one();
    }

    void give_up(std::exception_ptr why)
    {
        if (!failure_)
            failure_ = std::move(why);
        std::error_code ec;
        session_.close(ec);
        ended_ = ended_ || ec;
    }

    static ucwa::error as_exception(const ucwa_error *why)
    {
        return why != nullptr ? ucwa::error(why->status, why->message) : ucwa::error(UCWA_E_PANIC, "no reason given");
    }

    void state_changed(const ucwa_state_event &change, const ucwa_error *why)
    {
        static constexpr const char *names[] = {"New",        "Discovering", "Authenticating", "Online",
                                                "Recovering", "Closing",     "Closed",         "Failed"};
        std::cout << "session: " << names[change.old_state] << " -> " << names[change.new_state] << std::endl;
        if (change.new_state == UCWA_STATE_ONLINE && meeting_ == 0)
            meeting_ = session_.start_meeting({options_.subject, ""});
        if (change.new_state == UCWA_STATE_CLOSED || change.new_state == UCWA_STATE_FAILED)
            ended_ = true;
        if (change.new_state == UCWA_STATE_FAILED && !failure_)
            failure_ = std::make_exception_ptr(as_exception(why));
    }

    void operation_done(const ucwa_op_event &done, const ucwa_error *why)
    {
        if (done.status == UCWA_E_CLOSED)
            return; // our own closing was faster than the answer to leaving
        if (done.status != UCWA_OK)
            throw as_exception(why);
        if (done.op != meeting_)
            return;
        std::cout << "the meeting is on" << std::endl;
        conversation_ = done.result_id;
        for (const auto &to : options_.invite)
            invitations_[session_.add_participant(conversation_, to).invitation];
    }

    void somebody_moved(const ucwa::event &event)
    {
        const ucwa_participant_event &change = *event.participant();
        if (change.revision <= revision_)
            return; // the snapshot holds it already
        revision_ = change.revision;
        changed_ = true;
        if (change.phase == UCWA_PHASE_DELETED)
            room_.erase(change.participant->id);
        else
            room_[change.participant->id] = person{change.participant, event, {}};
    }

    // Changes were lost because this program was slow.
    void begin_anew(ucwa_conversation_id conversation)
    {
        const auto snapshot = session_.roster(conversation);
        room_.clear();
        for (const auto &who : snapshot)
            room_[who.id] = person{&who, {}, snapshot};
        revision_ = snapshot.revision();
        changed_ = true;
    }

    void invitation_moved(const ucwa::event &event)
    {
        const ucwa_invitation_event &now = *event.invitation();
        const auto known = invitations_.find(now.id);
        if (known == invitations_.end())
            return;
        known->second = event;
        std::cout << "invitation " << std::left << std::setw(32) << now.to_uri << ' ' << std::setw(11) << now.state << ' '
                  << (now.outcome != UCWA_OUTCOME_NONE ? outcome_name(now.outcome) : "under way");
        if (const auto *why = event.error())
            std::cout << " (" << why->code << '/' << why->subcode << ": " << why->message << ')';
        std::cout << std::endl;
    }

    void conversation_moved(const ucwa_conversation_event &now)
    {
        over_ = over_ || now.state == std::string_view("Disconnected");
        if (now.phase == UCWA_PHASE_DELETED)
            session_.close();
    }

    bool is_done() const
    {
        for (const auto &[id, event] : invitations_)
            if (!event || event.invitation()->outcome == UCWA_OUTCOME_NONE)
                return false;
        for (const auto &[id, person] : room_)
            if ((person.who->flags & UCWA_PART_PARTIAL) != 0)
                return false;
        return conversation_ != 0;
    }

    void rest(bool input_ended)
    {
        if (std::exchange(changed_, false))
            show(room_);
        if (input_ended && !failure_ && is_done() && !std::exchange(leaving_, true))
            session_.leave(conversation_);
    }

    const options &options_;
    ucwa::session session_;
    std::mutex mutex_; // guards what follows
    std::condition_variable heard_;
    bool news_ = false, changed_ = false, over_ = false, leaving_ = false, ended_ = false;
    ucwa_op meeting_ = 0;
    ucwa_conversation_id conversation_ = 0;
    std::uint64_t revision_ = 0;
    std::map<ucwa_participant_id, person> room_;
    std::map<ucwa_invitation_id, ucwa::event> invitations_; // the last of each; empty before the first
    std::exception_ptr failure_;
    std::vector<ucwa::subscription> subscriptions_; // last, so that they end first
};

int main(int argc, char **argv)
{
    const ucwa::library library;
    try {
        const std::vector<std::string> arguments(argv + 1, argv + argc);
        if (arguments.size() == 1 && arguments[0] == "--help") {
            std::cout << usage;
            return EXIT_SUCCESS;
        }
        const options options(arguments);
        // The thread that reads may outlive everything here, so it has its own share of what it writes to.
        const auto input_ended = std::make_shared<std::atomic<bool>>(false);
        std::thread([input_ended] {
            std::cin.ignore(std::numeric_limits<std::streamsize>::max());
            *input_ended = true;
        }).detach();
        desk desk(options);
        desk.serve(*input_ended);
        if (!options.report.empty())
            desk.report(options.report);
        return EXIT_SUCCESS;
    } catch (const usage_error &wrong) {
        std::cerr << wrong.what() << '\n' << usage;
    } catch (const std::exception &failure) {
        std::cerr << failure.what() << '\n';
    }
    return EXIT_FAILURE;
}
