#include "session/admission.hpp"

#include <random>
#include <utility>

namespace arbortls::session {
namespace {

// 1.5 MB when all are in use; more addresses than that are no few misbehaving clients.
constexpr std::size_t known_addresses = 65'536;
constexpr auto line_interval = std::chrono::seconds(10);

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace

HandshakePlace::HandshakePlace(HandshakePlace&& other) noexcept
    : all_(std::exchange(other.all_, nullptr)),
      table_(std::exchange(other.table_, nullptr)),
      address_(other.address_),
      domain_(std::move(other.domain_)) {}

HandshakePlace::~HandshakePlace() {
  if (all_ != nullptr) all_->sub();
  if (table_ != nullptr) table_->leave(address_);
}

Admission::Admission(Metrics& metrics, log::Logger& logger)
    : metrics_(metrics),
      logger_(logger),
      addresses_(known_addresses, random_seed()),
      lines_{log::Every(line_interval), log::Every(line_interval), log::Every(line_interval),
             log::Every(line_interval), log::Every(line_interval)} {}

std::optional<Refusal> Admission::enter(const AdmissionRules& rules, HandshakePlace& place) noexcept {
  if (rules.handshakes == 0) {
    metrics_.handshakes.add();
  } else if (!metrics_.handshakes.add_up_to(rules.handshakes)) {
    return Refusal::handshakes;
  }
  place.all_ = &metrics_.handshakes;
  return {};
}

std::optional<Refusal> Admission::identify(const AdmissionRules& rules, const net::Address& client, TimePoint now,
                                           HandshakePlace& place) noexcept {
  if (!rules.address.any() || !client.is_ip() || rules.exempt.contains(client)) return {};
  const AddressTable::Key key = AddressTable::key_of(client);
  switch (addresses_.enter(key, rules.address, now)) {
    case AddressTable::Verdict::too_many_handshakes: return Refusal::handshakes_per_address;
    case AddressTable::Verdict::too_fast: return Refusal::connection_rate;
    case AddressTable::Verdict::uncounted: metrics_.addresses_uncounted.add(); return {};
    case AddressTable::Verdict::counted: break;
  }
  place.table_ = &addresses_;
  place.address_ = key;
  return {};
}

std::optional<Refusal> Admission::choose(const tls::Effective& settings, HandshakePlace& place, Slot& slot) {
  // Asked again after a HelloRetryRequest, it counts once.
  slot.hold(Held());
  place.domain_ = Held();
  if (settings.max_connections.most != 0) {
    Held held = usage_.take(settings.max_connections, &Usage::connections);
    if (!held) return Refusal::domain_connections;
    slot.hold(std::move(held));
  }
  if (settings.max_handshakes.most != 0) {
    place.domain_ = usage_.take(settings.max_handshakes, &Usage::handshakes);
    if (!place.domain_) return Refusal::domain_handshakes;
  }
  return {};
}

void Admission::refused(const Refused& refused, TimePoint now) {
  metrics_.refused[refused.why].add();
  if (!logger_.enabled(log::Level::warning)) return;
  const auto held_back = lines_[static_cast<std::size_t>(refused.why)].pass(now);
  if (!held_back) return;
  logger_.warning("connection refused", {{"client", refused.client},
                                         {"listener", refused.listener},
                                         {"sni", refused.sni},
                                         {"limit_of", refused.holder},
                                         {"reason", to_string(refused.why)},
                                         {"more_since_last", *held_back}});
}

}  // namespace arbortls::session
