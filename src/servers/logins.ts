/** What a hypervisor says of one of its servers: the name as which it has something open elsewhere. */
export interface OpenedAs {
  server: string;
  login: string;
}

/** What `HypervisorAccess.logins` prints: a line for each, of the server's id and the name, with a tab between. */
export function parseLogins(text: string): OpenedAs[] {
  return text
    .split('\n')
    .map((line) => line.split('\t'))
    .flatMap(([server, login]) => (server && login ? [{ server, login }] : []));
}

/** Ids of the servers that have something open by one of these names, each once. */
export function serversBy(logins: readonly string[], opened: readonly OpenedAs[]): string[] {
  return [
    ...new Set(opened.filter(({ login }) => logins.includes(login)).map(({ server }) => server)),
  ].sort();
}
