#include "daemon/cert_files.hpp"

#include "base/file.hpp"

#include <array>
#include <filesystem>
#include <iostream>

namespace arbortls::daemon {
namespace {

constexpr std::size_t input_limit = 16u << 20;

Result<std::string> read_standard_input() {
  std::string content;
  std::array<char, 4096> chunk;
  while (std::cin.read(chunk.data(), chunk.size()) || std::cin.gcount() > 0) {
    content.append(chunk.data(), static_cast<std::size_t>(std::cin.gcount()));
    if (content.size() > input_limit)
      return error("standard input is larger than " + std::to_string(input_limit) + " bytes");
  }
  return content;
}

}  // namespace

Result<std::string> read_passphrase(const std::string& file) {
  if (file.empty()) return std::string();
  auto content = read_file(file, 4096);
  if (!content) return content.error();
  if (content->ends_with('\n')) content->pop_back();
  if (content->ends_with('\r')) content->pop_back();
  return content;
}

Result<std::string> read_input(const std::string& file) {
  return file == "-" ? read_standard_input() : read_file(file, input_limit);
}

Result<void> write_secret(const std::string& file, const std::string& content, bool force) {
  if (!force)
    if (const auto free = must_not_exist({file}); !free) return free.error();
  return write_file_atomically(file, content, 0600);
}

Result<void> must_not_exist(const std::vector<std::string>& files) {
  for (const auto& file : files) {
    std::error_code code;
    const auto status = std::filesystem::symlink_status(file, code);
    if (std::filesystem::exists(status))
      return error(file + ": exists already; --force overwrites it");
  }
  return {};
}

Result<void> create_directory(const std::string& directory) {
  std::error_code code;
  std::filesystem::create_directories(directory, code);
  if (code) return error(directory + ": cannot create: " + code.message());
  return {};
}

}  // namespace arbortls::daemon
