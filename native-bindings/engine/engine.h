// The data plane: workers, ports, peers and the tables between them. Everything
// here is called by the control side, from any of its threads; a lock keeps
// those apart, and workers never take it.
//
// The engine knows neither Node nor TypeScript, and holds nothing that cannot
// be filled again from the records.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/tables.h"
#include "engine/worker.h"
#include "io/superpacket_sender.h"

namespace overtap {

struct PortCounters {
  uint32_t id;
  uint64_t rx_frames, rx_bytes, tx_frames, tx_bytes;
};

// What a host's kernel and its operator allow.
struct EngineOptions {
  std::unique_ptr<SuperpacketSender> superpackets;  // null: superpackets are segmented here
  Coalescer::Joins joins;
};

// A feature that failed towards a peer and is left alone for a while.
struct EnginePause {
  const char* feature;
  uint32_t peer;
  int error;  // errno
};

struct EngineCounters {
  std::vector<PortCounters> ports;
  std::vector<PortCounters> peers;
  std::array<uint64_t, kDropReasons> drops{};
  uint64_t upcalls = 0;
};

class Engine {
 public:
  // `notify` is called from workers when upcalls wait to be drained.
  Engine(uint32_t workers, std::unique_ptr<Underlay> underlay, std::function<void()> notify,
         EngineOptions options = {});
  ~Engine();

  void start();
  void stop();

  void put_network(uint32_t vni, bool port_security, bool flood_unknown);
  // False while ports of it are open.
  bool remove_network(uint32_t vni);

  uint32_t add_peer(const SocketAddress& address);
  void remove_peer(uint32_t peer);
  // Bytes of the largest inner IP packet that reaches the peer in one piece.
  void set_peer_mtu(uint32_t peer, uint32_t mtu);
  // False when the network is unknown; unknown peers are left out.
  bool set_vteps(uint32_t vni, const std::vector<uint32_t>& peers);

  // The port forwards from now on. Nothing when its network is unknown.
  std::optional<uint32_t> add_port(PortIdentity identity, std::unique_ptr<FramePort> io);
  // Gives the device back once no worker can be using it; null when unknown.
  std::unique_ptr<FramePort> remove_port(uint32_t port);

  enum class Target { kPort, kPeer, kUpcall };
  // False when the network, port or peer is unknown.
  bool forward(uint32_t vni, uint64_t mac, Target target, uint32_t id);
  void forget(uint32_t vni, uint64_t mac);

  void inject(uint32_t port, const uint8_t* frame, uint32_t length);
  void inject_flood(uint32_t vni, const uint8_t* frame, uint32_t length);
  void inject_to_peer(uint32_t vni, uint32_t peer, const uint8_t* frame, uint32_t length);

  template <typename Visit>
  void drain_upcalls(Visit visit) {
    for (auto& worker : workers_) worker->upcalls().drain(visit);
  }

  EngineCounters counters();
  std::vector<EnginePause> pauses();

  // For tests that drive the pipeline without threads.
  Worker& worker(uint32_t index) { return *workers_[index]; }
  Port* port(uint32_t id);

 private:
  Network* network(uint32_t vni);
  void replace_flood(Network& network, std::unique_ptr<FloodList> list);
  void forget_destination(Network& network, uint64_t word);

  std::mutex control_;
  const uint32_t control_lane_;  // the control side counts in a lane of its own
  std::unique_ptr<Underlay> underlay_;
  std::unique_ptr<SuperpacketSender> superpackets_;
  Grace grace_;
  Tables tables_;
  std::vector<std::unique_ptr<Worker>> workers_;
  WorkerCounters control_counters_;
  UpcallSink control_upcalls_;
  Outbound control_outbound_;
  // Owners; the tables point into these.
  std::map<uint32_t, std::unique_ptr<Network>> networks_;
  std::map<uint32_t, std::unique_ptr<Port>> ports_;
  std::map<uint32_t, std::unique_ptr<Peer>> peers_;
  uint32_t next_port_ = 0;
  uint32_t next_peer_ = 0;
};

}  // namespace overtap
