#pragma once
// What stat(2) says about a file, as one number, taken before the file is read: equal numbers mean
// that it need not be read again.

#include <cstdint>
#include <string>

namespace arbortls::server {

using FileState = std::uint64_t;

inline constexpr FileState unsure = 0;  // equals nothing: the file may change without a trace
inline constexpr FileState absent = 1;  // also for an empty path

// Device, inode, size, ctime and mtime of what `path` leads to. A file that changed within the last
// clock ticks may change again with the same times: `unsure`.
FileState state_of(const std::string& path) noexcept;

// Of two files together; unsure if either is.
FileState both(FileState a, FileState b) noexcept;

inline bool surely_same(FileState a, FileState b) noexcept { return a == b && a != unsure; }

}  // namespace arbortls::server
