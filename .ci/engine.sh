# A container engine of our own: Debian's, with data, sockets and process ids in a folder that goes away with it.

engine_folder=
engine_pid=

# Debian keeps them there, and not every shell looks there.
export PATH="$PATH:/usr/sbin:/sbin"

install_engine() {
  if hash dockerd debootstrap iptables curl 2> /dev/null; then return; fi
  for _ in 1 2 3; do
    # In runlevel 1 no service is started by its installation: the engine runs here, and nowhere else.
    if apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq docker.io debootstrap iptables curl > /dev/null; then
      return
    fi
    sleep 5
  done
  return 1
}

start_engine() {
  install_engine || return
  engine_folder=$(mktemp -d /var/tmp/peft-matrix-engine.XXXXXX)
  export DOCKER_HOST="unix://$engine_folder/docker.sock"
  setsid dockerd --host "$DOCKER_HOST" --data-root "$engine_folder/data" --exec-root "$engine_folder/exec" \
    --pidfile "$engine_folder/pid" > "$engine_folder/log" 2>&1 &
  for _ in $(seq 60); do
    if curl -sf --unix-socket "$engine_folder/docker.sock" http://engine/_ping > /dev/null; then
      engine_pid=$(cat "$engine_folder/pid")
      return
    fi
    sleep 1
  done
  tail -20 "$engine_folder/log" >&2
  return 1
}

# By its id, and no other; then what it has written.
stop_engine() {
  if [ -n "$engine_pid" ]; then
    kill "$engine_pid"
    for _ in $(seq 60); do
      kill -0 "$engine_pid" 2> /dev/null || break
      sleep 0.5
    done
  fi
  if [ -n "$engine_folder" ]; then rm -rf --one-file-system "$engine_folder"; fi
}
