// The forwarding table at several sizes.
//
// `hit` is the time from a question to its answer: each lookup waits for the
// one before. `hits in a row` do not wait, and the CPU has several under way at
// once; nor do misses, whose answer it guesses. `memory` is the floor of `hit`: a
// load from a random place in as much memory as the table has, each waiting for
// the one before.
#include <algorithm>
#include <memory>
#include <random>
#include <stdexcept>

#include "case.h"
#include "engine/atomic_map.h"

namespace micro {
namespace {

using overtap::AtomicMap;
using overtap::Grace;

constexpr size_t kSizes[] = {1000, 10'000, 100'000, 1'000'000};
// Asked for in this order, again and again; read in sequence, which is not
// what takes time. More than the lines of a cache.
constexpr size_t kQuestions = size_t{1} << 20;
constexpr size_t kBatch = 4096;
// MACs as overtap makes them of addresses: 10.0.0.0 and following. Nobody has
// those of the other prefix.
constexpr uint64_t kFirstMac = 0x02420a000000;
constexpr uint64_t kNobodysMac = 0x02430a000000;

std::vector<uint64_t> questions(uint64_t first, size_t size) {
  std::mt19937_64 random(1);
  std::vector<uint64_t> keys(kQuestions);
  for (auto& key : keys) key = first + random() % size;
  return keys;
}

struct Table {
  explicit Table(size_t size)
      : present(questions(kFirstMac, size)), absent(questions(kNobodysMac, size)) {
    for (size_t i = 0; i < size; i++) map.put(kFirstMac + i, (i + 1) << 3);
  }
  Grace grace{0};
  AtomicMap map{grace};
  std::vector<uint64_t> present;
  std::vector<uint64_t> absent;
  size_t at = 0;

  const uint64_t* next_batch(const std::vector<uint64_t>& keys) {
    at = (at + kBatch) % kQuestions;
    return &keys[at];
  }
};

// Values are below 2^63, which the compiler does not know.
uint64_t chained(Table& table, const std::vector<uint64_t>& keys, bool there) {
  const uint64_t* batch = table.next_batch(keys);
  uint64_t value = 0;
  for (size_t i = 0; i < kBatch; i++) {
    value = table.map.find(batch[i] + (value >> 63));
    if ((value != 0) != there) throw std::runtime_error("the table is wrong");
  }
  return kBatch;
}

uint64_t in_a_row(Table& table) {
  const uint64_t* batch = table.next_batch(table.present);
  uint64_t sum = 0;
  for (size_t i = 0; i < kBatch; i++) sum += table.map.find(batch[i]);
  keep(sum);
  return kBatch;
}

// A walk through all lines of a piece of memory, in no order.
struct Walk {
  explicit Walk(size_t bytes) : lines(bytes / sizeof(Line)) {
    std::vector<uint32_t> order(lines.size());
    for (uint32_t i = 0; i < order.size(); i++) order[i] = i;
    std::shuffle(order.begin(), order.end(), std::mt19937(1));
    for (size_t i = 0; i < order.size(); i++) {
      lines[order[i]].next = order[(i + 1) % order.size()];
    }
  }
  struct alignas(64) Line {
    uint32_t next;
  };
  std::vector<Line> lines;
  uint32_t at = 0;

  uint64_t work() {
    for (size_t i = 0; i < kBatch; i++) at = lines[at].next;
    keep(at);
    return kBatch;
  }
};

// Slots of 16 bytes; a power of two, a quarter to a half of them used.
size_t bytes_of(size_t size) {
  size_t slots = 16;
  while (2 * size > slots - 1) slots *= 2;
  return slots * 16;
}

std::string in_words(size_t size) {
  return size < 1'000'000 ? std::to_string(size / 1000) + " k" : "1 M";
}

}  // namespace

Cases lookups() {
  Cases cases;
  for (const size_t size : kSizes) {
    const auto table = std::make_shared<Table>(size);
    const auto walk = std::make_shared<Walk>(bytes_of(size));
    const std::string name = in_words(size);
    const auto add = [&](const char* group, std::function<uint64_t()> work) {
      cases.push_back({group, name, 0, 0, std::move(work)});
    };
    add("lookup, hit", [table] { return chained(*table, table->present, true); });
    add("lookup, miss", [table] { return chained(*table, table->absent, false); });
    add("lookup, hits in a row", [table] { return in_a_row(*table); });
    add("memory", [walk] { return walk->work(); });
  }
  return cases;
}

}  // namespace micro
