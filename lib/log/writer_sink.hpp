#pragma once
// The end of spdlog's queue: writes finished lines to the descriptor and says how many were lost before.
// log() runs on the writer thread only; the counters may be read from any.

#include "log/descriptor.hpp"

#include <spdlog/sinks/sink.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

namespace arbortls::log {

class WriterSink final : public spdlog::sinks::sink {
 public:
  // lost_line: the line that reports that many losses.
  using LostLine = std::function<std::string(std::uint64_t)>;
  // pushed_out: lines that the queue lost so far; waiting: lines still in it.
  struct Queue {
    std::function<std::uint64_t()> pushed_out;
    std::function<std::size_t()> waiting;
  };

  WriterSink(int descriptor, LostLine lost_line);
  // Before the first line.
  void attach(Queue queue);

  void log(const spdlog::details::log_msg& record) override;
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  std::uint64_t handled() const noexcept { return handled_.load(); }
  std::uint64_t refused() const noexcept { return refused_.load(); }
  // From now on what cannot be written at once is lost.
  void give_up() noexcept { give_up_ = true; }

 private:
  void write(std::string_view line);
  void report_losses();

  Descriptor descriptor_;
  LostLine lost_line_;
  Queue queue_;
  std::uint64_t reported_ = 0;
  std::atomic<std::uint64_t> handled_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<bool> give_up_{false};
};

}  // namespace arbortls::log
