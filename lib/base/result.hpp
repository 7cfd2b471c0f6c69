#pragma once
// Result<T>: a value or an Error, never an exception, for everything that can go wrong at run time.

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace arbortls {

// What went wrong, as a sentence an operator can act on. Never holds a secret.
// Only error() makes one of a text: were Error constructible from a string, Result<std::string> could not tell a
// value from an error.
struct Error {
  Error() = default;
  std::string message;
};

template <class T>
using Result = boost::system::result<T, Error>;

inline Error error(std::string message) {
  Error made;
  made.message = std::move(message);
  return made;
}

// Called by Result::value() on an error. Only start-up code and tests use value().
[[noreturn]] inline void throw_exception_from_error(const Error& e, const boost::source_location&) {
  throw std::runtime_error(e.message);
}

}  // namespace arbortls
