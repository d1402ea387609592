// Events by asking for them. Part of ucwa.hpp.
#ifndef UCWA_READER_HPP
#define UCWA_READER_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>

#include "session.hpp"

#if defined(_WIN32)
extern "C" __declspec(dllimport) int __stdcall CloseHandle(void *);
#else
#include <unistd.h>
#endif

namespace ucwa {

// Something to wait on in poll(), epoll, MsgWaitForMultipleObjects: closed when it is destroyed.
class wait_handle {
public:
#if defined(_WIN32)
    using native = void *;
#else
    using native = int;
#endif
    wait_handle() noexcept = default;
    explicit wait_handle(std::int64_t given) noexcept : value_(given) {}
    wait_handle(wait_handle &&from) noexcept : value_(std::exchange(from.value_, -1)) {}
    wait_handle &operator=(wait_handle &&from) noexcept
    {
        std::swap(value_, from.value_);
        return *this;
    }
    ~wait_handle()
    {
        if (value_ == -1)
            return;
#if defined(_WIN32)
        CloseHandle(get());
#else
        ::close(get());
#endif
    }
    native get() const noexcept
    {
#if defined(_WIN32)
        return reinterpret_cast<void *>(static_cast<std::intptr_t>(value_));
#else
        return static_cast<int>(value_);
#endif
    }

private:
    std::int64_t value_ = -1;
};

enum class taken { event, nothing, closed };

// `for (const ucwa::event &ev : reader)` waits for each event, and ends when nothing will come any more.
class reader : public detail::handle<ucwa_reader, ucwa_reader_free> {
public:
    explicit reader(std::uint64_t mask = UCWA_MASK_ALL, std::uint32_t capacity = 0, errors on_error = {})
    {
        on_error.check(ucwa_reader_new(mask, capacity, &value_));
    }
    void attach(const session &to, errors on_error = {}) { on_error.check(ucwa_reader_attach(value_, to.get())); }
    void detach(const session &from, errors on_error = {}) { on_error.check(ucwa_reader_detach(value_, from.get())); }

    // Takes the next event. That nothing came in time, or will come any more, is no failure.
    taken next(event &out, std::chrono::milliseconds timeout = forever, errors on_error = {})
    {
        const ucwa_event *given = nullptr;
        const ucwa_status status = ucwa_reader_next(value_, detail::ms(timeout), &given);
        out = event::adopt(given);
        if (status == UCWA_OK || status == UCWA_NO_EVENT || status == UCWA_E_CLOSED) {
            on_error.check(UCWA_OK);
            return status == UCWA_OK ? taken::event : status == UCWA_NO_EVENT ? taken::nothing : taken::closed;
        }
        on_error.check(status);
        return taken::nothing;
    }

    ucwa::wait_handle wait_handle(errors on_error = {})
    {
        std::int64_t given = -1;
        on_error.check(ucwa_reader_wait_handle(value_, &given));
        return ucwa::wait_handle(given);
    }
    // For loops that take posts: the function must only post. An empty one removes it.
    void set_wakeup(std::function<void()> function, errors on_error = {})
    {
        using wakeup = detail::callback<>;
        if (!function) {
            on_error.check(ucwa_reader_set_wakeup(value_, nullptr, nullptr, nullptr));
            return;
        }
        auto data = std::make_unique<wakeup>(wakeup{std::move(function)});
        auto *user_data = data.get();
        const ucwa_status status = ucwa_reader_set_wakeup(value_, wakeup::run, user_data, wakeup::destroy);
        if (status == UCWA_OK)
            static_cast<void>(data.release()); // the library's now
        on_error.check(status);
    }

    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = event;
        using difference_type = std::ptrdiff_t;
        using pointer = const event *;
        using reference = const event &;

        iterator() noexcept = default;
        reference operator*() const noexcept { return now_; }
        pointer operator->() const noexcept { return &now_; }
        iterator &operator++()
        {
            if (of_->next(now_) != taken::event)
                of_ = nullptr;
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator &a, const iterator &b) noexcept { return a.of_ == b.of_; }
        friend bool operator!=(const iterator &a, const iterator &b) noexcept { return a.of_ != b.of_; }

    private:
        friend class reader;
        explicit iterator(reader &of) : of_(&of) { ++*this; }
        reader *of_ = nullptr;
        event now_;
    };
    iterator begin() { return iterator(*this); }
    iterator end() noexcept { return {}; }
};

} // namespace ucwa

#endif // UCWA_READER_HPP
