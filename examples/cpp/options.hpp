// The command line of the example.
#ifndef OPTIONS_HPP
#define OPTIONS_HPP

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "ucwa.hpp"

inline constexpr std::string_view usage =
    R"(usage: front_desk (--user SIP | --root-url URL) --username NAME --password-env VAR [--ca FILE]
                  [--set KEY=VALUE]... [--subject TEXT] [--invite SIP]... [--report FILE]

  --user SIP          who signs in; autodiscovery begins at its domain
  --root-url URL      begin here instead of autodiscovery
  --username NAME     the name to sign in with, if it is not the user's address
  --password-env VAR  the environment variable that holds the password
  --ca FILE           trust these certificates (PEM) besides those of the system
  --set KEY=VALUE     any key of docs/CONFIG.md, such as resolve.lyncdiscover.contoso.com=127.0.0.1:4443
  --invite SIP        invite this person; may be given many times
  --report FILE       write the last roster and all outcomes there, as JSON
)";

// The command line makes no sense: what() says why.
struct usage_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct options {
    ucwa::config config;
    std::string subject;
    std::vector<std::string> invite;
    std::string report;

    explicit options(const std::vector<std::string> &arguments)
    {
        for (auto flag = arguments.begin(); flag != arguments.end(); ++flag) {
            const auto value = std::next(flag);
            if (value == arguments.end())
                throw usage_error("a value is missing after " + *flag);
            take(*flag, *value);
            flag = value;
        }
        if (!username_.empty() && password_ != nullptr)
            config.password(username_, password_);
    }

private:
    void take(std::string_view flag, const std::string &value)
    {
        if (flag == "--user")
            set_user(value);
        else if (flag == "--root-url")
            config.discovery_url(value);
        else if (flag == "--username")
            username_ = value;
        else if (flag == "--password-env")
            set_password(value);
        else if (flag == "--ca")
            add_root_certs(value);
        else if (flag == "--set")
            set(value);
        else if (flag == "--subject")
            subject = value;
        else if (flag == "--invite")
            invite.push_back(value);
        else if (flag == "--report")
            report = value;
        else
            throw usage_error("there is no option " + std::string(flag));
    }

    void set_user(const std::string &uri)
    {
        config.user(uri);
        if (username_.empty())
            username_ = uri.rfind("sip:", 0) == 0 ? uri.substr(4) : uri;
    }

    void set_password(const std::string &variable)
    {
        password_ = std::getenv(variable.c_str());
        if (password_ == nullptr)
            throw usage_error("the environment variable " + variable + " is not set");
    }

    void add_root_certs(const std::string &path)
    {
        std::ifstream file(path, std::ios::binary);
        const std::string pem{std::istreambuf_iterator<char>(file), {}};
        if (!file)
            throw usage_error("cannot read " + path);
        config.add_root_certs_pem(pem);
    }

    void set(std::string_view pair)
    {
        const auto equals = pair.find('=');
        if (equals == pair.npos)
            throw usage_error("--set wants KEY=VALUE");
        config.set(pair.substr(0, equals), pair.substr(equals + 1));
    }

    std::string username_;
    const char *password_ = nullptr; // of the environment
};

#endif
