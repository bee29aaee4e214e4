import type { HealthCheck } from './workload.ts';

const timing = { intervalSeconds: 30, timeoutSeconds: 10, startSeconds: 120, retries: 3 };

/** Healthy when the command exits 0 in a shell; what it prints is shown as the reason when it does not. */
export function shellHealth(script: string, overrides: Partial<HealthCheck> = {}): HealthCheck {
  return { ...timing, ...overrides, command: ['bash', '-c', script] };
}

/**
 * Healthy when an HTTP GET of the path on loopback answers with a status below 500. A path that answers with 3xx, as
 * the list of versions of some APIs does with 300, makes Kubernetes write a warning each time that it asks.
 */
export function httpHealth(port: number, path = '/', overrides: Partial<HealthCheck> = {}): HealthCheck {
  return shellHealth(
    `exec 2>/dev/null; exec 3<>/dev/tcp/127.0.0.1/${port} || { echo "port ${port} is not open yet"; exit 1; }; ` +
      `printf 'GET ${path} HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3; ` +
      `read -r -t 8 line <&3 || { echo "port ${port} does not answer"; exit 1; }; ` +
      `case "$line" in HTTP/1.?\\ [234]*) ;; *) echo "port ${port} answers: $line"; exit 1;; esac`,
    { asks: { port, path }, ...overrides },
  );
}

/** Healthy when a TCP port on loopback accepts connections. */
export function tcpHealth(port: number, overrides: Partial<HealthCheck> = {}): HealthCheck {
  return shellHealth(
    `(exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null || { echo "port ${port} is not open yet"; exit 1; }`,
    { asks: { port }, ...overrides },
  );
}

/**
 * Healthy when one of the container's own processes holds an established TCP connection to the remote port,
 * as a worker does to its message broker. Sockets are matched by inode, since /proc/net/tcp shows the whole
 * network namespace, which on the node's own network is everyone's. `listening` is a file that the process makes
 * when it takes requests, where it is connected before that.
 */
export function connectedHealth(
  port: number,
  what: string,
  { listening, ...overrides }: Partial<HealthCheck> & { listening?: string } = {},
): HealthCheck {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const listens = listening
    ? `; [ -e ${listening} ] || { echo "does not listen for requests yet"; exit 1; }`
    : '';
  // Each program that a check starts costs milliseconds, in every container, for ever.
  return shellHealth(
    `sockets=$(awk '$3 ~ /:${hex}$/ && $4 == "01" {printf " -o -lname socket:\\\\[%s]", $10}' ` +
      '/proc/net/tcp /proc/net/tcp6 2>/dev/null); ' +
      '[ -n "$(find /proc/[0-9]*/fd \\( -false $sockets \\) -print -quit 2>/dev/null)" ] || ' +
      `{ echo "not connected to ${what} yet"; exit 1; }${listens}`,
    overrides,
  );
}
