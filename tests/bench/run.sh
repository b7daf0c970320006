#!/bin/sh
# Runs every bench of the built program and prints one JSON object with their results:
#   tests/bench/run.sh [PATH/TO/qianda]      (default: build/release/qianda)
# No test: nothing is asserted about time. QIANDA_BENCH_COUNT scales the work (default 10000 contracts).
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
qianda=${1:-$root/build/release/qianda}
count=${QIANDA_BENCH_COUNT:-10000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

few=$((count / 3 + 1))
separator='{'
bench() {  # name, arguments
  name=$1
  shift
  "$qianda" bench "$@" --json >"$work/result"
  printf '%s"%s":%s' "$separator" "$name" "$(cat "$work/result")"
  separator=,
}

for key in p256 rsa2048 sm2; do
  bench "batch_$key" batch --key $key --count "$count" --folder "$work"
  bench "sign_$key" sign --key $key --count "$few"
done
for level in B-B B-LTA; do bench "verify_p256_$level" verify --level $level --count "$few" --folder "$work"; done
bench verify_sm2_B-LTA verify --key sm2 --count "$few" --folder "$work"
bench timestamp timestamp --count "$few" --folder "$work"
bench template template --count "$few" --folder "$work"
echo '}'
