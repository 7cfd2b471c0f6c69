#pragma once
// A whole way in: handshake lane and relay lane with a thread each, in front of a backend in the test's own hands.

#include "session/handshake.hpp"
#include "session/handshake_worker.hpp"
#include "unit/session/rig.hpp"

#include <sys/mman.h>

namespace arbortls::test {

struct GateSetup {
  session::ListenerRules rules{};
  backend::SendProxy send_proxy = backend::SendProxy::none;
  std::int64_t max_connections = 1000;
  bool certificates = true;
  bool pending = false;  // a.example's certificate is still to be read
  session::AdmissionRules admission{};
  tls::ValidationCertificates validations{};
  config::Inherited inherited{};  // the listener's, beside its backend
};

// Both lanes with a thread each, one listener, one backend in the test's hands, and the log.
class Gate {
 public:
  explicit Gate(const GateSetup& setup = {})
      : log_(::memfd_create("log", MFD_CLOEXEC)),
        logger_(log_.get()),
        relay_(metrics, logger_),
        admission_(metrics, logger_) {
    auto made = session::HandshakeWorker::make(
        {metrics, logger_, {&relay_}, setup.max_connections, std::size_t{1} << 20, setup.validations,
         wanted, admission_});
    REQUIRE(made.has_value());
    worker_ = std::move(*made);
    snapshot_ = snapshot(setup);
    relay_loop_ = std::thread([this] { relay_.reactor().run(); });
    loop_ = std::thread([this] { worker_->reactor().run(); });
    worker_->reactor().post([this] { worker_->publish(snapshot_, {{front, 0}}); });
  }
  ~Gate() {
    worker_->reactor().stop();
    relay_.reactor().stop();
    loop_.join();
    relay_loop_.join();
  }

  std::unique_ptr<Client> client(const std::string& sni = "a.example", const std::string& before = "") {
    UniqueFd fd = connect_to(front->get());
    send_all(fd.get(), before);
    ClientWish wish;
    wish.sni = sni;
    return std::make_unique<Client>(std::move(fd), wish);
  }
  UniqueFd raw(const std::string& bytes) {
    UniqueFd fd = connect_to(front->get());
    send_all(fd.get(), bytes);
    return fd;
  }
  template <class F>
  void on_worker(F f) {
    std::promise<void> done;
    worker_->reactor().post([&] {
      f(*worker_);
      done.set_value();
    });
    done.get_future().wait();
  }
  // The worker sees what `f` does all at once, when it is over.
  template <class F>
  void while_it_sleeps(F f) {
    std::promise<void> asleep;
    std::promise<void> over;
    worker_->reactor().post([&asleep, awake = over.get_future().share()] {
      asleep.set_value();
      awake.wait();
    });
    asleep.get_future().wait();
    f(*worker_);
    over.set_value();
  }
  bool settled() const { return until([this] { return metrics.active.value() == 0; }); }
  template <class Done>
  static bool until(Done done) {
    const auto deadline = net::Clock::now() + 10s;
    while (!done() && net::Clock::now() < deadline) ::poll(nullptr, 0, 1);
    return done();
  }
  std::uint64_t failures(tls::HandshakeFailure failure) const { return metrics.handshake_failures[failure].value(); }
  std::uint64_t failures() const { return sum_of(metrics.handshake_failures); }
  std::string log() {
    logger_.flush(2s);
    std::string text(100'000, '\0');
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(::pread(log_.get(), text.data(), text.size(), 0), 0)));
    return text;
  }

  void publish(const GateSetup& setup) {
    on_worker([&](session::HandshakeWorker& worker) { worker.publish(snapshot(setup)); });
  }

  session::Metrics metrics;
  session::Wanted wanted;
  std::shared_ptr<const UniqueFd> front = std::make_shared<const UniqueFd>(listener());
  UniqueFd back = listener();

 private:
  session::SnapshotPtr snapshot(const GateSetup& setup) const {
    SiteMaker maker("m.example");
    if (setup.pending)
      maker.add_pending("a.example");
    else
      maker.add("a.example", setup.certificates ? real("a.example") : nullptr);
    config::Inherited inherited = setup.inherited;
    inherited.backend = located(std::string("b"));
    auto made = std::make_shared<session::Snapshot>();
    made->site = maker.site(nullptr, setup.certificates ? real("default.example") : nullptr, inherited);
    made->rules = {setup.rules};
    made->admission = setup.admission;
    backend::PoolOptions options;
    options.send_proxy = setup.send_proxy;
    made->backends["b"] = std::make_shared<const backend::Pool>(options, std::vector{server_at(back)});
    return made;
  }

  UniqueFd log_;
  log::Logger logger_;
  session::RelayWorker relay_;
  session::Admission admission_;
  std::unique_ptr<session::HandshakeWorker> worker_;
  session::SnapshotPtr snapshot_;
  std::thread relay_loop_;
  std::thread loop_;
};

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace arbortls::test
