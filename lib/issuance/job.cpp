#include "issuance/job.hpp"

#include "cert/load.hpp"
#include "cert/pem_write.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace arbortls::issuance {
namespace {

acme::ChallengeType type_of(config::AcmeChallenge challenge) {
  switch (challenge) {
    case config::AcmeChallenge::http_01: return acme::ChallengeType::http_01;
    case config::AcmeChallenge::tls_alpn_01: return acme::ChallengeType::tls_alpn_01;
    case config::AcmeChallenge::dns_01: break;
  }
  return acme::ChallengeType::dns_01;
}

std::vector<acme::CertificateKey> key_types(config::AcmeKeyType wanted) {
  switch (wanted) {
    case config::AcmeKeyType::ecdsa_p256: return {acme::CertificateKey::ecdsa_p256};
    case config::AcmeKeyType::rsa_2048: return {acme::CertificateKey::rsa_2048};
    case config::AcmeKeyType::both: break;
  }
  return {acme::CertificateKey::rsa_2048, acme::CertificateKey::ecdsa_p256};
}

// PKCS#8 text of the key that is in use; "" where there is none of that type.
std::string key_in_use(const cert::CertificatePtr& certificate, acme::CertificateKey type) {
  if (!certificate) return {};
  const cert::KeyType wanted =
      type == acme::CertificateKey::rsa_2048 ? cert::KeyType::rsa : cert::KeyType::ecdsa;
  for (const cert::Pair& pair : certificate->pairs) {
    if (pair.key_type != wanted) continue;
    const openssl::EvpPkeyPtr key = cert::key_of(pair);
    return key ? cert::key_to_pem(key.get(), {}) : std::string();
  }
  return {};
}

acme::Wish wish_for(const Subject& subject, acme::CertificateKey type, const std::string& replaces) {
  acme::Wish wish;
  wish.names = names_of(subject.settings);
  for (const config::AcmeChallenge challenge : subject.settings.challenges)
    wish.challenges.push_back(type_of(challenge));
  wish.profile = subject.settings.profile;
  wish.replaces = replaces;
  wish.key_type = type;
  if (subject.settings.reuse_key) wish.key_pem = key_in_use(subject.certificate, type);
  return wish;
}

}  // namespace

Job::Job(Setting setting, std::shared_ptr<Ca> ca, Subject subject, std::string replaces, const std::string& earlier)
    : setting_(std::move(setting)), ca_(std::move(ca)), subject_(std::move(subject)), timer_(setting_.io) {
  // Two certificates cannot both replace the one whose ID the CA knows.
  for (const acme::CertificateKey type : key_types(subject_.settings.key_type))
    wishes_.push_back(wish_for(subject_, type, std::exchange(replaces, {})));
  if (!earlier.empty())
    if (auto state = acme::order_state_from_json(earlier)) earlier_ = std::move(*state);
}

Job::~Job() {
  cert::wipe(made_);
  for (acme::Wish& wish : wishes_) cert::wipe(wish.key_pem);
}

template <class F>
auto Job::guarded(F f) {
  return [weak = weak_from_this(), f = std::move(f)](auto&&... arguments) {
    const auto self = weak.lock();
    if (self && !self->over_) f(*self, std::forward<decltype(arguments)>(arguments)...);
  };
}

void Job::start() {
  // What a process that ended has left published is of no use to the order that goes on.
  if (earlier_)
    for (const acme::Challenge& challenge : earlier_->published)
      setting_.proofs.unpublish(challenge, subject_.settings.dns_hook);
  // Which of two orders it was is not known: its key may be of the other type.
  if (wishes_.size() > 1) earlier_.reset();
  next_order();
}

void Job::next_order() {
  if (wishes_.empty()) return end({});
  acme::Wish wish = std::move(wishes_.back());
  wishes_.pop_back();
  order_ = std::make_unique<acme::Order>(ca_->conversation, std::move(wish), std::exchange(earlier_, {}));
  carry(order_->start(setting_.clock()));
}

void Job::carry(acme::Step step) {
  keep();
  unpublish();
  std::visit([this](auto& each) { carry_out(each); }, step);
}

void Job::keep() {
  if (order_->state_changed()) setting_.keep(acme::to_json(order_->state()));
}

void Job::unpublish() {
  for (const acme::Challenge& challenge : order_->take_finished())
    setting_.proofs.unpublish(challenge, subject_.settings.dns_hook);
}

void Job::carry_out(const acme::Send& send) {
  setting_.transport(send.request, ca_->ca_file, guarded([](Job& self, const Result<acme::Reply>& reply) {
    const std::int64_t now = self.setting_.clock();
    self.carry(reply ? self.order_->on_reply(*reply, now)
                     : self.order_->on_transport_error(reply.error().message, now));
  }));
}

void Job::carry_out(const acme::Publish& publish) {
  setting_.proofs.publish(publish.challenge, subject_.settings.dns_hook, setting_.clock(),
                          guarded([](Job& self, const Result<void>& published) {
    self.carry(published ? self.order_->on_published(self.setting_.clock())
                         : self.order_->on_publish_error(published.error().message));
  }));
}

void Job::carry_out(const acme::Wait& wait) {
  const std::chrono::seconds left(std::max<std::int64_t>(0, wait.until - setting_.clock()));
  timer_.expires_after(std::min<std::chrono::milliseconds>(left, setting_.longest_sleep));
  timer_.async_wait(guarded([wait](Job& self, const boost::system::error_code& failed) {
    if (failed) return;
    const std::int64_t now = self.setting_.clock();
    if (now < wait.until) return self.carry_out(wait);
    self.carry(self.order_->on_time(now));
  }));
}

void Job::carry_out(acme::Done& done) {
  const bool first = made_.empty();
  made_ += done.pem;
  cert::wipe(done.pem);
  if (first || done.not_after < life_.not_after) life_ = {done.not_before, done.not_after};
  // The last one's state goes with the certificate's being put in place: till then it can be had again.
  if (!wishes_.empty()) setting_.keep({});
  next_order();
}

void Job::carry_out(const acme::Failed& failed) {
  const auto kind = failed.failure.kind;
  const bool goes_on = kind == acme::FailureKind::transient || kind == acme::FailureKind::rate_limited;
  if (!goes_on) setting_.keep({});
  end(failed.failure);
}

void Job::end(std::optional<acme::Failure> failure) {
  if (std::exchange(over_, true)) return;
  timer_.cancel();
  setting_.done({failure ? std::string() : std::exchange(made_, {}), life_, std::move(failure)});
}

void Job::cancel() {
  if (std::exchange(over_, true)) return;
  timer_.cancel();
  if (!order_) return;
  unpublish();
  for (const acme::Challenge& challenge : order_->state().published)
    setting_.proofs.unpublish(challenge, subject_.settings.dns_hook);
}

std::string Job::doing() const { return order_ ? order_->doing() : "about to begin"; }

}  // namespace arbortls::issuance
