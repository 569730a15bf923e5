// overtap-load: generates load between two network stacks and measures it.
//
//   overtap-load server ADDRESS PORT [ALLOWED...]
//   overtap-load client ADDRESS PORT KIND [--flows N] [--both] [--size BYTES] [--ms N]
//
// KIND is tcp, udp, gso, requests or connections. `npm run bench` runs it between
// namespaces and `overtap bench` between hosts.
#include <getopt.h>
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "load/client.h"
#include "load/server.h"

using namespace overtap::load;

namespace {

uint32_t number(const std::string& text, uint32_t limit) {
  size_t used = 0;
  const unsigned long value = std::stoul(text, &used);
  if (used != text.size() || value > limit) throw std::invalid_argument("too big: " + text);
  return static_cast<uint32_t>(value);
}

Request parse_load(const std::string& name, int argc, char** argv) {
  const auto kind = parse_kind(name);
  if (!kind) throw std::invalid_argument("no such load: " + name);
  Request request;
  request.kind = *kind;
  request.flows = *kind == Kind::kTcp ? 1 : 0;
  const option options[] = {{"flows", required_argument, nullptr, 'f'},
                            {"both", no_argument, nullptr, 'b'},
                            {"size", required_argument, nullptr, 's'},
                            {"ms", required_argument, nullptr, 'm'},
                            {}};
  for (int c; (c = getopt_long(argc, argv, "", options, nullptr)) != -1;) {
    if (c == 'f') request.flows = number(optarg, kMaxFlows);
    if (c == 'b') request.both = true;
    if (c == 's') request.size = number(optarg, kMaxSize);
    if (c == 'm') request.milliseconds = number(optarg, kMaxMilliseconds);
    if (c == '?') throw std::invalid_argument("unknown option");
  }
  return request;
}

// Not to outlive who started it.
void end_with_parent() {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
}

int run(int argc, char** argv) {
  end_with_parent();
  const std::string role = argc > 3 ? argv[1] : "";
  if (role == "server") {
    std::vector<Address> allowed;
    for (int i = 4; i < argc; i++) allowed.push_back(parse_address(argv[i], 0));
    serve(parse_address(argv[2], static_cast<uint16_t>(number(argv[3], 0xffff))), allowed);
  }
  if (role == "client" && argc > 4) {
    const Address server = parse_address(argv[2], static_cast<uint16_t>(number(argv[3], 0xffff)));
    measure(server, parse_load(argv[4], argc - 4, argv + 4));
    return 0;
  }
  std::fprintf(stderr, "usage: overtap-load server ADDRESS PORT [ALLOWED...]\n");
  std::fprintf(stderr, "       overtap-load client ADDRESS PORT KIND [OPTIONS]\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "overtap-load: %s\n", error.what());
    return 1;
  }
}
