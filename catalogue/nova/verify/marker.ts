/** What the server under test says about itself on its console. */

const MARK = 'gantry-verify';

/**
 * User data: a script that writes, with our mark, its address and what the metadata service says its id is. It asks
 * by HTTP, so that it is the service that answers and not a config drive.
 */
export function userData(): string {
  return `#!/bin/sh
say() { echo "${MARK} $1=$2" > /dev/console; }
url=http://169.254.169.254/openstack/latest/meta_data.json
say address "$(ip -4 -o addr show scope global | sed -n 's/.* inet \\([0-9.]*\\).*/\\1/p' | head -n 1)"
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  id=$(wget -q -O - "$url" | sed -n 's/.*"uuid": *"\\([0-9a-f-]*\\)".*/\\1/p')
  [ -n "$id" ] && break
  sleep 1
done
say metadata "\${id:-none}"
`;
}

/**
 * What the server said so far, by key; the console may break lines with a carriage return. Gantry's guest says its address
 * by itself, before any script comes to it: that is told apart from metadata that does not come.
 */
export function readMarkers(console: string): Map<string, string> {
  const leased = console.matchAll(/gantry-guest: \S+: (address) ([\d.]+)\//g);
  const marked = console.matchAll(new RegExp(`${MARK} (\\w+)=(\\S*)`, 'g'));
  return new Map([...leased, ...marked].map(([, key = '', value = '']) => [key, value]));
}
