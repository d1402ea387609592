// The configuration of a session. Part of ucwa.hpp.
#ifndef UCWA_CONFIG_HPP
#define UCWA_CONFIG_HPP

#include <string_view>

#include "handle.hpp"

namespace ucwa {

class config : public detail::handle<ucwa_config, ucwa_config_free> {
public:
    explicit config(errors on_error = {}) { on_error.check(ucwa_config_new(&value_)); }

    config &user(std::string_view sip_uri, errors on_error = {})
    {
        return done(on_error, ucwa_config_set_user(value_, detail::text(sip_uri).get()));
    }
    // Empty: the user's own domain.
    config &domain(std::string_view domain, errors on_error = {})
    {
        return done(on_error, ucwa_config_set_domain(value_, detail::text(domain).get_or_null()));
    }
    // Empty: autodiscovery.
    config &discovery_url(std::string_view url, errors on_error = {})
    {
        return done(on_error, ucwa_config_set_discovery_url(value_, detail::text(url).get_or_null()));
    }
    config &password(std::string_view username, std::string_view password, errors on_error = {})
    {
        return done(on_error, ucwa_config_set_password_sized(value_, detail::text(username).get(),
                                                             password.empty() ? "" : password.data(), password.size()));
    }
    config &user_agent(std::string_view product, errors on_error = {})
    {
        return done(on_error, ucwa_config_set_user_agent(value_, detail::text(product).get()));
    }
    // Empty: no proxy at all.
    config &proxy(std::string_view url, errors on_error = {})
    {
        return done(on_error, ucwa_config_set_proxy(value_, detail::text(url).get()));
    }
    // What the system says, which is the default.
    config &system_proxy(errors on_error = {}) { return done(on_error, ucwa_config_set_proxy(value_, nullptr)); }
    config &add_root_certs_pem(std::string_view pem, errors on_error = {})
    {
        return done(on_error, ucwa_config_add_root_certs_pem(value_, pem.empty() ? "" : pem.data(), pem.size()));
    }
    // Any key of docs/CONFIG.md.
    config &set(std::string_view key, std::string_view value, errors on_error = {})
    {
        return done(on_error, ucwa_config_set(value_, detail::text(key).get(), detail::text(value).get()));
    }

private:
    config &done(errors on_error, ucwa_status status) { return on_error.check(status), *this; }
};

} // namespace ucwa

#endif // UCWA_CONFIG_HPP
