#include "contracts/evidence/audit_verifier.h"

#include <set>

#include "contracts/evidence/audit_export.h"
#include "contracts/evidence/audit_records.h"
#include "contracts/evidence/package_verifier.h"
#include "core/base64.h"
#include "signing/keys/x509.h"
#include "signing/pades/prepared_signature.h"

namespace qianda::contracts {
namespace {

using signing::Indication;
using storage::Anchor;
using storage::AnchorShare;
using storage::StreamHead;

constexpr std::size_t kLongestLine = std::size_t{256} << 20;
constexpr auto kLateStamp = std::chrono::hours(24);

enum class Part { kHeader, kCertificates, kAnchors, kStreams, kHeads, kStatement, kSignature, kEnd };

class Check {
 public:
  explicit Check(const AuditVerifyOptions& options) : options_(options), material_{options.anchors, {}} {}

  AuditVerdict run(std::istream& file) {
    if (options_.earlier) readEarlier(*options_.earlier);
    for (std::string text; std::getline(file, text);) {
      ++line_;
      if (file.eof()) say({"malformed", "", 0, 0, line_, "the last line has no line feed"});
      if (text.size() > kLongestLine) {
        say({"malformed", "", 0, 0, line_, "a line that is longer than any this program writes"});
        continue;
      }
      const std::size_t before = verdict_.findings.size();
      try {
        read(parseRecord(text), text);
      } catch (const Malformed& error) {
        say({"malformed", stream_, 0, 0, line_, error.what()});
      } catch (const Poco::Exception& error) {
        say({"malformed", stream_, 0, 0, line_, error.displayText()});
      }
      if (verdict_.findings.size() > before && part_ == Part::kHeader) part_ = Part::kCertificates;
      if (part_ < Part::kStatement) {
        sum_.update(core::viewOf(text));
        sum_.update(core::viewOf("\n"));
        ++summed_;
      }
    }
    finish();
    return std::move(verdict_);
  }

 private:
  void say(AuditFinding finding) {
    verdict_.indication = "FAILED";
    verdict_.findings.push_back(std::move(finding));
  }
  void say(const char* code, const std::string& message) { say({code, "", 0, 0, line_, message}); }

  // The part a record belongs to; a record of an earlier part is out of place.
  bool enter(Part part, const std::string& kind) {
    if (part < part_) {
      say("record_misplaced", "a record \"" + kind + "\" stands behind those that come after it");
      return false;
    }
    if (part_ <= Part::kStreams && part > Part::kStreams) closeStream();
    if (part_ <= Part::kStreams && part > Part::kStreams) missingStreams();
    part_ = part;
    return true;
  }

  void read(const Poco::JSON::Object::Ptr& record, const std::string& text) {
    const std::string kind = textOf(record, "record");
    if (part_ == Part::kHeader && kind != "export") {
      say("header_missing", "the file does not begin with an \"export\" record");
      part_ = Part::kCertificates;
    }
    if (kind == "export") return readHeader(record);
    if (kind == "certificate") return readCertificate(record);
    if (kind == "anchor") return readAnchor(record);
    if (kind == "stream") return readStream(record);
    if (kind == "entry") return readEntry(record);
    if (kind == "head") return readHead(record);
    if (kind == "statement") return readStatement(record, text);
    if (kind == "signature") return readSignature(record);
    say("record_unknown", "a record of an unknown kind, \"" + kind + "\"");
  }

  void readHeader(const Poco::JSON::Object::Ptr& record) {
    if (part_ != Part::kHeader) return say("record_misplaced", "a second \"export\" record");
    const std::string format = textOf(record, "format");
    if (format != kAuditExportFormat) say("format_unknown", "the format is \"" + format + "\"");
    verdict_.organisation = textOf(record, "organisation");
    numberOf(record, "at_ms");
    part_ = Part::kCertificates;
  }

  void readCertificate(const Poco::JSON::Object::Ptr& record) {
    if (!enter(Part::kCertificates, "certificate")) return;
    const auto der = core::fromBase64(textOf(record, "der"));
    if (!der || !signing::findCertificate(*der)) return say("certificate_broken", "a certificate that cannot be read");
    material_.others.push_back(*der);
  }

  void readAnchor(const Poco::JSON::Object::Ptr& record) {
    if (!enter(Part::kAnchors, "anchor")) return;
    const Anchor anchor = anchorOf(record);
    const auto wrong = [&](const char* code, const std::string& message) {
      say({code, "", 0, anchor.number, line_, "anchor " + std::to_string(anchor.number) + ": " + message});
    };
    const std::int64_t expected = verdict_.anchors + 1;
    if (anchor.number != expected)
      wrong("anchor_missing", "it stands where number " + std::to_string(expected) + " should");
    if (anchor.number == expected && anchor.previous != lastAnchor_)
      wrong("anchor_changed", "it does not name the hash of the anchor before");
    if (anchor.hash != storage::anchorHash(anchor))
      wrong("anchor_changed", "its number, root, time or predecessor is not what its hash was made of");
    verdict_.anchors = anchor.number;
    lastAnchor_ = anchor.hash;
    anchorHashes_[anchor.number] = anchor.hash;
    if (const auto earlier = earlierAnchors_.find(anchor.number);
        earlier != earlierAnchors_.end() && earlier->second != anchor.hash)
      wrong("history_changed", "the earlier export holds another one");
    readToken(anchor, wrong);
    if (const auto share = shareOf(record)) readShare(anchor, *share, wrong);
  }

  template <typename Wrong>
  void readToken(const Anchor& anchor, const Wrong& wrong) {
    if (anchor.state == "waiting" && anchor.token.empty()) {
      ++verdict_.waiting;
      return;
    }
    const auto token = core::fromBase64(anchor.token);
    if (anchor.state != "stamped" || !token || token->empty())
      return wrong("token_broken", "its state is \"" + anchor.state + "\" and its timestamp cannot be read");
    const auto stamp = signing::verify::judgeStamp(*token, storage::anchorText(anchor), material_, options_.at);
    if (stamp.finding.indication == Indication::kIndeterminate) {
      return doubt({"token_untrusted", "", 0, anchor.number, line_,
                    "anchor " + std::to_string(anchor.number) + ": its timestamp: " + stamp.finding.reason});
    }
    if (!stamp.finding.passed()) return wrong("token_changed", "its timestamp: " + stamp.finding.reason);
    if (stamp.time + std::chrono::minutes(5) < anchor.at)
      return wrong("token_changed", "its timestamp is older than the anchor itself");
    ++verdict_.stamped;
    verdict_.lastStamp = stamp.time;
    if (stamp.time > anchor.at + kLateStamp) {
      verdict_.notes.push_back("anchor " + std::to_string(anchor.number) + " of " + core::isoInstant(anchor.at) +
                               " got its timestamp late, " + core::isoInstant(stamp.time));
    }
  }

  template <typename Wrong>
  void readShare(const Anchor& anchor, const AnchorShare& share, const Wrong& wrong) {
    if (share.leaves.empty()) return wrong("leaves_changed", "its list of streams is empty");
    if (share.previous != lastShare_) {
      wrong("anchor_missing", "what the organisation has in it follows on anchor " + std::to_string(share.previous) +
                                  ", but the last one here is " + std::to_string(lastShare_));
    }
    lastShare_ = anchor.number;
    std::vector<std::string> leaves;
    for (const StreamHead& head : share.leaves) {
      leaves.push_back(storage::streamLeaf(head));
      known_[head.stream].insert({head.length, {head.head, "anchor " + std::to_string(anchor.number)}});
    }
    const std::string leaf =
        storage::organisationLeaf(verdict_.organisation, share.previous, storage::treeRoot(leaves));
    const std::string root = share.position < 0 || anchor.organisations < 0
                                 ? std::string()
                                 : storage::rootOfPath(leaf, static_cast<std::size_t>(share.position),
                                                       static_cast<std::size_t>(anchor.organisations), share.path);
    if (root != anchor.root)
      wrong("leaves_changed", "its list of the organisation's streams is not the one in its root");
  }

  void readStream(const Poco::JSON::Object::Ptr& record) {
    if (!enter(Part::kStreams, "stream")) return;
    closeStream();
    const StreamHead head = headOf(record);
    if (!streams_.empty() && head.stream <= streams_.rbegin()->first)
      say({"record_misplaced", head.stream, 0, 0, line_, "streams are not in the order of their names"});
    streams_[head.stream] = head;
    stream_ = head.stream;
    openStream(head.stream);
  }

  void openStream(const std::string& name) {
    check_.emplace(name, known_[name], [this](AuditFinding finding) { say(std::move(finding)); });
  }

  void readEntry(const Poco::JSON::Object::Ptr& record) {
    if (!enter(Part::kStreams, "entry")) return;
    const storage::AuditRecord entry = entryOf(record);
    if (!check_) return say({"entry_misplaced", entry.stream, entry.seq, 0, line_, "an entry before any stream"});
    if (entry.stream != stream_ && !streams_.contains(entry.stream) && entry.seq == 1) {
      say({"record_missing", entry.stream, 0, 0, line_, "the stream's own record is missing"});
      closeStream();
      stream_ = entry.stream;
      openStream(entry.stream);
      headless_.insert(entry.stream);
    }
    check_->add(entry, line_);
    lengths_[entry.stream] = std::max(lengths_[entry.stream], entry.seq);
    ++verdict_.entries;
  }

  void closeStream() {
    if (!check_) return;
    ++verdict_.streams;
    if (!headless_.contains(stream_)) check_->finish(streams_[stream_], line_);
    check_.reset();
  }

  void missingStreams() {
    for (const auto& [stream, heads] : known_) {
      if (heads.empty() || streams_.contains(stream)) continue;
      say({"stream_missing", stream, 0, 0, line_,
           "the stream is missing: " + heads.rbegin()->second.second + " holds " +
               std::to_string(heads.rbegin()->first) + " entries of it"});
    }
  }

  void readHead(const Poco::JSON::Object::Ptr& record) {
    if (!enter(Part::kHeads, "head")) return;
    const StreamHead head = headOf(record);
    heads_.push_back(head);
    const auto stream = streams_.find(head.stream);
    if (stream == streams_.end()) {
      if (known_[head.stream].empty())
        say({"stream_missing", head.stream, 0, 0, line_,
             "the stream is missing: it had " + std::to_string(head.length) + " entries"});
      return;
    }
    if (stream->second == head) return;
    const std::int64_t has = lengths_[head.stream];
    if (has < head.length) {
      say({"entries_cut", head.stream, has + 1, 0, line_,
           "the entries from " + std::to_string(has + 1) + " to " + std::to_string(head.length) + " were cut"});
    } else {
      say({"head_changed", head.stream, head.length, 0, line_,
           "the stream's length or last hash is not the one the platform stated"});
    }
  }

  void readStatement(const Poco::JSON::Object::Ptr& record, const std::string& text) {
    if (part_ >= Part::kStatement) return say("record_misplaced", "a second statement");
    enter(Part::kStatement, "statement");
    statement_ = text;
    const auto differs = [&](const char* code, const std::string& message) { say(code, message); };
    verdict_.statedAt = core::Instant{std::chrono::milliseconds(numberOf(record, "at_ms"))};
    if (textOf(record, "organisation") != verdict_.organisation)
      differs("statement_differs", "the platform's statement is about another organisation");
    std::vector<std::string> leaves;
    for (const StreamHead& head : heads_) leaves.push_back(storage::streamLeaf(head));
    const std::string root = leaves.empty() ? std::string(64, '0') : storage::treeRoot(leaves);
    if (textOf(record, "root") != root || numberOf(record, "streams") != static_cast<std::int64_t>(heads_.size()))
      differs("heads_changed", "the list of the streams' heads is not the one the platform stated");
    for (const auto& [name, stream] : streams_) {
      const bool isListed =
          std::any_of(heads_.begin(), heads_.end(), [&, key = name](const auto& one) { return one.stream == key; });
      if (heads_.size() != streams_.size() && !isListed)
        say({"head_missing", name, 0, 0, line_, "the stream is not in the list of heads"});
    }
    if (numberOf(record, "entries") != verdict_.entries)
      differs("statement_differs", "the platform stated " + std::to_string(numberOf(record, "entries")) +
                                       " entries, but there are " + std::to_string(verdict_.entries));
    if (numberOf(record, "anchors") != verdict_.anchors || textOf(record, "anchor") != lastAnchor_)
      differs("anchor_missing", "the last anchor is not the one the platform stated, number " +
                                    std::to_string(numberOf(record, "anchors")));
    if (textOf(record, "sha256") != core::toHex(sum_.finish()) || numberOf(record, "lines") != summed_)
      differs("lines_changed", "the lines before the statement are not those the platform signed");
  }

  void readSignature(const Poco::JSON::Object::Ptr& record) {
    if (part_ != Part::kStatement) return say("record_misplaced", "a signature that does not follow the statement");
    part_ = Part::kSignature;
    const auto cms = core::fromBase64(textOf(record, "cms"));
    if (!cms) return say("signature_broken", "the platform's signature cannot be read");
    const auto judged = signing::verify::judgeDetached(*cms, statement_, material_, options_.at);
    verdict_.signer = judged.signer;
    if (judged.finding.indication == Indication::kTotalFailed)
      return say("signature_broken", "the platform's signature over its statement: " + judged.finding.reason);
    if (!judged.finding.passed())
      return doubt({"signature_untrusted", "", 0, 0, line_, "the platform's signature: " + judged.finding.reason});
    if (!options_.signedBy.empty() && !isNamed(judged.signer, options_.signedBy))
      say("signature_foreign", "the statement is signed by " + judged.signer + ", not by " + options_.signedBy);
  }

  void doubt(AuditFinding finding) {
    if (verdict_.indication == "PASSED") verdict_.indication = "INDETERMINATE";
    verdict_.findings.push_back(std::move(finding));
  }

  void finish() {
    if (part_ <= Part::kStreams) {
      closeStream();
      missingStreams();
    }
    if (statement_.empty())
      say("statement_missing", "the platform's statement is missing: the end of the file was cut");
    if (part_ != Part::kSignature) say("signature_missing", "the platform's signature is missing");
    if (verdict_.waiting > 0)
      verdict_.notes.push_back(std::to_string(verdict_.waiting) +
                               " anchors wait for their timestamp: the authority was silent");
    for (const auto& [number, hash] : earlierAnchors_) {
      if (!anchorHashes_.contains(number))
        say({"anchor_missing", "", 0, number, 0, "the earlier export holds anchor " + std::to_string(number)});
    }
  }

  // Heads and anchors of an older export: what it tells is compared, not judged.
  void readEarlier(std::istream& file) {
    for (std::string text; std::getline(file, text);) {
      try {
        const auto record = parseRecord(text);
        const std::string kind = textOf(record, "record");
        if (kind == "head") {
          const StreamHead head = headOf(record);
          known_[head.stream].insert({head.length, {head.head, "the earlier export"}});
        } else if (kind == "anchor") {
          const Anchor anchor = anchorOf(record);
          earlierAnchors_[anchor.number] = anchor.hash;
        }
      } catch (const std::exception& error) {
        say("earlier_malformed", std::string("the earlier export cannot be read: ") + error.what());
        return;
      }
    }
  }

  const AuditVerifyOptions& options_;
  signing::verify::PathMaterial material_;
  AuditVerdict verdict_;
  Part part_ = Part::kHeader;
  std::int64_t line_ = 0, summed_ = 0, lastShare_ = 0;
  signing::HashState sum_{signing::DigestAlgorithm::kSha256};
  std::string lastAnchor_ = std::string(64, '0'), stream_, statement_;
  std::map<std::int64_t, std::string> anchorHashes_, earlierAnchors_;
  std::map<std::string, StreamCheck::Known> known_;
  std::map<std::string, StreamHead> streams_;
  std::map<std::string, std::int64_t> lengths_;
  std::set<std::string> headless_;
  std::vector<StreamHead> heads_;
  std::optional<StreamCheck> check_;
};

}  // namespace

AuditVerdict verifyAudit(std::istream& file, const AuditVerifyOptions& options) { return Check(options).run(file); }

}  // namespace qianda::contracts
