#include "unit/server/support.hpp"

#include "server/domains_dir.hpp"
#include "server/file_state.hpp"

#include <sys/stat.h>

using namespace arbortls::server;
using namespace arbortls::server::test;
using Catch::Matchers::Contains;

TEST_CASE("entries of domains_dir belong to the domain they are named after", "[server]") {
  const auto [file, domain] = GENERATE(
      table<std::string, std::string>({{"a.test.pem", "a.test"},
                                       {"a.test.yaml", "a.test"},
                                       {"xn--bcher-kva.example.pem", "xn--bcher-kva.example"},
                                       {"A.test.pem", ""},
                                       {"a..test.pem", ""},
                                       {".a.test.pem", ""},
                                       {".pem", ""},
                                       {"a.test.pem.tmp", ""},
                                       {"a.test.pem~", ""},
                                       {"a.test.crt", ""},
                                       {"", ""}}));
  INFO(file);
  CHECK(domain_of_entry(file) == domain);
}

TEST_CASE("a directory is listed with what is wrong in it", "[server]") {
  Folder folder;
  for (const char* file : {"a.test.pem", "a.test.yaml", "b.test.yaml", "Bad.test.pem",
                           "a_b..c.yaml", ".x.pem", "notes.txt"}) {
    folder.write(std::string("d/") + file, "");
  }
  const DomainsDir dir = list_domains_dir(folder.path("d"));
  REQUIRE(dir.domains.size() == 2);
  CHECK((dir.domains.at("a.test").pem && dir.domains.at("a.test").yaml));
  CHECK((!dir.domains.at("b.test").pem && dir.domains.at("b.test").yaml));
  CHECK(dir.problems.size() == 2);
  CHECK_THAT(told(dir.problems), Contains("Bad.test.pem: domains_dir: ") && Contains("`bad.test`"));
  CHECK(told(problems_of_entry(folder.path("d/Bad.test.pem"))).size() > 0);
  CHECK(problems_of_entry(folder.path("d/notes.txt")).empty());
  const DomainsDir none = list_domains_dir(folder.path("nowhere"));
  REQUIRE(none.problems.size() == 1);
  CHECK(none.problems[0].place.file == folder.path("nowhere"));
}

TEST_CASE(
    "a file's state differs when its content may differ, and is unsure while that cannot be told",
    "[server]") {
  Folder folder;
  CHECK(state_of("") == absent);
  CHECK(state_of(folder.path("none")) == absent);
  folder.write("new", "text");
  CHECK(state_of(folder.path("new")) == unsure);
  CHECK_FALSE(surely_same(unsure, unsure));
  const FileState old = state_of("/proc/self/exe");  // written before this test began
  CHECK(old != unsure);
  CHECK(surely_same(old, state_of("/proc/self/exe")));
  CHECK(both(old, absent) != old);
  CHECK(both(old, unsure) == unsure);
}
