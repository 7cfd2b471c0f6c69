#pragma once
// Several reasons as one error.

#include "base/result.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace arbortls::cert {

class Reasons {
 public:
  static constexpr std::size_t most = 8;  // an operator reads no more of them

  void add(std::string reason) {
    if (std::find(reasons_.begin(), reasons_.end(), reason) == reasons_.end()) {
      reasons_.push_back(std::move(reason));
    }
  }
  bool empty() const noexcept { return reasons_.empty(); }
  std::size_t size() const noexcept { return reasons_.size(); }

  Error joined() const {
    std::string all;
    for (const auto& reason : reasons_) {
      if (!all.empty()) all += "; ";
      all += reason;
    }
    return error(std::move(all));
  }

 private:
  std::vector<std::string> reasons_;
};

}  // namespace arbortls::cert
