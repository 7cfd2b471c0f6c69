#include "admin/tree_text.hpp"

#include "admin/render.hpp"
#include "admin/text_layout.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <vector>

namespace arbortls::admin {
namespace {

namespace json = boost::json;

std::string text_in(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::string remarks(const json::object& domain) {
  std::string text;
  for (const auto& field : domain) {
    const std::string_view key(field.key().data(), field.key().size());
    if (key == "name" || key == "parent" || field.value().is_structured()) continue;
    if (field.value().is_null() || field.value() == json::value(false)) continue;
    text += (text.empty() ? "  (" : ", ") + printable(key);
    if (!field.value().is_bool()) text += ' ' + value_text(key, field.value());
  }
  return text.empty() ? text : text + ')';
}

class Picture {
 public:
  explicit Picture(const json::array& domains) {
    for (const auto& each : domains) known_.insert(text_in(each.get_object(), "name"));
    for (const auto& each : domains) {
      const auto& domain = each.get_object();
      const auto parent = text_in(domain, "parent");
      children_[known_.contains(parent) && parent != text_in(domain, "name") ? parent : ""]
          .push_back(&domain);
    }
    for (auto& [parent, siblings] : children_) sort(siblings);
  }

  std::string draw() {
    draw_children("", "", true);
    return std::move(text_);
  }

 private:
  using Domains = std::vector<const json::object*>;

  static void sort(Domains& domains) {
    std::sort(domains.begin(), domains.end(), [](const auto* a, const auto* b) {
      return text_in(*a, "name") < text_in(*b, "name");
    });
  }

  void draw_children(const std::string& parent, const std::string& margin, bool roots) {
    const auto found = children_.find(parent);
    if (found == children_.end()) return;
    for (const auto* domain : found->second) {
      const bool last = domain == found->second.back();
      const auto name = text_in(*domain, "name");
      if (!drawn_.insert(name).second) continue;
      text_ += margin +
               (roots  ? ""
                : last ? "└─ "
                       : "├─ ") +
               printable(name) + remarks(*domain) + '\n';
      draw_children(name, margin + (roots ? "" : last ? "   " : "│  "), false);
    }
  }

  std::set<std::string> known_;
  std::set<std::string> drawn_;
  std::map<std::string, Domains> children_;
  std::string text_;
};

}  // namespace

std::string tree_text(const json::value& tree) {
  const json::array* domains = tree.if_array();
  if (const auto* object = tree.if_object()) {
    const auto* field = object->if_contains("domains");
    if (field != nullptr) domains = field->if_array();
  }
  const auto has_name = [](const json::value& each) {
    return each.is_object() && !text_in(each.get_object(), "name").empty();
  };
  if (domains == nullptr || !std::all_of(domains->begin(), domains->end(), has_name))
    return generic_text(tree);
  return Picture(*domains).draw();
}

}  // namespace arbortls::admin
