# A browser for the tests of the site: Debian's.

install_browser() {
  if hash chromium 2> /dev/null; then return; fi
  for _ in 1 2 3; do
    if apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium > /dev/null
    then
      return
    fi
    sleep 5
  done
  return 1
}
