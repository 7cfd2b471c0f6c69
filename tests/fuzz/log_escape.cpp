// Whatever the bytes, a log line is one line without control bytes, and its JSON form stays an object.

#include "log/line.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace arbortls::log;

void require(bool promise) {
  if (!promise) std::abort();
}

void check_line(std::string_view line) {
  require(!line.empty() && line.back() == '\n');
  line.remove_suffix(1);
  for (const char c : line) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

// Quotes that are not escaped: two for each of time, level, message and k with their values.
void check_quotes(std::string_view line) {
  std::size_t quotes = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') ++i;
    else if (line[i] == '"') ++quotes;
  }
  require(quotes == 16);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const Prefix prefix : {Prefix::time, Prefix::syslog}) {
    check_line(make_line({Format::text, prefix}, {}, Level::info, bytes, {{"k", bytes}, {bytes, 1}}));
  }
  const std::string object = make_line({Format::json, Prefix::time}, {}, Level::info, bytes, {{"k", bytes}});
  check_line(object);
  check_quotes(object);
  return 0;
}
