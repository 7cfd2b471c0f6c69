#include "server/troubles.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace arbortls::server {

void Troubles::set(const std::string& key, Problems problems) {
  const Problems* known = find(key);
  if (known == nullptr && problems.empty()) return;
  size_ += problems.size();
  if (known != nullptr) size_ -= known->size();
  if (problems.empty()) {
    by_key_ = by_key_.without(key);
  } else {
    by_key_ = std::move(by_key_).with(key, std::make_shared<const Problems>(std::move(problems)));
  }
}

const Problems* Troubles::find(std::string_view key) const noexcept {
  const auto* found = by_key_.find(key);
  return found != nullptr ? found->get() : nullptr;
}

Problems Troubles::all() const {
  Problems all;
  all.reserve(size_);
  by_key_.for_each([&](std::string_view, const auto& problems) {
    all.insert(all.end(), problems->begin(), problems->end());
  });
  std::stable_sort(all.begin(), all.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.key, a.place.file) < std::tie(b.key, b.place.file);
  });
  return all;
}

bool same_texts(const Problems& a, const Problems& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Problem& x, const Problem& y) {
    return x.severity == y.severity && x.message == y.message && x.place.line == y.place.line &&
           x.place.column == y.place.column && x.place.file == y.place.file && x.key == y.key;
  });
}

Problems news(const Troubles& before, const Troubles& now) {
  std::set<std::string> known;
  for (const Problem& problem : before.all()) known.insert(to_string(problem));
  Problems fresh;
  for (Problem& problem : now.all()) {
    if (!known.contains(to_string(problem))) fresh.push_back(std::move(problem));
  }
  return fresh;
}

}  // namespace arbortls::server
