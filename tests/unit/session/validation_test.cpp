#include "session/handshake.hpp"

#include "unit/session/gate.hpp"

#include <poll.h>

using namespace arbortls;
using namespace arbortls::test;
using tls::HandshakeFailure;

namespace {

struct Validated : Gate {
  Validated() : Gate(setup()) {}

  static GateSetup setup() {
    GateSetup setup;
    setup.validations = [proof = real("proof.example")](std::string_view name) {
      return name == "a.example" ? proof : nullptr;
    };
    return setup;
  }
  std::unique_ptr<Client> certificate_authority(const std::string& name) {
    ClientWish wish;
    wish.sni = name;
    wish.alpn = {"acme-tls/1"};
    return std::make_unique<Client>(connect_to(front->get()), wish);
  }
  bool backend_met_nobody() const {
    pollfd arrival{back.get(), POLLIN, 0};
    return ::poll(&arrival, 1, 0) == 0;
  }
};

}  // namespace

TEST_CASE("a CA's validation ends with the handshake and meets no backend", "[session]") {
  Validated gate;
  const auto client = gate.certificate_authority("a.example");
  REQUIRE(client->shake());
  CHECK(client->hear_end() == End::notify_and_fin);
  CHECK(gate.settled());
  CHECK(gate.backend_met_nobody());
  CHECK(gate.metrics.validations.value() == 1);
  CHECK(gate.metrics.handshakes_ok.value() == 0);
  CHECK(gate.failures() == 0);
  CHECK(has(gate.log(), "a CA has validated a name"));
}

TEST_CASE("a validation of a name that awaits none is a failed handshake of its own kind", "[session]") {
  Validated gate;
  CHECK_FALSE(gate.certificate_authority("b.example")->shake());
  CHECK(gate.settled());
  CHECK(gate.failures(HandshakeFailure::unknown_validation) == 1);
  CHECK(gate.backend_met_nobody());
}
