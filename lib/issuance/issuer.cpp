#include "issuance/issuer.hpp"

#include "base/wipe_freed.hpp"
#include "issuance/office.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <new>
#include <thread>
#include <utility>

namespace arbortls::issuance {

struct Issuer::Impl {
  explicit Impl(Setting setting)
      : logger(setting.logger),
        office(io, {setting.state_dir + "/acme", setting.state_dir + "/ca", std::move(setting.challenges),
                    setting.logger, std::move(setting.clock), over_https(io)}),
        thread([this, on_start = std::move(setting.on_start)] {
          const WipeFreed no_copies_of_keys;
          if (on_start) on_start();
          run();
        }) {}

  // A round that memory runs out in is lost; what it was about is looked at again within the minute.
  void run() {
    for (;;) {
      try {
        io.run();
        return;
      } catch (const std::bad_alloc&) {
        logger.error("memory ran out where certificates are made", {});
      }
    }
  }

  log::Logger& logger;
  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  Office office;
  std::thread thread;
};

Issuer::Issuer(Setting setting) : impl_(std::make_unique<Impl>(std::move(setting))) {}

Issuer::~Issuer() { stop(); }

void Issuer::follow(std::shared_ptr<const tls::Site> site, Options options) {
  boost::asio::post(impl_->io, [impl = impl_.get(), site = std::move(site), options = std::move(options)]() mutable {
    impl->office.follow(std::move(site), std::move(options));
  });
}

void Issuer::renew(std::string domain, Told told) {
  boost::asio::post(impl_->io, [impl = impl_.get(), domain = std::move(domain), told = std::move(told)]() mutable {
    impl->office.renew(domain, std::move(told));
  });
}

void Issuer::revoke(std::string domain, Told told) {
  boost::asio::post(impl_->io, [impl = impl_.get(), domain = std::move(domain), told = std::move(told)]() mutable {
    impl->office.revoke(domain, std::move(told));
  });
}

void Issuer::report(std::function<void(Report)> told) {
  boost::asio::post(impl_->io, [impl = impl_.get(), told = std::move(told)] { told(impl->office.report()); });
}

void Issuer::rehearse(std::function<void(std::vector<Rehearsed>)> told) {
  boost::asio::post(impl_->io, [impl = impl_.get(), told = std::move(told)]() mutable {
    impl->office.rehearse(std::move(told));
  });
}

void Issuer::stop() {
  if (!impl_->thread.joinable()) return;
  boost::asio::post(impl_->io, [impl = impl_.get()] {
    impl->office.stop();
    impl->io.stop();
  });
  impl_->thread.join();
}

}  // namespace arbortls::issuance
