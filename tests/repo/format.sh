# Every source has the form .clang-format gives it (version 14).
root=$1
command -v clang-format >/dev/null || { echo "format: clang-format is missing"; exit 2; }
cd "$root" || exit 2
find core storage signing templates contracts delivery server clients tests \( -name '*.h' -o -name '*.cpp' \) -print0 2>/dev/null |
  xargs -0 -r clang-format --dry-run -Werror --style=file
