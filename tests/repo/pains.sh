#!/bin/sh
# Every test that docs/pains.md names exists: `Suite.Name`, `Suite` or `Name`.
root=$1
status=0
for name in $(grep '^| [0-9]' "$root/docs/pains.md" | grep -oE '`[A-Z][A-Za-z]*(\.[A-Z][A-Za-z]*)?`' | tr -d '`' | sort -u); do
  suite=${name%.*} test=${name#*.}
  if [ "$suite" = "$test" ]; then
    grep -rqE "(TEST|TEST_F|TEST_P)\(($suite,|[A-Za-z]*, $suite\))|^class $suite[ A-Za-z]*Test|(TEST|TEST_F|TEST_P)\($suite" "$root/tests" --include='*.cpp' && continue
  else
    grep -rqE "TEST(_F|_P)?\($suite, $test\)" "$root/tests" --include='*.cpp' && continue
  fi
  echo "pains: docs/pains.md names $name, which is no test"
  status=1
done
exit $status
