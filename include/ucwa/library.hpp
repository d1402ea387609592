// The library as a whole. Part of ucwa.hpp.
#ifndef UCWA_LIBRARY_HPP
#define UCWA_LIBRARY_HPP

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "callback.hpp"

namespace ucwa {

// Gives the library's records up to max_level (UCWA_LOG_*) to a function (level, target, message), which must not call
// the library. An empty one ends it.
inline void set_log(std::int32_t max_level, std::function<void(std::int32_t, std::string_view, std::string_view)> function,
                    errors on_error = {})
{
    if (!function) {
        on_error.check(ucwa_set_log_callback(max_level, nullptr, nullptr, nullptr));
        return;
    }
    auto data = std::make_unique<detail::log_callback>(detail::log_callback{std::move(function)});
    auto *user_data = data.get();
    ucwa_status status = ucwa_set_log_callback(max_level, detail::on_log, user_data, detail::log_callback::destroy);
    if (status == UCWA_OK)
        static_cast<void>(data.release()); // the library's now
    on_error.check(status);
}

// Closes every session and joins every thread of the library. Not inside a callback.
inline void shutdown(std::chrono::milliseconds timeout, errors on_error = {})
{
    on_error.check(ucwa_shutdown(detail::ms(timeout)));
}

// Shuts the library down at the end of a scope: the first thing that main() makes.
class library {
public:
    explicit library(std::chrono::milliseconds timeout = std::chrono::seconds(10)) noexcept : timeout_(timeout) {}
    library(const library &) = delete;
    library &operator=(const library &) = delete;
    ~library() { ucwa_shutdown(detail::ms(timeout_)); }

private:
    std::chrono::milliseconds timeout_;
};

} // namespace ucwa

#endif // UCWA_LIBRARY_HPP
