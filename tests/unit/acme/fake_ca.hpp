#pragma once
// A certification authority in memory that answers as RFC 8555 says, for tests: it checks every
// signature, nonce and URL, and misbehaves on demand.

#include "acme/challenge.hpp"
#include "acme/message.hpp"
#include "support/test_ca.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace arbortls::acme::test {

namespace json = boost::json;

inline const std::string ca_url = "https://ca.test";

// A problem document as a reply.
Reply problem(int status, const std::string& type, const std::string& detail,
              std::vector<std::pair<std::string, std::string>> headers = {});

class FakeCa {
 public:
  FakeCa();

  // What it is asked to do; nothing by default.
  int refused_nonces = 0;             // that many next signed requests get badNonce
  bool nonces_in_refusals = true;     // a badNonce reply bears a new one
  int pending_polls = 0;              // looks at an authorization before it is decided
  int processing_polls = 0;           // looks at an order before it is issued
  std::string retry_after{};          // on all that is not decided yet
  bool reuse_authorizations = false;  // those of a name that were valid stay so
  bool know_processing = false;       // refuse a second answer to a challenge
  std::string external_key{};         // HMAC key, raw: needs external accounts
  std::vector<std::string> challenge_types = {"http-01", "tls-alpn-01", "dns-01"};
  std::map<std::string, std::string> profiles{};
  bool renewal_info = true;
  std::int64_t clock_ahead = 0;  // of its certificates and its Date header
  bool foreign_key = false;      // certificates bear another key than the request
  std::string foreign_name{};    // ... or this name only
  std::string refuses_name{};    // the validation of this name fails
  // The next signed request to a URL that begins so gets this reply instead.
  std::deque<std::pair<std::string, Reply>> scripted{};
  // What is published now, as seen from outside.
  std::function<bool(const Challenge&)> sees{};

  Reply handle(const Request& request, std::int64_t now);

  void lose_accounts();
  void lose_orders();
  void expire_orders();  // they become invalid

  std::vector<std::string> log{};          // "POST /order/1"
  std::vector<std::string> errors{};       // what a strict CA would complain about besides
  std::vector<json::object> new_orders{};  // payloads
  std::vector<json::object> new_accounts{};
  std::vector<std::string> contacts{};  // by account, the last one set
  int issued = 0;
  std::vector<std::string> revoked{};  // base64url DER
  std::string ari_reply{};

 private:
  struct Account {
    std::string jwk;
    std::string thumbprint;
  };
  struct Authorization {
    int account = 0;
    std::string name, status = "pending", token;
    bool wildcard = false;
    std::string answered{};  // type of challenge
    int polls = 0;
    std::string failure{};
  };
  struct Order {
    int account = 0;
    std::vector<std::string> names;
    std::vector<int> authorizations;
    std::string status = "pending", chain;
    int polls = 0;
  };
  struct Signed {
    std::string path, kid, jwk, payload;
    int account = -1;
  };

  Reply route(const Request& request, std::int64_t now);
  Reply directory() const;
  Reply post(const Request& request, std::int64_t now);
  bool verify(const Request& request, Signed& out, Reply& refusal);
  Reply new_account(const Signed& in);
  bool is_bound(const json::object& payload, const std::string& jwk);
  Reply account(const Signed& in, int number);
  Reply new_order(const Signed& in);
  Reply order(Order& order, int number, bool made);
  Reply finalize(const Signed& in, int number, std::int64_t now);
  Reply authorization(const Signed& in, int number);
  Reply answer(const Signed& in, int number, const std::string& type);
  Reply certificate(int number);
  Reply revoke(const Signed& in);
  void decide(Authorization& authorization);
  void refresh(Order& order);
  std::string issue(const std::string& csr, const std::vector<std::string>& names,
                    std::int64_t now);
  Reply with_retry_after(Reply reply) const;
  std::string fresh_nonce();

  arbortls::test::TestCa ca_;
  int next_nonce_ = 1000;
  std::set<std::string> nonces_;
  std::map<int, Account> accounts_;
  int next_account_ = 1;
  std::map<int, Order> orders_;
  int next_order_ = 1;
  std::map<int, Authorization> authorizations_;
  int next_authorization_ = 1;
};

}  // namespace arbortls::acme::test
