#pragma once
// A Registry lists what lives on one worker so that all of it can be ended. Used by that worker's thread.

#include "session/reasons.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>

namespace arbortls::session {

struct RegistryTag;

class Registered
    : public boost::intrusive::list_base_hook<
          boost::intrusive::tag<RegistryTag>,
          boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual ~Registered() = default;
  // Ends it for this reason, in an orderly way where the protocol has one. Returns whether it was still alive.
  virtual bool cut(EndReason reason) = 0;
};

class Registry {
 public:
  void add(Registered& member) { members_.push_back(member); }
  std::size_t cut_all(EndReason reason) {
    std::size_t count = 0;
    for (auto it = members_.begin(); it != members_.end();) {
      Registered& member = *it++;  // cut() may unlink it
      count += member.cut(reason) ? 1 : 0;
    }
    return count;
  }

 private:
  boost::intrusive::list<Registered, boost::intrusive::base_hook<boost::intrusive::list_base_hook<
                                         boost::intrusive::tag<RegistryTag>,
                                         boost::intrusive::link_mode<boost::intrusive::auto_unlink>>>,
                         boost::intrusive::constant_time_size<false>>
      members_;
};

}  // namespace arbortls::session
