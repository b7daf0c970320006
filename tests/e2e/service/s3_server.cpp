// tests/support/s3_server.h as a process of its own, for services that are tested from outside: objects in the folder
// that is given, {"host": ..., "documents": ...} on standard output once it listens, until its standard input ends.
#include "tests/support/s3_server.h"

#include <iostream>

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: s3-server FOLDER\n";
    return 2;
  }
  const qianda::test::S3Server server{std::filesystem::path(arguments[1])};
  std::cout << R"({"documents":")" << server.address() << "\"}" << std::endl;
  while (std::cin.get() != std::char_traits<char>::eof()) {
  }
}
