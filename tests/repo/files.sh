# Sizes, encodings, executable scripts, links of the documents, numbered decisions.
root=$1
cd "$root" || exit 2
status=0
complain() { echo "files: $*"; status=1; }
limit=400
# Longer sources, each with its reason.
allowed() {
  case $1 in
    templates/field_value.cpp) return 0 ;;  # one reader with a function for each of fourteen types
    tests/*) return 0 ;;                     # a suite stays in one file
  esac
  return 1
}
while IFS= read -r file; do
  lines=$(wc -l <"$file")
  [ "$lines" -le $limit ] || allowed "$file" || complain "$file has $lines lines, more than $limit"
done < <(find core storage signing templates contracts delivery server clients tests \( -name '*.h' -o -name '*.cpp' \) 2>/dev/null)
while IFS= read -r file; do
  if head -c3 "$file" | grep -q $'^\xEF\xBB\xBF'; then complain "$file starts with a byte-order mark"; fi
  iconv -f utf-8 -t utf-8 "$file" >/dev/null 2>&1 || complain "$file is not UTF-8"
done < <(find . -path ./build -prune -o -path ./var -prune -o -path ./.git -prune -o \( -name '*.h' -o -name '*.cpp' -o -name '*.md' -o -name '*.sh' \) -print)
for script in run test .ci/run; do
  [ ! -e "$script" ] || [ -x "$script" ] || complain "$script is not executable"
done
for document in README.md README.zh-CN.md docs/*.md; do
  [ -f "$document" ] || continue
  while IFS= read -r link; do
    [ -e "$(dirname "$document")/$link" ] || complain "$document links to $link, which is not there"
  done < <(grep -oE '\]\([^)#: ]+' "$document" | cut -c3-)
done
for decision in docs/decisions/*.md; do
  [ -f "$decision" ] || continue
  basename "$decision" | grep -qE '^[0-9]{4}-' || complain "$decision has no number"
  grep -qE '20[0-9]{2}-[0-9]{2}-[0-9]{2}' "$decision" || complain "$decision has no date"
done
exit $status
