import { CONFIG_DIR, type Workload } from '../../../src/model/workload.ts';
import { declarationOf } from '../../../src/resolve/desired.ts';
import { fakeSecret, filesOutside, type RenderedCloud, repeated, workloadsOf } from '../cloud.ts';

/** Secrets are declared where they are used, and used where they are declared. */
export function findWrongSecrets(cloud: RenderedCloud): string[] {
  const declared = new Set(cloud.declared.secrets.map(({ name }) => name));
  const { databases, databaseWatchers, brokerUsers, accounts } = cloud.declared;
  const needed = [...databases, ...databaseWatchers, ...brokerUsers, ...accounts].map(({ secret }) => secret);
  const used = new Set([...cloud.askedSecrets, ...needed]);
  return [
    ...[...used].filter((name) => !declared.has(name)).map((name) => `nobody declares the secret ${name}`),
    ...[...declared].filter((name) => !used.has(name)).map((name) => `nothing uses the secret ${name}`),
  ];
}

/** A database, broker user or account is declared by a service whose containers, inside or outside, log in with it. */
export function findUnusedDeclarations(cloud: RenderedCloud): string[] {
  return cloud.services.flatMap((service) => {
    const {
      databases = [],
      databaseWatchers = [],
      brokerUsers = [],
      accounts = [],
    } = declarationOf(service, cloud.facts, cloud.config);
    const files = [
      ...workloadsOf(cloud)
        .filter((workload) => workload.service === service.name)
        .flatMap((workload) => workload.files),
      ...filesOutside(cloud),
    ].map(({ content }) => content);
    const needs = [
      ...databases.map(({ name, secret }) => ({ what: `database ${name}`, secret })),
      ...databaseWatchers.map(({ user, secret }) => ({ what: `watcher ${user} of the database`, secret })),
      ...brokerUsers.map(({ user, secret }) => ({ what: `broker user ${user}`, secret })),
      ...accounts.map(({ user, secret }) => ({ what: `account ${user}`, secret })),
    ];
    return needs
      .filter(({ secret }) => !files.some((content) => content.includes(fakeSecret(secret))))
      .map(({ what }) => `${service.name} declares the ${what}, and logs in nowhere with it`);
  });
}

/** A secret is in files that are marked so, and nowhere else: not in arguments, labels, tasks. */
export function findShownSecrets(cloud: RenderedCloud): string[] {
  const names = [...cloud.declared.secrets.map(({ name }) => name), ...cloud.askedSecrets];
  const shownIn = (text: string) => [...new Set(names)].filter((name) => text.includes(fakeSecret(name)));
  const inWorkloads = workloadsOf(cloud).flatMap((workload) => {
    const open = workload.files.map((file) => (file.secret ? { ...file, content: '', sections: {} } : file));
    return shownIn(JSON.stringify({ ...workload, files: open })).map(
      (name) => `${workload.name} shows the secret ${name} outside a secret file`,
    );
  });
  const { tasks, ledger, networks, volumes } = cloud.desired;
  const elsewhere = shownIn(JSON.stringify({ tasks, ledger, networks, volumes }));
  return [...inWorkloads, ...elsewhere.map((name) => `the secret ${name} is shown outside a workload`)];
}

/** Files are where engines put them, once, and readable by their workload alone. */
export function findWrongFiles(cloud: RenderedCloud): string[] {
  return workloadsOf(cloud).flatMap((workload) => [
    ...repeated(workload.files.map(({ path }) => path)).map((path) => `${workload.name} has ${path} twice`),
    ...workload.files.flatMap((file) =>
      explainFile(workload, file).map((why) => `${file.path} of ${workload.name} ${why}`),
    ),
  ]);
}

function explainFile(workload: Workload, file: Workload['files'][number]): string[] {
  const [uid, gid] = workload.user.split(':').map(Number);
  const readable =
    uid === 0 || (file.mode & 0o040 && file.gid === gid) || (file.mode & 0o400 && file.uid === uid);
  return [
    ...(file.path.startsWith(`${CONFIG_DIR}/`) ? [] : [`is not under ${CONFIG_DIR}`]),
    ...((file.mode & 0o007) === 0 ? [] : ['can be read by everyone']),
    ...((file.mode & 0o022) === 0 ? [] : ['can be written by others than its owner']),
    ...(readable ? [] : ['cannot be read by the user it is for']),
    ...(file.reloadable && workload.kind === 'process' && !workload.reload
      ? ['is said to be reloadable, but nothing reloads it']
      : []),
    ...(file.reloadable && workload.kind === 'job' ? ['is said to be reloadable, in a job'] : []),
  ];
}
