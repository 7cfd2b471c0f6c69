/* LD_PRELOAD: each SIGUSR2 lets the n-th allocation after it fail once, n = 0, 1, 2, ... */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_long left = -1;
static atomic_long next = 0;

static void arm(int signal_number) {
  (void)signal_number;
  atomic_store(&left, atomic_fetch_add(&next, 1));
}

__attribute__((constructor)) static void begin(void) { signal(SIGUSR2, arm); }

extern void* __libc_malloc(size_t);

void* malloc(size_t size) {
  if (atomic_load(&left) >= 0 && atomic_fetch_sub(&left, 1) == 0) {
    errno = ENOMEM;
    return 0;
  }
  return __libc_malloc(size);
}
