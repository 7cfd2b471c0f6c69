#include "acme/message.hpp"

#include "acme/failure.hpp"
#include "acme/times.hpp"

#include <catch2/catch.hpp>

using namespace arbortls::acme;

namespace {

constexpr std::int64_t now = 1780272000;  // 2026-06-01 00:00:00 UTC

}  // namespace

TEST_CASE("a header is found whatever its case, the first of its name", "[acme]") {
  const Reply reply{200, {{"X-A", "0"}, {"rePLAY-nonce", "1"}, {"Replay-Nonce", "2"}}, ""};
  CHECK(reply.header("Replay-Nonce") == "1");
  CHECK(reply.header("Location").empty());
  CHECK(reply.header("Replay").empty());
}

TEST_CASE("Retry-After is a time from now to a day from now", "[acme]") {
  using Time = std::optional<std::int64_t>;
  const auto [text, at] = GENERATE(table<std::string, Time>({
      {"0", now},
      {"120", now + 120},
      {" 120 ", now + 120},
      {"86401", now + 86400},
      {"123456789012345678901234567890", now + 86400},
      {"Mon, 01 Jun 2026 00:01:00 GMT", now + 60},
      {"Monday, 01-Jun-26 00:01:00 GMT", now + 60},
      {"Mon Jun  1 00:01:00 2026", now + 60},
      {"Sun, 31 May 2026 00:01:00 GMT", now},
      {"Wed, 01 Jul 2026 00:00:00 GMT", now + 86400},
      {"", Time{}},
      {"-5", Time{}},
      {"1.5", Time{}},
      {"soon", Time{}},
      {"Mon, 01 Jun 2026 00:01:00 CEST", Time{}},
      {"Mon, 31 Feb 2026 00:01:00 GMT", Time{}},
      {"Mon, 01 Jun 2026 24:01:00 GMT", Time{}},
  }));
  CAPTURE(text);
  CHECK(retry_at({503, {{"retry-after", text}}, ""}, now) == at);
}

TEST_CASE("dates of RFC 3339 are read with any offset", "[acme]") {
  using Time = std::optional<std::int64_t>;
  const auto [text, at] = GENERATE(table<std::string, Time>({
      {"2026-06-01T00:00:00Z", now},
      {"2026-06-01t00:00:00z", now},
      {"2026-06-01T00:00:00.123456789Z", now},
      {"2026-06-01T02:30:00+02:30", now},
      {"2026-05-31T19:00:00-05:00", now},
      {"2026-06-01T00:00:60Z", now + 59},
      {"2026-06-01", Time{}},
      {"2026-06-01T00:00:00", Time{}},
      {"2026-06-01T00:00:00.Z", Time{}},
      {"2026-13-01T00:00:00Z", Time{}},
      {"2026-06-01T00:00:00+0230", Time{}},
      {"2026-06-01T00:00:00Zulu", Time{}},
      {"", Time{}},
  }));
  CAPTURE(text);
  CHECK(parse_rfc3339(text) == at);
}

TEST_CASE("dates are written as RFC 3339 has them", "[acme]") {
  CHECK(to_rfc3339(now) == "2026-06-01T00:00:00Z");
  CHECK(parse_rfc3339(to_rfc3339(now + 12345)) == now + 12345);
}

TEST_CASE("links are found by their relation", "[acme]") {
  const Reply reply{
      200,
      {{"Link", "<https://ca.test/directory>;rel=\"index\""},
       {"link", "<a>; rel=alternate, <b>;title=\"x, y; rel=up\";REL=\"up alternate\""},
       {"Link", "<c> ; rel = \"UP\"; rel=index"},
       {"Link", "broken"},
       {"Link", "<d"}},
      ""};
  CHECK(links(reply, "index") == std::vector<std::string>{"https://ca.test/directory"});
  CHECK(links(reply, "alternate") == std::vector<std::string>{"a", "b"});
  CHECK(links(reply, "up") == std::vector<std::string>{"b", "c"});
  CHECK(links(reply, "next").empty());
}

TEST_CASE("subproblems stand in the failure's text with their names", "[acme]") {
  const Reply reply{
      403, {}, R"({"type":"urn:ietf:params:acme:error:compound","detail":"some names will not do",
    "subproblems":[{"type":"urn:ietf:params:acme:error:caa","detail":"CAA forbids it",
      "identifier":{"type":"dns","value":"a.example"}},
                   {"type":"urn:ietf:params:acme:error:rejectedIdentifier","detail":"never",
      "identifier":{"type":"dns","value":"b.example"}}]})"};
  const auto failure = failure_of(reply, now, "making an order");
  CHECK(failure.text ==
        "making an order: some names will not do [compound] (a.example: CAA forbids it; b.example: "
        "never)");
  CHECK(failure.kind == FailureKind::refused);
  CHECK(failure.type == "compound");
}

TEST_CASE("a failure's text is fit for a log whatever the CA says", "[acme]") {
  const Reply reply{400, {}, R"({"type":"x\u001b[2J","detail":"line\nfeed \u0085 caf\u00e9"})"};
  const auto failure = failure_of(reply, now, "asking");
  CHECK(failure.text == "asking: line?feed ? café [x?[2J]");
  CHECK(plain_text("\xff\xfe"
                   "a\xc3") == "??a?");
  CHECK(plain_text(std::string(1000, 'x')).size() == 500);
  CHECK(plain_text("ééé", 3) == "é");
}

TEST_CASE("a reply without a problem document is judged by its status", "[acme]") {
  const auto [status, kind] = GENERATE(table<int, FailureKind>({
      {400, FailureKind::refused},
      {404, FailureKind::refused},
      {408, FailureKind::transient},
      {429, FailureKind::rate_limited},
      {500, FailureKind::transient},
      {503, FailureKind::transient},
      {302, FailureKind::transient},
      {0, FailureKind::transient},
  }));
  CAPTURE(status);
  const auto failure = failure_of({status, {}, "<html>"}, now, "asking");
  CHECK(to_string(failure.kind) == to_string(kind));
  CHECK(failure.text == "asking: the CA answered with HTTP status " + std::to_string(status));
}
