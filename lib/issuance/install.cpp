#include "issuance/install.hpp"

#include "base/file.hpp"
#include "cert/load.hpp"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace arbortls::issuance {
namespace {

bool exists(const std::string& file) {
  std::error_code code;
  return std::filesystem::exists(std::filesystem::symlink_status(file, code));
}

// A link leads where an operator wanted it; to replace it would cut what else goes there.
Result<void> is_ours(const std::string& file) {
  std::error_code code;
  if (std::filesystem::is_symlink(file, code)) return error(file + ": is a link, which an operator has made");
  auto text = read_file(file, cert::max_text);
  if (!text) return text.error();
  const bool marked = acme::read_mark(*text).has_value();
  cert::wipe(*text);
  if (!marked) return error(file + ": was put there by hand");
  return {};
}

}  // namespace

Result<void> can_install(const std::string& file) {
  const std::string directory = std::filesystem::path(file).parent_path().string();
  if (::access(directory.c_str(), W_OK | X_OK) != 0)
    return error(directory + ": cannot be written: " + std::generic_category().message(errno));
  if (!exists(file)) return {};
  return is_ours(file);
}

Result<void> install(const std::string& file, const acme::Mark& mark, std::string_view pem) {
  if (const auto may = can_install(file); !may) return may;
  std::string text = acme::to_text(mark);
  text += pem;
  Result<void> done = write_file_atomically(file, text, 0600);
  if (done) {
    auto read = read_file(file, cert::max_text);
    if (!read) {
      done = read.error();
    } else {
      if (*read != text) done = error(file + ": does not hold what was written to it");
      cert::wipe(*read);
    }
  }
  cert::wipe(text);
  return done;
}

}  // namespace arbortls::issuance
