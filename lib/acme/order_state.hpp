#pragma once
// What of an order has to outlive the process.

#include "acme/challenge.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace arbortls::acme {

struct OrderState {
  std::vector<std::string> names;
  std::string account{};               // URL: an order belongs to its account
  std::string url{};                   // "" while the CA knows of none
  std::string key_pem{};               // of the certificate; "" while there is none. Secret
  bool replaces_dropped = false;       // the CA took the predecessor for replaced already
  std::vector<Challenge> published{};  // to be unpublished, were the process to end here

  bool operator==(const OrderState&) const = default;
};

// Holds the key: to be kept 0600, and wiped from memory by the caller.
std::string to_json(const OrderState& state);
Result<OrderState> order_state_from_json(std::string_view text);

}  // namespace arbortls::acme
