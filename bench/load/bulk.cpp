#include "load/bulk.hpp"

#include "load/fleet.hpp"
#include "load/wire.hpp"

#include <vector>

namespace arbortls::bench {
namespace {

class Bulk final : public ClientEvents {
 public:
  explicit Bulk(const BulkOptions& options)
      : upload_(options.upload),
        share_(options.bytes / options.connections),
        chunk_(16 * 1024, 'x'),
        to_send_(options.connections, options.upload ? share_ : 0),
        to_get_(options.connections, options.upload ? 1 : share_) {}

  void begin(Client& client) {
    client.send(bulk_request(upload_ ? Wish::upload : Wish::download, share_));
    if (upload_) on_drained(client);
  }

  bool done() const { return !failure_.empty() || finished_ == to_get_.size(); }
  const std::string& failure() const { return failure_; }

  boost::json::object figures(Clock::duration took) const {
    const double seconds = std::chrono::duration<double>(took).count();
    const auto bytes = static_cast<double>(share_ * to_get_.size());
    return {{"bytes", bytes}, {"seconds", seconds}, {"mb_per_second", bytes / seconds / 1e6}};
  }

 private:
  void on_open(Client&) override {}

  void on_drained(Client& client) override {
    std::uint64_t& left = to_send_[client.index()];
    while (left > 0 && client.drained()) {
      const auto size = std::min<std::uint64_t>(left, chunk_.size());
      left -= size;
      client.send(std::string_view(chunk_).substr(0, size));
    }
  }

  void on_data(Client& client, std::string_view data) override {
    std::uint64_t& left = to_get_[client.index()];
    if (data.size() > left) failure_ = "more came back than was asked for";
    left -= std::min<std::uint64_t>(left, data.size());
    if (left == 0) ++finished_;
  }

  void on_end(Client& client, End) override { failure_ = "a connection ended: " + client.why(); }

  const bool upload_;
  const std::uint64_t share_;
  const std::string chunk_;
  std::vector<std::uint64_t> to_send_;
  std::vector<std::uint64_t> to_get_;
  std::size_t finished_ = 0;
  std::string failure_;
};

}  // namespace

Result<boost::json::object> run_bulk(const TargetOptions& target_options,
                                     const BulkOptions& options, const Steps& steps) {
  auto loop = EventLoop::make();
  if (!loop) return loop.error();
  auto target = Target::make(target_options);
  if (!target) return target.error();
  const auto deadline = Clock::now() + std::chrono::seconds(options.deadline_s);
  Bulk bulk(options);
  Fleet fleet(*loop, *target, options.connections);
  const auto opened = fleet.open(deadline, "", bulk);
  if (!opened) return opened.error();
  steps.tell_and_wait("ready");
  const auto start = Clock::now();
  for (auto& client : fleet.clients()) bulk.begin(*client);
  const bool in_time = loop->run(deadline, [&] { return bulk.done(); });
  const auto took = Clock::now() - start;
  steps.tell_and_wait("measured");
  if (!bulk.failure().empty()) return error(bulk.failure());
  if (!in_time) return error("not all bytes went through in time");
  fleet.close(Clock::now() + std::chrono::seconds(5));
  return bulk.figures(took);
}

}  // namespace arbortls::bench
