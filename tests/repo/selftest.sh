# A rule that cannot fail is worthless: each is shown a tree that keeps it and one that breaks it.
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
status=0
fresh() { rm -rf "${tree:?}"/*; mkdir -p "$tree/core" "$tree/signing" "$tree/storage" "$tree/docs/decisions"; printf 'int a;\n' >"$tree/core/a.cpp"; }
expect() {  # rule wanted-status what
  bash "$here/$1.sh" "$tree" >/dev/null 2>&1
  got=$?
  if [ "$2" = pass ] && [ $got -ne 0 ]; then echo "$1 refuses $3"; status=1; fi
  if [ "$2" = fail ] && [ $got -eq 0 ]; then echo "$1 accepts $3"; status=1; fi
}
for rule in layering secrets files; do fresh; expect $rule pass "a clean tree"; done
fresh; printf '#include "storage/x.h"\n' >"$tree/signing/b.cpp"; expect layering fail "a peer's header"
fresh; printf '#include "signing/x.h"\n' >"$tree/core/b.h"; expect layering fail "an upper room's header"
fresh; mkdir -p "$tree/clients/sdk/include"; printf '#include <string>\n' >"$tree/clients/sdk/include/a.h"; expect layering pass "a client header"
printf '#include <Poco/URI.h>\n' >"$tree/clients/sdk/include/b.h"; expect layering fail "Poco in a client header"
fresh; mkdir -p "$tree/clients/sdk"; printf '#include "core/x.h"\n' >"$tree/clients/sdk/a.cpp"; expect layering fail "the house in the client library"
fresh; printf -- '-----BEGIN %s KEY-----\n' PRIVATE >"$tree/core/key.txt"; expect secrets fail "a private key"
fresh; printf 'see /%s/x\n' work >"$tree/docs/a.md"; expect secrets fail "a machine's path"
fresh; : >"$tree/core/seal.p12"; expect secrets fail "a PKCS#12 file"
fresh; seq 401 | sed 's/.*/\/\/ &/' >"$tree/core/long.cpp"; expect files fail "a long source"
fresh; printf '\357\273\277int a;\n' >"$tree/core/bom.cpp"; expect files fail "a byte-order mark"
fresh; printf '[x](docs/none.md)\n' >"$tree/README.md"; expect files fail "a dead link"
fresh; printf 'undated\n' >"$tree/docs/decisions/0001-x.md"; expect files fail "an undated decision"
fresh; printf 'x\n' >"$tree/run"; chmod -x "$tree/run"; expect files fail "a script that cannot run"
fresh; mkdir -p "$tree/tests"; printf 'TEST(Some, Thing) {}\n' >"$tree/tests/a.cpp"
printf '| 1 | x | `Some.Thing` |\n' >"$tree/docs/pains.md"; expect pains pass "a test that exists"
printf '| 1 | x | `Some.Other` |\n' >"$tree/docs/pains.md"; expect pains fail "a test that does not exist"
fresh; cp "$here/../../.clang-format" "$tree/"; expect format pass "a formatted source"
printf 'int   a  ;\n' >"$tree/core/a.cpp"; expect format fail "an unformatted source"
exit $status
