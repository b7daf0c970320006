#include "core/bounded_queue.h"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace qianda::core {

using namespace std::chrono_literals;

TEST(BoundedQueue, WhatGoesInComesOutInOrder) {
  BoundedQueue<int> queue(10);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(queue.push(i));
  queue.close();
  EXPECT_FALSE(queue.push(9));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(queue.pop(), i);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(BoundedQueue, NeverHoldsMoreThanItsCapacity) {
  BoundedQueue<int> queue(5);
  std::atomic<int> inside = 0, most = 0;
  std::jthread producer([&] {
    for (int i = 0; i < 2000; ++i) {
      queue.push(i, 2);
      most = std::max(most.load(), ++inside);
    }
    queue.close();
  });
  int expected = 0;
  while (const auto item = queue.pop()) {
    --inside;
    ASSERT_EQ(*item, expected++);
  }
  EXPECT_EQ(expected, 2000);
  EXPECT_LE(most, 3);  // two fit, and one is counted after the next left
}

TEST(BoundedQueue, AnItemHeavierThanTheCapacityGoesInAlone) {
  BoundedQueue<int> queue(3);
  EXPECT_TRUE(queue.push(1, 100));
  std::jthread producer([&] { queue.push(2, 1); });
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), 2);
}

TEST(BoundedQueue, ManyProducersAndConsumersLoseNothing) {
  BoundedQueue<int> queue(7);
  std::atomic<long> sum = 0;
  std::atomic<int> producing = 3;
  {
    std::vector<std::jthread> threads;
    for (int p = 0; p < 3; ++p) {
      threads.emplace_back([&] {
        for (int i = 1; i <= 1000; ++i) queue.push(i);
        if (--producing == 0) queue.close();
      });
    }
    for (int c = 0; c < 3; ++c) {
      threads.emplace_back([&] {
        while (const auto item = queue.pop()) sum += *item;
      });
    }
  }
  EXPECT_EQ(sum, 3 * 500500);
}

TEST(BoundedQueue, PopAllWaitsForEnough) {
  BoundedQueue<std::unique_ptr<int>> queue(100);
  std::jthread producer([&] {
    for (int i = 0; i < 10; ++i) queue.push(std::make_unique<int>(i), 10);
  });
  EXPECT_EQ(queue.popAll(100, 10s).size(), 10u);
}

TEST(BoundedQueue, PopAllDoesNotWaitLongerThanItsPatience) {
  BoundedQueue<int> queue(100);
  queue.push(1);
  EXPECT_EQ(queue.popAll(100, 5ms).size(), 1u);
  queue.push(2);
  queue.close();
  EXPECT_EQ(queue.popAll(100, 10s).size(), 1u);
  EXPECT_TRUE(queue.popAll(100, 10s).empty());
}

TEST(BoundedQueue, PopAllDoesNotKeepAProducerWaiting) {
  BoundedQueue<int> queue(100);
  std::jthread producer([&] {
    queue.push(1, 60);
    queue.push(2, 60);
    queue.close();
  });
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(queue.popAll(90, 10s).size(), 1u);
  EXPECT_EQ(queue.popAll(90, 10s).size(), 1u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

TEST(BoundedQueue, AFailureReachesEveryone) {
  BoundedQueue<int> queue(1);
  queue.push(1);
  std::atomic<int> failed = 0;
  {
    std::jthread producer([&] {
      try {
        for (;;) queue.push(2);
      } catch (const std::runtime_error&) {
        ++failed;
      }
    });
    std::this_thread::sleep_for(5ms);
    queue.fail(std::make_exception_ptr(std::runtime_error("first")));
    queue.fail(std::make_exception_ptr(std::logic_error("second")));
  }
  EXPECT_EQ(failed, 1);
  EXPECT_THROW(queue.pop(), std::runtime_error);
  EXPECT_THROW(queue.popAll(1, 1s), std::runtime_error);
  EXPECT_THROW(queue.push(3), std::runtime_error);
}

}  // namespace qianda::core
