// What handles, references, times and texts have in common. Part of ucwa.hpp.
#ifndef UCWA_HANDLE_HPP
#define UCWA_HANDLE_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "error.hpp"

namespace ucwa {

// As long as it takes.
inline constexpr std::chrono::milliseconds forever{-1};

namespace detail {

inline std::int32_t ms(std::chrono::milliseconds time) noexcept
{
    return time.count() < 0 ? -1 : time.count() > INT32_MAX ? INT32_MAX : static_cast<std::int32_t>(time.count());
}

// Text with a NUL at its end. It may be a secret, so it is wiped. A NUL within becomes 0xFF, which no UTF-8 holds: the
// library refuses that and says where, instead of taking half of a text for the whole.
class text {
public:
    explicit text(std::string_view from) : copy_(from)
    {
        for (char &byte : copy_)
            byte = byte == '\0' ? '\xff' : byte;
    }
    text(const text &) = delete;
    text &operator=(const text &) = delete;
    ~text()
    {
        volatile char *byte = &copy_[0];
        for (std::size_t i = 0; i < copy_.size(); i++)
            byte[i] = '\0';
    }
    const char *get() const noexcept { return copy_.c_str(); }
    const char *get_or_null() const noexcept { return copy_.empty() ? nullptr : get(); }

private:
    std::string copy_;
};

// A checked handle of the library and its end.
template <class T, ucwa_status (*Free)(T *)>
class handle {
public:
    handle() noexcept = default;
    handle(handle &&from) noexcept : value_(std::exchange(from.value_, nullptr)) {}
    handle &operator=(handle &&from) noexcept
    {
        if (this != &from) {
            reset();
            value_ = std::exchange(from.value_, nullptr);
        }
        return *this;
    }
    ~handle() { reset(); }

    T *get() const noexcept { return value_; }
    explicit operator bool() const noexcept { return value_ != nullptr; }
    // Gives the handle away; the caller frees it.
    T *release() noexcept { return std::exchange(value_, nullptr); }
    // Frees it now.
    void reset() noexcept { Free(std::exchange(value_, nullptr)); }

protected:
    T *value_ = nullptr;
};

// A reference to an immutable object of the library.
template <class T, const T *(*Ref)(const T *), void (*Unref)(const T *)>
class reference {
public:
    reference() noexcept = default;
    reference(const reference &from) noexcept : value_(Ref(from.value_)) {}
    reference(reference &&from) noexcept : value_(std::exchange(from.value_, nullptr)) {}
    reference &operator=(reference from) noexcept
    {
        std::swap(value_, from.value_);
        return *this;
    }
    ~reference() { Unref(value_); }

    const T *get() const noexcept { return value_; }
    const T *operator->() const noexcept { return value_; }
    explicit operator bool() const noexcept { return value_ != nullptr; }

protected:
    struct adopted {};
    reference(adopted, const T *value) noexcept : value_(value) {}
    const T *value_ = nullptr;
};

} // namespace detail

} // namespace ucwa

#endif // UCWA_HANDLE_HPP
