#include "server/trust_door.hpp"

#include "http/door.hpp"
#include "trust_page/trust_page.hpp"

#include <utility>

namespace arbortls::server {
namespace {

constexpr std::chrono::seconds fresh_for{5};

http::Response plain(unsigned status, std::string text) { return {status, "text/plain; charset=utf-8", {}, std::move(text)}; }

http::Response moved_to(std::string address) {
  http::Response response = plain(301, "");
  response.headers.emplace_back("Location", std::move(address));
  return response;
}

}  // namespace

TrustDoor::TrustDoor(std::string directory, std::function<std::int64_t()> clock)
    : directory_(std::move(directory)), clock_(std::move(clock)) {}

const std::vector<authority::RootCertificate>& TrustDoor::roots() {
  const auto now = std::chrono::steady_clock::now();
  if (read_at_ && now - *read_at_ < fresh_for) return roots_;
  read_at_ = now;
  roots_.clear();
  if (auto loaded = directory_.load_roots()) {
    roots_.push_back(std::move(loaded->root));
    if (loaded->next) roots_.push_back(std::move(*loaded->next));
  }
  return roots_;
}

std::optional<http::Response> TrustDoor::answer(const http::Request& request, std::string_view mount) {
  const std::string_view target = request.target;
  if (!target.starts_with(mount)) return {};
  const std::string_view below = target.substr(mount.size());
  // Relative links of the page need the slash.
  if (below.empty()) return moved_to(std::string(mount) + "/");
  if (!below.starts_with('/')) return {};
  if (roots().empty()) return plain(404, "there is no CA here yet; `arbortls ca init` makes one\n");
  const std::string url = http::own_address(request.host, std::string(mount) + "/").value_or("");
  const trust_page::TrustPage page({roots_.front().common_name, url}, roots_);
  auto shown = page.answer(
      {request.method, below, request.host, http::find_header(request.headers, "User-Agent")});
  return http::Response{static_cast<unsigned>(shown.status), std::move(shown.content_type), std::move(shown.headers),
                        std::move(shown.body)};
}

}  // namespace arbortls::server
