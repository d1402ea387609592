// What a failed call becomes. Part of ucwa.hpp.
#ifndef UCWA_ERROR_HPP
#define UCWA_ERROR_HPP

#include <string>
#include <system_error>
#include <type_traits>

#include "../ucwa.h"

template <>
struct std::is_error_code_enum<ucwa_status_code> : std::true_type {};

namespace ucwa {

// The category of std::error_codes that hold a ucwa_status.
inline const std::error_category &category() noexcept
{
    class status_category final : public std::error_category {
        const char *name() const noexcept override { return "ucwa"; }
        std::string message(int status) const override { return ucwa_status_name(status); }
    };
    static const status_category instance;
    return instance;
}

// What the calling thread's last failed call has to say: which argument, why, what to do.
inline std::string last_error_message()
{
    std::string message(ucwa_last_error_message(nullptr, 0), '\0');
    if (!message.empty())
        ucwa_last_error_message(&message[0], message.size() + 1);
    return message;
}

// A call failed. what() holds the library's message and the name of the status.
class error : public std::system_error {
public:
    explicit error(ucwa_status status) : error(status, last_error_message()) {}
    error(ucwa_status status, const std::string &why) : std::system_error(status, category(), why) {}
    ucwa_status status() const noexcept { return code().value(); }
};

// Where a failure goes: thrown, or into a std::error_code.
class errors {
public:
    errors() noexcept = default;
    errors(std::error_code &to) noexcept : to_(&to) {}

    // True for UCWA_OK.
    bool check(ucwa_status status) const
    {
        if (to_ != nullptr)
            to_->assign(status, category());
        else if (status != UCWA_OK)
            throw error(status);
        return status == UCWA_OK;
    }

private:
    std::error_code *to_ = nullptr;
};

} // namespace ucwa

// Beside the enumeration of C, where it is looked for.
inline std::error_code make_error_code(ucwa_status_code status) noexcept
{
    return {static_cast<int>(status), ucwa::category()};
}

#endif // UCWA_ERROR_HPP
