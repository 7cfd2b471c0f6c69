#include "issuance/plan.hpp"

#include "issuance/subject.hpp"
#include "unit/tls/sites.hpp"

#include <catch2/catch.hpp>

using namespace arbortls;
using namespace arbortls::test;
using issuance::Subject;

namespace {

config::Inherited says(config::Automatic automatic) {
  config::Inherited inherited;
  inherited.automatic = std::make_shared<const config::Automatic>(std::move(automatic));
  return inherited;
}

config::Automatic wants(bool wildcard = false) {
  config::Automatic automatic;
  automatic.acme_enabled = true;
  if (wildcard) automatic.acme_wildcard = true;
  return automatic;
}

std::vector<std::string> domains(const SiteMaker& maker) {
  std::vector<std::string> names;
  for (const Subject& subject : issuance::subjects_of(maker.site(nullptr, nullptr), "/domains"))
    names.push_back(subject.domain());
  return names;
}

}  // namespace

TEST_CASE("every domain that has a maker is a subject, with the place its text belongs to", "[issuance]") {
  SiteMaker maker("m.example");
  maker.add("m.example").add("a.example", nullptr, "", says(wants())).add("b.example");
  CHECK(domains(maker) == std::vector<std::string>{"a.example"});
  const auto subjects = issuance::subjects_of(maker.site(nullptr, nullptr), "/domains");
  CHECK(subjects.front().file == "/domains/a.example.pem");
}

TEST_CASE("what a wildcard above covers needs no order, unless it would be served with something else",
          "[issuance]") {
  SiteMaker maker("m.example");
  maker.add("m.example")
      .add("w.example", nullptr, "", says(wants(true)))
      .add("desk.w.example", nullptr, "", says(wants()))       // covered
      .add("deep.desk.w.example", nullptr, "", says(wants()))  // two labels below
      .add("other.w.example", nullptr, "m.example", says(wants()));  // another parent serves it
  CHECK(domains(maker) == std::vector<std::string>{"deep.desk.w.example", "other.w.example", "w.example"});
}

TEST_CASE("the names of a certificate are each listed once", "[issuance]") {
  tls::Automatic settings;
  settings.maker = tls::Maker::acme;
  settings.domain = "a.example";
  settings.wildcard = true;
  settings.extra_names = {"b.example", "a.example"};
  settings.addresses = {"10.0.0.1"};
  CHECK(issuance::names_of(settings) == std::vector<std::string>{"a.example", "*.a.example", "b.example"});
  settings.maker = tls::Maker::local_ca;
  CHECK(issuance::names_of(settings).back() == "10.0.0.1");
}

TEST_CASE("an account is an address at a CA", "[issuance]") {
  tls::Automatic settings;
  settings.maker = tls::Maker::acme;
  settings.directory = "https://ca.test/dir";
  CHECK(issuance::account_of(settings) == "https://ca.test/dir");
  settings.account_email = "op@a.example";
  CHECK(issuance::directory_of(issuance::account_of(settings)) == "https://ca.test/dir");
  settings.maker = tls::Maker::local_ca;
  CHECK(issuance::account_of(settings).empty());
}
