#include "config/node.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <map>
#include <streambuf>
#include <utility>

namespace arbortls::config {
namespace {

class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    // A get area is never written to; the interface merely predates const.
    char* begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

class Builder : public YAML::EventHandler {
 public:
  explicit Builder(Document& document) : document_(document) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    place(make(Node::Kind::null, mark), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw YAML::ParserException(mark, "an alias refers to itself");
    aliased_ += found->second->weight;
    if (aliased_ > max_aliased_nodes) {
      throw YAML::ParserException(mark, "aliases expand to too much; write the values out");
    }
    attach(found->second);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node& node = make(Node::Kind::scalar, mark);
    node.text = value;
    node.quoted = tag == "!";
    place(node, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::list, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::map, mark, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  Node& make(Node::Kind kind, const YAML::Mark& mark) {
    Node& node = document_.nodes.emplace_back();
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }
  void attach(const Node* node) {
    if (open_.empty()) {
      document_.root = node;
      return;
    }
    open_.back().first->items.push_back(node);
    open_.back().first->weight += node->weight;
  }
  void place(Node& node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = &node;
    attach(&node);
  }
  void open(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() >= max_nesting) throw YAML::ParserException(mark, "nested too deep");
    open_.emplace_back(&make(kind, mark), anchor);
  }
  // Only a finished node gets its anchor, so an alias inside it cannot make a loop.
  void close() {
    const auto [node, anchor] = open_.back();
    open_.pop_back();
    place(*node, anchor);
  }

  Document& document_;
  std::vector<std::pair<Node*, YAML::anchor_t>> open_;
  std::map<YAML::anchor_t, const Node*> anchors_;
  std::size_t aliased_ = 0;
};

Place place_at(std::string_view text, std::size_t offset, const std::string& file) {
  const std::string_view before = text.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const auto line_start = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
  return {file, static_cast<int>(lines) + 1, static_cast<int>(offset - line_start) + 1};
}

// The YAML reader takes byte 4 for the end of the text and reads UTF-16 too: a file cut short or read in
// another way than the editor shows it must not pass.
bool has_foreign_bytes(std::string_view text, const std::string& file, Problems& problems) {
  const auto foreign = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    const bool space = c == '\t' || c == '\n' || c == '\r';
    return (byte < 0x20 && !space) || byte == 0x7f || byte >= 0xf8;
  });
  if (foreign == text.end()) return false;
  problems.push_back({Severity::error,
                      place_at(text, static_cast<std::size_t>(foreign - text.begin()), file), "",
                      "a control character or a byte that is no UTF-8; the file has to be plain UTF-8 "
                      "text"});
  return true;
}

void read_events(std::string_view text, const std::string& file, Document& document,
                 Problems& problems) {
  ViewBuffer buffer(text);
  std::istream stream(&buffer);
  YAML::Parser parser(stream);
  Builder builder(document);
  if (!parser.HandleNextDocument(builder)) return;
  Document second;
  Builder rest(second);
  if (!parser.HandleNextDocument(rest)) return;
  const Place where{file, second.root ? second.root->line : 0, second.root ? second.root->column : 0};
  problems.push_back({Severity::error, where, "", "a second YAML document; the file has to be one"});
}

}  // namespace

Document read_document(std::string_view text, const std::string& file, Problems& problems) {
  Document document;
  if (has_foreign_bytes(text, file, problems)) return document;
  try {
    read_events(text, file, document, problems);
  } catch (const YAML::Exception& e) {
    const bool known = !e.mark.is_null();
    const Place where{file, known ? e.mark.line + 1 : 0, known ? e.mark.column + 1 : 0};
    problems.push_back({Severity::error, where, "", "not sound YAML: " + e.msg});
    document.root = nullptr;
  }
  return document;
}

}  // namespace arbortls::config
