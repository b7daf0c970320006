// Pages as Poppler or MuPDF paint them, asked by pixel from the upper left corner.
#pragma once

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace qianda::test {

struct Raster {
  int width = 0, height = 0;
  std::string pixels;  // three octets each

  explicit Raster(const std::filesystem::path& ppm) {
    std::istringstream file(core::readFile(ppm));
    std::string magic;
    int depth = 0;
    file >> magic >> width >> height >> depth;
    file.get();
    pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    file.read(pixels.data(), static_cast<std::streamsize>(pixels.size()));
    if (magic != "P6" || !file) throw std::runtime_error("not a picture: " + ppm.string());
  }
  int at(int column, int row, std::size_t channel) const {
    const std::size_t index =
        static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column);
    return static_cast<unsigned char>(pixels.at(index * 3 + channel));
  }
  bool red(int column, int row) const {
    return at(column, row, 0) > 200 && at(column, row, 1) < 100 && at(column, row, 2) < 110;
  }
  bool white(int column, int row) const {
    return at(column, row, 0) > 250 && at(column, row, 1) > 250 && at(column, row, 2) > 250;
  }
};

// All pages, cropped to their CropBox. `painter` is "pdftoppm" or "mutool" (which also honours UserUnit).
inline std::vector<Raster> paintPages(const std::string& pdf, int dpi, const std::string& painter = "pdftoppm") {
  const TempFolder folder;
  core::writeFile(folder / "in.pdf", pdf);
  const std::string resolution = std::to_string(dpi);
  const Output drawn = painter == "mutool"
                           ? run({"mutool", "draw", "-q", "-r", resolution, "-c", "rgb", "-o", folder / "page-%d.ppm",
                                  folder / "in.pdf"})
                           : run({"pdftoppm", "-r", resolution, "-cropbox", folder / "in.pdf", folder / "page"});
  // MuPDF warns of what it was built without.
  if (drawn.status != 0 || (painter == "pdftoppm" && !drawn.err.empty()))
    throw std::runtime_error(painter + ": " + drawn.err);
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    if (entry.path().extension() == ".ppm") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());  // up to nine pages, or Poppler's padded numbers
  return {files.begin(), files.end()};
}

}  // namespace qianda::test
