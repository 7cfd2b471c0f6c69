#include "fake_ca.hpp"

#include "acme/base64url.hpp"
#include "acme/times.hpp"
#include "verify_jws.hpp"

#include <algorithm>
#include <ctime>

namespace arbortls::acme::test {
namespace {

std::string text(const json::object& object, const char* key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Reply reply(int status, const json::value& body) {
  return {status, {{"Content-Type", "application/json"}}, json::serialize(body)};
}

std::string http_date(std::int64_t at) {
  const std::time_t seconds = at;
  char buffer[40];
  std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&seconds));
  return buffer;
}

// "/order/12" with "/order/" gives 12; -1 for anything else.
int number_in(const std::string& path, const std::string& prefix) {
  if (!path.starts_with(prefix)) return -1;
  return std::atoi(path.c_str() + prefix.size());
}

}  // namespace

Reply problem(int status, const std::string& type, const std::string& detail,
              std::vector<std::pair<std::string, std::string>> headers) {
  Reply made = reply(status, json::object{{"type", "urn:ietf:params:acme:error:" + type},
                                          {"detail", detail},
                                          {"status", status}});
  made.headers.insert(made.headers.end(), headers.begin(), headers.end());
  return made;
}

FakeCa::FakeCa() = default;

void FakeCa::lose_accounts() { accounts_.clear(); }
void FakeCa::lose_orders() { orders_.clear(); }
void FakeCa::expire_orders() {
  for (auto& each : orders_) each.second.status = "invalid";
}

std::string FakeCa::fresh_nonce() {
  const std::string nonce = base64url("nonce-" + std::to_string(next_nonce_++));
  nonces_.insert(nonce);
  return nonce;
}

Reply FakeCa::handle(const Request& request, std::int64_t now) {
  const std::string path = request.url.substr(std::min(ca_url.size(), request.url.size()));
  log.push_back(request.method + " " + path);
  if (!request.url.starts_with(ca_url)) errors.push_back("a strange URL: " + request.url);
  Reply made = route(request, now);
  made.headers.emplace_back("date", http_date(now + clock_ahead));
  return made;
}

Reply FakeCa::route(const Request& request, std::int64_t now) {
  const std::string path = request.url.substr(ca_url.size());
  if (request.method == "GET" && path == "/directory") return directory();
  if (request.method == "HEAD" && path == "/nonce") {
    return {200, {{"replay-nonce", fresh_nonce()}}, ""};
  }
  if (request.method == "GET" && path.starts_with("/ari/")) return {200, {}, ari_reply};
  if (request.method == "POST") return post(request, now);
  errors.push_back("a strange request: " + request.method + " " + path);
  return problem(405, "malformed", "no such resource");
}

Reply FakeCa::directory() const {
  json::object meta{{"termsOfService", ca_url + "/terms"},
                    {"externalAccountRequired", !external_key.empty()}};
  json::object offered;
  for (const auto& [name, about] : profiles) offered.emplace(name, about);
  if (!offered.empty()) meta.emplace("profiles", offered);
  json::object made{{"newNonce", ca_url + "/nonce"},
                    {"newAccount", ca_url + "/new-account"},
                    {"newOrder", ca_url + "/new-order"},
                    {"revokeCert", ca_url + "/revoke"},
                    {"meta", meta}};
  if (renewal_info) made.emplace("renewalInfo", ca_url + "/ari");
  return reply(200, made);
}

bool FakeCa::verify(const Request& request, Signed& out, Reply& refusal) {
  if (request.content_type != "application/jose+json") errors.push_back("wrong content type");
  const auto jws = read_jws(request.body);
  const auto& header = jws.header;
  if (nonces_.erase(text(header, "nonce")) == 0 || refused_nonces > 0) {
    refused_nonces = std::max(0, refused_nonces - 1);
    refusal = problem(400, "badNonce", "not a nonce of ours");
    return false;
  }
  if (text(header, "url") != request.url) errors.push_back("signed for another URL");
  out.path = request.url.substr(ca_url.size());
  out.kid = text(header, "kid");
  out.payload = jws.payload;
  if (const auto* jwk = header.if_contains("jwk")) {
    if (!out.kid.empty()) errors.push_back("both jwk and kid");
    out.jwk = json::serialize(*jwk);
  } else {
    out.account = number_in(out.kid, ca_url + "/account/");
    const auto known = accounts_.find(out.account);
    if (known == accounts_.end()) {
      refusal = problem(400, "accountDoesNotExist", "no such account");
      return false;
    }
    out.jwk = known->second.jwk;
  }
  if (!jws.is_signed_by(out.jwk)) {
    errors.push_back("a wrong signature");
    refusal = problem(400, "malformed", "the signature is wrong");
    return false;
  }
  return true;
}

Reply FakeCa::post(const Request& request, std::int64_t now) {
  Signed in;
  Reply made;
  const bool was_refusing = refused_nonces > 0;
  if (verify(request, in, made)) {
    const auto script = std::find_if(scripted.begin(), scripted.end(), [&](const auto& each) {
      return in.path.starts_with(each.first);
    });
    if (script != scripted.end()) {
      made = script->second;
      scripted.erase(script);
    } else if (in.path == "/new-account") {
      made = new_account(in);
    } else if (const int account_number = number_in(in.path, "/account/"); account_number > 0) {
      made = account(in, account_number);
    } else if (in.path == "/new-order") {
      made = new_order(in);
    } else if (const int order_number = number_in(in.path, "/order/"); order_number > 0) {
      const auto found = orders_.find(order_number);
      const bool ours = found != orders_.end() && found->second.account == in.account;
      made = ours ? order(found->second, order_number, false)
                  : problem(404, "malformed", "no such order");
    } else if (const int finalized = number_in(in.path, "/finalize/"); finalized > 0) {
      made = finalize(in, finalized, now);
    } else if (const int authorized = number_in(in.path, "/authorization/"); authorized > 0) {
      made = authorization(in, authorized);
    } else if (in.path.starts_with("/challenge/")) {
      const auto slash = in.path.find('/', 11);
      made = answer(in, std::atoi(in.path.c_str() + 11), in.path.substr(slash + 1));
    } else if (const int fetched = number_in(in.path, "/certificate/"); fetched > 0) {
      made = certificate(fetched);
    } else if (in.path == "/revoke") {
      made = revoke(in);
    } else {
      made = problem(404, "malformed", "no such resource");
    }
  }
  if (nonces_in_refusals || !was_refusing) made.headers.emplace_back("Replay-Nonce", fresh_nonce());
  return made;
}

bool FakeCa::is_bound(const json::object& payload, const std::string& jwk) {
  const auto* binding = payload.if_contains("externalAccountBinding");
  if (binding == nullptr) return false;
  const auto jws = read_jws(json::serialize(*binding));
  return jws.is_coded_by(external_key) && text(jws.header, "kid") == "customer-1" &&
         text(jws.header, "url") == ca_url + "/new-account" && !jws.header.contains("nonce") &&
         json::parse(jws.payload) == json::parse(jwk);
}

Reply FakeCa::new_account(const Signed& in) {
  const auto payload = json::parse(in.payload).as_object();
  if (!in.kid.empty()) errors.push_back("a new account signed by an old one");
  const auto* agreed = payload.if_contains("termsOfServiceAgreed");
  if (agreed == nullptr || !agreed->as_bool()) errors.push_back("no agreement to the terms");
  new_accounts.push_back(payload);
  if (!external_key.empty() && !is_bound(payload, in.jwk)) {
    return problem(403, "externalAccountRequired", "customers only");
  }
  for (const auto& [number, account] : accounts_) {
    if (account.jwk != in.jwk) continue;
    Reply made = reply(200, json::object{{"status", "valid"}});
    made.headers.emplace_back("Location", ca_url + "/account/" + std::to_string(number));
    return made;
  }
  const int number = next_account_++;
  accounts_[number] = {in.jwk, thumbprint_of(in.jwk)};
  Reply made = reply(201, json::object{{"status", "valid"}});
  made.headers.emplace_back("Location", ca_url + "/account/" + std::to_string(number));
  return made;
}

Reply FakeCa::account(const Signed& in, int number) {
  if (in.account != number) return problem(403, "unauthorized", "not yours");
  contacts.push_back(in.payload);
  return reply(200, json::object{{"status", "valid"}});
}

Reply FakeCa::new_order(const Signed& in) {
  const auto payload = json::parse(in.payload).as_object();
  new_orders.push_back(payload);
  Order made;
  made.account = in.account;
  for (const auto& each : payload.at("identifiers").as_array()) {
    const std::string name = text(each.as_object(), "value");
    made.names.push_back(name);
    Authorization fresh;
    fresh.account = in.account;
    fresh.wildcard = name.starts_with("*.");
    fresh.name = fresh.wildcard ? name.substr(2) : name;
    fresh.token = "token-" + std::to_string(next_authorization_);
    for (const auto& [number, old] : authorizations_) {
      if (reuse_authorizations && old.name == fresh.name && old.wildcard == fresh.wildcard &&
          old.status == "valid") {
        fresh.status = "valid";
      }
    }
    made.authorizations.push_back(next_authorization_);
    authorizations_[next_authorization_++] = fresh;
  }
  const int number = next_order_++;
  return order(orders_[number] = made, number, true);
}

// An order is ready when all its authorizations are valid, invalid when one is.
void FakeCa::refresh(Order& order) {
  if (order.status == "pending") {
    bool all = true;
    for (const int number : order.authorizations) {
      const auto& status = authorizations_[number].status;
      if (status == "invalid") order.status = "invalid";
      all = all && status == "valid";
    }
    if (all) order.status = "ready";
  } else if (order.status == "processing" && order.polls++ >= processing_polls) {
    order.status = "valid";
  }
}

Reply FakeCa::with_retry_after(Reply made) const {
  if (!retry_after.empty()) made.headers.emplace_back("Retry-After", retry_after);
  return made;
}

Reply FakeCa::order(Order& order, int number, bool made) {
  refresh(order);
  json::array identifiers;
  json::array authorizations;
  for (const auto& name : order.names) {
    identifiers.push_back(json::object{{"type", "dns"}, {"value", name}});
  }
  for (const int each : order.authorizations) {
    authorizations.emplace_back(ca_url + "/authorization/" + std::to_string(each));
  }
  const std::string id = std::to_string(number);
  json::object object{{"status", order.status},
                      {"identifiers", identifiers},
                      {"authorizations", authorizations},
                      {"finalize", ca_url + "/finalize/" + id}};
  if (order.status == "valid") object.emplace("certificate", ca_url + "/certificate/" + id);
  if (order.status == "invalid") {
    object.emplace("error", json::object{{"type", "urn:ietf:params:acme:error:unauthorized"},
                                         {"detail", "the order came to nothing"}});
  }
  Reply sent = reply(made ? 201 : 200, object);
  if (made) sent.headers.emplace_back("Location", ca_url + "/order/" + id);
  return order.status == "processing" ? with_retry_after(sent) : sent;
}

Reply FakeCa::finalize(const Signed& in, int number, std::int64_t now) {
  const auto found = orders_.find(number);
  if (found == orders_.end()) return problem(404, "malformed", "no such order");
  Order& order = found->second;
  refresh(order);
  if (order.status != "ready") return problem(403, "orderNotReady", "it is " + order.status);
  const auto payload = json::parse(in.payload).as_object();
  order.chain = issue(*from_base64url(text(payload, "csr")), order.names, now);
  order.status = "processing";
  order.polls = 0;
  return this->order(order, number, false);
}

std::string FakeCa::issue(const std::string& csr, const std::vector<std::string>& names,
                          std::int64_t now) {
  ++issued;
  const auto* at = reinterpret_cast<const unsigned char*>(csr.data());
  const openssl::Handle<X509_REQ, X509_REQ_free> request(
      d2i_X509_REQ(nullptr, &at, static_cast<long>(csr.size())));
  if (!request || X509_REQ_verify(request.get(), X509_REQ_get0_pubkey(request.get())) != 1) {
    errors.emplace_back("a damaged certificate request");
    return {};
  }
  arbortls::test::Wanted wanted;
  wanted.names = foreign_name.empty() ? names : std::vector<std::string>{foreign_name};
  wanted.not_before = now + clock_ahead - 3600;
  wanted.not_after = now + clock_ahead + 90 * arbortls::test::day;
  wanted.key_usage = "critical,digitalSignature";
  wanted.extended_key_usage = "serverAuth";
  auto leaf = ca_.leaf(wanted);
  if (!foreign_key) {
    X509_set_pubkey(leaf.x509.get(), X509_REQ_get0_pubkey(request.get()));
    X509_sign(leaf.x509.get(), ca_.issuer().key.get(), EVP_sha256());
  }
  return arbortls::test::pem(leaf) + arbortls::test::chain_pem(ca_);
}

void FakeCa::decide(Authorization& authorization) {
  if (authorization.status != "pending" || authorization.answered.empty() ||
      authorization.polls++ < pending_polls) {
    return;
  }
  Challenge wanted;
  wanted.type = *challenge_type(authorization.answered);
  wanted.identifier = authorization.name;
  wanted.token = authorization.token;
  wanted.key_authorization =
      authorization.token + "." + accounts_[authorization.account].thumbprint;
  const bool seen = sees && sees(wanted) && authorization.name != refuses_name;
  authorization.status = seen ? "valid" : "invalid";
  if (!seen) authorization.failure = "nothing of ours is there";
}

Reply FakeCa::authorization(const Signed& in, int number) {
  const auto found = authorizations_.find(number);
  if (found == authorizations_.end() || found->second.account != in.account) {
    return problem(404, "malformed", "no such authorization");
  }
  Authorization& authorization = found->second;
  decide(authorization);
  json::array challenges;
  for (const auto& type : challenge_types) {
    if (authorization.wildcard && type != "dns-01") continue;
    const bool answered = authorization.answered == type;
    json::object challenge{{"type", type},
                           {"url", ca_url + "/challenge/" + std::to_string(number) + "/" + type},
                           {"token", authorization.token},
                           {"status", !answered                           ? "pending"
                                      : authorization.status == "pending" ? "processing"
                                                                          : authorization.status}};
    if (answered && !authorization.failure.empty()) {
      challenge.emplace("error", json::object{{"type", "urn:ietf:params:acme:error:connection"},
                                              {"detail", authorization.failure}});
    }
    challenges.push_back(challenge);
  }
  json::object object{{"status", authorization.status},
                      {"identifier", json::object{{"type", "dns"}, {"value", authorization.name}}},
                      {"challenges", challenges}};
  if (authorization.wildcard) object.emplace("wildcard", true);
  Reply made = reply(200, object);
  return authorization.status == "pending" ? with_retry_after(made) : made;
}

Reply FakeCa::answer(const Signed& in, int number, const std::string& type) {
  if (in.payload != "{}") errors.push_back("an answer that is not an empty object");
  const auto found = authorizations_.find(number);
  if (found == authorizations_.end() || found->second.account != in.account) {
    return problem(404, "malformed", "no such challenge");
  }
  if (know_processing && !found->second.answered.empty()) {
    return problem(400, "malformed", "the challenge is being looked at already");
  }
  found->second.answered = type;
  Reply made = reply(200, json::object{{"type", type}, {"status", "processing"}});
  made.headers.emplace_back(
      "Link", "<" + ca_url + "/authorization/" + std::to_string(number) + ">;rel=\"up\"");
  return made;
}

Reply FakeCa::certificate(int number) {
  const auto found = orders_.find(number);
  if (found == orders_.end() || found->second.status != "valid") {
    return problem(404, "malformed", "no such certificate");
  }
  return {200, {{"Content-Type", "application/pem-certificate-chain"}}, found->second.chain};
}

Reply FakeCa::revoke(const Signed& in) {
  const auto payload = json::parse(in.payload).as_object();
  const std::string der = text(payload, "certificate");
  if (std::find(revoked.begin(), revoked.end(), der) != revoked.end()) {
    return problem(400, "alreadyRevoked", "so it was");
  }
  revoked.push_back(der);
  return {200, {}, ""};
}

}  // namespace arbortls::acme::test
