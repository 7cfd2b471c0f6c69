#pragma once
// One request to a CA from beginning to end, with all that has to come before it. One thread.

#include "acme/exchange.hpp"
#include "acme/failure.hpp"
#include "issuance/ca.hpp"
#include "issuance/transport.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <variant>

namespace arbortls::issuance {

using Answer = std::variant<acme::Reply, acme::Failure>;  // a Reply is a success

// `done` is called once, maybe from within.
void ask(const Transport& transport, std::shared_ptr<Ca> ca, acme::Ask question, std::function<std::int64_t()> clock,
         std::function<void(Answer)> done);

// Only the directory, a nonce and the account: whether the CA can be worked with. A Reply is empty then.
void greet(const Transport& transport, std::shared_ptr<Ca> ca, std::function<std::int64_t()> clock,
           std::function<void(Answer)> done);

}  // namespace arbortls::issuance
