#include "acme/failure.hpp"

#include "acme/json_read.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace arbortls::acme {
namespace {

constexpr std::string_view type_prefix = "urn:ietf:params:acme:error:";

// RFC 8555, 6.7; RFC 9773, 7.4; draft-ietf-acme-profiles.
constexpr std::array<std::pair<std::string_view, FailureKind>, 29> kinds = {{
    {"accountDoesNotExist", FailureKind::account},
    {"externalAccountRequired", FailureKind::account},
    {"invalidContact", FailureKind::account},
    {"unsupportedContact", FailureKind::account},
    {"userActionRequired", FailureKind::account},
    {"badNonce", FailureKind::transient},
    {"serverInternal", FailureKind::transient},
    {"rateLimited", FailureKind::rate_limited},
    {"alreadyReplaced", FailureKind::our_mistake},
    {"alreadyRevoked", FailureKind::our_mistake},
    {"badCSR", FailureKind::our_mistake},
    {"badPublicKey", FailureKind::our_mistake},
    {"badRevocationReason", FailureKind::our_mistake},
    {"badSignatureAlgorithm", FailureKind::our_mistake},
    {"invalidProfile", FailureKind::our_mistake},
    {"malformed", FailureKind::our_mistake},
    {"orderNotReady", FailureKind::our_mistake},
    {"unsupportedIdentifier", FailureKind::our_mistake},
    {"caa", FailureKind::refused},
    {"compound", FailureKind::refused},
    {"connection", FailureKind::refused},
    {"dns", FailureKind::refused},
    {"incorrectResponse", FailureKind::refused},
    {"rejectedIdentifier", FailureKind::refused},
    {"tls", FailureKind::refused},
    {"unauthorized", FailureKind::refused},
    {"autoRenewalCanceled", FailureKind::refused},
    {"autoRenewalExpired", FailureKind::refused},
    {"dnssec", FailureKind::refused},
}};

FailureKind kind_of(std::string_view type, int status) noexcept {
  const auto* const found = std::find_if(kinds.begin(), kinds.end(),
                                         [type](const auto& each) { return each.first == type; });
  if (found != kinds.end()) return found->second;
  if (status == 429) return FailureKind::rate_limited;
  if (status >= 500 || status == 408) return FailureKind::transient;
  return status >= 400 ? FailureKind::refused : FailureKind::transient;
}

std::string type_of(const json::object& problem) {
  std::string type = text_at(problem, "type");
  if (type.starts_with(type_prefix)) type.erase(0, type_prefix.size());
  return plain_text(type, 100);
}

std::string subproblems_of(const json::object& problem) {
  std::string text;
  for (const auto* each : objects_at(problem, "subproblems")) {
    const auto* identifier = object_at(*each, "identifier");
    const std::string name = identifier != nullptr ? text_at(*identifier, "value") : "";
    text += text.empty() ? " (" : "; ";
    if (!name.empty()) text += plain_text(name, 255) + ": ";
    text += plain_text(text_at(*each, "detail"), 300);
    if (text.size() > 1500) break;
  }
  return text.empty() ? text : text + ")";
}

std::string detail_of(const json::object& problem, std::string_view type) {
  std::string text = plain_text(text_at(problem, "detail"));
  if (text.empty()) text = plain_text(text_at(problem, "title"));
  if (text.empty()) text = "the CA gave no reason";
  if (!type.empty() && type != "about:blank") text += " [" + std::string(type) + "]";
  text += subproblems_of(problem);
  // Where the operator has to agree to something, this is where he reads it (RFC 8555, 7.3.3).
  const auto instance = text_at(problem, "instance");
  if (type == "userActionRequired" && is_url(instance)) text += ", see " + instance;
  return text;
}

std::string sentence(std::string_view what, std::string_view detail) {
  return std::string(what) + ": " + std::string(detail);
}

Failure failure_of_object(const json::object& problem, int status, std::string_view what) {
  Failure failure;
  failure.type = type_of(problem);
  failure.kind = kind_of(failure.type, status);
  failure.text = sentence(what, detail_of(problem, failure.type));
  return failure;
}

// The length of the UTF-8 sequence that `text` begins with; 0 if it begins with none. Overlong
// forms and surrogates do no harm in a log.
std::size_t sequence_length(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xc2 ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

// U+0080 to U+009F are control characters too.
bool is_control(std::string_view sequence) noexcept {
  const auto first = static_cast<unsigned char>(sequence.front());
  if (sequence.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<unsigned char>(sequence[1]) < 0xa0;
}

}  // namespace

std::string_view to_string(FailureKind kind) noexcept {
  switch (kind) {
    case FailureKind::transient:
      return "transient";
    case FailureKind::rate_limited:
      return "rate_limited";
    case FailureKind::refused:
      return "refused";
    case FailureKind::our_mistake:
      return "our_mistake";
    case FailureKind::account:
      return "account";
  }
  return "unknown";
}

Failure failure_of(const Reply& reply, std::int64_t now, std::string_view what) {
  Failure failure;
  const auto problem = reply.body.size() <= max_body ? parse_object(reply.body) : std::nullopt;
  if (problem && (problem->contains("type") || problem->contains("detail"))) {
    failure = failure_of_object(*problem, reply.status, what);
  } else {
    failure.kind = kind_of({}, reply.status);
    failure.text =
        sentence(what, "the CA answered with HTTP status " + std::to_string(reply.status));
  }
  failure.retry_at = retry_at(reply, now);
  return failure;
}

Failure failure_of_problem(std::string_view text, std::string_view what) {
  const auto problem = parse_object(text);
  return failure_of_object(problem ? *problem : json::object{}, 400, what);
}

Failure unreadable(std::string_view what, std::string_view why) {
  return {FailureKind::transient,
          sentence(what, "the CA's answer cannot be used: " + std::string(why))};
}

std::string plain_text(std::string_view text, std::size_t longest) {
  std::string plain;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const auto sequence = text.substr(0, std::max<std::size_t>(length, 1));
    if (plain.size() + sequence.size() > longest) break;
    if (length == 0 || is_control(sequence)) {
      plain += '?';
    } else {
      plain += sequence;
    }
    text.remove_prefix(sequence.size());
  }
  return plain;
}

}  // namespace arbortls::acme
