#pragma once
// Logger: lines of text or JSON to a descriptor, by a writer thread of its own. A call never waits for the reader of
// that descriptor: when the bounded queue is full the oldest lines are dropped, counted, and the count is logged later.
// Every byte is escaped so that no value can start a line, close a quote or reach a terminal as an escape sequence.

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <type_traits>
#include <variant>

namespace arbortls::log {

enum class Level { debug, info, warning, error };
enum class Format { text, json };
// What a text line starts with: the UTC time and the level, or `<N>` (syslog priority) for journald, which keeps its
// own time. JSON lines always carry both.
enum class Prefix { time, syslog };

// Views only: what they point to must live until log() returns.
struct Field {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  Field(std::string_view name, std::string_view text) : key(name), value(text) {}
  template <typename T>
    requires std::is_arithmetic_v<T>
  Field(std::string_view name, T number) : key(name), value(widen(number)) {}

  std::string_view key;  // letters, digits, `_`, `.`, `-`; anything else is written as `_`
  Value value;           // texts over 1 kB are cut

 private:
  template <typename T>
  static Value widen(T number) {
    if constexpr (std::same_as<T, bool>) return number;
    else if constexpr (std::floating_point<T>) return static_cast<double>(number);
    else if constexpr (std::is_signed_v<T>) return static_cast<std::int64_t>(number);
    else return static_cast<std::uint64_t>(number);
  }
};

// Thread-safe, except for construction and destruction.
class Logger {
 public:
  // `descriptor` is not owned and must stay open for the logger's life. Throws std::system_error when no thread can
  // be made.
  explicit Logger(int descriptor, Level level = Level::info, Format format = Format::text,
                  Prefix prefix = Prefix::time);
  // Waits at most half a second for what is queued, then gives up on it. No thread is left.
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  void log(Level level, std::string_view message, std::initializer_list<Field> fields = {}) noexcept;
  void debug(std::string_view message, std::initializer_list<Field> fields = {}) noexcept;
  void info(std::string_view message, std::initializer_list<Field> fields = {}) noexcept;
  void warning(std::string_view message, std::initializer_list<Field> fields = {}) noexcept;
  void error(std::string_view message, std::initializer_list<Field> fields = {}) noexcept;

  bool enabled(Level level) const noexcept;
  void set_level(Level level) noexcept;
  void set_format(Format format) noexcept;

  // Lines lost since the start: pushed out of the full queue, refused by the descriptor, or not made for lack of memory.
  std::uint64_t dropped() const noexcept;
  // Waits until what was logged before the call is written or lost, but not longer than `at_most`.
  void flush(std::chrono::milliseconds at_most) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace arbortls::log
