#include "acme/revocation.hpp"

#include "acme/base64url.hpp"
#include "acme/json_read.hpp"
#include "acme/leaf.hpp"

namespace arbortls::acme {

Result<Ask> revocation(std::string_view pem, RevocationReason reason) {
  const auto leaf = leaf_of(pem);
  if (!leaf) return leaf.error();
  const json::object payload{{"certificate", base64url(leaf->der)},
                             {"reason", static_cast<int>(reason)}};
  Ask ask;
  ask.at = Ask::At::revoke_cert;
  ask.payload = json::serialize(payload);
  ask.what = "revoking the certificate";
  return ask;
}

bool is_revoked(const Exchange::Outcome& outcome) noexcept {
  if (const auto* failure = std::get_if<Failure>(&outcome))
    return failure->type == "alreadyRevoked";
  return std::holds_alternative<Reply>(outcome);
}

}  // namespace arbortls::acme
