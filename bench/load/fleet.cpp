#include "load/fleet.hpp"

namespace arbortls::bench {
namespace {

constexpr std::size_t at_a_time = 32;

}  // namespace

Fleet::Fleet(EventLoop& loop, const Target& target, std::size_t count)
    : loop_(loop), greeted_(count, 0) {
  clients_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    clients_.push_back(std::make_unique<Client>(loop, target, *this, i));
  }
}

Result<void> Fleet::open(TimePoint deadline, std::string greeting, ClientEvents& events) {
  greeting_ = std::move(greeting);
  open_more();
  const bool in_time =
      loop_.run(deadline, [this] { return !failure_.empty() || standing_ == clients_.size(); });
  if (!failure_.empty()) return error("a connection could not be opened: " + failure_);
  if (!in_time) return error("not all connections could be opened in time");
  for (auto& client : clients_) client->report_to(events);
  return {};
}

void Fleet::close(TimePoint deadline) {
  closing_ = true;
  for (auto& client : clients_) {
    client->report_to(*this);
    client->finish();
  }
  loop_.run(deadline, [this] { return ended_ == clients_.size(); });
}

void Fleet::open_more() {
  while (begun_ < clients_.size() && begun_ - standing_ < at_a_time && failure_.empty()) {
    const auto opened = clients_[begun_++]->open();
    if (!opened) failure_ = opened.error().message;
  }
}

void Fleet::stands() {
  ++standing_;
  open_more();
}

void Fleet::on_open(Client& client) {
  if (greeting_.empty()) return stands();
  client.send(greeting_);
}

void Fleet::on_data(Client& client, std::string_view data) {
  if (closing_) return;
  std::size_t& got = greeted_[client.index()];
  got += data.size();
  if (got == greeting_.size()) stands();
}

void Fleet::on_end(Client& client, End end) {
  ++ended_;
  if (closing_) return;
  failure_ = end == End::failed ? client.why() : "the server ended it";
}

}  // namespace arbortls::bench
