#include "signing/pdf/filters.h"

#include <cstdlib>

#include <zlib.h>

#include "signing/pdf/limits.h"

namespace qianda::signing::pdf {
namespace {

std::optional<std::string> inflateAll(std::string_view raw) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return std::nullopt;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(raw.data()));
  stream.avail_in = static_cast<uInt>(raw.size());
  std::string out;
  char buffer[1 << 15];
  int status = Z_OK;
  while (status == Z_OK && out.size() <= kLargestDecoded) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof buffer;
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(buffer, sizeof buffer - stream.avail_out);
    if (status == Z_BUF_ERROR) break;
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || out.size() > kLargestDecoded) return std::nullopt;
  return out;
}

// PNG 1.2 section 6.
unsigned char paeth(int left, int above, int corner) {
  const int estimate = left + above - corner;
  const int toLeft = std::abs(estimate - left), toAbove = std::abs(estimate - above),
            toCorner = std::abs(estimate - corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return static_cast<unsigned char>(left);
  return static_cast<unsigned char>(toAbove <= toCorner ? above : corner);
}

std::optional<std::string> undoPng(const std::string& data, std::size_t columns, std::size_t pixel) {
  if (columns == 0 || columns > kLargestDecoded) return std::nullopt;
  std::string out, previous(columns, '\0');
  for (std::size_t at = 0; at + 1 + columns <= data.size(); at += columns + 1) {
    std::string row = data.substr(at + 1, columns);
    const char filter = data[at];
    for (std::size_t i = 0; i < columns; ++i) {
      const auto left = static_cast<unsigned char>(i >= pixel ? row[i - pixel] : 0);
      const auto above = static_cast<unsigned char>(previous[i]);
      const auto corner = static_cast<unsigned char>(i >= pixel ? previous[i - pixel] : 0);
      int add = 0;
      if (filter == 1) add = left;
      if (filter == 2) add = above;
      if (filter == 3) add = (left + above) / 2;
      if (filter == 4) add = paeth(left, above, corner);
      if (filter < 0 || filter > 4) return std::nullopt;
      row[i] = static_cast<char>(row[i] + add);
    }
    out += row;
    previous = std::move(row);
  }
  return out;
}

std::size_t parameter(const Object& parameters, std::string_view key, std::size_t fallback) {
  const Object& value = parameters[key];
  return value.is(Object::Type::kInteger) && value.integer >= 0 ? static_cast<std::size_t>(value.integer) : fallback;
}

}  // namespace

std::optional<std::string> decodeStream(const Object& stream, std::string_view raw) {
  const Object* filter = &stream["Filter"];
  const Object* parameters = &stream["DecodeParms"];
  if (filter->is(Object::Type::kArray)) {
    if (filter->array->size() > 1) return std::nullopt;
    static const Object kNone;
    filter = filter->array->empty() ? &kNone : &filter->array->front();
    if (parameters->is(Object::Type::kArray)) {
      parameters = parameters->array->empty() ? &kNone : &parameters->array->front();
    }
  }
  if (filter->is(Object::Type::kNull)) return std::string(raw);
  if (!filter->isName("FlateDecode")) return std::nullopt;
  std::optional<std::string> data = inflateAll(raw);
  const std::size_t predictor = parameter(*parameters, "Predictor", 1);
  if (!data || predictor == 1) return data;
  if (predictor < 10) return std::nullopt;
  const std::size_t bits = parameter(*parameters, "Colors", 1) * parameter(*parameters, "BitsPerComponent", 8);
  const std::size_t columns = parameter(*parameters, "Columns", 1);
  if (bits > 1024 || columns > kLargestDecoded) return std::nullopt;
  return undoPng(*data, (columns * bits + 7) / 8, std::max<std::size_t>(1, bits / 8));
}

}  // namespace qianda::signing::pdf
