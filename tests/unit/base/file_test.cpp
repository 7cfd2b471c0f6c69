#include "base/file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace arbortls;

namespace {

struct Folder {
  Folder() {
    char name[] = "/tmp/base_file_XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string at(const std::string& name) const { return path + "/" + name; }
  std::string put(const std::string& name, const std::string& content) const {
    std::ofstream(at(name), std::ios::binary) << content;
    return at(name);
  }
  std::string path;
};

std::string refusal(const std::string& path, std::size_t limit = 100) {
  const auto content = read_file(path, limit);
  REQUIRE(content.has_error());
  CHECK(content.error().message.find(path) == 0);
  return content.error().message;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a file is read whole, up to the limit and no byte beyond", "[base]") {
  const Folder folder;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{99}, std::size_t{100}}) {
    const std::string content(size, '\0');
    CHECK(*read_file(folder.put("f", content), 100) == content);
  }
  CHECK(has(refusal(folder.put("f", std::string(101, 'x'))), "is larger than 100 bytes"));
}

TEST_CASE("what cannot be read is refused with its name and the reason", "[base]") {
  const Folder folder;
  CHECK(has(refusal(folder.at("missing")), "No such file"));
  CHECK(has(refusal(folder.path), "is a directory"));
  CHECK(has(refusal("/dev/null"), "not a regular file"));
  REQUIRE(::mkfifo(folder.at("fifo").c_str(), 0600) == 0);
  CHECK(has(refusal(folder.at("fifo")), "not a regular file"));  // and at once
}

TEST_CASE("files whose size the system does not tell are read all the same", "[base]") {
  const auto content = read_file("/proc/self/status", 1 << 20);
  REQUIRE(content.has_value());
  CHECK(has(*content, "Pid:"));
  CHECK(has(refusal("/proc/self/status", 10), "is larger than 10 bytes"));
}

TEST_CASE("a file is replaced whole, with the mode asked for and no remains", "[base]") {
  const Folder folder;
  const std::string path = folder.put("f", "old");
  REQUIRE(write_file_atomically(path, "new", 0600).has_value());
  CHECK(*read_file(path, 100) == "new");
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0600);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("what an interrupted writer left behind is in nobody's way, and no link is followed", "[base]") {
  const Folder folder;
  const std::string victim = folder.put("victim", "safe");
  std::filesystem::create_symlink(victim, folder.at("f.new"));
  REQUIRE(write_file_atomically(folder.at("f"), "new", 0600).has_value());
  CHECK(*read_file(folder.at("f"), 100) == "new");
  CHECK(*read_file(victim, 100) == "safe");
}

TEST_CASE("a reader of the old file keeps it", "[base]") {
  const Folder folder;
  std::ifstream reader(folder.put("f", "old"));
  REQUIRE(write_file_atomically(folder.at("f"), "new", 0600).has_value());
  std::string text;
  reader >> text;
  CHECK(text == "old");
}

TEST_CASE("what cannot be written is an error and leaves nothing", "[base]") {
  const Folder folder;
  const auto missing = write_file_atomically(folder.at("none/f"), "x", 0600);
  REQUIRE(missing.has_error());
  CHECK(has(missing.error().message, "cannot create"));
  std::filesystem::create_directory(folder.at("d"));
  folder.put("d/inside", "x");
  const auto onto_directory = write_file_atomically(folder.at("d"), "x", 0600);
  REQUIRE(onto_directory.has_error());
  CHECK(has(onto_directory.error().message, "cannot rename"));
  CHECK_FALSE(std::filesystem::exists(folder.at("d.new")));
}
