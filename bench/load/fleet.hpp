#pragma once
// Many connections that are opened first and used afterwards.

#include "load/client.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace arbortls::bench {

class Fleet final : public ClientEvents {
 public:
  // The arguments must outlive the fleet.
  Fleet(EventLoop& loop, const Target& target, std::size_t count);

  // Opens every connection, a bounded number at a time. With a `greeting` each one sends it and
  // takes its echo, so that the whole way to the backend stands. From then on `events` hears of
  // them.
  Result<void> open(TimePoint deadline, std::string greeting, ClientEvents& events);

  // Ends every connection in an orderly way; those that do not follow by the deadline are dropped.
  void close(TimePoint deadline);

  Clients& clients() noexcept { return clients_; }

 private:
  void on_open(Client& client) override;
  void on_data(Client& client, std::string_view data) override;
  void on_end(Client& client, End end) override;
  void open_more();
  void stands();

  EventLoop& loop_;
  Clients clients_;
  std::vector<std::size_t> greeted_;  // bytes of the greeting that came back
  std::string greeting_;
  std::size_t begun_ = 0;
  std::size_t standing_ = 0;
  std::size_t ended_ = 0;
  bool closing_ = false;
  std::string failure_;
};

}  // namespace arbortls::bench
