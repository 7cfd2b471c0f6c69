#pragma once
// The one address that clients of a local authority need: its root in every form they take, its
// fingerprint, a QR code, and the steps for the system that asks. Pure: no sockets, no clock.

#include "authority/root_certificate.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arbortls::trust_page {

struct Site {
  std::string name;  // what its users call it; any text
  std::string url;   // of the page, "http://pbx.example/"; "": told by each request's Host
};

// As they came over the wire; nothing of it is believed.
struct Request {
  std::string_view method = "GET";  // GET or HEAD; else 405
  std::string_view target;          // path, maybe with a query, which is passed over
  std::string_view host;            // the Host field: HOST or HOST:PORT
  std::string_view user_agent;
};

struct Response {
  int status = 200;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>>
      headers;       // besides Content-Type and Content-Length
  std::string body;  // of HEAD too: the server leaves it out and still tells its length
};

class TrustPage {
 public:
  // `roots`: at least one; the one in use first, then one that is being brought to the clients.
  TrustPage(Site site, std::vector<authority::RootCertificate> roots);

  // `/` the page; `/root.crt` (DER), `/root.pem`, `/root.mobileconfig` (an Apple profile with all
  // roots); further roots as `/root-2.crt`, `/root-2.pem`; anything else 404.
  Response answer(const Request& request) const;

  // answer() would not say 404.
  bool knows(std::string_view target) const;

 private:
  std::optional<Response> found(const Request& request) const;
  std::optional<Response> root_file_at(std::string_view path) const;
  Response page(const Request& request) const;

  Site site_;
  std::vector<authority::RootCertificate> roots_;
};

}  // namespace arbortls::trust_page
