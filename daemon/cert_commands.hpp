#pragma once
// Options of the cert commands.

#include <string>
#include <vector>

namespace arbortls::daemon {

struct InspectOptions {
  std::string file;
  std::string passphrase_file;
  std::string config_file;  // "": no tree to compare with
  bool live = false;        // the running daemon's tree
  std::string socket;       // "": control_socket of the configuration file
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

struct ConvertOptions {
  std::string file;
  std::string to;
  std::string part;
  std::string out;
  std::string passphrase_file;
  std::string out_passphrase_file;
  bool force = false;
  bool json = false;
};

// Writes the file anew; the exit code.
int convert_file(const ConvertOptions& options);

// Prints what is in the file; the exit code.
int inspect_file(const InspectOptions& options);

}  // namespace arbortls::daemon
