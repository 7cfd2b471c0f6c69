#pragma once
// What a door at port 80 answers: ACME's challenges (RFC 8555, 8.3), a page where there is one, and for everything
// else the way to https. Pure.

#include "http/server.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace arbortls::http {

// What a challenge's token is to be answered with; nothing for tokens of others.
using TokenLookup = std::function<std::optional<std::string>(std::string_view token)>;
// Nothing where the page has nothing to say.
using Page = std::function<std::optional<Response>(const Request&)>;

struct DoorRules {
  TokenLookup tokens;        // may be empty
  std::string acme_backend;  // who is asked for other tokens; "": nobody
  Page page;                 // comes before the redirect; may be empty
  bool redirects = true;     // else what nobody knows is a 404
  int redirect_to = 443;
};

Answer answer(const DoorRules& rules, const Request& request);

// The same address with https, on the host that was asked and no other; nothing where that is no legal host name or
// IP address, with a port or without.
std::optional<std::string> https_address(std::string_view host, std::string_view target, int port);

// The address that was asked, without TLS; nothing likewise.
std::optional<std::string> own_address(std::string_view host, std::string_view target);

}  // namespace arbortls::http
