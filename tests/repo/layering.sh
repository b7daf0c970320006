# A room includes itself and the rooms below it; peers on one floor never include each other.
root=$1
status=0
allowed() {
  case $1 in
    core) echo core ;;
    storage | signing | templates) echo "core $1" ;;
    contracts | delivery) echo "core storage signing templates $1" ;;
    server) echo "core storage signing templates contracts delivery server" ;;
    clients) echo "core storage signing templates contracts delivery server clients" ;;
  esac
}
for room in core storage signing templates contracts delivery server clients; do
  [ -d "$root/$room" ] || continue
  for other in core storage signing templates contracts delivery warnings server clients; do
    case " $(allowed $room) " in *" $other "*) continue ;; esac
    if grep -rnE "#include \"$other/" "$root/$room" --include='*.h' --include='*.cpp'; then
      echo "layering: $room may not include $other"
      status=1
    fi
  done
done
# The client library is taken out of the house: nothing of it within, in its headers nothing but the standard library.
if [ -d "$root/clients/sdk" ]; then
  if grep -rnE '#include "(clients/(cli|web|remote-signer|postal-simulator)|core|storage|signing|templates|contracts|delivery|server)/' "$root/clients/sdk"; then
    echo "layering: clients/sdk may not include the house"
    status=1
  fi
  if grep -rnE '#include' "$root/clients/sdk/include" | grep -vE '#include (<[a-z_0-9]+>|"qianda/client/[a-z_]+\.h")$'; then
    echo "layering: the headers of clients/sdk need the standard library alone"
    status=1
  fi
fi
exit $status
