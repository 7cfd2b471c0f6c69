#include "expiry/watch.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace arbortls::expiry {
namespace {

constexpr std::int64_t day = 24 * 3600;
// A file that was just replaced is read within seconds; until then it differs rightly.
constexpr std::int64_t reading_time = 5 * 60;

// FNV-1a: the same in every process, as memory() outlives one.
class Digest {
 public:
  void add(std::string_view text) noexcept {
    for (const char byte : text) add_byte(static_cast<unsigned char>(byte));
    add_byte(0);
  }
  void add(std::int64_t number) noexcept {
    for (unsigned shift = 0; shift < 64; shift += 8) {
      add_byte(static_cast<unsigned char>(static_cast<std::uint64_t>(number) >> shift));
    }
  }
  std::uint64_t value() const noexcept { return value_; }

 private:
  void add_byte(unsigned char byte) noexcept { value_ = (value_ ^ byte) * 0x100000001B3U; }

  std::uint64_t value_ = 0xCBF29CE484222325U;
};

std::uint64_t digest_of(const Thing& thing) noexcept {
  Digest digest;
  digest.add(static_cast<std::int64_t>(thing.kind));
  digest.add(thing.subject);
  if (thing.kind != Kind::chain_member) digest.add(thing.place);
  digest.add(thing.not_after.value_or(0));
  return digest.value();
}

// A failed attempt or two are nobody's concern: a day, or less where little is left.
std::optional<std::int64_t> overdue_from(const Thing& thing) noexcept {
  if (!thing.renewal_due || !thing.not_after) return std::nullopt;
  const std::int64_t left = std::max<std::int64_t>(*thing.not_after - *thing.renewal_due, 0);
  return *thing.renewal_due + std::min(day, left / 4);
}

// What may be said of a thing, and from when until when.
struct Span {
  What what;
  std::int64_t from;
  std::int64_t until;

  bool holds(std::int64_t now) const noexcept { return from <= now && now < until; }
};
using Spans = std::array<std::optional<Span>, 5>;

Spans spans_of(const Thing& thing, const Notice& notice) noexcept {
  Spans spans;
  const auto overdue = overdue_from(thing);
  if (overdue) spans[0] = Span{What::renewal_overdue, *overdue, Watch::never};
  if (thing.differs_since) {
    spans[1] = Span{What::file_not_served, *thing.differs_since + reading_time, Watch::never};
  }
  if (!thing.not_after) return spans;
  const std::int64_t end = *thing.not_after;
  const std::int64_t earliest = overdue.value_or(std::numeric_limits<std::int64_t>::min());
  const auto warned = std::max(end - notice.warning, earliest);
  spans[2] = Span{What::nears_end, std::max(end - notice.info, earliest), warned};
  spans[3] = Span{What::ends_soon, warned, end};
  spans[4] = Span{What::expired, end, Watch::never};
  return spans;
}

template <typename Number>
bool take_number(std::string_view& line, Number& number, int base) {
  const char* const end = line.data() + line.size();
  const auto [rest, failed] = std::from_chars(line.data(), end, number, base);
  if (failed != std::errc{} || (rest != end && *rest != ' ')) return false;
  line.remove_prefix(static_cast<std::size_t>(rest - line.data()));
  if (!line.empty()) line.remove_prefix(1);
  return true;
}

std::string hexadecimal(std::uint64_t number) {
  std::array<char, 16> digits{};
  const auto result = std::to_chars(digits.begin(), digits.end(), number, 16);
  return {digits.data(), result.ptr};
}

}  // namespace

std::string_view to_string(Kind kind) noexcept {
  switch (kind) {
    case Kind::certificate: return "certificate";
    case Kind::chain_member: return "chain member";
    case Kind::ca: return "CA";
    case Kind::crl: return "CRL";
  }
  return "unknown";
}

Level level_of(What what) noexcept {
  switch (what) {
    case What::nears_end: return Level::info;
    case What::expired: return Level::error;
    default: return Level::warning;
  }
}

std::vector<What> state_of(const Thing& thing, const Notice& notice, std::int64_t now) {
  std::vector<What> state;
  for (const auto& span : spans_of(thing, notice)) {
    if (span && span->holds(now)) state.push_back(span->what);
  }
  return state;
}

std::int64_t first_signal(const Thing& thing, const Notice& notice) noexcept {
  std::int64_t first = Watch::never;
  for (const auto& span : spans_of(thing, notice)) {
    if (span && span->from < span->until) first = std::min(first, span->from);
  }
  return first;
}

std::size_t Watch::HashSaid::operator()(const Said& said) const noexcept {
  return said.thing ^ static_cast<std::size_t>(said.what);
}

void Watch::watch(std::vector<Thing> things, std::int64_t now, const Notice& notice) {
  notice_ = notice;
  things_ = std::move(things);
  schedule_all(now);
}

std::vector<Signal> Watch::due(std::int64_t now) {
  std::vector<Signal> signals;
  if (now < last_now_) schedule_all(now);
  last_now_ = now;
  while (!turns_.empty() && turns_.top().first <= now) {
    const std::size_t index = turns_.top().second;
    turns_.pop();
    say(index, now, signals);
    plan(index, next_turn(index, now));
  }
  return signals;
}

std::int64_t Watch::next_at() const noexcept {
  return turns_.empty() ? never : turns_.top().first;
}

std::string Watch::memory() const {
  std::string text;
  for (const auto& [said, when] : said_) {
    text += hexadecimal(said.thing) + ' ' + std::to_string(static_cast<int>(said.what)) + ' ' +
            std::to_string(when) + '\n';
  }
  return text;
}

void Watch::restore(std::string_view memory) {
  while (!memory.empty()) {
    const std::size_t end = std::min(memory.find('\n'), memory.size());
    std::string_view line = memory.substr(0, end);
    memory.remove_prefix(std::min(end + 1, memory.size()));
    std::uint64_t thing = 0;
    int what = 0;
    std::int64_t when = 0;
    const bool whole = take_number(line, thing, 16) && take_number(line, what, 10) &&
                       take_number(line, when, 10) && line.empty();
    if (whole && what >= 0 && what <= static_cast<int>(What::file_not_served)) {
      said_[{thing, static_cast<What>(what)}] = when;
    }
  }
}

void Watch::schedule_all(std::int64_t now) {
  // Said by a clock that was ahead: the day runs from now.
  for (auto& [said, when] : said_) when = std::min(when, now);
  std::erase_if(said_, [&](const auto& said) { return said.second + day <= now; });
  turns_ = {};
  for (std::size_t index = 0; index < things_.size(); ++index) plan(index, next_turn(index, now));
}

void Watch::plan(std::size_t index, std::int64_t turn) {
  if (turn != never) turns_.emplace(turn, index);
}

std::int64_t Watch::next_turn(std::size_t index, std::int64_t now) const {
  const Thing& thing = things_[index];
  std::int64_t next = never;
  for (const auto& span : spans_of(thing, notice_)) {
    if (!span || now >= span->until) continue;
    const bool begun = now >= span->from;
    next = std::min(next, begun ? may_say_again(thing, span->what, now) : span->from);
  }
  return next;
}

void Watch::say(std::size_t index, std::int64_t now, std::vector<Signal>& signals) {
  const Thing& thing = things_[index];
  for (const What what : state_of(thing, notice_, now)) {
    if (may_say_again(thing, what, now) > now) continue;
    said_[{digest_of(thing), what}] = now;
    signals.push_back({what, level_of(what), thing, thing.not_after ? *thing.not_after - now : 0});
  }
}

std::int64_t Watch::may_say_again(const Thing& thing, What what, std::int64_t now) const {
  const auto said = said_.find({digest_of(thing), what});
  return said == said_.end() ? now : said->second + day;
}

}  // namespace arbortls::expiry
