# Every outside library, found once. Rooms name the imported targets; nobody else calls find_package.
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Poco 1.11 REQUIRED COMPONENTS Foundation JSON XML Data DataSQLite DataPostgreSQL JWT Net NetSSL Util Zip)
find_package(fmt REQUIRED)
find_package(PkgConfig REQUIRED)
foreach(entry IN ITEMS harfbuzz:harfbuzz harfbuzz_subset:harfbuzz-subset freetype:freetype2 icu:icu-uc icu_i18n:icu-i18n yaml:yaml-cpp
                       qrencode:libqrencode deflate:libdeflate lcms:lcms2 cmark:libcmark-gfm zlib:zlib sqlite:sqlite3
                       postgres:libpq argon2:libargon2 qpdf:libqpdf prometheus:prometheus-cpp-core
                       xlsxwriter:xlsxwriter archive:libarchive expat:expat hiredis:hiredis)
  string(REPLACE ":" ";" pair ${entry})
  list(GET pair 0 target)
  list(GET pair 1 module)
  pkg_check_modules(${target} REQUIRED IMPORTED_TARGET ${module})
endforeach()

# SM2 signatures; Debian 12 has Botan 2, Debian 13 both.
pkg_search_module(botan REQUIRED IMPORTED_TARGET botan-2 botan-3)

# Debian ships neither a pkg-config nor a CMake file for PoDoFo, and no pkg-config file for cmark-gfm's extensions.
find_library(PODOFO_LIBRARY podofo REQUIRED)
find_path(PODOFO_INCLUDE podofo/podofo.h REQUIRED)
add_library(podofo INTERFACE)
target_link_libraries(podofo INTERFACE ${PODOFO_LIBRARY})
target_include_directories(podofo SYSTEM INTERFACE ${PODOFO_INCLUDE})

# PKCS#11 modules are opened when they are needed: of p11-kit just the header.
pkg_check_modules(p11kit REQUIRED p11-kit-1)
add_library(pkcs11_header INTERFACE)
target_include_directories(pkcs11_header SYSTEM INTERFACE ${p11kit_INCLUDE_DIRS})
target_link_libraries(pkcs11_header INTERFACE ${CMAKE_DL_LIBS})

find_library(CMARK_EXTENSIONS_LIBRARY cmark-gfm-extensions REQUIRED)
add_library(cmark_gfm INTERFACE)
target_link_libraries(cmark_gfm INTERFACE PkgConfig::cmark ${CMARK_EXTENSIONS_LIBRARY})

# libs3 has no pkg-config file. Later versions sign with a region and take a time-out.
find_library(S3_LIBRARY s3 REQUIRED)
find_path(S3_INCLUDE libs3.h REQUIRED)
add_library(s3 INTERFACE)
target_link_libraries(s3 INTERFACE ${S3_LIBRARY})
target_include_directories(s3 SYSTEM INTERFACE ${S3_INCLUDE})
include(CheckStructHasMember)
set(CMAKE_REQUIRED_INCLUDES ${S3_INCLUDE})
check_struct_has_member(S3BucketContext authRegion "sys/select.h;libs3.h" S3_HAS_REGION)
unset(CMAKE_REQUIRED_INCLUDES)
if(S3_HAS_REGION)
  target_compile_definitions(s3 INTERFACE QIANDA_LIBS3_REGION)
endif()

# libzint has no pkg-config file in Debian 12.
find_library(ZINT_LIBRARY zint REQUIRED)
find_path(ZINT_INCLUDE zint.h REQUIRED)
add_library(zint INTERFACE)
target_link_libraries(zint INTERFACE ${ZINT_LIBRARY})
target_include_directories(zint SYSTEM INTERFACE ${ZINT_INCLUDE})
