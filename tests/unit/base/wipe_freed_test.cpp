#include "base/wipe_freed.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <cstring>
#include <string>

// A sanitizer hands no block out again.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
namespace {

struct Outcome {
  bool same_place;   // the allocator gave the freed block again
  bool still_there;  // with what was written to it
};

// Calls of the operators, not new-expressions: those a compiler may leave out. The allocator keeps its own links in
// the first bytes of a freed block, the tail is ours.
Outcome write_free_and_take_again(const std::string& secret) {
  void* block = ::operator new(secret.size());
  std::memcpy(block, secret.data(), secret.size());
  // Volatile, since a compiler may take a new block for different from every other.
  const volatile auto first = reinterpret_cast<std::uintptr_t>(block);
  ::operator delete(block);
  block = ::operator new(secret.size());
  const std::size_t half = secret.size() / 2;
  const bool still = std::memcmp(static_cast<char*>(block) + half, secret.data() + half, half) == 0;
  const bool same = reinterpret_cast<std::uintptr_t>(block) == first;
  ::operator delete(block);
  return {same, still};
}

}  // namespace

TEST_CASE("what is freed under WipeFreed cannot be read again", "[base]") {
  const std::string secret(987, 's');  // a size nobody else asks for
  const Outcome before = write_free_and_take_again(secret);
  Outcome under{};
  {
    const arbortls::WipeFreed wipe;
    under = write_free_and_take_again(secret);
  }
  const Outcome after = write_free_and_take_again(secret);
  REQUIRE((before.same_place && under.same_place && after.same_place));
  CHECK(before.still_there);
  CHECK_FALSE(under.still_there);
  CHECK(after.still_there);
}
#endif

TEST_CASE("WipeFreed nests", "[base]") {
  const arbortls::WipeFreed outer;
  {
    const arbortls::WipeFreed inner;
    std::string text(100, 'x');
    text.append(100, 'y');
    CHECK(text.size() == 200);
  }
  std::string text(1000, 'x');
  CHECK(text.back() == 'x');
}
