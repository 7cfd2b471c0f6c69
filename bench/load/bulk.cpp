#include "load/bulk.hpp"

#include "load/standing.hpp"
#include "load/wire.hpp"

#include <vector>

namespace arbortls::bench {
namespace {

class Bulk final : public StandingLoad {
 public:
  explicit Bulk(const BulkOptions& options)
      : upload_(options.upload),
        share_(options.bytes / options.connections),
        chunk_(16 * 1024, 'x'),
        to_send_(options.connections, options.upload ? share_ : 0),
        to_get_(options.connections, options.upload ? 1 : share_) {}

  void begin(Clients& clients) override {
    for (auto& client : clients) {
      client->send(bulk_request(upload_ ? Wish::upload : Wish::download, share_));
      if (upload_) on_drained(*client);
    }
  }

  bool done() const override { return finished_ == to_get_.size(); }

  boost::json::object figures(Clock::duration took) override {
    const double seconds = std::chrono::duration<double>(took).count();
    const auto bytes = static_cast<double>(share_ * to_get_.size());
    return {{"bytes", bytes}, {"seconds", seconds}, {"mb_per_second", bytes / seconds / 1e6}};
  }

 private:
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
    if (data.size() > left) fail("more came back than was asked for");
    left -= std::min<std::uint64_t>(left, data.size());
    if (left == 0) ++finished_;
  }

  const bool upload_;
  const std::uint64_t share_;
  const std::string chunk_;
  std::vector<std::uint64_t> to_send_;
  std::vector<std::uint64_t> to_get_;
  std::size_t finished_ = 0;
};

}  // namespace

Result<boost::json::object> run_bulk(const TargetOptions& target, const BulkOptions& options,
                                     const Steps& steps) {
  Bulk load(options);
  return run_standing(target, options.connections, options.deadline_s, load, steps);
}

}  // namespace arbortls::bench
