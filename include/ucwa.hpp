// ucwa.hpp - libucwa for C++17 and later: handles that free themselves, std::function, std::chrono, text as
// std::string_view. Header only; the rules at the top of ucwa.h hold here too.
//
//  errors    Whatever can fail takes an `errors` last. Leave it out, and a failure is thrown as ucwa::error; give a
//            std::error_code, and it is stored there (and cleared on success): `session.open(ec)`, `ec == UCWA_E_CLOSED`.
//            Memory that runs out is std::bad_alloc in both cases.
//  lifetimes config, session, reader, subscription and wait_handle are moved, not copied, and end what they stand for.
//            event and roster are references to something immutable: copy and keep them as you like.
//  callbacks run on threads of the library. An exception that leaves one goes to the exception hook, and no further.
//  text      UTF-8 both ways; to_utf8(), to_utf16() and to_wide() lead to the rest of a Windows program.
#ifndef UCWA_HPP
#define UCWA_HPP

#include "ucwa/callback.hpp"
#include "ucwa/config.hpp"
#include "ucwa/error.hpp"
#include "ucwa/event.hpp"
#include "ucwa/handle.hpp"
#include "ucwa/library.hpp"
#include "ucwa/reader.hpp"
#include "ucwa/roster.hpp"
#include "ucwa/session.hpp"
#include "ucwa/text.hpp"

#endif // UCWA_HPP
