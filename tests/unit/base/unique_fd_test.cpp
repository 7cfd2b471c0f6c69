#include "base/unique_fd.hpp"

#include <fcntl.h>

#include <catch2/catch.hpp>

using arbortls::UniqueFd;

namespace {
int opened() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }
bool open_still(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }
}  // namespace

TEST_CASE("a descriptor is closed with its owner", "[base]") {
  const int raw = opened();
  {
    const UniqueFd fd(raw);
    CHECK(fd);
    CHECK(fd.get() == raw);
    CHECK(open_still(raw));
  }
  CHECK_FALSE(open_still(raw));
}

TEST_CASE("a moved descriptor has one owner", "[base]") {
  UniqueFd a(opened());
  const int raw = a.get();
  UniqueFd b(std::move(a));
  CHECK_FALSE(a);
  CHECK(b.get() == raw);
  UniqueFd c(opened());
  const int replaced = c.get();
  c = std::move(b);
  CHECK_FALSE(open_still(replaced));
  CHECK(c.get() == raw);
  UniqueFd& self = c;
  c = std::move(self);
  CHECK(c.get() == raw);
  CHECK(open_still(raw));
}

TEST_CASE("release gives up, reset closes", "[base]") {
  UniqueFd fd(opened());
  const int raw = fd.release();
  CHECK_FALSE(fd);
  CHECK(open_still(raw));
  fd.reset(raw);
  fd.reset();
  fd.reset();
  CHECK_FALSE(open_still(raw));
}

TEST_CASE("no descriptor is an empty owner", "[base]") {
  CHECK_FALSE(UniqueFd());
  CHECK_FALSE(UniqueFd(-1));
}
