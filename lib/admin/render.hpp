#pragma once
// What the control socket's JSON objects look like to a person. Shared by the live and the offline
// commands.
//
// Rendering never fails: keys that are missing are left out, keys that are not known are shown too.
// Control bytes in texts are escaped.

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>

namespace arbortls::admin {

std::string explain_text(const boost::json::object& explanation);  // as `explain --json` prints it
std::string status_text(const boost::json::object& status);
std::string expiring_text(
    const boost::json::value& expiring);  // an array, or an object holding one
std::string reload_text(const boost::json::object& outcome);

// Any object or array: nested keys indented, arrays of objects as tables.
std::string generic_text(const boost::json::value& value);

}  // namespace arbortls::admin
