// micro: prints one line of JSON for each case, nanoseconds of one operation.
//
//   micro [--ms N] [--rounds N]
//
// Every round measures every case for N milliseconds, so that what else the
// machine does meets all alike; the medians of the rounds are what to look at.
#include <getopt.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "case.h"

using namespace micro;

namespace {

using Clock = std::chrono::steady_clock;

struct Settings {
  std::chrono::milliseconds each{100};
  int rounds = 5;
};

// `--ms` and `--rounds`, both at least 1.
Settings parse(int argc, char** argv) {
  Settings settings;
  const option options[] = {
      {"ms", required_argument, nullptr, 'm'}, {"rounds", required_argument, nullptr, 'r'}, {}};
  for (int c; (c = getopt_long(argc, argv, "", options, nullptr)) != -1;) {
    const int value = c == '?' ? 0 : std::atoi(optarg);
    if (value < 1) throw std::invalid_argument("usage: micro [--ms N] [--rounds N]");
    if (c == 'm') settings.each = std::chrono::milliseconds(value);
    if (c == 'r') settings.rounds = value;
  }
  return settings;
}

double nanoseconds(const Case& one, std::chrono::milliseconds limit) {
  uint64_t done = 0;
  const auto start = Clock::now();
  Clock::duration passed;
  do {
    done += one.work();
    passed = Clock::now() - start;
  } while (passed < limit);
  return std::chrono::duration<double, std::nano>(passed).count() / static_cast<double>(done);
}

void print(const Case& one, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const size_t last = times.size() - 1;
  const double median = (times[last / 2] + times[(last + 1) / 2]) / 2;
  std::printf(
      "{\"group\":\"%s\",\"name\":\"%s\",\"bytes\":%u,\"packets\":%u,"
      "\"nanoseconds\":%.3f,\"least\":%.3f,\"most\":%.3f}\n",
      one.group.c_str(), one.name.c_str(), one.bytes, one.packets, median, times[0], times[last]);
}

void measure(const Cases& cases, const Settings& settings) {
  std::vector<std::vector<double>> times(cases.size());
  for (int round = 0; round < settings.rounds; round++) {
    for (size_t i = 0; i < cases.size(); i++) {
      times[i].push_back(nanoseconds(cases[i], settings.each));
    }
  }
  for (size_t i = 0; i < cases.size(); i++) print(cases[i], times[i]);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Settings settings = parse(argc, argv);
    // Group by group: the tables of one are not in the caches of another.
    for (const auto make : {lookups, checksums, pipeline}) measure(make(), settings);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "micro: %s\n", error.what());
    return 1;
  }
}
