#pragma once
// Options of the cert commands.

#include <string>
#include <vector>

namespace arbortls::daemon {

struct InspectOptions {
  std::string file;
  std::string passphrase_file;
  bool json = false;
};

struct SelfSignedOptions {
  std::vector<std::string> names;
  std::string out;
  int days = 365;
  bool force = false;
  bool json = false;
};

struct BundleOptions {
  std::vector<std::string> files;
  std::string out;
  std::string passphrase_file;
  bool force = false;
  bool json = false;
};

// Prints what is in the file; the exit code.
int inspect_file(const InspectOptions& options);

}  // namespace arbortls::daemon
