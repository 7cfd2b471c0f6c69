#include "base/wipe_freed.hpp"

#include <malloc.h>
#include <string.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace arbortls {
namespace {

thread_local int wiping = 0;  // how many WipeFreed live on this thread

void release(void* memory) noexcept {
  // explicit_bzero(3): a plain memset before free() may be left out by the compiler.
  if (wiping > 0 && memory != nullptr) ::explicit_bzero(memory, ::malloc_usable_size(memory));
  std::free(memory);
}

void* take(std::size_t size) {
  for (;;) {
    if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

}  // namespace

WipeFreed::WipeFreed() noexcept { ++wiping; }
WipeFreed::~WipeFreed() { --wiping; }

}  // namespace arbortls

void* operator new(std::size_t size) { return arbortls::take(size); }
void* operator new[](std::size_t size) { return arbortls::take(size); }
// A sanitizer has its own of these two, and what they give may not go to our release().
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size != 0 ? size : 1);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size != 0 ? size : 1);
}
void operator delete(void* memory) noexcept { arbortls::release(memory); }
void operator delete[](void* memory) noexcept { arbortls::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { arbortls::release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { arbortls::release(memory); }
