// UTF-8, UTF-16 and wchar_t: what is valid comes back, what is not becomes U+FFFD.
#include <string>

#include "expect.hpp"
#include "ucwa.hpp"

static void both_ways()
{
    const struct {
        std::string utf8;
        std::u16string utf16;
    } texts[] = {
        {"", u""},
        {"plain", u"plain"},
        {"\x7f\xc2\x80\xdf\xbf", u"\x7f\x80\u07ff"},
        {"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", u"\u0800\ud7ff\ue000\uffff"},
        {"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", u"\U00010000\U0010ffff"},
        {"Bj\xc3\xb8rn \xf0\x9f\x91\x8b", u"Bj\u00f8rn \U0001f44b"},
        {std::string("a\0b", 3), std::u16string(u"a\0b", 3)},
    };
    for (const auto &text : texts) {
        EXPECT(ucwa::to_utf16(text.utf8) == text.utf16);
        EXPECT(ucwa::to_utf8(text.utf16) == text.utf8);
        EXPECT(ucwa::to_utf8(ucwa::to_wide(text.utf8)) == text.utf8);
    }
}

// The table of the Unicode Standard, 3.9: one U+FFFD for each maximal part of an ill-formed sequence.
static void ill_formed_utf8()
{
    const struct {
        std::string utf8;
        std::u16string utf16;
    } texts[] = {
        {"\x80", u"\ufffd"},
        {"\xff", u"\ufffd"},
        {"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", u"\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdA"},
        {"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", u"\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdA"},
        {"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", u"\ufffd\ufffd\ufffd\ufffd\ufffdA\ufffd\ufffdB"},
        {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", u"\ufffd\ufffd\ufffd\ufffdA"},
        {"\xc2", u"\ufffd"},
        {"\xe2\x82", u"\ufffd"},
        {"\xf0\x9f\x91", u"\ufffd"},
        {"\xc1\x81", u"\ufffd\ufffd"},
        {"\xf5\x80\x80\x80", u"\ufffd\ufffd\ufffd\ufffd"},
    };
    for (const auto &text : texts)
        EXPECT(ucwa::to_utf16(text.utf8) == text.utf16);
}

static void lone_surrogates()
{
    const std::string replaced = "\xef\xbf\xbd";
    const char16_t high = 0xd83d, low = 0xdc4b;
    EXPECT(ucwa::to_utf8(std::u16string{high}) == replaced);
    EXPECT(ucwa::to_utf8(std::u16string{low}) == replaced);
    EXPECT(ucwa::to_utf8(std::u16string{low, high}) == replaced + replaced);
    EXPECT(ucwa::to_utf8(std::u16string{high, u'a'}) == replaced + "a");
    EXPECT(ucwa::to_utf8(std::u16string{high, low}) == "\xf0\x9f\x91\x8b");
    EXPECT(ucwa::to_utf8(std::u16string{high, high, low}) == replaced + "\xf0\x9f\x91\x8b");
}

static void wide()
{
    const std::wstring wave = ucwa::to_wide("\xf0\x9f\x91\x8b");
    EXPECT(wave.size() == (sizeof(wchar_t) == 2 ? 2U : 1U));
    EXPECT(ucwa::to_utf8(wave) == "\xf0\x9f\x91\x8b");
    EXPECT(ucwa::to_utf8(std::wstring{static_cast<wchar_t>(0xdc4b)}) == "\xef\xbf\xbd");
}

int main()
{
    both_ways();
    ill_formed_utf8();
    lone_surrogates();
    wide();
    return failures;
}
