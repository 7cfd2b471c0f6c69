#include "http/client_tls.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <utility>

namespace arbortls::http {

namespace asio = boost::asio;

namespace {

constexpr auto fresh_for = std::chrono::hours(1);

Result<ContextPtr> make_context(const std::string& ca_file) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  context->set_verify_mode(asio::ssl::verify_peer);
  boost::system::error_code failed;
  context->set_default_verify_paths(failed);  // a machine without any may still have the file
  if (!ca_file.empty()) context->load_verify_file(ca_file, failed);
  if (!ca_file.empty() && failed) return error(ca_file + ": no CA certificates can be read from it");
  return context;
}

}  // namespace

Trust::Trust() : contexts_(std::make_unique<Contexts>()) {}

Trust::~Trust() = default;

Result<ContextPtr> client_context(const std::string& ca_file, Trust* trust) {
  if (trust == nullptr) return make_context(ca_file);
  std::error_code absent;
  // Before it is read: what changes meanwhile shall be seen to differ.
  const auto changed = ca_file.empty() ? std::filesystem::file_time_type()
                                       : std::filesystem::last_write_time(ca_file, absent);
  const auto now = std::chrono::steady_clock::now();
  auto& entries = trust->contexts().entries;
  const auto known = entries.find(ca_file);
  if (known != entries.end() && known->second.changed == changed && now - known->second.read_at < fresh_for)
    return known->second.context;
  auto made = make_context(ca_file);
  if (made) entries.insert_or_assign(ca_file, Trust::Contexts::Entry{*made, changed, now});
  return made;
}

bool expect_server(SSL* ssl, const std::string& host) {
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  boost::system::error_code is_name;
  asio::ip::make_address(host, is_name);
  if (!is_name) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  // What the macro for it does, without its cast.
  std::string name = host;
  return SSL_set1_host(ssl, host.c_str()) == 1 &&
         SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
}

std::string why_no_handshake(SSL* ssl, const std::string& otherwise) {
  const long verdict = SSL_get_verify_result(ssl);
  if (verdict == X509_V_OK) return "no TLS with it: " + otherwise;
  return std::string("its certificate is not trusted: ") + X509_verify_cert_error_string(verdict);
}

}  // namespace arbortls::http
