// Workers that read while the control side writes. The thread sanitizer build
// is where these fail first.
#include <doctest/doctest.h>

#include <atomic>
#include <random>
#include <thread>
#include <unordered_map>

#include "engine/atomic_map.h"
#include "engine/engine.h"
#include "engine/upcall_ring.h"
#include "frames.h"
#include "io/memory_port.h"
#include "io/memory_underlay.h"

using namespace overtap;

TEST_CASE("atomic map: agrees with a standard map over random operations") {
  Grace grace(1);
  AtomicMap map(grace);
  std::unordered_map<uint64_t, uint64_t> oracle;
  std::mt19937_64 random(11);
  for (int i = 0; i < 200000; i++) {
    const uint64_t key = random() % 5000;
    if (random() % 3 == 0) {
      map.remove(key);
      oracle.erase(key);
    } else {
      const uint64_t value = random() | 1;
      map.put(key, value);
      oracle[key] = value;
    }
  }
  CHECK(map.size() == oracle.size());
  for (uint64_t key = 0; key < 5000; key++) {
    const auto found = oracle.find(key);
    CHECK(map.find(key) == (found == oracle.end() ? 0 : found->second));
  }
}

TEST_CASE("atomic map: a reader never sees another key's value, through growth and removal") {
  Grace grace(1);
  AtomicMap map(grace);
  std::atomic<bool> done{false};
  std::atomic<uint64_t> wrong{0};
  std::thread reader([&] {
    std::mt19937_64 random(3);
    while (!done) {
      grace.online(0);
      for (int i = 0; i < 100; i++) {
        const uint64_t key = random() % 2000;
        const uint64_t value = map.find(key);
        if (value != 0 && value >> 8 != key + 1) wrong++;
      }
    }
    grace.offline(0);
  });
  std::mt19937_64 random(5);
  for (int i = 0; i < 100000; i++) {
    const uint64_t key = random() % 2000;
    if (random() % 3 == 0)
      map.remove(key);
    else
      map.put(key, (key + 1) << 8 | (random() & 0xff));
  }
  done = true;
  reader.join();
  CHECK(wrong == 0);
}

TEST_CASE("grace: nothing is freed while a worker may still see it") {
  Grace grace(2);
  grace.online(0);
  bool freed = false;
  grace.retire([&] { freed = true; });
  CHECK_FALSE(freed);
  grace.collect();
  CHECK_FALSE(freed);
  grace.online(0);
  grace.collect();
  CHECK(freed);
}

TEST_CASE("upcall ring: bounded, in order, nothing lost between two threads") {
  UpcallRing ring;
  constexpr uint32_t kCount = 20000;
  std::thread producer([&] {
    for (uint32_t i = 0; i < kCount; i++) {
      const auto* bytes = reinterpret_cast<const uint8_t*>(&i);
      while (ring.push(UpcallReason::kArp, i, 0, kNobody, bytes, sizeof i) != Pushed::kDone) {
        std::this_thread::yield();
      }
    }
  });
  uint32_t next = 0;
  while (next < kCount) {
    ring.drain([&](const Upcall& upcall) {
      uint32_t content;
      std::memcpy(&content, upcall.frame, sizeof content);
      REQUIRE(upcall.vni == next);
      REQUIRE(content == next);
      next++;
    });
  }
  producer.join();
}

TEST_CASE("engine: ports, peers and entries come and go under running workers") {
  // No descriptors in memory ports, so a second thread plays the worker's part.
  auto* underlay = new MemoryUnderlay;
  Grace grace(1);
  Tables tables(grace);
  UpcallSink upcalls([] {});
  WorkerCounters counters;
  Inbound inbound(0, *underlay, {}, tables, counters, upcalls);
  Network network(256, grace);
  tables.networks.put(256, reinterpret_cast<uint64_t>(&network));
  std::atomic<bool> done{false};
  std::atomic<uint64_t> rounds{0};

  std::thread worker([&] {
    frames::Spec spec;
    const frames::Bytes packet = frames::vxlan(256, frames::build(spec));
    while (!done) {
      grace.online(0);
      underlay->arriving.push_back({frames::address("192.168.56.130"), packet});
      inbound.serve();
      rounds++;
    }
    grace.offline(0);
  });

  for (uint32_t i = 0; i < 2000; i++) {
    auto peer = std::make_unique<Peer>(i, frames::address("192.168.56.130"), nullptr, 1);
    auto port = std::make_unique<Port>(i, 1, PortIdentity{256, frames::kMacB, 1450, {}, {}},
                                       &network, std::make_unique<MemoryPort>());
    const uint64_t key = Tables::address_key(peer->remote.address);
    tables.peers.put(key, reinterpret_cast<uint64_t>(peer.get()));
    network.vteps.put(i + 1ull, 1);
    network.macs.put(frames::kMacB, Destination::to(port.get()).word());
    if (i % 2 == 0) std::this_thread::yield();
    network.macs.remove(frames::kMacB);
    network.vteps.remove(i + 1ull);
    tables.peers.remove(key);
    grace.wait();  // then both can go
  }
  while (rounds == 0) std::this_thread::yield();
  done = true;
  worker.join();
  delete underlay;
}

TEST_CASE("engine: starts and stops with real threads, again and again") {
  for (int i = 0; i < 20; i++) {
    Engine engine(2, std::make_unique<MemoryUnderlay>(), [] {});
    engine.start();
    engine.put_network(256, true, false);
    const uint32_t peer = engine.add_peer(frames::address("192.168.56.130"));
    engine.set_vteps(256, {peer});
    const auto port =
        engine.add_port({256, frames::kMacA, 1450, {}, {}}, std::make_unique<MemoryPort>());
    CHECK(engine.forward(256, frames::kMacB, Engine::Target::kPeer, peer));
    CHECK(engine.remove_port(*port) != nullptr);
    engine.stop();
  }
}
