// What stands at port 80, and that nobody is ever sent to a host that he has not asked for.
#include "http/door.hpp"

#include <catch2/catch.hpp>

#include <tuple>

namespace arbortls::http {
namespace {

Request request(const std::string& target, const std::string& host = "a.example", const std::string& method = "GET") {
  return {method, target, host, "192.0.2.1", {}, ""};
}

Response response(const Answer& answer) {
  REQUIRE(std::holds_alternative<Response>(answer));
  return std::get<Response>(answer);
}

DoorRules with_tokens() {
  DoorRules rules;
  rules.tokens = [](std::string_view token) {
    return token == "known" ? std::optional<std::string>("known.thumbprint") : std::nullopt;
  };
  return rules;
}

}  // namespace

TEST_CASE("everything is redirected to https on the host that was asked, path and query kept", "[http]") {
  const auto [host, target, port, expected] = GENERATE(table<std::string, std::string, int, std::string>({
      {"a.example", "/", 443, "https://a.example/"},
      {"a.example", "/x/y?z=1&u=http://b.example", 443, "https://a.example/x/y?z=1&u=http://b.example"},
      {"a.example", "/", 8443, "https://a.example:8443/"},
      {"a.example:80", "/", 443, "https://a.example/"},
      {"a.example:", "/", 443, "https://a.example/"},
      {"A.Example.", "/", 443, "https://a.example/"},
      {"a.example", "//b.example/", 443, "https://a.example//b.example/"},
      {"a.example", "/\\b.example", 443, "https://a.example/\\b.example"},
      {"192.0.2.1:80", "/", 443, "https://192.0.2.1/"},
      {"[2001:db8::1]:80", "/", 443, "https://[2001:db8::1]/"},
      {"[2001:db8::1]", "/", 8443, "https://[2001:db8::1]:8443/"},
  }));
  CAPTURE(host, target);
  CHECK(https_address(host, target, port) == expected);
}

TEST_CASE("a host that is none leads nowhere", "[http]") {
  const std::string host = GENERATE("", " ", "a.example b.example", "a.example/b", "a.example@b.example", "a.example:80:80",
                                    "a.example:x", "a.example:-1", "a.example:123456", "a..example", "-a.example", "[::1",
                                    "::1", "[a.example]", "[192.0.2.1]", "a.example#", "a.example?", "a.example\\b",
                                    "a.example\r\nSet-Cookie: x", "a.example,b.example", "%61.example");
  CAPTURE(host);
  CHECK_FALSE(https_address(host, "/", 443));
  CHECK(response(answer(DoorRules(), request("/", host))).status == 400);
}

TEST_CASE("one's own address keeps its port, and is told of legal hosts only", "[http]") {
  CHECK(own_address("A.example:80", "/trust/") == "http://a.example/trust/");
  CHECK(own_address("a.example:8080", "/") == "http://a.example:8080/");
  CHECK(own_address("[::1]:8080", "/") == "http://[::1]:8080/");
  CHECK_FALSE(own_address("a.example/b", "/"));
  CHECK_FALSE(own_address("", "/"));
}

TEST_CASE("only who asks may be made to ask anew without his method", "[http]") {
  const auto [method, status] = GENERATE(table<std::string, unsigned>(
      {{"GET", 301}, {"HEAD", 301}, {"POST", 308}, {"PUT", 308}, {"OPTIONS", 308}}));
  CHECK(response(answer(DoorRules(), request("/", "a.example", method))).status == status);
}

TEST_CASE("a known challenge is answered, an unknown one is not redirected", "[http]") {
  const DoorRules rules = with_tokens();
  const Response known = response(answer(rules, request("/.well-known/acme-challenge/known", "any host")));
  CHECK(known.status == 200);
  CHECK(known.body == "known.thumbprint");
  for (const char* token : {"unknown", "", "known/", "known?x", "../known"}) {
    CAPTURE(token);
    CHECK(response(answer(rules, request(std::string("/.well-known/acme-challenge/") + token))).status == 404);
  }
  CHECK(response(answer(rules, request("/.well-known/acme-challenge/known", "a.example", "POST"))).status == 404);
  CHECK(response(answer(DoorRules(), request("/.well-known/acme-challenge/known"))).status == 404);
  CHECK(response(answer(rules, request("/.well-known/acme-challenge"))).status == 301);
}

TEST_CASE("challenges of others go to the server that is set for them", "[http]") {
  DoorRules rules = with_tokens();
  rules.acme_backend = "127.0.0.1:8080";
  const Answer answered = answer(rules, request("/.well-known/acme-challenge/unknown"));
  REQUIRE(std::holds_alternative<Forward>(answered));
  CHECK(std::get<Forward>(answered).address == "127.0.0.1:8080");
  CHECK(response(answer(rules, request("/.well-known/acme-challenge/known"))).status == 200);
  CHECK(response(answer(rules, request("/other"))).status == 301);
}

TEST_CASE("a page comes before the redirect, and stands alone where nothing is redirected", "[http]") {
  DoorRules rules;
  rules.page = [](const Request& asked) {
    return asked.target == "/trust/" ? std::optional(Response{200, "text/html", {}, "page"}) : std::nullopt;
  };
  CHECK(response(answer(rules, request("/trust/"))).body == "page");
  CHECK(response(answer(rules, request("/"))).status == 301);
  rules.redirects = false;
  CHECK(response(answer(rules, request("/trust/"))).body == "page");
  CHECK(response(answer(rules, request("/"))).status == 404);
}

}  // namespace arbortls::http
