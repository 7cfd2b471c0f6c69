#pragma once
// Held: a place taken in a shared count; given back when this goes. Any thread.

#include "metrics/counter.hpp"

#include <memory>
#include <utility>

namespace arbortls::session {

class Held {
 public:
  Held() = default;
  explicit Held(std::shared_ptr<metrics::Gauge> taken) noexcept : gauge_(std::move(taken)) {}
  Held(Held&&) noexcept = default;
  Held& operator=(Held other) noexcept {
    gauge_.swap(other.gauge_);
    return *this;
  }
  ~Held() {
    if (gauge_) gauge_->sub();
  }
  explicit operator bool() const noexcept { return gauge_ != nullptr; }

 private:
  std::shared_ptr<metrics::Gauge> gauge_;
};

}  // namespace arbortls::session
