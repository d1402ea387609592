// What ucwa.hpp promises of errors, handles, references and callbacks. No server is needed: a session that finds none has
// events too.
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <fcntl.h>
#include <poll.h>

#include "expect.hpp"
#include "ucwa.hpp"

using namespace std::chrono_literals;

template <class Handle>
constexpr bool moves_only = std::is_nothrow_move_constructible_v<Handle> && std::is_nothrow_move_assignable_v<Handle>
                         && !std::is_copy_constructible_v<Handle> && !std::is_copy_assignable_v<Handle>;
static_assert(moves_only<ucwa::config> && moves_only<ucwa::session> && moves_only<ucwa::reader>);
static_assert(moves_only<ucwa::subscription> && moves_only<ucwa::wait_handle>);

template <class Reference>
constexpr bool copies = std::is_nothrow_copy_constructible_v<Reference> && std::is_nothrow_move_constructible_v<Reference>
                     && std::is_nothrow_destructible_v<Reference>;
static_assert(copies<ucwa::event> && copies<ucwa::roster>);
static_assert(ucwa::mask(UCWA_EVENT_STATE, UCWA_EVENT_INVITATION)
              == (UCWA_MASK(UCWA_EVENT_STATE) | UCWA_MASK(UCWA_EVENT_INVITATION)));
static_assert(ucwa::mask() == 0);

static ucwa_counts counts()
{
    ucwa_counts now{};
    now.struct_size = sizeof now;
    EXPECT(ucwa_debug_counts(&now) == UCWA_OK);
    return now;
}

// A session that fails soon: nobody listens there.
static ucwa::session lost_session()
{
    ucwa::config config;
    config.discovery_url("https://127.0.0.1:1/").proxy("").set("retry.times", "0");
    config.password("lene@contoso.com", "secret");
    return ucwa::session(config);
}

static void errors_are_thrown_or_stored()
{
    ucwa::config config;
    try {
        config.set("no.such.key", "1");
        EXPECT(false);
    } catch (const ucwa::error &error) {
        EXPECT(error.status() == UCWA_E_NOT_FOUND);
        EXPECT(error.code() == UCWA_E_NOT_FOUND);
        EXPECT(std::string(error.what()).find("no.such.key") != std::string::npos);
    }
    std::error_code ec = std::make_error_code(std::errc::interrupted);
    config.user("nobody at all", ec);
    EXPECT(ec == UCWA_E_INVALID_ARG);
    EXPECT(ec.message() == "UCWA_E_INVALID_ARG");
    EXPECT(ucwa::last_error_message().find("nobody at all") != std::string::npos);
    config.user("sip:lene@contoso.com", ec);
    EXPECT(!ec);
    config.domain("lene@contoso.com", ec);
    EXPECT(ec == UCWA_E_INVALID_ARG);
    config.domain("contoso.com").domain("");
    EXPECT(ucwa::session(config).wait(77, 0ms, ec) == 0 && ec == UCWA_E_NOT_FOUND);
}

static void a_nul_within_a_text_is_refused()
{
    std::error_code ec;
    ucwa::config().user(std::string("sip:lene@contoso.com\0.example", 29), ec);
    EXPECT(ec == UCWA_E_INVALID_ARG);
    EXPECT(ucwa::last_error_message().find("byte 20") != std::string::npos);
}

static void handles_free_themselves()
{
    {
        ucwa::config first, second;
        EXPECT(counts().configs == 2);
        const auto *kept = first.get();
        second = std::move(first);
        EXPECT(counts().configs == 1 && second.get() == kept && !first);
        ucwa_config *given = second.release();
        EXPECT(counts().configs == 1 && ucwa_config_free(given) == UCWA_OK);
        first.reset();
    }
    EXPECT(counts().configs == 0);
}

static void readers_are_ranges()
{
    auto session = lost_session();
    ucwa::reader reader(ucwa::mask(UCWA_EVENT_STATE, UCWA_EVENT_OP_DONE));
    ucwa::event event;
    EXPECT(reader.next(event, 0ms) == ucwa::taken::nothing && !event && event.type() == 0);
    reader.attach(session);
    int descriptor = -1;
    {
        auto handle = reader.wait_handle();
        descriptor = handle.get();
        const auto op = session.open();
        pollfd watched{descriptor, POLLIN, 0};
        EXPECT(poll(&watched, 1, 30000) == 1);
        std::error_code ec;
        session.wait(op, 30s, ec);
        EXPECT(ec == UCWA_E_AUTODISCOVER || ec == UCWA_E_NETWORK);
    }
    EXPECT(fcntl(descriptor, F_GETFD) == -1);
    ucwa::event last;
    int states = 0;
    for (const ucwa::event &each : reader) {
        EXPECT((each.state() != nullptr) != (each.op() != nullptr));
        EXPECT(each.invitation() == nullptr && each.participant() == nullptr && each.conversation() == nullptr);
        EXPECT(each.json().find("\"seq\":") != each.json().npos);
        states += each.state() != nullptr ? 1 : 0;
        if (each.state() == nullptr || each.state()->new_state != UCWA_STATE_FAILED)
            continue;
        last = each;
        EXPECT(session.state() == UCWA_STATE_FAILED && session.failure().error() != nullptr);
        session.close(); // a session that failed is ended by its host
    }
    EXPECT(states > 1 && last && last.error() != nullptr);
    EXPECT(reader.next(event) == ucwa::taken::closed);
    EXPECT(session.conversations().empty());
    const ucwa::event copy = last;
    EXPECT(copy.get() == last.get() && counts().events == 1);
    std::error_code ec;
    EXPECT(session.roster(1, ec).empty() && ec == UCWA_E_NOT_FOUND);
}

static std::string thrown;
static std::mutex lock;
static std::condition_variable said;

static void keep(std::exception_ptr exception) noexcept
{
    const std::lock_guard guard(lock);
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception &what) {
        thrown = what.what();
    }
    said.notify_all();
}

static void exceptions_of_callbacks_go_to_the_hook()
{
    const auto before = ucwa::set_exception_hook(keep);
    const auto token = std::make_shared<int>(0);
    {
        auto session = lost_session();
        const auto subscription = session.subscribe(ucwa::mask(UCWA_EVENT_STATE), [token](const ucwa::event &event) {
            if (event.state()->new_state == UCWA_STATE_FAILED)
                throw std::runtime_error("out of a callback");
        });
        EXPECT(token.use_count() > 1 && counts().subscriptions == 1);
        session.open();
        std::unique_lock guard(lock);
        EXPECT(said.wait_for(guard, 30s, [] { return !thrown.empty(); }));
        EXPECT(thrown == "out of a callback");
    }
    EXPECT(token.use_count() == 1); // the function is gone with its subscription
    EXPECT(ucwa::set_exception_hook(before) == keep);
    std::error_code ec;
    ucwa::session none = lost_session();
    none.reset();
    none.subscribe(UCWA_MASK_ALL, [token](const ucwa::event &) {}, ec);
    EXPECT(ec == UCWA_E_NULL_ARG && token.use_count() == 1);
}

static void wakeups_and_logs_end()
{
    const auto token = std::make_shared<int>(0);
    {
        auto session = lost_session();
        ucwa::reader reader;
        reader.attach(session);
        bool woken = false;
        reader.set_wakeup([token, &woken] {
            const std::lock_guard guard(lock);
            woken = true;
            said.notify_all();
        });
        ucwa::set_log(UCWA_LOG_TRACE, [token](std::int32_t, std::string_view, std::string_view) {});
        session.open();
        std::unique_lock guard(lock);
        EXPECT(said.wait_for(guard, 30s, [&woken] { return woken; }));
        guard.unlock();
        ucwa::set_log(UCWA_LOG_ERROR, nullptr);
        reader.set_wakeup(nullptr);
    }
    ucwa::shutdown(10s);
    EXPECT(token.use_count() == 1);
}

int main()
{
    errors_are_thrown_or_stored();
    a_nul_within_a_text_is_refused();
    handles_free_themselves();
    readers_are_ranges();
    exceptions_of_callbacks_go_to_the_hook();
    wakeups_and_logs_end();
    const ucwa_counts left = counts();
    EXPECT(left.configs + left.sessions + left.readers + left.subscriptions + left.events + left.rosters + left.threads
           == 0);
    return failures;
}
