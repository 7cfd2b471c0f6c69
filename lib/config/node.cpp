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

  // The list or mapping that was being read; nullptr outside all.
  const Node* innermost() const { return open_.empty() ? nullptr : open_.back().first; }

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

// The YAML reader takes byte 4 for the end of the text and reads UTF-16 too: a file cut short or
// read in another way than the editor shows it must not pass.
bool has_foreign_bytes(std::string_view text, const std::string& file, Problems& problems) {
  const auto foreign = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    const bool space = c == '\t' || c == '\n' || c == '\r';
    return (byte < 0x20 && !space) || byte == 0x7f || byte >= 0xf8;
  });
  if (foreign == text.end()) return false;
  problems.push_back(
      {Severity::error, place_at(text, static_cast<std::size_t>(foreign - text.begin()), file), "",
       "a control character or a byte that is no UTF-8; the file has to be plain UTF-8 "
       "text"});
  return true;
}

Place place_of(const YAML::Exception& e, const Builder& builder, const std::string& file) {
  if (e.mark.line > 0 || e.mark.column > 0) return {file, e.mark.line + 1, e.mark.column + 1};
  // Where the text ends too soon the reader has no place; where that began is of more help anyway.
  if (const Node* open = builder.innermost()) return {file, open->line, open->column};
  return {file, e.mark.is_null() ? 0 : 1, e.mark.is_null() ? 0 : 1};
}

// Whether there was another document; a text that is not sound is a problem.
bool read_next(YAML::Parser& parser, const std::string& file, Document& document,
               Problems& problems) {
  Builder builder(document);
  try {
    return parser.HandleNextDocument(builder);
  } catch (const YAML::Exception& e) {
    problems.push_back(
        {Severity::error, place_of(e, builder, file), "", "not sound YAML: " + e.msg});
    document.root = nullptr;
    return false;
  }
}

void refuse_second(YAML::Parser& parser, const std::string& file, Problems& problems) {
  Document second;
  if (!read_next(parser, file, second, problems)) return;
  const Node* root = second.root;
  problems.push_back({Severity::error,
                      {file, root ? root->line : 0, root ? root->column : 0},
                      "",
                      "a second YAML document; the file has to be one"});
}

}  // namespace

Document read_document(std::string_view text, const std::string& file, Problems& problems) {
  Document document;
  if (has_foreign_bytes(text, file, problems)) return document;
  ViewBuffer buffer(text);
  std::istream stream(&buffer);
  YAML::Parser parser(stream);
  if (read_next(parser, file, document, problems)) refuse_second(parser, file, problems);
  return document;
}

}  // namespace arbortls::config
