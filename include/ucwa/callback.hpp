// Functions of the program on threads of the library. Part of ucwa.hpp.
#ifndef UCWA_CALLBACK_HPP
#define UCWA_CALLBACK_HPP

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <string_view>
#include <utility>

#include "event.hpp"

namespace ucwa {

// Gets what a callback threw, on the thread of that callback. Must not throw.
using exception_hook = void (*)(std::exception_ptr) noexcept;

namespace detail {

inline void print_exception(std::exception_ptr thrown) noexcept
{
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception &what) {
        std::fprintf(stderr, "ucwa: an exception left a callback: %s\n", what.what());
    } catch (...) {
        std::fputs("ucwa: something that is no std::exception left a callback\n", stderr);
    }
}

inline std::atomic<exception_hook> hook{print_exception};

// A std::function behind the user_data of C.
template <class... Args>
struct callback {
    std::function<void(Args...)> function;

    static void run(void *user_data, Args... args) noexcept
    {
        try {
            static_cast<callback *>(user_data)->function(std::forward<Args>(args)...);
        } catch (...) {
            hook.load()(std::current_exception());
        }
    }
    static void destroy(void *user_data) noexcept { delete static_cast<callback *>(user_data); }
};

using event_callback = callback<const event &>;
inline void on_event(void *user_data, const ucwa_event *lent) noexcept
{
    event_callback::run(user_data, event::share(lent));
}

using log_callback = callback<std::int32_t, std::string_view, std::string_view>;
inline void on_log(void *user_data, std::int32_t level, const char *target, const char *message) noexcept
{
    log_callback::run(user_data, level, target, message);
}

} // namespace detail

// Sets what happens with exceptions that leave callbacks, for the whole process; nullptr: the default, a line on stderr.
// Returns the one before.
inline exception_hook set_exception_hook(exception_hook hook) noexcept
{
    return detail::hook.exchange(hook != nullptr ? hook : detail::print_exception);
}

} // namespace ucwa

#endif // UCWA_CALLBACK_HPP
