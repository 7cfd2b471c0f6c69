#include "config/reader.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <utility>

namespace arbortls::config {
namespace {

// Beyond these, helping costs more than it helps.
constexpr std::size_t max_known = 1000;
constexpr std::size_t max_listed = 20;

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({changed, row[j] + 1, row[j + 1] + 1}));
    }
  }
  return row.back();
}

struct Field {
  const Key* key;
  void* object;
  const Node* name_node = nullptr;
  const Node* value_node = nullptr;
};

std::vector<Field> fields_of(std::initializer_list<Target> targets) {
  std::vector<Field> fields;
  for (const Target& target : targets) {
    for (const Key& key : target.keys) fields.push_back({&key, target.object});
  }
  return fields;
}

// The key's name with its path, for problems that concern the key itself.
void complain(const Value& map, const Node& name, std::string message) {
  const At at{&map.at, name.text};
  const bool showable = quoted(name.text).front() == '`';
  Value{map.context, name, showable ? at : map.at}.error(std::move(message));
}

void unknown_key(const Value& map, const Node& name, const std::vector<Field>& fields) {
  std::vector<std::string_view> known;
  for (const Field& field : fields) known.push_back(field.key->name);
  const std::string hint = did_you_mean(name.text, known);
  complain(map, name,
           hint.empty() ? "unknown key; known here: " + listed(known) : "unknown key" + hint);
}

void find_fields(const Value& map, std::vector<Field>& fields) {
  std::unordered_map<std::string_view, const Node*> seen;
  for (std::size_t i = 0; i + 1 < map.node.items.size(); i += 2) {
    const Node& name = *map.node.items[i];
    if (name.kind != Node::Kind::scalar) {
      map.problem(Severity::error, name, "a key has to be a plain word");
      continue;
    }
    const auto [first, is_new] = seen.emplace(name.text, &name);
    if (!is_new) {
      complain(map, name,
               "repeated key; it stands in line " + std::to_string(first->second->line) +
                   " already: keep one of them");
      continue;
    }
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& f) { return f.key->name == name.text; });
    if (field == fields.end()) {
      unknown_key(map, name, fields);
      continue;
    }
    field->name_node = &name;
    field->value_node = map.node.items[i + 1];
  }
}

void read_field(const Value& map, const Field& field) {
  const Key& key = *field.key;
  const At at{&map.at, key.name};
  if (field.value_node == nullptr) {
    if (key.need == Need::required) {
      Value{map.context, map.node, at}.error("is missing; expected: " + key.type());
    }
    return;
  }
  if (field.value_node->kind != Node::Kind::null) {
    const Value value{map.context, *field.value_node, at};
    const bool empty =
        key.is_list && value.node.kind == Node::Kind::list && value.node.items.empty();
    if (empty && key.need == Need::required) value.error("is empty; expected: " + key.type());
    key.read(value, field.object);
    return;
  }
  // A list whose entries are all commented out is an empty list to everybody but YAML.
  if (key.is_list && key.need == Need::optional) return;
  Value{map.context, *field.name_node, at}.error("has no value; expected: " + key.type());
}

}  // namespace

std::string to_string(const At& at) {
  std::string text = at.up ? to_string(*at.up) : std::string();
  if (at.index >= 0) return text + '[' + std::to_string(at.index) + ']';
  if (!text.empty() && !at.key.empty()) text += '.';
  return text.append(at.key);
}

void Value::problem(Severity severity, const Node& where, std::string message) const {
  context.problems.push_back(
      {severity, {context.file, where.line, where.column}, to_string(at), std::move(message)});
}

void read_map(const Value& value, std::initializer_list<Target> targets) {
  if (value.node.kind != Node::Kind::map) {
    value.error("has to be a mapping (`key: value` lines)");
    return;
  }
  std::vector<Field> fields = fields_of(targets);
  find_fields(value, fields);
  for (const Field& field : fields) read_field(value, field);
}

void complain_of_key(const Value& map, std::string_view key, Severity severity, std::string message) {
  for (std::size_t i = 0; map.node.kind == Node::Kind::map && i + 1 < map.node.items.size(); i += 2) {
    const Node& name = *map.node.items[i];
    if (name.kind != Node::Kind::scalar || name.text != key) continue;
    const At at{&map.at, key};
    Value{map.context, name, at}.problem(severity, name, std::move(message));
    return;
  }
}

std::string quoted(std::string_view text) {
  if (text.empty()) return "an empty text";
  if (text.find('\n') != text.npos) return "a text of several lines";
  if (text.find("-----") != text.npos) return "a PEM text";
  if (text.size() > 80) return "a text of " + std::to_string(text.size()) + " characters";
  std::string shown = "`";
  for (const char c : text) shown += static_cast<unsigned char>(c) < 0x20 || c == '`' ? '?' : c;
  return shown + '`';
}

std::string did_you_mean(std::string_view wrong, const std::vector<std::string_view>& known) {
  if (wrong.size() > 64 || known.size() > max_known) return "";
  std::string_view best;
  // Two letters swapped count as two changes; a word with nothing in common is no help.
  std::size_t least = std::min(wrong.size() / 3 + 2, wrong.size());
  for (const std::string_view word : known) {
    const std::size_t d = distance(wrong, word);
    if (d < least) {
      least = d;
      best = word;
    }
  }
  return best.empty() ? "" : " (did you mean `" + std::string(best) + "`?)";
}

std::string listed(const std::vector<std::string_view>& words) {
  if (words.empty()) return "none";
  const std::size_t shown = std::min(words.size(), max_listed);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text.append("`").append(words[i]).append("`");
  }
  if (shown < words.size()) text += " and " + std::to_string(words.size() - shown) + " more";
  return text;
}

}  // namespace arbortls::config
