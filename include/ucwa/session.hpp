// A session, and what it does. Part of ucwa.hpp.
#ifndef UCWA_SESSION_HPP
#define UCWA_SESSION_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "callback.hpp"
#include "config.hpp"
#include "roster.hpp"

namespace ucwa {

// Ends when it is destroyed; that waits for a callback of its own that runs, so destroy it without a lock that the
// callback takes, or end it by free_async().
class subscription : public detail::handle<ucwa_subscription, ucwa_subscription_free> {
public:
    subscription() noexcept = default;
    // Takes over a handle of the C API.
    explicit subscription(ucwa_subscription *given) noexcept { value_ = given; }
    // Never waits: a callback that runs comes to its end later.
    void free_async() noexcept { ucwa_subscription_free_async(release()); }
};

struct meeting_options {
    std::string subject;    // empty: none
    std::string importance; // "Normal", "Urgent", "Emergency"; empty: not said
};

struct add_participant_options {
    std::string operation_id; // empty: made by the library
    std::string subject;
    std::string on_behalf_of;
    std::uint32_t modalities = 0; // UCWA_MODALITY_*; 0: not sent
};

struct added_participant {
    ucwa_invitation_id invitation;
    ucwa_op op;
};

class session : public detail::handle<ucwa_session, ucwa_session_free> {
public:
    explicit session(const config &from, errors on_error = {}) { on_error.check(ucwa_session_new(from.get(), &value_)); }

    // These return at once; what comes of them is told by events, or by wait().
    ucwa_op open(errors on_error = {}) { return begun(on_error, ucwa_session_open, value_); }
    ucwa_op close(errors on_error = {}) { return begun(on_error, ucwa_session_close, value_); }
    ucwa_op start_meeting(const meeting_options &how = {}, errors on_error = {})
    {
        detail::text subject(how.subject), importance(how.importance);
        const ucwa_join_options options = join_options(subject, importance);
        return begun(on_error, ucwa_meeting_start, value_, &options);
    }
    ucwa_op join_meeting(std::string_view meeting_uri, const meeting_options &how = {}, errors on_error = {})
    {
        detail::text uri(meeting_uri), subject(how.subject), importance(how.importance);
        const ucwa_join_options options = join_options(subject, importance);
        return begun(on_error, ucwa_meeting_join, value_, uri.get(), &options);
    }
    added_participant add_participant(ucwa_conversation_id conversation, std::string_view to,
                                      const add_participant_options &how = {}, errors on_error = {})
    {
        detail::text uri(to), id(how.operation_id), subject(how.subject), on_behalf_of(how.on_behalf_of);
        ucwa_add_participant_options options{};
        options.struct_size = static_cast<std::uint32_t>(sizeof options);
        options.modalities = how.modalities;
        options.operation_id = id.get_or_null();
        options.subject = subject.get_or_null();
        options.on_behalf_of = on_behalf_of.get_or_null();
        added_participant added{0, 0};
        on_error.check(ucwa_conversation_add_participant(value_, conversation, uri.get(), &options, &added.invitation,
                                                         &added.op));
        return added;
    }
    ucwa_op cancel_invitation(ucwa_invitation_id id, errors on_error = {})
    {
        return begun(on_error, ucwa_invitation_cancel, value_, id);
    }
    ucwa_op leave(ucwa_conversation_id conversation, errors on_error = {})
    {
        return begun(on_error, ucwa_conversation_leave, value_, conversation);
    }
    // UCWA_PARTICIPANT_*
    ucwa_op act_on_participant(ucwa_conversation_id conversation, ucwa_participant_id who, std::int32_t action,
                               errors on_error = {})
    {
        return begun(on_error, ucwa_participant_do, value_, conversation, who, action);
    }

    // Waits until an operation has ended: the conversation or invitation that came of it, or 0. It fails as the operation
    // did. Not inside a callback.
    std::uint64_t wait(ucwa_op op, std::chrono::milliseconds timeout = forever, errors on_error = {})
    {
        ucwa_status result = UCWA_OK;
        std::uint64_t id = 0;
        ucwa_status status = ucwa_session_wait(value_, op, detail::ms(timeout), &result, &id);
        on_error.check(status != UCWA_OK ? status : result);
        return id;
    }

    // Ends it at once and takes back what it began, as far as the server lets. What has ended stays as it ended.
    void cancel(ucwa_op op, errors on_error = {}) { on_error.check(ucwa_op_cancel(value_, op)); }

    void supply_password(std::uint64_t request_id, std::string_view user, std::string_view password,
                         errors on_error = {})
    {
        on_error.check(ucwa_session_supply_password(value_, request_id, detail::text(user).get(),
                                                    password.empty() ? "" : password.data(), password.size()));
    }
    // Without `expires`: not known when.
    void supply_token(std::uint64_t request_id, std::string_view token,
                      std::chrono::system_clock::time_point expires = {}, errors on_error = {})
    {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(expires.time_since_epoch()).count();
        on_error.check(ucwa_session_supply_token(value_, request_id, token.empty() ? "" : token.data(), token.size(),
                                                 static_cast<std::int64_t>(seconds)));
    }
    void refuse_credentials(std::uint64_t request_id, std::string_view reason, errors on_error = {})
    {
        on_error.check(ucwa_session_refuse_credentials(value_, request_id, detail::text(reason).get_or_null()));
    }

    // UCWA_STATE_*
    std::int32_t state(errors on_error = {}) const
    {
        std::int32_t state = UCWA_STATE_CLOSED;
        on_error.check(ucwa_session_state(value_, &state));
        return state;
    }
    // Why it failed: a STATE event, or an empty one when it has not.
    event failure(errors on_error = {}) const
    {
        const ucwa_event *given = nullptr;
        const ucwa_status status = ucwa_session_failure(value_, &given);
        on_error.check(status == UCWA_E_NOT_FOUND ? UCWA_OK : status);
        return event::adopt(given);
    }
    // These read what is known, from memory.
    std::vector<ucwa_conversation_id> conversations(errors on_error = {}) const
    {
        std::vector<ucwa_conversation_id> ids;
        std::size_t count = 0;
        do {
            ids.resize(count);
            if (!on_error.check(ucwa_conversation_list(value_, ids.data(), ids.size(), &count)))
                return {};
        } while (count > ids.size());
        ids.resize(count);
        return ids;
    }
    event conversation(ucwa_conversation_id id, errors on_error = {}) const
    {
        const ucwa_event *given = nullptr;
        on_error.check(ucwa_conversation_get(value_, id, &given));
        return event::adopt(given);
    }
    event invitation(ucwa_invitation_id id, errors on_error = {}) const
    {
        const ucwa_event *given = nullptr;
        on_error.check(ucwa_invitation_get(value_, id, &given));
        return event::adopt(given);
    }
    ucwa::roster roster(ucwa_conversation_id id, errors on_error = {}) const
    {
        const ucwa_roster *given = nullptr;
        on_error.check(ucwa_roster_snapshot(value_, id, &given));
        return ucwa::roster::adopt(given);
    }

    // Events of these kinds to a function (const event &), in order, on a thread of this subscription.
    ucwa::subscription subscribe(std::uint64_t mask, std::function<void(const event &)> function, errors on_error = {})
    {
        auto data = std::make_unique<detail::event_callback>(detail::event_callback{std::move(function)});
        ucwa_subscription *given = nullptr;
        auto *user_data = data.get();
        const ucwa_status status = ucwa_session_subscribe(value_, mask, detail::on_event, user_data,
                                                          detail::event_callback::destroy, &given);
        if (status == UCWA_OK)
            static_cast<void>(data.release()); // the library's now
        on_error.check(status);
        return ucwa::subscription(given);
    }

private:
    static ucwa_join_options join_options(const detail::text &subject, const detail::text &importance) noexcept
    {
        ucwa_join_options options{};
        options.struct_size = static_cast<std::uint32_t>(sizeof options);
        options.subject = subject.get_or_null();
        options.importance = importance.get_or_null();
        return options;
    }
    template <class Function, class... Args>
    static ucwa_op begun(errors on_error, Function function, Args... args)
    {
        ucwa_op op = 0;
        on_error.check(function(args..., &op));
        return op;
    }
};

} // namespace ucwa

#endif // UCWA_SESSION_HPP
