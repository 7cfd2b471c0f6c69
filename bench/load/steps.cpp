#include "load/steps.hpp"

#include <boost/json/serialize.hpp>

#include <iostream>
#include <string>

namespace arbortls::bench {

void Steps::tell(std::string_view name, boost::json::object fields) const {
  fields["event"] = name;
  std::cout << boost::json::serialize(fields) << std::endl;
}

void Steps::tell_and_wait(std::string_view name, boost::json::object fields) const {
  tell(name, std::move(fields));
  std::string line;
  if (wait_) std::getline(std::cin, line);
}

}  // namespace arbortls::bench
