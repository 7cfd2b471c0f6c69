#include "domain/tree_check.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace arbortls::domain {
namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);

std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

class Checker {
 public:
  Checker(Links links, std::string_view master, int max_depth)
      : links_(std::move(links)), master_(master), max_depth_(max_depth) {
    std::sort(links_.begin(), links_.end(),
              [](const Link& a, const Link& b) { return a.name < b.name; });
    const auto same = [](const Link& a, const Link& b) { return a.name == b.name; };
    links_.erase(std::unique(links_.begin(), links_.end(), same), links_.end());
    depth_.assign(links_.size(), unknown);
    index_.reserve(links_.size());
    for (std::size_t i = 0; i < links_.size(); ++i) index_.emplace(links_[i].name, i);
  }

  Problems run() {
    for (const Link& link : links_) check_parent(link);
    for (std::size_t i = 0; i < links_.size(); ++i) measure(i);
    for (std::size_t i = 0; i < links_.size(); ++i) check_depth(i);
    std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
      const auto key = [](const Problem& p) {
        return std::tie(p.place.file, p.place.line, p.place.column, p.key);
      };
      return key(a) < key(b);
    });
    return std::move(problems_);
  }

 private:
  static constexpr int unknown = -1;
  static constexpr int on_path = -2;
  static constexpr int looped = -3;  // in a loop, or hanging under one

  void add(const Link& link, std::string message) {
    problems_.push_back({Severity::error, *link.place, std::string(link.name), std::move(message)});
  }

  void check_parent(const Link& link) {
    if (link.name == master_ && !link.explicit_parent.empty()) {
      add(link, "this is the master domain, the root of the tree, so it cannot have the parent " +
                    quoted(link.explicit_parent) + "; remove `parent` here");
    } else if (link.orphan) {
      const std::string_view under = link.parent.empty() ? master_ : link.parent;
      add(link, "its parent " + quoted(link.explicit_parent) +
                    " is not in the tree; add that domain, or name one that is there, such as " +
                    quoted(under));
    }
  }

  std::size_t parent_of(std::size_t i) const {
    const auto found = index_.find(links_[i].parent);
    return found != index_.end() ? found->second : none;
  }

  // Without recursion: a chain may be as long as the tree is large.
  void measure(std::size_t start) {
    std::vector<std::size_t> path;
    std::size_t at = start;
    while (at != none && depth_[at] == unknown) {
      depth_[at] = on_path;
      path.push_back(at);
      at = parent_of(at);
    }
    if (at != none && depth_[at] == on_path) report_loop(path, at);
    int depth = at != none ? depth_[at] : root_depth(path);
    for (auto it = path.rbegin(); it != path.rend(); ++it) {
      if (depth_[*it] == on_path) depth_[*it] = depth < 0 ? looped : ++depth;
    }
  }

  // What the last of `path` hangs under has this depth; the master itself is at 0.
  int root_depth(const std::vector<std::size_t>& path) {
    if (path.empty() || links_[path.back()].name != master_) return 0;
    depth_[path.back()] = 0;
    return 0;
  }

  void report_loop(const std::vector<std::size_t>& path, std::size_t entry) {
    std::vector<std::size_t> loop(std::find(path.begin(), path.end(), entry), path.end());
    std::rotate(loop.begin(), std::min_element(loop.begin(), loop.end()), loop.end());
    std::string names;
    for (const std::size_t i : loop) {
      depth_[i] = looped;
      names += quoted(links_[i].name) + " -> ";
    }
    const Link& first = links_[loop.front()];
    add(first, "its parents go round in a loop: " + names + quoted(first.name) +
                   "; give one of them a parent outside the loop, such as the master domain " +
                   quoted(master_));
  }

  void check_depth(std::size_t i) {
    if (depth_[i] != max_depth_ + 1) return;
    add(links_[i], "it hangs " + std::to_string(depth_[i]) + " steps below the master domain " +
                       quoted(master_) + "; at most " + std::to_string(max_depth_) +
                       " are allowed: give it, or a domain above it, a parent nearer to the master");
  }

  Links links_;
  std::string_view master_;
  int max_depth_;
  std::vector<int> depth_;
  std::unordered_map<std::string_view, std::size_t> index_;
  Problems problems_;
};

}  // namespace

Problems check_links(Links links, std::string_view master, int max_depth) {
  return Checker(std::move(links), master, max_depth).run();
}

}  // namespace arbortls::domain
