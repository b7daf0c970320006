// Tells the house what happened: an event a message, to an address with `{partner}` in it, each parcel's events in
// order (unless a fault says otherwise), each again and again until it is answered well. Owns its threads; add() and
// setTarget() may be called from any.
#pragma once

#include <atomic>
#include <condition_variable>
#include <queue>
#include <thread>

#include "clients/postal-simulator/faults.h"
#include "clients/postal-simulator/parcel_book.h"
#include "clients/postal-simulator/telling.h"

namespace qianda::postal_simulator {

class Pusher {
 public:
  struct Options {
    int threads = 8;
    std::chrono::milliseconds retry{200};  // grows up to sixteen times that
  };
  Pusher(ParcelBook& book, Faults& faults, std::map<std::string, delivery::PartnerSettings> partners, Options options);
  ~Pusher();

  // "http://127.0.0.1:8080/postal/{partner}"; "" stops it. Throws kInvalidInput for anything else.
  void setTarget(const std::string& target);
  std::string target() const;
  void add(const Parcel& parcel, std::size_t first);  // its events from `first` on
  void resume();                                      // everything in the book that was not answered well

 private:
  struct Item {
    core::Instant due;
    std::string waybill;
    std::size_t event = 0;
    bool isLoose = false;  // does not hold up those behind it
    int tries = 0;
    bool operator>(const Item& other) const { return due > other.due; }
  };
  struct Connection;

  void work();
  void handle(Item item, Connection& connection);
  void put(Item item);
  void putNext(const Item& item, const Parcel& parcel);
  bool send(const Parcel& parcel, std::size_t event, Connection& connection);
  PushRequest messageOf(const delivery::PartnerSettings& settings, const Parcel& parcel, std::size_t event);

  ParcelBook& book_;
  Faults& faults_;
  const std::map<std::string, delivery::PartnerSettings> partners_;
  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::priority_queue<Item, std::vector<Item>, std::greater<>> items_;
  std::vector<Item> parked_;  // due, while there is no target
  std::string target_;
  bool isStopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace qianda::postal_simulator
