// Any bytes as a ledger file: refused, or a ledger that survives being written and read again.

#include "acme/ledger.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace arbortls::acme;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto ledger = parse_ledger({reinterpret_cast<const char*>(data), size});
  if (!ledger) return 0;
  const auto again = parse_ledger(format_ledger(*ledger));
  if (!again || *again != *ledger) std::abort();
  return 0;
}
