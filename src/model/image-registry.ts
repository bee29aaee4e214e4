/**
 * What nodes call the registry inside the cluster. A port of their own loopback, since container runtimes trust that
 * without TLS and without being configured.
 */
export const builtinRegistry = { port: 4999, address: 'localhost:4999' } as const;
