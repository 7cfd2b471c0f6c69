#include "session/admission.hpp"

#include "base/unique_fd.hpp"

#include <catch2/catch.hpp>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

using namespace arbortls;
using namespace std::chrono_literals;
using session::HandshakePlace;
using session::Refusal;

namespace {

const session::Admission::TimePoint start{1000s};

struct Doors {
  UniqueFd lines{::memfd_create("log", MFD_CLOEXEC)};
  arbortls::log::Logger logger{lines.get()};
  session::Metrics metrics;
  session::Admission admission{metrics, logger};

  std::string text() {
    logger.flush(2s);
    std::string all(10'000, '\0');
    all.resize(static_cast<std::size_t>(std::max<ssize_t>(::pread(lines.get(), all.data(), all.size(), 0), 0)));
    return all;
  }
};

net::Address address(const char* ip) { return *net::Address::from_ip(ip); }

tls::Effective limited(int connections, int handshakes, std::string_view holder = "a.example") {
  tls::Effective settings;
  settings.max_connections = {connections, false, holder};
  settings.max_handshakes = {handshakes, false, holder};
  return settings;
}

}  // namespace

TEST_CASE("so many handshakes are in progress at once, and each ending gives its place back", "[session]") {
  Doors doors;
  session::AdmissionRules rules;
  rules.handshakes = 2;
  {
    HandshakePlace one;
    HandshakePlace two;
    HandshakePlace three;
    CHECK_FALSE(doors.admission.enter(rules, one));
    CHECK_FALSE(doors.admission.enter(rules, two));
    CHECK(doors.admission.enter(rules, three) == Refusal::handshakes);
    const HandshakePlace moved(std::move(one));
    CHECK(doors.metrics.handshakes.value() == 2);
  }
  CHECK(doors.metrics.handshakes.value() == 0);
}

TEST_CASE("handshakes are counted where nothing is limited too", "[session]") {
  Doors doors;
  HandshakePlace place;
  CHECK_FALSE(doors.admission.enter({}, place));
  CHECK_FALSE(doors.admission.identify({}, address("192.0.2.1"), start, place));
  CHECK(doors.metrics.handshakes.value() == 1);
}

TEST_CASE("exempt addresses and UNIX peers are not limited by address", "[session]") {
  Doors doors;
  session::AdmissionRules rules;
  rules.address.handshakes = 1;
  rules.exempt = *net::AddressSet::parse({"192.0.2.0/24"});
  HandshakePlace places[6];
  CHECK_FALSE(doors.admission.identify(rules, address("192.0.2.7"), start, places[0]));
  CHECK_FALSE(doors.admission.identify(rules, address("192.0.2.7"), start, places[1]));
  CHECK_FALSE(doors.admission.identify(rules, net::Address(), start, places[2]));
  CHECK_FALSE(doors.admission.identify(rules, net::Address(), start, places[3]));
  CHECK_FALSE(doors.admission.identify(rules, address("198.51.100.1"), start, places[4]));
  CHECK(doors.admission.identify(rules, address("198.51.100.1"), start, places[5]) ==
        Refusal::handshakes_per_address);
}

TEST_CASE("a domain's connections and handshakes are counted apart, under who sets the limit", "[session]") {
  Doors doors;
  session::Slot first(doors.metrics);
  session::Slot second(doors.metrics);
  session::Slot third(doors.metrics);
  {
    HandshakePlace places[4];
    CHECK_FALSE(doors.admission.choose(limited(2, 1), places[0], first));
    CHECK(doors.admission.choose(limited(2, 1), places[1], second) == Refusal::domain_handshakes);
    CHECK_FALSE(doors.admission.choose(limited(2, 1, "b.example"), places[2], second));
    tls::Effective of_listener = limited(2, 1);
    of_listener.max_connections.of_listener = of_listener.max_handshakes.of_listener = true;
    CHECK_FALSE(doors.admission.choose(of_listener, places[3], third));
  }
  HandshakePlace place;
  CHECK_FALSE(doors.admission.choose(limited(2, 1), place, second));
  CHECK(doors.admission.choose(limited(2, 0), place, third) == Refusal::domain_connections);
  {
    const session::Slot passed_on(std::move(first));
  }
  CHECK_FALSE(doors.admission.choose(limited(2, 0), place, third));
}

TEST_CASE("a client that is asked for twice, after a HelloRetryRequest, counts once", "[session]") {
  Doors doors;
  session::Slot slot(doors.metrics);
  HandshakePlace place;
  for (int i = 0; i < 2; ++i) CHECK_FALSE(doors.admission.choose(limited(1, 1), place, slot));
  const auto rows = doors.admission.usage().rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].holder == "a.example");
  CHECK(rows[0].usage->connections.used.value() == 1);
  CHECK(rows[0].usage->handshakes.used.value() == 1);
}

TEST_CASE("a changed limit applies to newcomers and to the count there is", "[session]") {
  Doors doors;
  HandshakePlace place;
  session::Slot slots[4] = {session::Slot(doors.metrics), session::Slot(doors.metrics), session::Slot(doors.metrics),
                            session::Slot(doors.metrics)};
  CHECK_FALSE(doors.admission.choose(limited(2, 0), place, slots[0]));
  CHECK_FALSE(doors.admission.choose(limited(2, 0), place, slots[1]));
  CHECK(doors.admission.choose(limited(1, 0), place, slots[2]) == Refusal::domain_connections);
  CHECK_FALSE(doors.admission.choose(limited(3, 0), place, slots[2]));
  CHECK(doors.admission.choose(limited(3, 0), place, slots[3]) == Refusal::domain_connections);
  CHECK_FALSE(doors.admission.choose(limited(0, 0), place, slots[3]));
}

TEST_CASE("domains that nobody uses any more are let go", "[session]") {
  Doors doors;
  session::Slot kept(doors.metrics);
  HandshakePlace place;
  REQUIRE_FALSE(doors.admission.choose(limited(1, 0, "kept.example"), place, kept));
  for (int i = 0; i < 20'000; ++i) {
    session::Slot slot(doors.metrics);
    REQUIRE_FALSE(doors.admission.choose(limited(1, 0, std::to_string(i) + ".example"), place, slot));
  }
  const auto rows = doors.admission.usage().rows();
  CHECK(rows.size() < 2000);
  CHECK(std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.holder == "kept.example"; }) == 1);
}

TEST_CASE("each refusal counts, and a line in ten seconds says so for each limit", "[session]") {
  Doors doors;
  for (int i = 0; i < 100; ++i) {
    doors.admission.refused({Refusal::connection_rate, "192.0.2.1:5", "tls", {}, {}}, start + i * 1ms);
  }
  doors.admission.refused({Refusal::domain_connections, "192.0.2.1:5", "tls", "x.a.example", "a.example"}, start);
  doors.admission.refused({Refusal::connection_rate, "192.0.2.1:5", "tls", {}, {}}, start + 10s);
  CHECK(doors.metrics.refused[Refusal::connection_rate].value() == 101);
  CHECK(doors.metrics.refused[Refusal::domain_connections].value() == 1);
  const std::string log = doors.text();
  CAPTURE(log);
  CHECK(std::count(log.begin(), log.end(), '\n') == 3);
  CHECK(log.find("more_since_last=99") != std::string::npos);
  CHECK(log.find("limit_of=a.example reason=domain_connections") != std::string::npos);
}
