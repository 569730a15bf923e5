#include "engine/engine.h"

#include <algorithm>
#include <cstring>

#include "engine/delivery.h"

namespace overtap {
namespace {

PortCounters sum(uint32_t id, const TrafficPair* lanes, uint32_t count) {
  PortCounters total{id, 0, 0, 0, 0};
  for (uint32_t i = 0; i < count; i++) {
    total.rx_frames += lanes[i].rx.frames.read();
    total.rx_bytes += lanes[i].rx.bytes.read();
    total.tx_frames += lanes[i].tx.frames.read();
    total.tx_bytes += lanes[i].tx.bytes.read();
  }
  return total;
}

// With the room before it that encapsulation needs.
std::vector<uint8_t> with_headroom(const uint8_t* frame, uint32_t length) {
  std::vector<uint8_t> copy(limits::kHeadroom + length);
  std::memcpy(copy.data() + limits::kHeadroom, frame, length);
  return copy;
}

// Grace frees through copyable functions, which a unique_ptr cannot enter.
template <typename T>
std::function<void()> deleter(std::unique_ptr<T> owned) {
  return [shared = std::shared_ptr<T>(std::move(owned))]() mutable { shared.reset(); };
}

}  // namespace

Engine::Engine(uint32_t workers, std::unique_ptr<Underlay> underlay, std::function<void()> notify,
               EngineOptions options)
    : control_lane_(workers),
      underlay_(std::move(underlay)),
      superpackets_(std::move(options.superpackets)),
      grace_(workers),
      tables_(grace_),
      control_upcalls_(notify),
      control_outbound_(control_lane_, {*underlay_, superpackets_.get()}, control_counters_,
                        control_upcalls_) {
  for (uint32_t i = 0; i < workers; i++) {
    workers_.push_back(std::make_unique<Worker>(i, Transports{*underlay_, superpackets_.get()},
                                                options.joins, tables_, grace_, notify));
  }
}

Engine::~Engine() {
  stop();
}

void Engine::start() {
  for (auto& worker : workers_) worker->start();
}

void Engine::stop() {
  for (auto& worker : workers_) worker->stop();
}

Network* Engine::network(uint32_t vni) {
  const auto found = networks_.find(vni);
  return found == networks_.end() ? nullptr : found->second.get();
}

Port* Engine::port(uint32_t id) {
  const auto found = ports_.find(id);
  return found == ports_.end() ? nullptr : found->second.get();
}

void Engine::put_network(uint32_t vni, bool port_security, bool flood_unknown) {
  const std::lock_guard lock(control_);
  auto& owner = networks_[vni];
  const bool created = owner == nullptr;
  if (created) owner = std::make_unique<Network>(vni, grace_);
  owner->port_security = port_security;
  owner->flood_unknown = flood_unknown;
  if (created) tables_.networks.put(vni, reinterpret_cast<uint64_t>(owner.get()));
}

bool Engine::remove_network(uint32_t vni) {
  const std::lock_guard lock(control_);
  const auto found = networks_.find(vni);
  if (found == networks_.end()) return true;
  if (!found->second->flood.load()->ports.empty()) return false;
  tables_.networks.remove(vni);
  grace_.retire(deleter(std::move(found->second)));
  networks_.erase(found);
  return true;
}

uint32_t Engine::add_peer(const SocketAddress& address) {
  const std::lock_guard lock(control_);
  for (const auto& [id, peer] : peers_) {
    if (std::memcmp(&peer->remote.address, &address, sizeof address) == 0) return id;
  }
  const uint32_t id = next_peer_++;
  auto peer = std::make_unique<Peer>(
      id, address, superpackets_ == nullptr ? nullptr : superpackets_->path_to(address),
      control_lane_ + 1);
  tables_.peers.put(Tables::address_key(address), reinterpret_cast<uint64_t>(peer.get()));
  peers_[id] = std::move(peer);
  return id;
}

void Engine::remove_peer(uint32_t id) {
  const std::lock_guard lock(control_);
  const auto found = peers_.find(id);
  if (found == peers_.end()) return;
  Peer* peer = found->second.get();
  tables_.peers.remove(Tables::address_key(peer->remote.address));
  for (auto& [vni, network] : networks_) {
    network->vteps.remove(id + 1ull);
    forget_destination(*network, Destination::to(peer).word());
    auto list = std::make_unique<FloodList>(*network->flood.load());
    std::erase(list->peers, peer);
    replace_flood(*network, std::move(list));
  }
  grace_.retire(deleter(std::move(found->second)));
  peers_.erase(found);
}

void Engine::set_peer_mtu(uint32_t id, uint32_t mtu) {
  const std::lock_guard lock(control_);
  const auto found = peers_.find(id);
  if (found == peers_.end()) return;
  found->second->mtu.store(mtu, std::memory_order_relaxed);
  found->second->path_doubted.store(false);
}

bool Engine::set_vteps(uint32_t vni, const std::vector<uint32_t>& ids) {
  const std::lock_guard lock(control_);
  Network* target = network(vni);
  if (target == nullptr) return false;
  auto list = std::make_unique<FloodList>();
  list->ports = target->flood.load()->ports;
  for (const uint32_t id : ids) {
    const auto found = peers_.find(id);
    if (found != peers_.end()) list->peers.push_back(found->second.get());
  }
  for (const Peer* before : target->flood.load()->peers) {
    const bool stays =
        std::find(list->peers.begin(), list->peers.end(), before) != list->peers.end();
    if (!stays) target->vteps.remove(before->id + 1ull);
  }
  for (const Peer* peer : list->peers) target->vteps.put(peer->id + 1ull, 1);
  replace_flood(*target, std::move(list));
  return true;
}

std::optional<uint32_t> Engine::add_port(PortIdentity identity, std::unique_ptr<FramePort> io) {
  const std::lock_guard lock(control_);
  Network* home = network(identity.vni);
  if (home == nullptr) return std::nullopt;
  const uint32_t id = next_port_++;
  const auto workers = static_cast<uint32_t>(workers_.size());
  auto port = std::make_unique<Port>(id, workers, std::move(identity), home, std::move(io));
  auto list = std::make_unique<FloodList>(*home->flood.load());
  list->ports.push_back(port.get());
  replace_flood(*home, std::move(list));
  for (uint32_t i = 0; i < workers; i++) {
    if (port->is_read_by(i)) workers_[i]->watch(*port);
  }
  ports_[id] = std::move(port);
  return id;
}

std::unique_ptr<FramePort> Engine::remove_port(uint32_t id) {
  const std::lock_guard lock(control_);
  const auto found = ports_.find(id);
  if (found == ports_.end()) return nullptr;
  std::unique_ptr<Port> port = std::move(found->second);
  ports_.erase(found);
  for (uint32_t i = 0; i < workers_.size(); i++) {
    if (port->is_read_by(i)) workers_[i]->unwatch(*port);
  }
  forget_destination(*port->network, Destination::to(port.get()).word());
  auto list = std::make_unique<FloodList>(*port->network->flood.load());
  std::erase(list->ports, port.get());
  replace_flood(*port->network, std::move(list));
  grace_.wait();
  return port->release_io();
}

void Engine::replace_flood(Network& network, std::unique_ptr<FloodList> list) {
  std::unique_ptr<FloodList> before(network.flood.exchange(list.release()));
  grace_.retire(deleter(std::move(before)));
}

void Engine::forget_destination(Network& network, uint64_t word) {
  std::vector<uint64_t> macs;
  network.macs.each([&](uint64_t mac, uint64_t value) {
    if (value == word) macs.push_back(mac);
  });
  for (const uint64_t mac : macs) network.macs.remove(mac);
}

bool Engine::forward(uint32_t vni, uint64_t mac, Target target, uint32_t id) {
  const std::lock_guard lock(control_);
  Network* home = network(vni);
  if (home == nullptr) return false;
  if (target == Target::kUpcall) {
    home->macs.put(mac, Destination::upcall().word());
    return true;
  }
  if (target == Target::kPort) {
    Port* to = port(id);
    if (to == nullptr) return false;
    home->macs.put(mac, Destination::to(to).word());
    return true;
  }
  const auto found = peers_.find(id);
  if (found == peers_.end()) return false;
  home->macs.put(mac, Destination::to(found->second.get()).word());
  return true;
}

void Engine::forget(uint32_t vni, uint64_t mac) {
  const std::lock_guard lock(control_);
  Network* home = network(vni);
  if (home != nullptr) home->macs.remove(mac);
}

void Engine::inject(uint32_t id, const uint8_t* frame, uint32_t length) {
  const std::lock_guard lock(control_);
  Port* to = port(id);
  if (to == nullptr) return;
  VirtioNetHeader vnet{};
  const iovec parts[] = {{&vnet, sizeof vnet}, {const_cast<uint8_t*>(frame), length}};
  deliver(*to, parts, 2, length, control_lane_, control_counters_);
}

void Engine::inject_flood(uint32_t vni, const uint8_t* frame, uint32_t length) {
  const std::lock_guard lock(control_);
  Network* home = network(vni);
  if (home == nullptr || length > limits::kMaxFrame) return;
  auto copy = with_headroom(frame, length);
  control_outbound_.flood_to_peers(*home, copy.data() + limits::kHeadroom, length);
}

void Engine::inject_to_peer(uint32_t vni, uint32_t id, const uint8_t* frame, uint32_t length) {
  const std::lock_guard lock(control_);
  Network* home = network(vni);
  const auto found = peers_.find(id);
  if (home == nullptr || found == peers_.end() || length > limits::kMaxFrame) return;
  auto copy = with_headroom(frame, length);
  control_outbound_.send_to_peer(*home, *found->second, copy.data() + limits::kHeadroom, length);
}

EngineCounters Engine::counters() {
  const std::lock_guard lock(control_);
  EngineCounters total;
  const uint32_t lanes = control_lane_ + 1;
  for (const auto& [id, port] : ports_) total.ports.push_back(sum(id, port->traffic.get(), lanes));
  for (const auto& [id, peer] : peers_) total.peers.push_back(sum(id, peer->traffic.get(), lanes));
  const auto add = [&total](const WorkerCounters& counters) {
    for (size_t i = 0; i < kDropReasons; i++) total.drops[i] += counters.drops[i].read();
    total.upcalls += counters.upcalls.read();
  };
  add(control_counters_);
  for (uint32_t i = 0; i < workers_.size(); i++) {
    add(workers_[i]->counters());
    total.drops[static_cast<size_t>(DropReason::underlay_overrun)] += underlay_->overruns(i);
  }
  return total;
}

std::vector<EnginePause> Engine::pauses() {
  const std::lock_guard lock(control_);
  std::vector<EnginePause> list;
  for (const auto& [id, peer] : peers_) {
    const Remote& remote = peer->remote;
    if (const int error = remote.superpackets.error()) list.push_back({"tunnel-gso", id, error});
    if (const int error = remote.runs.error()) list.push_back({"udp-gso", id, error});
  }
  return list;
}

}  // namespace overtap
