#pragma once
// What one load works with: the tools of a pool for as long as it takes, or its own.

#include "cert/load.hpp"
#include "cert/tools.hpp"

#include <memory>

namespace arbortls::cert {

class Desk {
 public:
  // Null for what is read alone.
  explicit Desk(ChainPool* pool)
      : pool_(pool != nullptr ? *pool : own_), tools_(pool_.borrow_tools()) {}
  ~Desk() { pool_.give_back(std::move(tools_)); }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  ChainPool& pool() noexcept { return pool_; }
  Tools& tools() noexcept { return *tools_; }

 private:
  ChainPool own_;
  ChainPool& pool_;
  std::unique_ptr<Tools> tools_;
};

}  // namespace arbortls::cert
