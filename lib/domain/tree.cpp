#include "domain/tree.hpp"

namespace arbortls::domain {

std::string_view to_string(Stage stage) noexcept {
  switch (stage) {
    case Stage::domain: return "domain";
    case Stage::ancestor: return "ancestor";
    case Stage::suffix: return "suffix";
    case Stage::master: return "master";
  }
  return "";
}

}  // namespace arbortls::domain
