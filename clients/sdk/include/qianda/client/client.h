// A connection to a Qianda service. Options are checked at once, the network is used by the first call. A Client may be
// used by several threads; connections are kept alive and reused. The operations are functions on a Client, in the
// headers beside this one; all of them block, and throw client::Error (error.h).
//
// TLS: certificates are verified by OpenSSL against `authorities` and for the address's name; there is no way to switch
// that off. `http://` is accepted for loopback addresses alone. Redirects are not followed.
//
// Repetition: a call is repeated after a lost connection and after 429, 502, 503 or 504, but only when repeating cannot
// do anything twice: reading, checking, and creating a batch (which has an idempotency key). Retry-After is kept to;
// one that is longer than `longestWait` ends the call with the Error instead.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace qianda::client {

struct ClientOptions {
  std::string server = {};                        // "https://HOST[:PORT]"
  std::string apiKey = {};                        // see readApiKey(); empty: for what anybody may do
  std::filesystem::path authorities = {};         // PEM file of trust anchors; empty: the system's store
  std::chrono::milliseconds connectTime{10'000};  // to connect, each attempt
  std::chrono::milliseconds silence{60'000};      // between two octets of an answer
  int attempts = 4;                               // of a call that may be repeated; 1: never repeat
  std::chrono::milliseconds longestWait{30'000};  // before one repetition
};

// The API key in a file of its own: one line. Throws "key_file" when the file may be read or written by others than
// its owner (mode 0600 or stricter), is no regular file, or holds no key.
std::string readApiKey(const std::filesystem::path& file);

class Transport;  // not part of the interface

class Client {
 public:
  // Throws "argument" and, for authorities that cannot be read, "file".
  explicit Client(ClientOptions options);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  Transport& transport() const { return *transport_; }

 private:
  std::unique_ptr<Transport> transport_;
};

// A part of a list. `next` asks for the part behind it; empty: there is none.
template <typename Item>
struct Page {
  std::vector<Item> items = {};
  std::string next = {};
};

// A file that was written: beside its name first, then renamed, so that half a file never has the name.
struct Download {
  std::filesystem::path file = {};
  std::uint64_t octets = 0;
};

}  // namespace qianda::client
