#pragma once
// The conversation with whoever measures: one JSON object a line on standard output; where the run
// is to be measured from or to, it waits for a line on standard input.

#include <boost/json/object.hpp>

#include <string_view>

namespace arbortls::bench {

class Steps {
 public:
  // With `wait` false nothing is ever waited for, as a person at a terminal would want it.
  explicit Steps(bool wait) noexcept : wait_(wait) {}

  // Prints `fields` with "event": `name`.
  void tell(std::string_view name, boost::json::object fields = {}) const;

  // As tell(), then waits for the next line, or the end of input.
  void tell_and_wait(std::string_view name, boost::json::object fields = {}) const;

 private:
  bool wait_;
};

}  // namespace arbortls::bench
