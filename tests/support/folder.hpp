#pragma once
// A folder of a test's own, gone with it.

#include <catch2/catch.hpp>

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace arbortls::test {

class Folder {
 public:
  Folder() {
    path_ = (std::filesystem::temp_directory_path() / "arbortls-unit-XXXXXX").string();
    REQUIRE(::mkdtemp(path_.data()) != nullptr);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const noexcept { return path_; }
  std::string at(const std::string& name) const { return path_ + "/" + name; }
  std::string put(const std::string& name, const std::string& content, mode_t mode = 0600) const {
    std::ofstream(at(name), std::ios::binary) << content;
    REQUIRE(::chmod(at(name).c_str(), mode) == 0);
    return at(name);
  }
  std::string content(const std::string& name) const {
    std::ifstream file(at(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::string path_;
};

}  // namespace arbortls::test
