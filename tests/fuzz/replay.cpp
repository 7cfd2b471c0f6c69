// Runs a fuzz target's seeds without libFuzzer: every file of the directories given, and every prefix cut at a
// tenth of it.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t seeds = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      for (std::size_t tenth = 0; tenth <= 10; ++tenth) run(bytes.substr(0, bytes.size() * tenth / 10));
      ++seeds;
    }
  }
  std::printf("%zu seeds replayed\n", seeds);
  return seeds > 0 ? 0 : 1;
}
