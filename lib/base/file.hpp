#pragma once
// Whole small files: read with a bound, write atomically. Blocking; not for I/O threads.

#include "base/result.hpp"

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace arbortls {

// Reads a regular file of at most `limit` bytes. Errors name the file and the reason ("is a directory",
// "is larger than ... bytes", the system's own text). Never blocks on a FIFO.
Result<std::string> read_file(const std::string& path, std::size_t limit);

// Writes to a temporary file beside `path`, syncs it and renames it over `path`.
Result<void> write_file_atomically(const std::string& path, std::string_view content, mode_t mode);

}  // namespace arbortls
