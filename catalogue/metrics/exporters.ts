import type { RenderContext } from '../../src/model/context.ts';
import { file } from '../../src/model/make.ts';
import { take } from '../../src/model/take.ts';
import { users } from '../../src/model/users.ts';
import { CONFIG_DIR, type RenderedFile } from '../../src/model/workload.ts';

/** What tells of programs that do not tell of themselves as Prometheus takes it. */

export const DATABASE_EXPORTER = 'mariadb-exporter';
export const DATABASE_PORT = 9104;
export const CACHE_EXPORTER = 'memcached-exporter';
export const CACHE_PORT = 9103;

/** A file of options of MariaDB's clients: the exporter asks each server that it is told of as this user. */
export function databaseLogin(context: RenderContext): RenderedFile {
  const watcher = context.declared.databaseWatchers.find(({ user }) => user === 'metrics');
  if (!watcher) throw new Error('no service declares the watcher metrics of the database');
  const { login = watcher.user, secret } = watcher;
  const content = `[client]\nuser = ${login}\npassword = ${context.secret(secret)}\n`;
  return file(`${CONFIG_DIR}/client.cnf`, content, { gid: users.prometheus });
}

/** Memcached's servers, by the names that metrics have of them. */
export function cacheServers(context: RenderContext): { name: string; host: string; port: string }[] {
  return take(context, 'cache').servers.map((server) => {
    const [host = '', port = ''] = server.split(':');
    return { name: host.split('.')[0] ?? host, host, port };
  });
}

/**
 * collectd.conf(5). Debian has no other exporter for Memcached. A server that does not answer is asked again after a pause
 * that grows to a day unless it is told otherwise, and what was heard of it last would be told for five minutes.
 */
export function collectdFile(context: RenderContext): string {
  const instances = cacheServers(context).map(
    ({ name, host, port }) =>
      `  <Instance "${name}">\n    Address "${host}"\n    Port "${port}"\n  </Instance>\n`,
  );
  return `Hostname "memcached"
FQDNLookup false
BaseDir "/tmp"
PIDFile "/tmp/collectd.pid"
Interval 15
MaxReadInterval 30
ReadThreads 2
WriteThreads 1

LoadPlugin logfile
<Plugin logfile>
  LogLevel "warning"
  File "stdout"
  Timestamp false
</Plugin>

LoadPlugin memcached
<Plugin memcached>
${instances.join('')}</Plugin>

LoadPlugin write_prometheus
<Plugin write_prometheus>
  Port "${CACHE_PORT}"
  StalenessDelta 30
</Plugin>
`;
}
