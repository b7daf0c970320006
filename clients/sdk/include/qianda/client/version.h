// The version of this library, apart from that of the service: semantic (semver.org), read by CMake from here.
#pragma once

#define QIANDA_CLIENT_VERSION "0.1.0"
