#pragma once
// Options of the ca commands, and what each does. All return the exit code.

#include <string>
#include <vector>

namespace arbortls::daemon {

struct CaOptions {
  std::string config_file;
  std::string passphrase_file;  // "": the configuration's
  bool json = false;
};

struct MakeRootOptions {
  CaOptions ca;
  std::string name;                    // "": of the master domain
  std::vector<std::string> permitted;  // names; none: the tree's
  std::vector<std::string> networks;   // none: the private ones and the tree's addresses
  int days = 0;                        // 0: as configured
  bool not_critical = false;
  bool next = false;  // beside the root that is there
};

enum class ExportForm { pem, der, mobileconfig };

struct ExportOptions {
  CaOptions ca;
  ExportForm form = ExportForm::pem;
  bool next = false;
  bool force = false;
  std::string out;  // "": standard output
};

struct IssueOptions {
  CaOptions ca;
  std::vector<std::string> names;
  std::vector<std::string> addresses;
  int days = 0;  // 0: as configured
  bool rsa = false;
  bool force = false;
  std::string out;
};

int make_root(const MakeRootOptions& options);
int show_roots(const CaOptions& options);
int export_root(const ExportOptions& options);
int issue_leaf(const IssueOptions& options);
int use_next_root(const CaOptions& options);

}  // namespace arbortls::daemon
