#pragma once
// WipeFreed: while one lives, whatever its thread frees is overwritten first. Libraries that read secrets (a YAML
// parser given a private key) leave copies in memory they no longer own; this leaves none. It works by replacing the
// program's operator new and delete, which otherwise do what the standard ones do.

namespace arbortls {

class WipeFreed {
 public:
  WipeFreed() noexcept;
  ~WipeFreed();
  WipeFreed(const WipeFreed&) = delete;
  WipeFreed& operator=(const WipeFreed&) = delete;
};

}  // namespace arbortls
