#!/bin/sh
# Every test that docs/pains.md and docs/reliability.md name exists: `Suite.Name`, `Suite` or `Name`.
root=$1
status=0
for name in $(cat "$root/docs/pains.md" "$root/docs/reliability.md" | grep -E '^\| R?[0-9]' |
    grep -oE '`[A-Z][A-Za-z]*(\.[A-Z][A-Za-z0-9]*)?`' | tr -d '`' | sort -u); do
  suite=${name%.*} test=${name#*.}
  if [ "$suite" = "$test" ]; then
    grep -rqE "(TEST|TEST_F|TEST_P)\(($suite,|[A-Za-z]*, $suite\))|^class $suite[ A-Za-z]*Test|(TEST|TEST_F|TEST_P)\($suite" "$root/tests" --include='*.cpp' && continue
  else
    grep -rqE "TEST(_F|_P)?\($suite, $test\)" "$root/tests" --include='*.cpp' && continue
  fi
  echo "pains: docs/pains.md or docs/reliability.md names $name, which is no test"
  status=1
done
exit $status
