#pragma once
// Watch: which ends of certificates, CAs and CRLs are to be signalled now, each once a day and
// level. Pure: no clock, no files. One thread. Times are Unix seconds.
//
// What nears its end is signalled some time before (info), a shorter time before (warning) and once
// over (error). What renews itself is signalled before its end only when that renewal is overdue: a
// certificate that lives for six days would else be reported every day of its life.

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace arbortls::expiry {

enum class Kind { certificate, chain_member, ca, crl };
std::string_view to_string(Kind kind) noexcept;  // "certificate", "chain member", "CA", "CRL"

// How long before an end it is told; seconds.
struct Notice {
  std::int64_t info = 30 * 86'400;
  std::int64_t warning = 14 * 86'400;
};

// One thing that ends.
struct Thing {
  Kind kind = Kind::certificate;
  std::string subject;                      // as told to an operator
  // The domain or the path it belongs to; of a chain member one of many, so that it stays the same
  // thing wherever it stands.
  std::string place;
  std::optional<std::int64_t> not_after;    // none: not known, never signalled
  std::optional<std::int64_t> renewal_due;  // when it renews itself; none: an operator does
  // Since when the file on disk is not what is served; none: it is.
  std::optional<std::int64_t> differs_since;
  std::string detail{};  // told with it; whatever it says, this stays the same thing
};

enum class Level { info, warning, error };
enum class What {
  nears_end,  // within Notice::info
  ends_soon,  // within Notice::warning
  expired,
  renewal_overdue,
  file_not_served
};
Level level_of(What what) noexcept;

// What there is to say of `thing` at `now`, said already or not.
std::vector<What> state_of(const Thing& thing, const Notice& notice, std::int64_t now);
// From when on there is; Watch::never: nothing ever.
std::int64_t first_signal(const Thing& thing, const Notice& notice) noexcept;

struct Signal {
  What what;
  Level level;
  Thing thing;
  std::int64_t left = 0;  // seconds to its end; negative after it, 0 where the end is not known
};

class Watch {
 public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  // Watches exactly these from here on; what was said of those that stay is remembered. O(n log n).
  void watch(std::vector<Thing> things, std::int64_t now, const Notice& notice = {});

  // What is to be said at `now`; each is then counted as said. Costs by what is due. A clock that
  // jumped back costs one look at everything and repeats nothing within its new day.
  std::vector<Signal> due(std::int64_t now);
  // When due() may next have something.
  std::int64_t next_at() const noexcept;

  // What was said within the last day, as lines of text for a file, and back again: a restart does
  // not repeat it. Lines that are not understood are skipped. restore() comes before watch().
  std::string memory() const;
  void restore(std::string_view memory);

 private:
  struct Said {
    std::uint64_t thing;  // digest of kind, subject, end and, but for chain members, place
    What what;
    bool operator==(const Said&) const = default;
  };
  struct HashSaid {
    std::size_t operator()(const Said& said) const noexcept;
  };

  using Turn = std::pair<std::int64_t, std::size_t>;

  void schedule_all(std::int64_t now);
  void plan(std::size_t index, std::int64_t turn);
  std::int64_t next_turn(std::size_t index, std::int64_t now) const;
  void say(std::size_t index, std::int64_t now, std::vector<Signal>& signals);
  std::int64_t may_say_again(const Thing& thing, What what, std::int64_t now) const;

  std::vector<Thing> things_;
  Notice notice_;
  // When to look at which of things_ again, the soonest on top.
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns_;
  std::unordered_map<Said, std::int64_t, HashSaid> said_;  // when
  std::int64_t last_now_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace arbortls::expiry
