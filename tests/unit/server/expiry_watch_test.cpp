#include "unit/server/support.hpp"

#include "server/expiry_watch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <boost/json/serialize.hpp>

#include <atomic>
#include <map>

using namespace arbortls;
using namespace arbortls::server;
using namespace arbortls::server::test;
using Catch::Matchers::Contains;

namespace {

// A log whose lines can be waited for.
class Lines {
 public:
  Lines() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    out_ = UniqueFd(ends[0]);
    in_ = UniqueFd(ends[1]);
    logger_ = std::make_unique<log::Logger>(in_.get());
  }
  log::Logger& logger() { return *logger_; }

  // What came, and comes until `text` does.
  std::string until(const std::string& text) {
    std::string seen;
    while (seen.find(text) == std::string::npos) {
      pollfd source{out_.get(), POLLIN, 0};
      if (::poll(&source, 1, 20'000) <= 0) FAIL("no " << text << " after " << seen);
      std::array<char, 4096> part{};
      const auto size = ::read(out_.get(), part.data(), part.size());
      seen.append(part.data(), static_cast<std::size_t>(size));
    }
    return seen;
  }

 private:
  UniqueFd out_, in_;
  std::unique_ptr<log::Logger> logger_;
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// A watch over a site, its clock in hand, and the end of each look to be waited for.
class Watching {
 public:
  Watching(Site& site, std::chrono::milliseconds interval) : site_(site), interval_(interval) {
    start();
  }

  void start() {
    watch_ = std::make_unique<ExpiryWatch>(ExpiryWatch::Parts{site_.folder.path("state"),
                                                              lines_.logger(),
                                                              [this] { return now.load(); },
                                                              {},
                                                              {},
                                                              interval_});
  }
  void restart() {
    watch_.reset();
    start();
  }
  ExpiryWatch& watch() { return *watch_; }

  void follow(std::int64_t reload, std::size_t pending = 0, config::CommandLine hook = {}) {
    const auto book = site_.book();
    auto view = std::make_shared<View>();
    view->snapshot = book->snapshot();
    view->problems = book->troubles();
    view->last_reload.time = reload;
    view->pending = pending;
    view->issuing.hooks.expiring = std::move(hook);
    watch_->follow(view);
  }
  // Of a look that was taken at `time`.
  ExpirySummary looked_at(std::int64_t time) {
    for (int tries = 0; tries < 20'000; ++tries) {
      if (auto summary = watch_->summary(); summary.time == time) return summary;
      ::usleep(1000);
    }
    FAIL("no look was taken at " << time);
    return {};
  }
  // All that was logged before.
  std::string logged() {
    lines_.logger().info("end of lines");
    return lines_.until("end of lines");
  }
  Lines& lines() { return lines_; }

  std::atomic<std::int64_t> now = test_now;

 private:
  Site& site_;
  std::chrono::milliseconds interval_;
  Lines lines_;
  std::unique_ptr<ExpiryWatch> watch_;
};

constexpr std::chrono::milliseconds never_by_itself = std::chrono::hours(10);

struct Ends : Site {
  Ends() {
    pem("near.test", certificate_until("near.test", test_now + 29 * day));
    pem("soon.test", certificate_until("soon.test", test_now + 13 * day));
    pem("old.test", certificate_until("old.test", test_now - day));
    pem("fine.test", certificate_until("fine.test", test_now + 60 * day));
  }
};

}  // namespace

TEST_CASE("each is told once at its level, not again after reload or restart, but a day later",
          "[server][expiry]") {
  Ends site;
  Watching watching(site, never_by_itself);
  watching.follow(0);
  const ExpirySummary summary = watching.looked_at(test_now);
  CHECK(summary.near == 1);
  CHECK(summary.soon == 1);
  CHECK(summary.expired == 1);
  CHECK(summary.earliest_end == test_now - day);
  const std::string first = watching.logged();
  CHECK(count(first, ".test") == 6);  // domain and subject
  CHECK_THAT(first, Contains("info certificate nears its end domain=near.test") ||
                        Contains("info  certificate nears its end domain=near.test"));
  CHECK_THAT(first, Contains("certificate ends soon domain=soon.test") && Contains("days_left=13"));
  CHECK_THAT(first, Contains("certificate has expired domain=old.test"));

  watching.now = test_now + 1;
  watching.follow(1);
  watching.looked_at(test_now + 1);
  CHECK(count(watching.logged(), ".test") == 0);

  watching.restart();
  watching.now = test_now + 2;
  watching.follow(0);
  watching.looked_at(test_now + 2);
  CHECK(count(watching.logged(), ".test") == 0);

  watching.now = test_now + day;
  watching.follow(2);
  watching.looked_at(test_now + day);
  CHECK(count(watching.logged(), ".test") == 6);
}

TEST_CASE("a change alone makes no look, the time does", "[server][expiry]") {
  Site site;
  Watching slow(site, never_by_itself);
  slow.follow(0);
  slow.looked_at(test_now);
  slow.now = test_now + 1;
  site.pem("old.test", certificate_until("old.test", test_now - day));
  slow.follow(0);
  CHECK(slow.watch().summary().time == test_now);
  Watching quick(site, std::chrono::milliseconds(1));
  quick.follow(0);
  quick.now = test_now + 5;
  quick.looked_at(test_now + 5);
}

TEST_CASE("the first look waits until all certificates are read", "[server][expiry]") {
  Ends site;
  Watching watching(site, never_by_itself);
  watching.follow(0, 3);
  CHECK(watching.watch().summary().time == 0);
  watching.follow(0, 0);
  CHECK(watching.looked_at(test_now).expired == 1);
}

TEST_CASE("a file that stays broken is told after the time to read it", "[server][expiry]") {
  Site site;
  site.pem("a.test", broken_pem);
  Watching watching(site, never_by_itself);
  watching.follow(0);
  CHECK(watching.looked_at(test_now).files_not_served == 0);
  watching.now = test_now + 301;
  watching.follow(1);
  CHECK(watching.looked_at(test_now + 301).files_not_served == 1);
  CHECK_THAT(watching.logged(),
             Contains("certificate on disk is not what is served domain=a.test"));
}

TEST_CASE("a renewal that is overdue is told by itself", "[server][expiry]") {
  Site site;
  site.yaml("a.test", "local_ca: true\n");
  Wanted wanted;
  wanted.common_name = "a.test";
  wanted.names = {"a.test"};
  wanted.not_before = test_now - 10 * day;
  wanted.not_after = test_now + 20 * day;
  site.pem("a.test", "automatic=local-ca\n" + bundle(ca().leaf(wanted)));
  Watching watching(site, never_by_itself);
  watching.follow(0);
  auto summary = watching.looked_at(test_now);
  CHECK(summary.near + summary.soon + summary.renewals_overdue == 0);
  issuance::Report report;
  report.domains.resize(1);
  report.domains[0].domain = "a.test";
  report.domains[0].renewal = test_now - 2 * day;
  report.domains[0].failures = 3;
  report.domains[0].last_error = "the CA says no";
  watching.watch().take(report);
  watching.now = test_now + 1;
  watching.follow(1);
  summary = watching.looked_at(test_now + 1);
  CHECK(summary.renewals_overdue == 1);
  const std::string log = watching.logged();
  CHECK_THAT(log, Contains("certificate is overdue for renewal domain=a.test"));
  CHECK_THAT(log, Contains("the CA says no"));
}

TEST_CASE("a memory that cannot be kept is said", "[server][expiry]") {
  Ends site;
  Watching watching(site, never_by_itself);
  site.folder.make("state/expiry.said/full");
  watching.follow(0);
  watching.looked_at(test_now);
  CHECK_THAT(watching.logged(), Contains("what was said of expiry cannot be kept"));
}

TEST_CASE("news name what matters most first, in status, in metrics and for the hook",
          "[server][expiry]") {
  using expiry::Kind;
  using expiry::What;
  std::vector<expiry::Thing> things;
  for (const char* place : {"b.test", "a.test", "c.test", "d.test", "e.test"})
    things.push_back({Kind::certificate, "CN=x", place, test_now + 20 * day, {}, {}, {}});
  things.push_back({Kind::chain_member, "CN=Short", "a.test", test_now - day, {}, {}, "more"});
  things.push_back({Kind::certificate, "", "f.test", {}, {}, test_now - day, "f.test.pem: broken"});
  const auto summary = summary_of(things, {}, test_now - day, test_now);
  REQUIRE(summary.worst.size() == 5);
  CHECK(summary.worst[0] ==
        "a.test: chain member has expired: CN=Short, " + iso_time(test_now - day));
  CHECK(summary.worst[1] ==
        "f.test: certificate on disk is not what is served: f.test.pem: broken");
  CHECK_THAT(summary.worst[2], Contains("a.test: certificate nears its end"));
  CHECK(boost::json::serialize(expiry_json(summary))
            .find(R"("near":5,"soon":0,"expired":1,)"
                  R"("renewals_overdue":0,"files_not_served":1)") != std::string::npos);
  const std::string metrics = expiry_metrics(summary, test_now);
  CHECK_THAT(metrics, Contains("arbortls_earliest_end_seconds -86400\n") &&
                          Contains("arbortls_ending_soon 0\n") && Contains("arbortls_expired 1\n"));
  CHECK(expiry_metrics({}, test_now).empty());

  const auto event = hook_event({What::expired, expiry::Level::error, things[5], -day});
  CHECK(event.name == "expiring");
  CHECK(event.domain == "a.test");
  const std::map<std::string, std::string> facts(event.facts.begin(), event.facts.end());
  CHECK(facts == std::map<std::string, std::string>{{"what", "expired"},
                                                    {"level", "error"},
                                                    {"kind", "chain member"},
                                                    {"subject", "CN=Short"},
                                                    {"not_after", std::to_string(test_now - day)},
                                                    {"days_left", "-1"},
                                                    {"detail", "more"}});
}
