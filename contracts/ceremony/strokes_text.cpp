#include "contracts/ceremony/strokes_text.h"

#include <Poco/JSON/Parser.h>
#include <fmt/format.h>

#include "core/error.h"

namespace qianda::contracts {
namespace {

using Poco::JSON::Array;

[[noreturn]] void refuse(const std::string& reason) {
  throw core::Error(core::ErrorCode::kInvalidInput, "no strokes: " + reason);
}

signing::StrokePoint readPoint(const Poco::JSON::Object::Ptr& point, const std::string& place) {
  if (!point || !point->has("x") || !point->has("y")) refuse(place + " has no x and y");
  const auto number = [&](const char* name) {
    const Poco::Dynamic::Var value = point->get(name);
    if (!value.isNumeric()) refuse(place + ": " + name + " is not a number");
    return value.convert<double>();
  };
  signing::StrokePoint read{number("x"), number("y"), {}, {}};
  if (point->has("pressure")) read.pressure = number("pressure");
  if (point->has("time")) read.time = number("time");
  return read;
}

}  // namespace

std::vector<signing::Stroke> readStrokes(const std::string& json) {
  Array::Ptr list;
  try {
    Poco::JSON::Parser parser;
    list = parser.parse(json).extract<Array::Ptr>();
  } catch (const Poco::Exception& error) {
    refuse(error.displayText());
  }
  std::vector<signing::Stroke> strokes;
  for (unsigned i = 0; i < list->size(); ++i) {
    const Array::Ptr points = list->getArray(i);
    if (!points) refuse("stroke " + std::to_string(i + 1) + " is not an array of points");
    signing::Stroke stroke;
    for (unsigned k = 0; k < points->size(); ++k) {
      stroke.push_back(
          readPoint(points->getObject(k), "stroke " + std::to_string(i + 1) + ", point " + std::to_string(k + 1)));
    }
    strokes.push_back(std::move(stroke));
  }
  return strokes;
}

std::string writeStrokes(const std::vector<signing::Stroke>& strokes) {
  std::string out = "[";
  for (const signing::Stroke& stroke : strokes) {
    out += out.size() > 1 ? ",[" : "[";
    for (std::size_t i = 0; i < stroke.size(); ++i) {
      out += fmt::format("{}{{\"x\":{:.5f},\"y\":{:.5f}", i > 0 ? "," : "", stroke[i].x, stroke[i].y);
      if (stroke[i].pressure) out += fmt::format(",\"pressure\":{:.4f}", *stroke[i].pressure);
      if (stroke[i].time) out += fmt::format(",\"time\":{:.1f}", *stroke[i].time);
      out += '}';
    }
    out += ']';
  }
  return out + ']';
}

}  // namespace qianda::contracts
