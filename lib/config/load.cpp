#include "config/load.hpp"

#include "base/file.hpp"
#include "base/wipe_freed.hpp"
#include "config/check.hpp"
#include "config/keys.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <tuple>

namespace arbortls::config {
namespace {

std::string directory_of(const std::string& file) {
  std::error_code code;
  const auto full = std::filesystem::absolute(file.empty() ? "." : file, code);
  if (code) return "/";
  return full.lexically_normal().parent_path().string();
}

void sort_by_place(Problems& problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
  });
}

// The root's mapping, or a problem.
template <class Read>
void read_text(std::string_view text, Context& context, bool may_be_empty, Read read) {
  if (text.size() > max_file) {
    context.problems.push_back({Severity::error,
                                {context.file, 0, 0},
                                "",
                                "is larger than " + std::to_string(max_file) + " bytes"});
    return;
  }
  const Document document = read_document(text, context.file, context.problems);
  if (document.root == nullptr && has_errors(context.problems)) return;
  Node nothing;
  nothing.kind = Node::Kind::map;
  const bool empty = document.root == nullptr || document.root->kind == Node::Kind::null;
  if (empty && !may_be_empty) {
    context.problems.push_back({Severity::error,
                                {context.file, 0, 0},
                                "",
                                "is empty; at least `master_domain` has to stand in it"});
    return;
  }
  const At root;
  read(Value{context, empty ? nothing : *document.root, root});
}

void parse_into(std::string_view text, const std::string& file, Parsed& parsed) {
  Settings& settings = parsed.settings;
  settings.file = file;
  Context context{file, directory_of(file), parsed.problems, settings.aliases};
  bool read = false;
  read_text(text, context, false, [&](const Value& root) {
    read_map(root, {{top_keys(), &settings}});
    read = root.node.kind == Node::Kind::map;
  });
  name_listeners(settings);
  if (read) check_whole(settings, parsed.problems);
  sort_by_place(parsed.problems);
}

void parse_domain_into(std::string_view text, const std::string& file, const std::string& name,
                       const Settings& settings, ParsedDomain& parsed) {
  Domain& domain = parsed.domain;
  domain.place = {file, 1, 1};
  Context context{file, directory_of(file), parsed.problems, settings.aliases};
  read_text(text, context, true, [&](const Value& root) { read_domain_file(root, name, domain); });
  check_backend(domain.inherited, settings, parsed.problems);
  sort_by_place(parsed.problems);
}

// What is left to be thrown is want of memory.
template <class F>
void without_exceptions(const std::string& file, Problems& problems, F f) {
  try {
    f();
  } catch (const std::exception& e) {
    problems.push_back(
        {Severity::error, {file, 0, 0}, "", std::string("cannot be read: ") + e.what()});
  }
}

}  // namespace

Parsed parse(std::string_view text, const std::string& file) {
  const WipeFreed no_copies_of_keys;
  Parsed parsed;
  without_exceptions(file, parsed.problems, [&] { parse_into(text, file, parsed); });
  return parsed;
}

Parsed load(const std::string& file) {
  const WipeFreed no_copies_of_keys;
  Parsed parsed;
  without_exceptions(file, parsed.problems, [&] {
    const auto text = read_file(file, max_file);
    if (text) {
      parse_into(*text, file, parsed);
      return;
    }
    parsed.settings.file = file;
    parsed.problems.push_back({Severity::error, {}, "", text.error().message});
  });
  return parsed;
}

ParsedDomain parse_domain(std::string_view text, const std::string& file, const std::string& name,
                          const Settings& settings) {
  const WipeFreed no_copies_of_keys;
  ParsedDomain parsed;
  without_exceptions(file, parsed.problems,
                     [&] { parse_domain_into(text, file, name, settings, parsed); });
  return parsed;
}

}  // namespace arbortls::config
