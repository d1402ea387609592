// UTF-8, UTF-16 and wchar_t. Part of ucwa.hpp.
#ifndef UCWA_TEXT_HPP
#define UCWA_TEXT_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace ucwa {

namespace detail {

// Takes the first code point off; U+FFFD for what is none, as much at once as the Unicode Standard recommends.
inline char32_t decode(std::string_view &rest) noexcept
{
    const auto byte = [&rest](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
    const unsigned char lead = byte(0);
    unsigned char low = 0x80, high = 0xBF; // what the second byte may be
    std::size_t length = 1;
    char32_t code = lead;
    if (lead >= 0xC2 && lead <= 0xDF)
        length = 2, code = lead & 0x1FU;
    else if (lead >= 0xE0 && lead <= 0xEF)
        length = 3, code = lead & 0x0FU, low = lead == 0xE0 ? 0xA0 : 0x80, high = lead == 0xED ? 0x9F : 0xBF;
    else if (lead >= 0xF0 && lead <= 0xF4)
        length = 4, code = lead & 0x07U, low = lead == 0xF0 ? 0x90 : 0x80, high = lead == 0xF4 ? 0x8F : 0xBF;
    else if (lead >= 0x80)
        code = 0xFFFD;
    std::size_t used = 1;
    while (used < length && used < rest.size() && byte(used) >= low && byte(used) <= high) {
        code = (code << 6U) | (byte(used) & 0x3FU);
        low = 0x80, high = 0xBF;
        used++;
    }
    rest.remove_prefix(used);
    return used == length ? code : U'\uFFFD';
}

// The same for units of 16 or 32 bits.
template <class Unit>
char32_t decode(std::basic_string_view<Unit> &rest) noexcept
{
    const auto unit = [&rest](std::size_t i) { return static_cast<char32_t>(rest[i]); };
    const char32_t first = unit(0);
    const bool pair = sizeof(Unit) == 2 && first >= 0xD800 && first <= 0xDBFF && rest.size() > 1 && unit(1) >= 0xDC00
                   && unit(1) <= 0xDFFF;
    const char32_t code = pair ? 0x10000 + ((first - 0xD800) << 10U) + (unit(1) - 0xDC00) : first;
    rest.remove_prefix(pair ? 2 : 1);
    return code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF) ? U'\uFFFD' : code;
}

inline void encode(char32_t code, std::string &to)
{
    const auto put = [&to](char32_t byte) { to += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80)
        return put(code);
    if (code < 0x800)
        return put(0xC0 | (code >> 6U)), put(0x80 | (code & 0x3FU));
    if (code < 0x10000)
        return put(0xE0 | (code >> 12U)), put(0x80 | ((code >> 6U) & 0x3FU)), put(0x80 | (code & 0x3FU));
    put(0xF0 | (code >> 18U)), put(0x80 | ((code >> 12U) & 0x3FU));
    put(0x80 | ((code >> 6U) & 0x3FU)), put(0x80 | (code & 0x3FU));
}

template <class Unit>
void encode(char32_t code, std::basic_string<Unit> &to)
{
    if (sizeof(Unit) == 2 && code > 0xFFFF) {
        to += static_cast<Unit>(0xD800 + ((code - 0x10000) >> 10U));
        to += static_cast<Unit>(0xDC00 + ((code - 0x10000) & 0x3FFU));
    } else {
        to += static_cast<Unit>(code);
    }
}

template <class To, class From>
std::basic_string<To> transcode(std::basic_string_view<From> text)
{
    std::basic_string<To> result;
    result.reserve(text.size());
    while (!text.empty())
        encode(decode(text), result);
    return result;
}

} // namespace detail

// What is not valid becomes U+FFFD. wchar_t is UTF-16 on Windows and UTF-32 elsewhere.
inline std::string to_utf8(std::u16string_view text) { return detail::transcode<char>(text); }
inline std::string to_utf8(std::wstring_view text) { return detail::transcode<char>(text); }
inline std::u16string to_utf16(std::string_view text) { return detail::transcode<char16_t>(text); }
inline std::wstring to_wide(std::string_view text) { return detail::transcode<wchar_t>(text); }

} // namespace ucwa

#endif // UCWA_TEXT_HPP
