#include "trust_page/system.hpp"

#include "trust_page/steps.hpp"
#include "unit/trust_page/support.hpp"

using namespace arbortls;
using namespace arbortls::test;
using namespace arbortls::trust_page;
using Catch::Matchers::Contains;

namespace {

struct Agent {
  std::string_view text;
  System system;
  System beneath;
};

constexpr Agent agents[] = {
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
     System::windows, System::windows},
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0",
     System::firefox, System::windows},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/18.0 Safari/605.1.15",
     System::macos, System::macos},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0",
     System::firefox, System::macos},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
     System::ios, System::ios},
    {"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "FxiOS/131.0 Mobile/15E148 Safari/605.1.15",
     System::ios, System::ios},
    {"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/130.0.0.0 Mobile Safari/537.36",
     System::android, System::android},
    {"Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0", System::android,
     System::android},
    {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
     "Safari/537.36",
     System::linux, System::linux},
    {"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
     System::firefox, System::linux},
    {"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36", System::linux, System::linux},
    {"Yealink SIP-T46S 66.86.0.15 80:5e:c0:00:00:00", System::desk_phone, System::desk_phone},
    {"Mozilla/4.0 (compatible; snomD785-SIP 10.1.64.14)", System::desk_phone, System::desk_phone},
    {"Grandstream Model HW GXP2170 SW 1.0.11.64", System::desk_phone, System::desk_phone},
    {"FileTransport PolycomVVX-VVX_411-UA/5.9.5.0614", System::desk_phone, System::desk_phone},
    {"curl/7.88.1", System::unknown, System::unknown},
    {"", System::unknown, System::unknown},
};

std::string page_for(std::string_view agent) { return get(some_page(), "/", agent).body; }

}  // namespace

TEST_CASE("a system is told by its user agent", "[trust_page]") {
  for (const Agent& agent : agents) {
    CAPTURE(std::string(agent.text));
    CHECK(system_of(agent.text) == agent.system);
    CHECK(beneath(agent.system, agent.text) == agent.beneath);
  }
}

TEST_CASE("the steps of the asking system come first and are open, no others are", "[trust_page]") {
  for (const Agent& agent : agents) {
    CAPTURE(std::string(agent.text));
    const std::string html = page_for(agent.text);
    const bool known = agent.system != System::unknown;
    CHECK(count(html, "<details id=") == all_steps().size());
    CHECK(count(html, "\" open>") == (known ? 1 : 0));
    if (!known) continue;
    const std::string id(steps_of(agent.system).id);
    CHECK(html.find("<details id=") == html.find("<details id=\"" + id + "\" open>"));
  }
}

TEST_CASE("beneath Firefox the system's own steps come second", "[trust_page]") {
  const std::string html = page_for(agents[3].text);
  const auto first = html.find("<details id=");
  CHECK(html.find("<details id=", first + 1) == html.find("<details id=\"macos\""));
}

TEST_CASE("the button leads to what the system takes", "[trust_page]") {
  const auto [agent, file] = GENERATE(table<std::string, std::string>({
      {"iPhone", "root.mobileconfig"},
      {"Macintosh", "root.mobileconfig"},
      {"Windows NT", "root.crt"},
      {"Android", "root.crt"},
      {"Linux", "root.pem"},
      {"Yealink", "root.pem"},
      {"", "root.crt"},
  }));
  CHECK_THAT(page_for(agent), Contains("<a class=\"button\" href=\"" + file + "\">"));
}

TEST_CASE("a user agent is never repeated in the page", "[trust_page]") {
  CHECK_THAT(page_for("Windows <script>alert(1)</script>"), !Contains("alert(1)"));
}
