#pragma once
// HandshakeQueue: the newcomers of one handshake worker who have spoken and have not begun. A crowd that begins at
// once is late as a whole, since each one's end waits for everybody's beginning; so few begin in a turn of the reactor,
// in the order they came, and whoever is under way goes first. Where there is no crowd nobody waits here.
// Used by the worker's thread.

#include "net/reactor.hpp"

#include <boost/intrusive/list.hpp>

namespace arbortls::session {

class HandshakeQueue;

using QueueHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<HandshakeQueue>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// Who may wait in it; destroying one leaves it too.
class Queued : public net::Handler, public QueueHook {
 public:
  void leave_queue() noexcept {
    if (QueueHook::is_linked()) QueueHook::unlink();
  }
};

class HandshakeQueue final : public net::Handler {
 public:
  explicit HandshakeQueue(net::Reactor& reactor) noexcept : reactor_(reactor) {}

  // Whether a newcomer may begin at once; counts on it that he does.
  bool lets_begin() noexcept;
  // `newcomer` is called by on_io() without events when it is his turn; he leaves then.
  void join(Queued& newcomer) noexcept;

  void on_io(unsigned tag, std::uint32_t events) noexcept override;

 private:
  static constexpr int begins_a_turn = 16;

  net::Reactor& reactor_;
  net::Clock::time_point turn_;  // the last one in which somebody began at once
  int begun_ = 0;                // in it
  boost::intrusive::list<Queued, boost::intrusive::base_hook<QueueHook>,
                         boost::intrusive::constant_time_size<false>>
      queue_;
};

}  // namespace arbortls::session
