#pragma once
// A pipe for log tests: filled to the brim, or read to its end without waiting for ever.

#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <chrono>
#include <sstream>
#include <string>
#include <vector>

namespace arbortls::log::test {

struct Pipe {
  Pipe() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
    REQUIRE(::fcntl(read_end.get(), F_SETFL, O_NONBLOCK) == 0);
  }

  // Leaves no room at all; answers how many bytes went in. The write end stays blocking.
  std::size_t fill() const {
    REQUIRE(::fcntl(write_end.get(), F_SETFL, O_NONBLOCK) == 0);
    const std::string block(4096, 'x');
    std::size_t filled = 0;
    for (ssize_t n = 0; (n = ::write(write_end.get(), block.data(), block.size())) > 0;) {
      filled += static_cast<std::size_t>(n);
    }
    REQUIRE(::fcntl(write_end.get(), F_SETFL, 0) == 0);
    return filled;
  }

  // What is in the pipe now.
  std::string take() const {
    std::string all;
    char buffer[65536];
    for (ssize_t n = 0; (n = ::read(read_end.get(), buffer, sizeof buffer)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(n));
    }
    return all;
  }

  // Reads until `wanted` has come, for at most ten seconds.
  std::string take_until(const std::string& wanted) const {
    std::string all;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (all.find(wanted) == std::string::npos && std::chrono::steady_clock::now() < deadline) {
      pollfd readable{read_end.get(), POLLIN, 0};
      ::poll(&readable, 1, 100);
      all += take();
    }
    return all;
  }

  UniqueFd read_end;
  UniqueFd write_end;
};

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace arbortls::log::test
