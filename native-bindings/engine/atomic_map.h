// An exact-match hash from 64-bit keys to non-zero 64-bit values: one writer,
// any number of readers that never lock and never wait.
//
// Open addressing with linear probing. A slot keeps its key for the life of the
// table: removal zeroes the value, so a reader that found the key sees the old
// value, the new one, or absence, and never another key's value. Growth
// publishes a new table and retires the old one through Grace.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/grace.h"

namespace overtap {

class AtomicMap {
 public:
  explicit AtomicMap(Grace& grace) : grace_(grace), table_(new Table(kInitialSlots)) {}
  ~AtomicMap() { delete table_.load(); }
  AtomicMap(const AtomicMap&) = delete;
  AtomicMap& operator=(const AtomicMap&) = delete;

  // HOT PATH. The value of `key`, or 0.
  uint64_t find(uint64_t key) const {
    const Table* table = table_.load(std::memory_order_acquire);
    for (size_t i = hash(key);; i++) {
      const Slot& slot = table->slots[i & table->mask];
      const uint64_t found = slot.key.load(std::memory_order_acquire);
      if (found == key) return slot.value.load(std::memory_order_acquire);
      if (found == kEmpty) return 0;
    }
  }

  // HOT PATH. Has the memory fetched that a `find` of this key will read, if it is far away.
  void prefetch(uint64_t key) const {
    const Table* table = table_.load(std::memory_order_acquire);
    __builtin_prefetch(&table->slots[hash(key) & table->mask]);
  }

  // `key` must not be UINT64_MAX, `value` not 0.
  void put(uint64_t key, uint64_t value) {
    Table* table = table_.load(std::memory_order_relaxed);
    if (2 * (table->used + 1) > table->mask) table = grow(table);
    live_ += store(*table, key, value) ? 1 : 0;
  }

  void remove(uint64_t key) {
    Table* table = table_.load(std::memory_order_relaxed);
    for (size_t i = hash(key);; i++) {
      Slot& slot = table->slots[i & table->mask];
      const uint64_t found = slot.key.load(std::memory_order_relaxed);
      if (found == kEmpty) return;
      if (found != key) continue;
      if (slot.value.exchange(0, std::memory_order_release) != 0) live_--;
      return;
    }
  }

  size_t size() const { return live_; }

  // Calls visit(key, value) for every entry; writer side only.
  template <typename Visit>
  void each(Visit visit) const {
    const Table* table = table_.load(std::memory_order_relaxed);
    for (size_t i = 0; i <= table->mask; i++) {
      const uint64_t value = table->slots[i].value.load(std::memory_order_relaxed);
      if (value != 0) visit(table->slots[i].key.load(std::memory_order_relaxed), value);
    }
  }

 private:
  static constexpr size_t kInitialSlots = 16;
  static constexpr uint64_t kEmpty = UINT64_MAX;

  struct Slot {
    std::atomic<uint64_t> key{kEmpty};
    std::atomic<uint64_t> value{0};
  };

  struct Table {
    explicit Table(size_t size) : mask(size - 1), slots(new Slot[size]) {}
    const size_t mask;
    size_t used = 0;  // slots with a key, live or not
    std::unique_ptr<Slot[]> slots;
  };

  static size_t hash(uint64_t key) {
    key *= 0x9e3779b97f4a7c15ull;
    return static_cast<size_t>(key ^ (key >> 32));
  }

  // True when the key had no value before.
  static bool store(Table& table, uint64_t key, uint64_t value) {
    for (size_t i = hash(key);; i++) {
      Slot& slot = table.slots[i & table.mask];
      const uint64_t found = slot.key.load(std::memory_order_relaxed);
      if (found == key) return slot.value.exchange(value, std::memory_order_release) == 0;
      if (found != kEmpty) continue;
      // The value first: a reader that sees the key must find it complete.
      slot.value.store(value, std::memory_order_relaxed);
      slot.key.store(key, std::memory_order_release);
      table.used++;
      return true;
    }
  }

  Table* grow(Table* old) {
    size_t size = kInitialSlots;
    while (size < 4 * (live_ + 1)) size *= 2;
    auto* grown = new Table(size);
    each([&](uint64_t key, uint64_t value) { store(*grown, key, value); });
    table_.store(grown, std::memory_order_release);
    grace_.retire([old] { delete old; });
    return grown;
  }

  Grace& grace_;
  std::atomic<Table*> table_;
  size_t live_ = 0;
};

}  // namespace overtap
