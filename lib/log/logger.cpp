#include "log/logger.hpp"

#include "log/line.hpp"
#include "log/writer_sink.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>

#include <signal.h>

#include <atomic>
#include <thread>

namespace arbortls::log {
namespace {

constexpr std::size_t queue_lines = 4096;
constexpr std::chrono::milliseconds last_wait{500};
constexpr std::chrono::milliseconds flush_step{1};

// The daemon's signals are for its other threads; a SIGPIPE from a write here stays blocked and becomes EPIPE.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace

struct Logger::Impl {
  Impl(int descriptor, Level from, Layout how)
      : level(from), format(how.format), prefix(how.prefix),
        sink(std::make_shared<WriterSink>(descriptor, [this](std::uint64_t lost) { return lost_line(lost); })),
        pool(std::make_shared<spdlog::details::thread_pool>(queue_lines, 1, block_signals)),
        queue(std::make_shared<spdlog::async_logger>("arbortls", sink, pool,
                                                     spdlog::async_overflow_policy::overrun_oldest)) {
    // The pool outlives every call of the sink: its destructor joins the writer thread.
    sink->attach({[raw = pool.get()] { return raw->overrun_counter(); }, [raw = pool.get()] { return raw->queue_size(); }});
    queue->set_level(spdlog::level::trace);
  }

  Layout layout() const { return {format.load(), prefix}; }

  std::string lost_line(std::uint64_t lost) const {
    return make_line(layout(), std::chrono::system_clock::now(), Level::warning, "log lines were lost",
                     {{"lines", lost}});
  }

  std::uint64_t done() const { return sink->handled() + pool->overrun_counter(); }

  std::atomic<Level> level;
  std::atomic<Format> format;
  const Prefix prefix;
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> not_made{0};
  std::shared_ptr<WriterSink> sink;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> queue;
};

Logger::Logger(int descriptor, Level level, Format format, Prefix prefix)
    : impl_(std::make_unique<Impl>(descriptor, level, Layout{format, prefix})) {}

Logger::~Logger() {
  flush(last_wait);
  impl_->sink->give_up();
}

void Logger::log(Level level, std::string_view message, std::initializer_list<Field> fields) noexcept {
  if (!enabled(level)) return;
  try {
    const std::string line =
        make_line(impl_->layout(), std::chrono::system_clock::now(), level, message, fields);
    ++impl_->accepted;
    impl_->queue->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  } catch (...) {
    ++impl_->not_made;
  }
}

void Logger::debug(std::string_view message, std::initializer_list<Field> fields) noexcept {
  log(Level::debug, message, fields);
}
void Logger::info(std::string_view message, std::initializer_list<Field> fields) noexcept {
  log(Level::info, message, fields);
}
void Logger::warning(std::string_view message, std::initializer_list<Field> fields) noexcept {
  log(Level::warning, message, fields);
}
void Logger::error(std::string_view message, std::initializer_list<Field> fields) noexcept {
  log(Level::error, message, fields);
}

bool Logger::enabled(Level level) const noexcept { return level >= impl_->level.load(); }
void Logger::set_level(Level level) noexcept { impl_->level = level; }
void Logger::set_format(Format format) noexcept { impl_->format = format; }

std::uint64_t Logger::dropped() const noexcept {
  return impl_->sink->refused() + impl_->pool->overrun_counter() + impl_->not_made;
}

void Logger::flush(std::chrono::milliseconds at_most) noexcept {
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  const std::uint64_t target = impl_->accepted.load();
  while (impl_->done() < target && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(flush_step);
  }
}

}  // namespace arbortls::log
