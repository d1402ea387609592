// Who is in a room. Part of ucwa.hpp.
#ifndef UCWA_ROSTER_HPP
#define UCWA_ROSTER_HPP

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include "handle.hpp"

namespace ucwa {

// A snapshot of who is in a room, in the order of joining: `for (const ucwa_participant &who : roster)`.
class roster : public detail::reference<ucwa_roster, ucwa_roster_ref, ucwa_roster_unref> {
public:
    class iterator {
    public:
        using iterator_category = std::random_access_iterator_tag;
        using value_type = ucwa_participant;
        using difference_type = std::ptrdiff_t;
        using pointer = const ucwa_participant *;
        using reference = const ucwa_participant &;

        iterator() noexcept = default;
        reference operator*() const noexcept { return *ucwa_roster_at(of_, static_cast<std::size_t>(at_)); }
        pointer operator->() const noexcept { return &**this; }
        reference operator[](difference_type by) const noexcept { return *(*this + by); }
        iterator &operator++() noexcept { return *this += 1; }
        iterator &operator--() noexcept { return *this -= 1; }
        iterator operator++(int) noexcept { return std::exchange(*this, *this + 1); }
        iterator operator--(int) noexcept { return std::exchange(*this, *this - 1); }
        iterator &operator+=(difference_type by) noexcept { return at_ += by, *this; }
        iterator &operator-=(difference_type by) noexcept { return at_ -= by, *this; }
        friend iterator operator+(iterator it, difference_type by) noexcept { return it += by; }
        friend iterator operator+(difference_type by, iterator it) noexcept { return it += by; }
        friend iterator operator-(iterator it, difference_type by) noexcept { return it -= by; }
        friend difference_type operator-(iterator a, iterator b) noexcept { return a.at_ - b.at_; }
        friend bool operator==(iterator a, iterator b) noexcept { return a.at_ == b.at_; }
        friend bool operator!=(iterator a, iterator b) noexcept { return a.at_ != b.at_; }
        friend bool operator<(iterator a, iterator b) noexcept { return a.at_ < b.at_; }
        friend bool operator>(iterator a, iterator b) noexcept { return a.at_ > b.at_; }
        friend bool operator<=(iterator a, iterator b) noexcept { return a.at_ <= b.at_; }
        friend bool operator>=(iterator a, iterator b) noexcept { return a.at_ >= b.at_; }

    private:
        friend class roster;
        iterator(const ucwa_roster *of, std::size_t at) noexcept : of_(of), at_(static_cast<difference_type>(at)) {}
        const ucwa_roster *of_ = nullptr;
        difference_type at_ = 0;
    };
    using const_iterator = iterator;

    roster() noexcept = default;
    // Takes over a reference that the C API gave.
    static roster adopt(const ucwa_roster *given) noexcept { return roster(adopted{}, given); }

    iterator begin() const noexcept { return {value_, 0}; }
    iterator end() const noexcept { return {value_, size()}; }
    std::size_t size() const noexcept { return value_ != nullptr ? value_->count : 0; }
    bool empty() const noexcept { return size() == 0; }
    // False while the server has not told everything yet.
    bool complete() const noexcept { return value_ != nullptr && value_->complete != 0; }
    std::uint64_t revision() const noexcept { return value_ != nullptr ? value_->revision : 0; }
    // nullptr: not there.
    const ucwa_participant *find(ucwa_participant_id id) const noexcept { return ucwa_roster_find(value_, id); }

private:
    using detail::reference<ucwa_roster, ucwa_roster_ref, ucwa_roster_unref>::reference;
};

} // namespace ucwa

#endif // UCWA_ROSTER_HPP
