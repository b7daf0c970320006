#include "server/http/head.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/http/problem.h"

namespace qianda::server {
namespace {

using testing::ElementsAre;
using testing::Pair;

const std::string kHost = "Host: here\r\n";

// As the server does it: checked, parsed by Poco, understood.
Head parseHead(const std::string& octets, std::size_t most) {
  checkHead(octets, most);
  std::istringstream stream(octets + "\r\n");
  Poco::Net::HTTPRequest request;
  request.read(stream);
  return headOf(request);
}

// "STATUS CODE" of the problem, or "accepted".
std::string verdict(const std::string& octets, std::size_t most = 100) {
  try {
    parseHead(octets, most);
  } catch (const Problem& problem) {
    return std::to_string(problem.status) + " " + problem.code;
  }
  return "accepted";
}

std::string withFields(const std::string& fields) { return verdict("POST / HTTP/1.1\r\n" + kHost + fields); }

TEST(Head, HasWhatTheRequestSays) {
  const Head head =
      parseHead("PUT /a/%20?x=1&y HTTP/1.1\r\nhost: here\r\nContent-Length: 5\r\nX-A:  b c \r\nx-a: d\r\n", 9);
  EXPECT_EQ(head.method, "PUT");
  EXPECT_EQ(head.path, "/a/%20");
  EXPECT_EQ(head.query, "x=1&y");
  EXPECT_EQ(head.length, 5u);
  EXPECT_TRUE(head.keepAlive);
  EXPECT_THAT(head.headers, testing::IsSupersetOf({Pair("X-A", "b c"), Pair("x-a", "d")}));
  EXPECT_EQ(head.headers.count("X-a"), 2u);
}

TEST(Head, KeepsAliveAsVersionAndConnectionSay) {
  const auto alive = [](const std::string& version, const std::string& field) {
    return parseHead("GET / HTTP/" + version + "\r\n" + kHost + field, 9).keepAlive;
  };
  EXPECT_TRUE(alive("1.1", ""));
  EXPECT_FALSE(alive("1.1", "Connection: x, Close\r\n"));
  EXPECT_FALSE(alive("1.0", ""));
  EXPECT_TRUE(alive("1.0", "Connection: Keep-Alive\r\n"));
}

TEST(Head, RequestsThatTwoReadersMayUnderstandDifferentlyAreRefused) {
  for (const char* fields : {"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
                             "Content-Length: 1\r\nContent-Length: 1\r\n",
                             "Content-Length: 1\r\nContent-Length: 2\r\n",
                             "Content-Length: 1, 1\r\n",
                             "Content-Length: +1\r\n",
                             "Content-Length: -1\r\n",
                             "Content-Length: 0x1\r\n",
                             "Content-Length: \r\n",
                             "Content-Length: 99999999999999999999\r\n",
                             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                             "Host: there\r\n",
                             "X : y\r\n",
                             " X: y\r\n",
                             "X: y\r\n folded\r\n",
                             "X y\r\n",
                             ": y\r\n",
                             "X: a\nY: b\r\n",
                             "X: a\rb\r\n",
                             "X: a\x01\r\n",
                             "X\xc3\xa9: a\r\n"}) {
    EXPECT_EQ(withFields(fields), "400 request_malformed") << fields;
  }
  EXPECT_EQ(verdict("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n"), "400 request_malformed");
  EXPECT_EQ(withFields("Transfer-Encoding: gzip, chunked\r\n"), "501 transfer_coding");
  EXPECT_EQ(withFields("Transfer-Encoding: Chunked\r\n"), "accepted");
  EXPECT_EQ(withFields("X: \xe5\xbc\xa0\ttab\r\n"), "accepted");
}

TEST(Head, RequestLinesAreChecked) {
  for (const char* line : {"GET /", "GET  / HTTP/1.1", "GET / a HTTP/1.1", "G(T / HTTP/1.1", "GET a HTTP/1.1",
                           "GET /# HTTP/1.1", "GET /\xc3\xa9 HTTP/1.1", "GET / http/1.1", "", "/ HTTP/1.1",
                           "GET /\t HTTP/1.1", "CONNECT here:443 HTTP/1.1"}) {
    EXPECT_EQ(verdict(std::string(line) + "\r\n" + kHost), "400 request_malformed") << line;
  }
  EXPECT_EQ(verdict("GET / HTTP/2.0\r\n" + kHost), "505 http_version");
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\n"), "400 request_malformed");  // without Host
  EXPECT_EQ(verdict("GET / HTTP/1.0\r\n"), "accepted");
  EXPECT_EQ(verdict(""), "400 request_malformed");
}

TEST(Head, WhatPocoWouldRewriteOrRefuseByItselfIsRefusedBefore) {
  EXPECT_EQ(withFields("X: =?utf-8?Q?a=0D=0Ab?=\r\n"), "400 request_malformed");
  EXPECT_EQ(withFields("Content-Length: =?utf-8?Q?5?=\r\n"), "400 request_malformed");
  EXPECT_EQ(withFields("X: /a=?b?c\r\n"), "accepted");
  EXPECT_EQ(withFields("X: =?x?=\r\n"), "accepted");
  EXPECT_EQ(withFields("X:" + std::string(8192, 'x') + "\r\n"), "accepted");
  EXPECT_EQ(withFields("X:" + std::string(8193, 'x') + "\r\n"), "431 header_too_large");
  EXPECT_EQ(withFields(std::string(256, 'x') + ": y\r\n"), "accepted");
  EXPECT_EQ(withFields(std::string(257, 'x') + ": y\r\n"), "431 header_too_large");
  EXPECT_EQ(verdict(std::string(32, 'M') + " / HTTP/1.1\r\n" + kHost), "accepted");
  EXPECT_EQ(verdict(std::string(33, 'M') + " / HTTP/1.1\r\n" + kHost), "400 request_malformed");
  EXPECT_EQ(verdict("GET /" + std::string(16383, 'x') + " HTTP/1.1\r\n" + kHost), "accepted");
  EXPECT_EQ(verdict("GET /" + std::string(16384, 'x') + " HTTP/1.1\r\n" + kHost), "414 uri_too_long");
  std::string fields;
  for (int n = 0; n < 99; ++n) fields += "X: y\r\n";
  EXPECT_EQ(withFields(fields), "accepted");
  EXPECT_EQ(withFields(fields + "X: y\r\n"), "431 header_too_large");
}

TEST(Head, AbsoluteTargetsLoseTheirAuthority) {
  EXPECT_EQ(parseHead("GET HTTP://x/a?b HTTP/1.1\r\n" + kHost, 9).path, "/a");
  EXPECT_EQ(parseHead("GET https://x HTTP/1.1\r\n" + kHost, 9).path, "/");
}

TEST(Head, FieldsAreCountedAndExpectationsKnown) {
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\n" + kHost + "A: b\r\n", 2), "accepted");
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\n" + kHost + "A: b\r\n", 1), "431 header_too_large");
  EXPECT_EQ(withFields("Expect: 200-ok\r\n"), "417 expectation");
  EXPECT_TRUE(parseHead("PUT / HTTP/1.1\r\n" + kHost + "Expect: 100-Continue\r\n", 9).expectsContinue);
}

TEST(Query, IsDecodedOrRefused) {
  EXPECT_THAT(parseQuery("a=1&b=x+y%26&a=2&&c"),
              ElementsAre(Pair("a", "1"), Pair("a", "2"), Pair("b", "x y&"), Pair("c", "")));
  for (const char* query : {"a=%", "a=%ff", "%00=1", "a=%0d%0a"}) EXPECT_THROW(parseQuery(query), Problem) << query;
  std::string many;
  for (int n = 0; n < 201; ++n) many += "a&";
  EXPECT_THROW(parseQuery(many), Problem);
}

TEST(MediaType, LosesParametersAndCase) { EXPECT_EQ(mediaTypeOf(" Text/CSV ; charset=utf-8"), "text/csv"); }

}  // namespace
}  // namespace qianda::server
