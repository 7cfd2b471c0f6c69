#pragma once
// Reading members of JSON objects by name and type, for the ledger: the first that is wrong is put
// into words with its path; after that nothing is read any more.

#include <boost/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace arbortls::acme {

// The end of the year 9999: with no later time in the ledger, sums of times cannot overflow.
inline constexpr std::int64_t latest_time = 253'402'300'799;

// One object within another; refers to both, which have to outlive it.
class LedgerFields {
 public:
  LedgerFields(const boost::json::value& value, std::string& problem);
  LedgerFields(const LedgerFields& within, std::string_view name, const boost::json::value& value);

  // A member that is not there leaves what it would be read into as it is.
  void read(std::string_view name, std::string& text) const;
  // 0 to latest_time.
  void read(std::string_view name, std::int64_t& number) const;
  // Calls visit(LedgerFields) where that member is there.
  template <typename Visit>
  void read_object(std::string_view name, Visit visit) const {
    if (const auto* value = find(name)) visit(LedgerFields(*this, name, *value));
  }
  // Calls visit(name, LedgerFields) for each member of that member.
  template <typename Visit>
  void read_each(std::string_view name, Visit visit) const {
    read_object(name, [&](const LedgerFields& each) {
      if (each.object_ == nullptr) return;
      for (const auto& [key, value] : *each.object_) visit(key, LedgerFields(each, key, value));
    });
  }
  // Calls take(number) for each element of that array.
  template <typename Take>
  void read_numbers(std::string_view name, Take take) const {
    const auto* value = find(name);
    if (value == nullptr) return;
    if (!value->is_array()) return fail(name, "an array");
    for (const auto& element : value->get_array()) {
      if (is_time(element))
        take(element.get_int64());
      else
        fail(name, number_wanted);
    }
  }

 private:
  static constexpr const char* number_wanted = "a whole number from 0 on";

  static bool is_time(const boost::json::value& value) noexcept;
  const boost::json::value* find(std::string_view name) const;
  void fail(std::string_view name, const char* wanted) const;
  std::string path() const;

  const LedgerFields* within_ = nullptr;
  std::string_view name_;
  const boost::json::object* object_ = nullptr;
  std::string* problem_;
};

}  // namespace arbortls::acme
