#include "admin/message.hpp"

#include <catch2/catch.hpp>

using namespace arbortls::admin;
using Query = std::map<std::string, std::string>;

TEST_CASE("a target is split and decoded", "[admin]") {
  const auto [text, path, query] = GENERATE(table<std::string, std::string, Query>({
      {"/", "/", {}},
      {"/status", "/status", {}},
      {"/a+b", "/a+b", {}},
      {"/%2e%2E/%C3%A4", "/../\xC3\xA4", {}},
      {"/x?", "/x", {}},
      {"/x?&&", "/x", {}},
      {"/x?a", "/x", {{"a", ""}}},
      {"/x?a=", "/x", {{"a", ""}}},
      {"/x?a=b=c", "/x", {{"a", "b=c"}}},
      {"/x?a=1&a=2&b=+", "/x", {{"a", "1"}, {"b", " "}}},
      {"/x?%61=%26%3D", "/x", {{"a", "&="}}},
      {"/x?a=1#b", "/x", {{"a", "1"}}},
      {"/x#?a=1", "/x", {}},
      {"/x?a=/y?z", "/x", {{"a", "/y?z"}}},
  }));
  CAPTURE(text);
  const auto target = parse_target(text);
  REQUIRE(target.has_value());
  CHECK(target->path == path);
  CHECK(target->query == query);
}

TEST_CASE("targets that cannot be meant are refused", "[admin]") {
  for (const auto* text : {"", "*", "http://localhost/status", "status", "/%", "/%4", "/%4g",
                           "/%g4", "/%00", "/?%", "/?a=%f", "/?%00=1", "/? a=%"}) {
    CAPTURE(text);
    CHECK(!parse_target(text));
  }
}

TEST_CASE("every byte but NUL comes back from its encoding", "[admin]") {
  std::string all;
  for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
  const auto target = parse_target("/?x=" + percent_encode(all));
  REQUIRE(target.has_value());
  CHECK(target->query.at("x") == all);
  CHECK(percent_encode("a-b.c_d~9/ +%") == "a-b.c_d~9%2F%20%2B%25");
}
