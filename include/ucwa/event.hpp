// Events. Part of ucwa.hpp.
#ifndef UCWA_EVENT_HPP
#define UCWA_EVENT_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "handle.hpp"

namespace ucwa {

// One event; empty when made without one. What its pointers lead to lives as long as a copy of it.
class event : public detail::reference<ucwa_event, ucwa_event_ref, ucwa_event_unref> {
public:
    event() noexcept = default;
    // Takes over a reference that the C API gave.
    static event adopt(const ucwa_event *given) noexcept { return event(adopted{}, given); }
    // Keeps what is only lent.
    static event share(const ucwa_event *lent) noexcept { return event(adopted{}, ucwa_event_ref(lent)); }

    // UCWA_EVENT_*; 0 when empty.
    std::uint32_t type() const noexcept { return value_ != nullptr ? value_->type : 0; }
    // When it was published.
    std::chrono::system_clock::time_point time() const noexcept
    {
        return std::chrono::system_clock::time_point(std::chrono::milliseconds(value_ != nullptr ? value_->unix_ms : 0));
    }
    // Why something failed or changed; nullptr when there is nothing to say.
    const ucwa_error *error() const noexcept { return value_ != nullptr ? value_->error : nullptr; }

    // Each is nullptr unless the event is of that type: `if (auto *change = ev.participant())`.
    const ucwa_op_event *op() const noexcept { return is(UCWA_EVENT_OP_DONE) ? value_->u.op : nullptr; }
    const ucwa_state_event *state() const noexcept { return is(UCWA_EVENT_STATE) ? value_->u.state : nullptr; }
    const ucwa_credentials_event *credentials() const noexcept
    {
        return is(UCWA_EVENT_CREDENTIALS_NEEDED) ? value_->u.credentials : nullptr;
    }
    const ucwa_overflow_event *overflow() const noexcept { return is(UCWA_EVENT_OVERFLOW) ? value_->u.overflow : nullptr; }
    const ucwa_invitation_event *invitation() const noexcept
    {
        return is(UCWA_EVENT_INVITATION) ? value_->u.invitation : nullptr;
    }
    const ucwa_conversation_event *conversation() const noexcept
    {
        return is(UCWA_EVENT_CONVERSATION) ? value_->u.conversation : nullptr;
    }
    const ucwa_participant_event *participant() const noexcept
    {
        return is(UCWA_EVENT_PARTICIPANT) ? value_->u.participant : nullptr;
    }

    // docs/EVENTS.md; lent by the event.
    std::string_view json() const noexcept
    {
        std::size_t length = 0;
        const char *text = ucwa_event_json(value_, &length);
        return {text, length};
    }

private:
    using reference::reference;
    bool is(std::uint32_t wanted) const noexcept { return type() == wanted; }
};

// The mask of these UCWA_EVENT_*: mask(UCWA_EVENT_INVITATION, UCWA_EVENT_STATE).
template <class... Types>
constexpr std::uint64_t mask(Types... types) noexcept
{
    return (std::uint64_t{0} | ... | (std::uint64_t{1} << (static_cast<unsigned>(types) & 63U)));
}

} // namespace ucwa

#endif // UCWA_EVENT_HPP
