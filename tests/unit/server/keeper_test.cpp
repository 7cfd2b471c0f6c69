#include "unit/server/support.hpp"

#include "server/keeper.hpp"

#include <fcntl.h>

#include <condition_variable>
#include <mutex>

using namespace arbortls::server;
using namespace arbortls::server::test;
using Catch::Matchers::Contains;

namespace {

// Holds what the keeper publishes; waits for it, never for a time.
class Views {
 public:
  void add(ViewPtr view) {
    const std::lock_guard lock(mutex_);
    last_ = std::move(view);
    came_.notify_all();
  }
  template <class F>
  ViewPtr until(F f) {
    std::unique_lock lock(mutex_);
    const bool came =
        came_.wait_for(lock, std::chrono::seconds(20), [&] { return last_ && f(*last_); });
    if (!came) FAIL("the state waited for was not published");
    return last_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  ViewPtr last_;
};

class Answers {
 public:
  std::function<void(ReloadResult)> slot() {
    return [this](const ReloadResult& result) {
      const std::lock_guard lock(mutex_);
      all_.push_back(result);
      came_.notify_all();
    };
  }
  std::vector<ReloadResult> wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, std::chrono::seconds(20), [&] { return all_.size() >= count; });
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<ReloadResult> all_;
};

// A daemon without its control side.
class Running {
 public:
  explicit Running(Site& site, bool before_start = false,
                   const std::function<void()>& meanwhile = {})
      : site_(site) {
    auto book = site.book();
    auto started = Workers::start(book->settings(), metrics_, logger_, 100);
    REQUIRE(started.has_value());
    workers_ = std::move(*started);
    if (before_start) meanwhile();
    auto [made, problems] = Keeper::start(
        {site.folder.path("arbortls.yaml"), std::move(book), site.store, sockets_, *workers_,
         logger_, [] { return test_now; }, [this](ViewPtr view) { views.add(std::move(view)); }});
    for (const arbortls::Problem& problem : problems) UNSCOPED_INFO(to_string(problem));
    REQUIRE(made != nullptr);
    keeper = std::move(made);
  }
  ~Running() {
    keeper.reset();
    workers_->stop();
  }

  ViewPtr until_served(const std::string& name,
                       const arbortls::cert::CertificatePtr& not_this = nullptr) {
    return views.until([&](const View& view) {
      const arbortls::tls::Tree::Node* node = view.snapshot->site.tree.find(name);
      return node != nullptr && node->value.certificate && node->value.certificate != not_this;
    });
  }

 private:
  Site& site_;
  arbortls::UniqueFd null_{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  arbortls::log::Logger logger_{null_.get()};
  arbortls::session::Metrics metrics_;
  Sockets sockets_;
  std::unique_ptr<Workers> workers_;

 public:
  Views views;
  std::unique_ptr<Keeper> keeper;
};

arbortls::cert::CertificatePtr of(const ViewPtr& view, const std::string& name) {
  const arbortls::tls::Tree::Node* node = view->snapshot->site.tree.find(name);
  return node != nullptr ? node->value.certificate : nullptr;
}

}  // namespace

TEST_CASE("what changes between reading and watching is not missed", "[server][keeper]") {
  Site site;
  site.pem("a.test", certificate_for("a.test"));
  const std::string next = certificate_for("a.test");
  Running running(site, true, [&] {
    site.pem("a.test", next);
    site.pem("new.test", certificate_for("new.test"));
  });
  running.until_served("new.test");
  const auto view = running.views.until([](const View& v) { return v.certificates == 2; });
  const auto expected = arbortls::cert::load_pem(next, {{}, test_now, nullptr});
  REQUIRE(expected.has_value());
  CHECK(of(view, "a.test")->identity == expected->certificate->identity);
}

TEST_CASE("a changed, a broken, a mended and a removed certificate reach the view",
          "[server][keeper]") {
  Site site;
  site.config("watch: {settle: 10ms}\n");
  site.pem("a.test", certificate_for("a.test"));
  site.pem("b.test", certificate_for("b.test"));
  Running running(site);
  const auto first = running.until_served("a.test");
  site.pem("a.test", certificate_for("a.test"));
  const auto second = running.until_served("a.test", of(first, "a.test"));
  CHECK(of(second, "b.test") == of(first, "b.test"));
  site.pem("a.test", broken_pem);
  const auto third =
      running.views.until([](const View& v) { return v.problems.find("a.test") != nullptr; });
  CHECK(of(third, "a.test") == of(second, "a.test"));
  site.pem("a.test", certificate_for("a.test"));
  running.views.until([](const View& v) { return v.problems.find("a.test") == nullptr; });
  site.folder.remove("domains/a.test.pem");
  const auto last = running.views.until([](const View& v) { return v.domains == 1; });
  CHECK(last->certificates == 1);
}

TEST_CASE("a file: path outside the directory and a link's target are watched once they are named",
          "[server][keeper]") {
  Site site;
  site.config("watch: {settle: 10ms}\n");
  Running running(site);
  site.folder.write("elsewhere/a.pem", certificate_for("a.test"));
  site.yaml("a.test", "certificate_pem: file:" + site.folder.path("elsewhere/a.pem") + "\n");
  const auto first = running.until_served("a.test");
  site.folder.replace("elsewhere/a.pem", certificate_for("a.test"));
  running.until_served("a.test", of(first, "a.test"));
  site.folder.write("elsewhere/b.pem", certificate_for("b.test"));
  fs::create_symlink(site.folder.path("elsewhere/b.pem"), site.domain_file("b.test.pem"));
  const auto second = running.until_served("b.test");
  site.folder.replace("elsewhere/b.pem", certificate_for("b.test"));
  running.until_served("b.test", of(second, "b.test"));
}

TEST_CASE(
    "each reload request is answered once, and a refused one is remembered and changes nothing",
    "[server][keeper]") {
  Site site;
  site.pem("a.test", certificate_for("a.test"));
  Running running(site);
  const auto first = running.until_served("a.test");
  Answers answers;
  for (int i = 0; i < 5; ++i) running.keeper->reload(answers.slot());
  const auto good = answers.wait(5);
  REQUIRE(good.size() == 5);
  for (const ReloadResult& result : good) CHECK(result.ok);
  site.config("nonsense: 1\nlog: {level: loud}\n");
  running.keeper->reload(answers.slot());
  const auto all = answers.wait(6);
  REQUIRE(all.size() == 6);
  CHECK_FALSE(all.back().ok);
  CHECK(all.back().problems.size() == 2);
  const auto view = running.views.until([](const View& v) { return !v.last_reload.ok; });
  CHECK(view->last_reload.time == test_now);
  CHECK(told(view->last_reload.problems).find("nonsense") != std::string::npos);
  CHECK(of(view, "a.test") == of(first, "a.test"));
  site.config("");
  running.keeper->reload(answers.slot());
  CHECK(answers.wait(7).back().ok);
  running.views.until(
      [](const View& v) { return v.last_reload.ok && v.last_reload.time == test_now; });
}

TEST_CASE("a listener that cannot be opened refuses the reload and leaves the old ones",
          "[server][keeper]") {
  Site site;
  Running running(site);
  site.config(
      "listeners:\n  - {name: l, role: ws, address: \"unix:l.sock\", backend: web}\n"
      "  - {name: m, role: ws, address: \"unix:/nowhere/at/all/m.sock\", backend: web}\n");
  Answers answers;
  running.keeper->reload(answers.slot());
  const auto refused = answers.wait(1);
  REQUIRE(refused.size() == 1);
  CHECK_FALSE(refused[0].ok);
  CHECK_THAT(told(refused[0].problems), Contains("listeners[1].address") && Contains("m.sock"));
  CHECK(running.views.until([](const View& v) { return !v.last_reload.ok; })
            ->snapshot->site.listeners.size() == 1);
  CHECK(site.folder.has("l.sock"));
}

TEST_CASE("a keeper that stops answers what waits, saves, and publishes nothing more",
          "[server][keeper]") {
  Site site;
  site.pem("a.test", certificate_for("a.test"));
  Running running(site);
  Answers answers;
  running.keeper->ask_to_stop();
  running.keeper->reload(answers.slot());
  running.keeper->stop();
  const auto all = answers.wait(1);
  REQUIRE(all.size() == 1);
  CHECK_FALSE(all[0].ok);
  CHECK(site.folder.has("state/last_good/a.test.pem"));
}

TEST_CASE("a state directory that is none stops nothing, is told of, and is used when it can be",
          "[server][keeper]") {
  Site site;
  site.folder.write("state", "a file where the directory should be");
  site.pem("a.test", certificate_for("a.test"));
  Running running(site);
  running.until_served("a.test");
  const auto view = running.views.until(
      [&](const View& v) { return v.problems.find(site.folder.path("state")) != nullptr; });
  CHECK(view->snapshot->site.fallback);
  CHECK_THAT(told(view->problems, site.folder.path("state")),
             Contains("state_dir") && Contains("in memory"));
}
