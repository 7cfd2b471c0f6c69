#include "tls/select.hpp"

#include "unit/tls/counting_malloc.hpp"
#include "unit/tls/sites.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

using namespace arbortls;
using namespace arbortls::tls;
using namespace std::chrono_literals;
using arbortls::test::located;
using arbortls::test::paper;
using arbortls::test::SiteMaker;
using config::CertificateChoice;

namespace {

constexpr std::int64_t now = test::test_now;

Selection choose(const Site& site, std::string_view name) {
  return select(site, site.listeners[0], domain::ServerName(name), now);
}

// Who is served: a domain's name, "certdir", "default" or "nobody".
std::string served(const Site& site, std::string_view name) {
  const Selection selection = choose(site, name);
  if (!selection.certificate) return "nobody";
  if (selection.source != Source::certificate_pem) return std::string(to_string(selection.source));
  REQUIRE(selection.from != nullptr);
  CHECK(selection.from->value.certificate == selection.certificate);
  return selection.from->name;
}

config::Inherited with_choice(CertificateChoice choice) {
  config::Inherited inherited;
  inherited.certificate_choice = located(choice);
  return inherited;
}

config::Inherited with_backend(const std::string& name) {
  config::Inherited inherited;
  inherited.backend = located(name);
  return inherited;
}

// master.example - tenant.example (explicit parent group.example, which is no suffix) - deep names.
SiteMaker platform() {
  SiteMaker maker("master.example");
  maker.add("master.example", paper({"*.master.example"}))
      .add("group.example", paper({"group.example"}))
      .add("tenant.example", nullptr, "group.example")
      .add("sub.tenant.example")
      .add("own.tenant.example", paper({"own.tenant.example"}))
      .add("bare.example", nullptr, "master.example")
      .add("x.own.tenant.example");
  return maker;
}

struct Seen final : Trace {
  void step(std::string_view stage, std::string_view subject, const Tree::Node* node,
            const cert::Certificate* certificate) override {
    text += std::string(stage) + ':' + std::string(subject) + (node != nullptr ? "+" : "") +
            (certificate != nullptr ? "! " : " ");
  }
  std::string text;
};

}  // namespace

TEST_CASE("a name's certificate is found by the order of selection", "[tls]") {
  const Site site = platform().site(paper({"dir"}), paper({"default"}));
  const auto [name, expected] = GENERATE(table<std::string, std::string>({
      {"own.tenant.example", "own.tenant.example"},
      {"OWN.Tenant.Example.", "own.tenant.example"},
      {"tenant.example", "group.example"},
      {"sub.tenant.example", "group.example"},
      {"x.own.tenant.example", "own.tenant.example"},
      {"bare.example", "master.example"},
      {"master.example", "master.example"},
      // Not in the tree: suffixes that have their own, not a suffix' parents.
      {"unknown.own.tenant.example", "own.tenant.example"},
      {"a.b.c.own.tenant.example", "own.tenant.example"},
      {"unknown.tenant.example", "master.example"},
      {"unknown.sub.tenant.example", "master.example"},
      {"any.master.example", "master.example"},
      {"stranger.test", "master.example"},
      {"example", "master.example"},
      {"xn--bcher-kva.own.tenant.example", "own.tenant.example"},
      // Step 4.
      {"", "certdir"},
      {"192.0.2.1", "certdir"},
      {"2001:db8::1", "certdir"},
      {"[::1]", "certdir"},
      {"no blanks.own.tenant.example", "certdir"},
      {"..", "certdir"},
      {"*.own.tenant.example", "certdir"},
  }));
  CAPTURE(name);
  CHECK(served(site, name) == expected);
}

TEST_CASE("where no domain has a certificate the listener's serves, then the default, then nobody", "[tls]") {
  SiteMaker maker("master.example");
  maker.add("master.example").add("a.example");
  for (const char* name : {"a.example", "b.a.example", "master.example", "other.test", "", "10.0.0.1"}) {
    CAPTURE(name);
    CHECK(served(maker.site(paper({"d"}), paper({"f"})), name) == "certdir");
    CHECK(served(maker.site(nullptr, paper({"f"})), name) == "default");
    CHECK(served(maker.site(nullptr, nullptr), name) == "nobody");
  }
}

TEST_CASE("a master that is only named has no certificate, and the walk still ends", "[tls]") {
  SiteMaker maker("master.example");
  maker.add("a.example");
  const Site site = maker.site(nullptr, paper({"f"}));
  for (const char* name : {"a.example", "master.example", "x.master.example", "y.test"}) {
    CAPTURE(name);
    CHECK(served(site, name) == "default");
  }
}

TEST_CASE("nearest serves what is expired, early or not covering", "[tls]") {
  SiteMaker maker("m.example");
  maker.add("m.example", paper({"*.m.example"}))
      .add("old.m.example", paper({"old.m.example"}, now - 1))
      .add("early.m.example", paper({"early.m.example"}, now + 9, now + 5))
      .add("other.m.example", paper({"else.example"}));
  const Site site = maker.site(nullptr, nullptr);
  for (const char* name : {"old.m.example", "early.m.example", "other.m.example"}) CHECK(served(site, name) == name);
}

TEST_CASE("valid passes over what is expired, early or not covering, if a better one follows", "[tls]") {
  const bool covered = GENERATE(true, false);
  SiteMaker maker("m.example");
  maker.add("m.example", covered ? paper({"*.m.example"}) : paper({"m.example"}), "",
            with_choice(CertificateChoice::valid))
      .add("old.m.example", paper({"old.m.example"}, now - 1))
      .add("early.m.example", paper({"early.m.example"}, now + 9, now + 5))
      .add("other.m.example", paper({"else.example"}))
      .add("good.m.example", paper({"good.m.example"}));
  const Site site = maker.site(nullptr, paper({"f"}));
  CHECK(served(site, "good.m.example") == "good.m.example");
  for (const char* name : {"old.m.example", "early.m.example", "other.m.example"}) {
    CAPTURE(name, covered);
    CHECK(served(site, name) == (covered ? "m.example" : name));
  }
  // The same for names that are not in the tree.
  CHECK(served(site, "x.good.m.example") == "good.m.example");
}

TEST_CASE("valid may end at the certdir or the default", "[tls]") {
  SiteMaker maker("m.example");
  maker.add("m.example", paper({"m.example"}, now - 5), "", with_choice(CertificateChoice::valid));
  CHECK(served(maker.site(paper({"m.example"}), paper({"m.example"})), "m.example") == "certdir");
  CHECK(served(maker.site(paper({"n.example"}), paper({"m.example"})), "m.example") == "default");
  CHECK(served(maker.site(nullptr, nullptr), "m.example") == "m.example");
}

TEST_CASE("a domain may return to nearest below one that says valid", "[tls]") {
  SiteMaker maker("m.example");
  maker.add("m.example", paper({"*.m.example"}), "", with_choice(CertificateChoice::valid))
      .add("old.m.example", paper({"old.m.example"}, now - 1), "", with_choice(CertificateChoice::nearest));
  CHECK(served(maker.site(nullptr, nullptr), "old.m.example") == "old.m.example");
}

TEST_CASE("without a name valid asks for dates only", "[tls]") {
  const SiteMaker maker("m.example");
  const config::Inherited valid = with_choice(CertificateChoice::valid);
  CHECK(served(maker.site(paper({"d"}), paper({"f"}), valid), "") == "certdir");
  CHECK(served(maker.site(paper({"d"}, now - 1), paper({"f"}), valid), "") == "default");
  CHECK(served(maker.site(paper({"d"}, now - 1), paper({"f"}, now - 1), valid), "") == "certdir");
  CHECK(served(maker.site(paper({"d"}, now - 1), paper({"f"})), "") == "certdir");
}

TEST_CASE("settings follow the name's place, not the certificate's", "[tls]") {
  SiteMaker maker("m.example");
  config::Inherited low;
  low.idle_timeout = located(config::Milliseconds(5s));
  low.tls_min_version = located(config::TlsVersion::tls1_3);
  maker.add("m.example", paper({"m.example"}), "", with_backend("masters"))
      .add("a.test", nullptr, "", with_backend("as"))
      .add("b.a.test", nullptr, "", low);
  config::Inherited listener = with_backend("listeners");
  listener.half_close_timeout = located(config::Milliseconds(7s));
  listener.idle_timeout = located(config::Milliseconds(9s));
  const Site site = maker.site(paper({"d"}), nullptr, listener);
  struct Row {
    const char* name;
    const char* backend;
    std::chrono::milliseconds idle;
    config::TlsVersion version;
    const char* place;
    bool in_tree;
  };
  const auto v12 = config::TlsVersion::tls1_2;
  const auto v13 = config::TlsVersion::tls1_3;
  for (const Row& row : {Row{"b.a.test", "as", 5s, v13, "b.a.test", true},
                         Row{"x.b.a.test", "as", 5s, v13, "b.a.test", false},
                         Row{"a.test", "as", 9s, v12, "a.test", true},
                         Row{"x.a.test", "as", 9s, v12, "a.test", false},
                         Row{"m.example", "masters", 9s, v12, "m.example", true},
                         Row{"far.away", "masters", 9s, v12, "m.example", false},
                         Row{"", "listeners", 9s, v12, "", false},
                         Row{"192.0.2.7", "listeners", 9s, v12, "", false}}) {
    CAPTURE(row.name);
    const Selection selection = choose(site, row.name);
    CHECK(selection.settings.backend == row.backend);
    CHECK(selection.settings.idle_timeout == row.idle);
    CHECK(selection.settings.half_close_timeout == 7s);
    CHECK(selection.settings.tls_min_version == row.version);
    CHECK(selection.in_tree == row.in_tree);
    CHECK((selection.place != nullptr ? selection.place->name : "") == row.place);
  }
}

TEST_CASE("what nobody sets is built in", "[tls]") {
  const Selection selection = choose(SiteMaker("m.example").site(nullptr, nullptr), "x.test");
  CHECK(selection.settings.backend.empty());
  CHECK(selection.settings.idle_timeout == 1h);
  CHECK(selection.settings.half_close_timeout == 60s);
  CHECK(selection.settings.certificate_choice == CertificateChoice::nearest);
  CHECK(selection.settings.tls_min_version == config::TlsVersion::tls1_2);
}

TEST_CASE("a trace tells each step up to the one that applies", "[tls]") {
  const Site site = platform().site(paper({"d"}), paper({"f"}));
  const auto [name, expected] = GENERATE(table<std::string, std::string>({
      {"sub.tenant.example", "domain:sub.tenant.example+ ancestor:tenant.example+ ancestor:group.example+! "},
      {"q.tenant.example", "domain:q.tenant.example suffix:tenant.example+ suffix:example master:master.example+! "},
      {"q.master.example", "domain:q.master.example master:master.example+! "},
      {"", "certdir:wss! "},
  }));
  Seen seen;
  select(site, site.listeners[0], domain::ServerName(name), now, &seen);
  CHECK(seen.text == expected);
}

TEST_CASE("sources have the names of the public face", "[tls]") {
  CHECK(to_string(Source::certificate_pem) == "certificate_pem");
  CHECK(to_string(Source::certdir) == "certdir");
  CHECK(to_string(Source::fallback) == "default");
}

TEST_CASE("selection allocates nothing, for known and unknown names", "[tls]") {
  const Site site = platform().site(paper({"d"}), paper({"f"}));
  for (const char* name : {"own.tenant.example", "sub.tenant.example", "a.b.c.d.e.f.g.unknown.test", "", "10.1.1.1"}) {
    const auto before = test::allocations();
    for (int i = 0; i < 100; ++i) choose(site, name);
    CHECK(test::allocations() == before);
  }
}

namespace {

// The rules of selection once more, on plain maps and in the words of the contract.
struct Model {
  struct Domain {
    cert::CertificatePtr certificate;
    std::string parent;
    std::optional<CertificateChoice> choice;
    std::optional<std::string> backend;
  };
  std::map<std::string, Domain> domains;
  std::string master;

  static std::string rest(const std::string& name) {
    const auto dot = name.find('.');
    return dot == std::string::npos ? "" : name.substr(dot + 1);
  }
  std::string parent(const std::string& name) const {
    const Domain& domain = domains.at(name);
    if (!domain.parent.empty()) return domain.parent;
    for (std::string at = rest(name); !at.empty(); at = rest(at)) {
      if (domains.count(at) != 0) return at;
    }
    return master;
  }
  std::vector<std::string> path(const std::string& name) const {
    std::vector<std::string> found;
    if (domains.count(name) != 0) {
      for (std::string at = name;; at = parent(at)) {
        found.push_back(at);
        if (at == master) return found;
      }
    }
    for (std::string at = rest(name); !at.empty(); at = rest(at)) {
      if (domains.count(at) != 0) found.push_back(at);
    }
    if (std::find(found.begin(), found.end(), master) == found.end()) found.push_back(master);
    return found;
  }
  std::string served(const std::string& name) const {
    CertificateChoice choice = CertificateChoice::nearest;
    const auto all = path(name);
    for (const auto& at : all) {
      if (domains.at(at).choice) {
        choice = *domains.at(at).choice;
        break;
      }
    }
    std::string first;
    for (const auto& at : all) {
      const auto& certificate = domains.at(at).certificate;
      if (!certificate) continue;
      if (first.empty()) first = at;
      if (choice == CertificateChoice::nearest || (certificate->valid_at(now) && certificate->covers(name))) return at;
    }
    return first.empty() ? "default" : first;
  }
  std::string backend(const std::string& name) const {
    for (const auto& at : path(name)) {
      if (domains.at(at).backend) return *domains.at(at).backend;
    }
    return "";
  }
};

std::string random_name(std::mt19937& random) {
  std::string name;
  for (auto labels = random() % 4 + 1; labels > 0; --labels) {
    name += (name.empty() ? "" : ".") + std::string(1, static_cast<char>('a' + random() % 3));
  }
  return name;
}

Model random_model(std::mt19937& random) {
  Model model;
  model.master = random_name(random);
  std::set<std::string> names{model.master};
  for (auto n = random() % 12; n > 0; --n) names.insert(random_name(random));
  for (const auto& name : names) {
    Model::Domain& domain = model.domains[name];
    if (random() % 2 == 0) {
      domain.certificate = paper({random() % 2 == 0 ? name : random_name(random), "*." + name},
                                 random() % 4 == 0 ? now - 1 : now + 1);
    }
    if (random() % 4 == 0) domain.choice = random() % 2 == 0 ? CertificateChoice::valid : CertificateChoice::nearest;
    if (random() % 3 == 0) domain.backend = "of-" + name;
  }
  // The master as explicit parent cannot make a loop, and is no suffix of most.
  for (auto& [name, domain] : model.domains) {
    if (name != model.master && random() % 4 == 0) domain.parent = model.master;
  }
  return model;
}

Site site_of(const Model& model) {
  SiteMaker maker(model.master);
  for (const auto& [name, domain] : model.domains) {
    config::Inherited inherited;
    if (domain.choice) inherited.certificate_choice = located(*domain.choice);
    if (domain.backend) inherited.backend = located(*domain.backend);
    maker.add(name, domain.certificate, domain.parent, inherited);
  }
  return maker.site(nullptr, paper({"nobody.test"}));
}

}  // namespace

TEST_CASE("selection agrees with a plain model on random trees", "[tls]") {
  std::mt19937 random(20260601);
  for (int trees = 0; trees < 300; ++trees) {
    const Model model = random_model(random);
    const Site site = site_of(model);
    for (int names = 0; names < 40; ++names) {
      const std::string name = random_name(random);
      CAPTURE(trees, name, model.master);
      // The default is a candidate of `valid` too, but covers none of these names.
      REQUIRE(served(site, name) == model.served(name));
      REQUIRE(choose(site, name).settings.backend == model.backend(name));
    }
  }
}

TEST_CASE("a limit belongs to the nearest domain that sets it, `none` too, else to the listener", "[tls]") {
  const auto at_most = [](int count) {
    config::Inherited inherited;
    inherited.max_connections = located(config::AtMost{count});
    return inherited;
  };
  SiteMaker maker("master.example");
  maker.add("tenant.example", nullptr, {}, at_most(10))
      .add("sub.tenant.example")
      .add("own.tenant.example", nullptr, {}, at_most(5))
      .add("free.tenant.example", nullptr, {}, at_most(0));
  const Site site = maker.site(nullptr, paper({"default"}), at_most(1000));
  const auto [name, most, of_listener, holder] = GENERATE(table<std::string, int, bool, std::string>({
      {"tenant.example", 10, false, "tenant.example"},
      {"sub.tenant.example", 10, false, "tenant.example"},
      {"unknown.sub.tenant.example", 10, false, "tenant.example"},
      {"own.tenant.example", 5, false, "own.tenant.example"},
      {"free.tenant.example", 0, false, "free.tenant.example"},
      {"elsewhere.example", 1000, true, "wss"},
      {"", 1000, true, "wss"},
  }));
  CAPTURE(name);
  const Selection selection = choose(site, name);
  const SetLimit& limit = selection.settings.max_connections;
  CHECK(limit.most == most);
  CHECK(limit.of_listener == of_listener);
  CHECK(limit.holder == holder);
  CHECK(selection.settings.max_handshakes.most == 0);
}
