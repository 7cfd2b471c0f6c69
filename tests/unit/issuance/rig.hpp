#pragma once
// An Office with a clock of the test's own, a CA in memory and a folder: everything but the network.

#include "acme/mark.hpp"
#include "base/file.hpp"
#include "cert/load.hpp"
#include "issuance/office.hpp"
#include "issuance/plan.hpp"
#include "support/folder.hpp"
#include "unit/acme/fake_ca.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <fcntl.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace arbortls::test {

using issuance::Office;

class Rig {
 public:
  Rig() : log_(::open("/dev/null", O_WRONLY | O_CLOEXEC)), logger_(log_.get()) {
    std::filesystem::create_directory(folder.at("domains"));
    ca.sees = [this](const acme::Challenge& wanted) {
      return challenges->key_authorization(wanted.token) == wanted.key_authorization;
    };
    open();
  }
  ~Rig() { close(); }

  // A process's life begins; what was kept is read.
  void open() {
    io_ = std::make_unique<boost::asio::io_context>();
    challenges = std::make_shared<acme::Challenges>();
    issuance::Transport transport = [this](const acme::Request& request, const std::string&, auto done) {
      boost::asio::post(*io_, [this, request, done] {
        if (request.url.starts_with("http://")) return done(ask_ourselves(request.url));
        if (!ca_is_up) return done(error("ca.test: connection refused"));
        done(ca.handle(request, now));
      });
    };
    office_.emplace(*io_, Office::Parts{folder.at("acme"), folder.at("ca"), challenges, logger_,
                                        [this] { return now; }, transport, std::chrono::milliseconds(1)});
  }
  // And ends.
  void close() {
    office_.reset();
    io_.reset();
  }

  config::Automatic& want(const std::string& domain) {
    auto& wanted = wanted_[domain];
    wanted.acme_enabled = true;
    wanted.acme_directory = acme::test::ca_url + "/directory";
    wanted.acme_challenges = std::vector{config::AcmeChallenge::http_01};
    return wanted;
  }
  config::Automatic& want_locally(const std::string& domain) {
    auto& wanted = wanted_[domain];
    wanted.local_ca = true;
    return wanted;
  }
  void forget(const std::string& domain) { wanted_.erase(domain); }
  std::string file(const std::string& domain) const { return folder.at("domains/" + domain + ".pem"); }

  // What a reload or the watcher leads to: the office is told what stands in the folder.
  void look() {
    auto site = std::make_shared<tls::Site>();
    site->tree = tls::Tree("master.example");
    site->automatic = true;
    for (const auto& [domain, automatic] : wanted_) site->tree = std::move(site->tree).with(node(domain, automatic));
    options.domains_dir = folder.at("domains");
    office_->follow(site, options);
  }

  // Until `done`; while nothing moves the clock does.
  template <class Done>
  bool until(Done done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      const auto before = ca.log.size();
      io_->run_for(std::chrono::milliseconds(3));
      if (ca.log.size() == before && !done()) ++now;
    }
    return done();
  }
  // Everything that is due is begun, and what can end without the clock's going on has ended.
  void settle() {
    for (int quiet = 0; quiet < 30;) {
      const auto before = ca.log.size();
      io_->run_for(std::chrono::milliseconds(2));
      quiet = ca.log.size() == before ? quiet + 1 : 0;
    }
  }

  issuance::ReportedDomain row(const std::string& domain) const {
    for (auto& each : office_->report().domains)
      if (each.domain == domain) return each;
    return {};  // not known yet
  }
  int orders() const { return static_cast<int>(ca.new_orders.size()); }
  std::optional<acme::Mark> mark(const std::string& domain) const {
    const auto text = read_file(file(domain), cert::max_text);
    return text ? acme::read_mark(*text) : std::nullopt;
  }
  Office& office() { return *office_; }

  Folder folder;
  acme::test::FakeCa ca;
  bool leads_here = true;  // the names' port 80
  std::int64_t now = test_now;
  bool ca_is_up = true;
  issuance::Options options;
  std::shared_ptr<acme::Challenges> challenges;

 private:
  Result<acme::Reply> ask_ourselves(const std::string& url) const {
    if (!leads_here) return error("connection refused");
    const auto found = challenges->key_authorization(url.substr(url.rfind('/') + 1));
    return acme::Reply{found ? 200 : 404, {}, found.value_or("")};
  }
  tls::Tree::NodePtr node(const std::string& domain, const config::Automatic& automatic) {
    auto made = std::make_shared<tls::Tree::Node>();
    made->name = domain;
    auto inherited = std::make_shared<config::Inherited>();
    inherited->automatic = std::make_shared<const config::Automatic>(automatic);
    made->value.inherited = inherited;
    if (const auto text = read_file(file(domain), cert::max_text)) {
      made->value.own = acme::read_mark(*text) ? tls::Own::automatic : tls::Own::by_hand;
      cert::LoadOptions load;
      load.now = now;
      if (auto loaded = cert::load_pem(*text, load)) made->value.certificate = same_as_before(domain, loaded->certificate);
    }
    return made;
  }
  // As the daemon does: the same certificate keeps its pointer.
  cert::CertificatePtr same_as_before(const std::string& domain, cert::CertificatePtr loaded) {
    cert::CertificatePtr& known = known_[domain];
    if (!known || known->identity != loaded->identity) known = std::move(loaded);
    return known;
  }

  UniqueFd log_;
  log::Logger logger_;
  std::unique_ptr<boost::asio::io_context> io_;
  std::map<std::string, config::Automatic> wanted_;
  std::map<std::string, cert::CertificatePtr> known_;
  std::optional<Office> office_;
};

}  // namespace arbortls::test
