#include "session/handshake_queue.hpp"

namespace arbortls::session {

bool HandshakeQueue::lets_begin() noexcept {
  if (!queue_.empty()) return false;
  if (turn_ != reactor_.now()) {
    turn_ = reactor_.now();
    begun_ = 0;
  }
  return ++begun_ <= begins_a_turn;
}

void HandshakeQueue::join(Queued& newcomer) noexcept {
  queue_.push_back(newcomer);
  reactor_.again(*this, 0);
}

// Called after the events of a turn. Those whose turn it is remain in the queue until they begin, after the next turn's
// events: nobody who comes with these overtakes them.
void HandshakeQueue::on_io(unsigned, std::uint32_t) noexcept {
  int left = begins_a_turn;
  for (Queued& next : queue_) {
    if (left-- == 0) break;
    reactor_.again(next, 0);
  }
  if (!queue_.empty()) reactor_.again(*this, 0);
}

}  // namespace arbortls::session
