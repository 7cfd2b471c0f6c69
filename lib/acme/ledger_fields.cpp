#include "acme/ledger_fields.hpp"

namespace arbortls::acme {

LedgerFields::LedgerFields(const boost::json::value& value, std::string& problem)
    : object_(value.if_object()), problem_(&problem) {
  if (object_ == nullptr) problem = "is not an object";
}

LedgerFields::LedgerFields(const LedgerFields& within, std::string_view name,
                           const boost::json::value& value)
    : within_(&within), name_(name), object_(value.if_object()), problem_(within.problem_) {
  if (object_ == nullptr) within.fail(name, "an object");
}

void LedgerFields::read(std::string_view name, std::string& text) const {
  const auto* value = find(name);
  if (value == nullptr) return;
  if (const auto* string = value->if_string()) text.assign(string->data(), string->size());
  else fail(name, "a text");
}

void LedgerFields::read(std::string_view name, std::int64_t& number) const {
  const auto* value = find(name);
  if (value == nullptr) return;
  if (is_time(*value)) number = value->get_int64();
  else fail(name, number_wanted);
}

bool LedgerFields::is_time(const boost::json::value& value) noexcept {
  return value.is_int64() && value.get_int64() >= 0 && value.get_int64() <= latest_time;
}

const boost::json::value* LedgerFields::find(std::string_view name) const {
  if (object_ == nullptr || !problem_->empty()) return nullptr;
  return object_->if_contains(name);
}

void LedgerFields::fail(std::string_view name, const char* wanted) const {
  if (!problem_->empty()) return;
  std::string where = path();
  if (!where.empty()) where += '.';
  *problem_ = where.append(name).append(": is not ").append(wanted);
}

std::string LedgerFields::path() const {
  if (within_ == nullptr) return {};
  std::string path = within_->path();
  if (!path.empty()) path += '.';
  return path.append(name_);
}

}  // namespace arbortls::acme
