#include "server/expiry_news.hpp"

#include "server/view.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <string_view>
#include <tuple>

namespace arbortls::server {
namespace {

using expiry::Level;
using expiry::Thing;
using expiry::What;

constexpr std::int64_t day = 86'400;
constexpr std::size_t most_told = 5;

std::string_view word_of(What what) {
  switch (what) {
    case What::nears_end:
      return "nears_end";
    case What::ends_soon:
      return "ends_soon";
    case What::expired:
      return "expired";
    case What::renewal_overdue:
      return "renewal_overdue";
    case What::file_not_served:
      break;
  }
  return "file_not_served";
}

std::string_view phrase_of(What what) {
  switch (what) {
    case What::nears_end:
      return "nears its end";
    case What::ends_soon:
      return "ends soon";
    case What::expired:
      return "has expired";
    case What::renewal_overdue:
      return "is overdue for renewal";
    case What::file_not_served:
      break;
  }
  return "on disk is not what is served";
}

log::Level log_level(Level level) {
  switch (level) {
    case Level::info:
      return log::Level::info;
    case Level::warning:
      return log::Level::warning;
    case Level::error:
      break;
  }
  return log::Level::error;
}

std::string_view word_of(Level level) {
  switch (level) {
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      break;
  }
  return "error";
}

std::string event_of(const Thing& thing, What what) {
  return std::string(to_string(thing.kind)) + " " + std::string(phrase_of(what));
}

std::string sentence(const Thing& thing, What what) {
  std::string text = thing.place + ": " + event_of(thing, what);
  if (what == What::file_not_served) return text + ": " + thing.detail;
  return text + ": " + thing.subject + ", " + iso_time(*thing.not_after);
}

// What matters most comes first.
std::tuple<int, std::int64_t, std::string_view> rank_of(const Thing& thing, What what) {
  return {-static_cast<int>(level_of(what)), thing.not_after.value_or(0), thing.place};
}

void count(ExpirySummary& summary, What what) {
  switch (what) {
    case What::nears_end:
      ++summary.near;
      break;
    case What::ends_soon:
      ++summary.soon;
      break;
    case What::expired:
      ++summary.expired;
      break;
    case What::renewal_overdue:
      ++summary.renewals_overdue;
      break;
    case What::file_not_served:
      ++summary.files_not_served;
      break;
  }
}

}  // namespace

ExpirySummary summary_of(const std::vector<Thing>& things, const expiry::Notice& notice,
                         std::int64_t earliest_end, std::int64_t now) {
  ExpirySummary summary;
  summary.time = now;
  summary.earliest_end = earliest_end;
  std::vector<std::pair<const Thing*, What>> said;
  for (const Thing& thing : things) {
    for (const What what : state_of(thing, notice, now)) {
      count(summary, what);
      said.emplace_back(&thing, what);
    }
  }
  const auto told = said.begin() + static_cast<std::ptrdiff_t>(std::min(said.size(), most_told));
  std::partial_sort(said.begin(), told, said.end(), [](const auto& a, const auto& b) {
    return rank_of(*a.first, a.second) < rank_of(*b.first, b.second);
  });
  for (auto each = said.begin(); each != told; ++each)
    summary.worst.push_back(sentence(*each->first, each->second));
  return summary;
}

void log_signal(log::Logger& logger, const expiry::Signal& signal) {
  const Thing& thing = signal.thing;
  const std::string event = event_of(thing, signal.what);
  if (!thing.not_after) {
    logger.log(
        log_level(signal.level), event,
        {{"domain", std::string_view(thing.place)}, {"problem", std::string_view(thing.detail)}});
    return;
  }
  logger.log(log_level(signal.level), event,
             {{"domain", std::string_view(thing.place)},
              {"subject", std::string_view(thing.subject)},
              {"not_after", std::string_view(iso_time(*thing.not_after))},
              {"days_left", signal.left / day},
              {"detail", std::string_view(thing.detail)}});
}

hook::Event hook_event(const expiry::Signal& signal) {
  const Thing& thing = signal.thing;
  hook::Event event;
  event.name = "expiring";
  event.domain = thing.place;
  event.about = std::string(word_of(signal.what)) + " " + thing.subject;
  event.facts = {{"what", std::string(word_of(signal.what))},
                 {"level", std::string(word_of(signal.level))},
                 {"kind", std::string(to_string(thing.kind))}};
  const auto add = [&event](const char* name, std::string value) {
    if (!value.empty()) event.facts.emplace_back(name, std::move(value));
  };
  add("subject", thing.subject);
  if (thing.not_after) {
    add("not_after", std::to_string(*thing.not_after));
    add("days_left", std::to_string(signal.left / day));
  }
  if (thing.renewal_due) add("renewal_due", std::to_string(*thing.renewal_due));
  add("detail", thing.detail);
  return event;
}

boost::json::object expiry_json(const ExpirySummary& summary) {
  boost::json::object json;
  if (summary.earliest_end != 0) json["earliest_end"] = iso_time(summary.earliest_end);
  json["near"] = summary.near;
  json["soon"] = summary.soon;
  json["expired"] = summary.expired;
  json["renewals_overdue"] = summary.renewals_overdue;
  json["files_not_served"] = summary.files_not_served;
  if (summary.time != 0) json["looked"] = iso_time(summary.time);
  if (!summary.worst.empty())
    json["worst"] = boost::json::array(summary.worst.begin(), summary.worst.end());
  return json;
}

std::string expiry_metrics(const ExpirySummary& summary, std::int64_t now) {
  if (summary.time == 0) return {};
  std::string text;
  const auto gauge = [&text](const std::string& name, auto value) {
    text +=
        "# TYPE arbortls_" + name + " gauge\narbortls_" + name + " " + std::to_string(value) + "\n";
  };
  if (summary.earliest_end != 0) gauge("earliest_end_seconds", summary.earliest_end - now);
  gauge("ending_near", summary.near);
  gauge("ending_soon", summary.soon);
  gauge("expired", summary.expired);
  gauge("renewals_overdue", summary.renewals_overdue);
  gauge("files_not_served", summary.files_not_served);
  return text;
}

}  // namespace arbortls::server
