#include "server/metrics/metrics.h"

#include <fstream>

#include <dirent.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include "server/version.h"

namespace qianda::server {
namespace {

// /proc/self/statm: pages; the second number is the resident set.
double residentOctets() {
  std::ifstream file("/proc/self/statm");
  double total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double openFiles() {
  DIR* folder = ::opendir("/proc/self/fd");
  if (!folder) return 0;
  double count = -3;  // ".", ".." and the folder itself
  while (::readdir(folder)) ++count;
  ::closedir(folder);
  return count;
}

}  // namespace

Metrics::Metrics() {
  gauge("qianda_build_info", "The program that runs; always 1", {{"version", kVersion}}).Set(1);
  gauge("qianda_start_time_seconds", "When the process started, since 1970").SetToCurrentTime();
  auto& resident = gauge("process_resident_memory_bytes", "Resident memory");
  auto& files = gauge("process_open_fds", "Open file descriptors");
  atCollection([&resident, &files] {
    resident.Set(residentOctets());
    files.Set(openFiles());
  });
}

prometheus::Counter& Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry_).Add(labels);
}

prometheus::Gauge& Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add(labels);
}

prometheus::Histogram& Metrics::histogram(const std::string& name, const std::string& help, const Labels& labels,
                                          const std::vector<double>& bounds) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry_).Add(labels, bounds);
}

int Metrics::atCollection(std::function<void()> update) {
  const std::lock_guard lock(mutex_);
  updates_[next_] = std::move(update);
  return next_++;
}

void Metrics::dropCollection(int number) {
  const std::lock_guard lock(mutex_);
  updates_.erase(number);
}

std::string Metrics::text() {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, update] : updates_) update();
  }
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace qianda::server
