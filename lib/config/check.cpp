#include "config/check.hpp"

#include "config/reader.hpp"

#include <algorithm>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace arbortls::config {
namespace {

std::string indexed(const char* list, std::size_t index) {
  return std::string(list) + '[' + std::to_string(index) + ']';
}

// Listeners of every kind, in the file's order.
template <class AnySettings>
auto all_listeners(AnySettings& settings) {
  using Item = std::conditional_t<std::is_const_v<AnySettings>, const AnyListener, AnyListener>;
  std::vector<Item*> all;
  for (auto& listener : settings.listeners) all.push_back(&listener);
  for (auto& listener : settings.http_listeners) all.push_back(&listener);
  std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->index < b->index; });
  return all;
}

const AnyListener& item(const AnyListener* listener) { return *listener; }
template <class Item>
const Item& item(const Item& plain) {
  return plain;
}

template <class Items>
void check_repeats(const Items& items, const char* list, Problems& problems) {
  std::unordered_map<std::string_view, const Place*> seen;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& named = item(items[i]);
    if (named.name.empty()) continue;
    const auto [first, is_new] = seen.emplace(named.name, &named.place);
    if (is_new) continue;
    problems.push_back({Severity::error, named.place, indexed(list, i) + ".name",
                        quoted(named.name) + " stands in line " +
                            std::to_string(first->second->line) +
                            " already; each name may stand once"});
  }
}

// Looked up once a domain, so not by a search through the list.
class BackendNames {
 public:
  explicit BackendNames(const Settings& settings) {
    for (const Backend& backend : settings.backends) names_.insert(backend.name);
    names_.erase("");
    sorted_.assign(names_.begin(), names_.end());
    std::sort(sorted_.begin(), sorted_.end());
  }

  void check(const Inherited& inherited, const std::string& list, std::size_t index,
             Problems& problems) const {
    if (!inherited.backend || names_.contains(inherited.backend->value)) return;
    complain(*inherited.backend, list.empty() ? "" : indexed(list.c_str(), index) + ".", problems);
  }
  void check(const Inherited& inherited, Problems& problems) const {
    check(inherited, "", 0, problems);
  }

 private:
  void complain(const Located<std::string>& backend, const std::string& prefix,
                Problems& problems) const {
    problems.push_back({Severity::error, backend.place, prefix + "backend",
                        "there is no backend " + quoted(backend.value) +
                            did_you_mean(backend.value, sorted_) + "; known: " + listed(sorted_)});
  }

  std::unordered_set<std::string_view> names_;
  std::vector<std::string_view> sorted_;
};

void check_listeners(const Settings& settings, Problems& problems) {
  const bool some_domain =
      std::any_of(settings.domains.begin(), settings.domains.end(),
                  [](const Domain& d) { return d.inherited.backend.has_value(); });
  for (const Listener& listener : settings.listeners) {
    if (listener.inherited.backend || some_domain) continue;
    problems.push_back(
        {Severity::warning, listener.place, indexed("listeners", listener.index) + ".backend",
         "neither the listener nor a domain of this file says a backend; connections "
         "end after the handshake unless a domain of domains_dir does"});
  }
  if (!settings.listeners.empty()) return;
  problems.push_back({Severity::warning,
                      {settings.file, 0, 0},
                      "listeners",
                      "there is no listener, so no client can connect"});
}

// Two listeners with one fixed address would be one socket with two meanings. Port 0 is a new one each time.
void check_addresses(const Settings& settings, Problems& problems) {
  std::unordered_map<std::string_view, const AnyListener*> seen;
  for (const AnyListener* listener : all_listeners(settings)) {
    const std::string& address = listener->address.value;
    if (address.empty() || address.ends_with(":0")) continue;
    const auto [first, is_new] = seen.emplace(address, listener);
    if (is_new) continue;
    problems.push_back({Severity::error, listener->address.place,
                        indexed("listeners", listener->index) + ".address",
                        quoted(address) + " is the address of listener " + quoted(first->second->name) +
                            " already; each address may stand once"});
  }
}

void check_expiry(const Settings& settings, Problems& problems) {
  if (settings.expiry.warning <= settings.expiry.info) return;
  problems.push_back({Severity::warning,
                      {settings.file, 0, 0},
                      "expiry.warning",
                      "is longer than `expiry.info`, so nothing is ever only mentioned"});
}

}  // namespace

void name_listeners(Settings& settings) {
  for (AnyListener* listener : all_listeners(settings)) {
    if (listener->name.empty()) listener->name = "listener-" + std::to_string(listener->index + 1);
  }
}

void check_whole(const Settings& settings, Problems& problems) {
  check_repeats(settings.domains, "domains", problems);
  check_repeats(all_listeners(settings), "listeners", problems);
  check_repeats(settings.backends, "backends", problems);
  const BackendNames names(settings);
  for (std::size_t i = 0; i < settings.domains.size(); ++i) {
    names.check(settings.domains[i].inherited, "domains", i, problems);
  }
  for (const Listener& listener : settings.listeners) {
    names.check(listener.inherited, "listeners", listener.index, problems);
  }
  check_listeners(settings, problems);
  check_addresses(settings, problems);
  check_expiry(settings, problems);
}

void check_backend(const Inherited& inherited, const Settings& settings, Problems& problems) {
  if (!inherited.backend) return;
  BackendNames(settings).check(inherited, problems);
}

}  // namespace arbortls::config
