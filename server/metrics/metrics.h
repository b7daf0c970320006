// Numbers about the service for Prometheus (text format 0.0.4). Counters, gauges and histograms are made once by name
// and labels (asking again gives the same one) and live as long as Metrics; names start with "qianda_". What is only
// known when asked for is set by a function given to atCollection(). Any thread may call any member.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace qianda::server {

class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  Metrics();
  prometheus::Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  prometheus::Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  // Upper bounds in seconds unless the name says otherwise.
  prometheus::Histogram& histogram(const std::string& name, const std::string& help, const Labels& labels,
                                   const std::vector<double>& bounds);
  // Must not outlive what it looks at: dropCollection() with the number it returned.
  int atCollection(std::function<void()> update);
  void dropCollection(int number);

  std::string text();

 private:
  prometheus::Registry registry_;
  std::mutex mutex_;
  std::map<int, std::function<void()>> updates_;
  int next_ = 0;
};

}  // namespace qianda::server
