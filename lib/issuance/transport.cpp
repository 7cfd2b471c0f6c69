#include "issuance/transport.hpp"

#include "http/client.hpp"

#include <memory>
#include <utility>

namespace arbortls::issuance {
namespace {

void send(boost::asio::io_context& io, const acme::Request& request, const std::string& ca_file,
          std::shared_ptr<http::Trust> trust, std::function<void(Result<acme::Reply>)> done) {
  http::ClientRequest out;
  out.method = request.method;
  out.url = request.url;
  out.body = request.body;
  out.ca_file = ca_file;
  out.trust = std::move(trust);
  out.response_limit = acme::max_body;
  // RFC 8555, 6.1: a client names itself.
  out.headers.emplace_back("User-Agent", "arbortls/" ARBORTLS_VERSION);
  out.headers.emplace_back("Accept-Language", "en");
  if (!request.content_type.empty()) out.headers.emplace_back("Content-Type", request.content_type);
  http::send(io, std::move(out), [done = std::move(done)](http::ClientResult result) {
    if (!result) return done(error(std::move(result.error().message)));
    done(acme::Reply{static_cast<int>(result->status), std::move(result->headers), std::move(result->body)});
  });
}

}  // namespace

Transport over_https(boost::asio::io_context& io) {
  return [&io, trust = std::make_shared<http::Trust>()](const acme::Request& request, const std::string& ca_file,
               std::function<void(Result<acme::Reply>)> done) {
    send(io, request, ca_file, trust, std::move(done));
  };
}

}  // namespace arbortls::issuance
