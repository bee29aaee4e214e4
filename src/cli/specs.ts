import { nodeRoles, usualRoles } from '../model/node-role.ts';
import type { Collection, Rotation } from '../model/operation.ts';
import { shellNames } from '../model/shell.ts';

export type CommandSpec = Group | Leaf;

/** A command that only has commands below it. */
interface Group {
  name: string;
  summary: string;
  commands: readonly CommandSpec[];
  /** The command below it that runs where none is named. */
  byDefault?: string;
}

/** A command that does something. */
export interface Leaf {
  name: string;
  summary: string;
  arguments?: readonly { syntax: string; summary: string; names?: NameKind }[];
  options?: readonly OptionSpec[];
  /** Options after the first argument belong to what is run, not to Gantry. */
  passThrough?: boolean;
  /**
   * Whether the cloud, the machine and the state directory are as before when it has run, but for files that an option
   * names; or the option with which they are. A test runs all of these.
   */
  reads: boolean | `--${string}`;
  /** There is a command for each of these, with its name and summary; that name is the first argument of the row. */
  each?: keyof Brought;
  /** For such a command: the name of its row in the table. */
  row?: string;
}

/** What services bring to the command line. */
export interface Brought {
  rotations: readonly Pick<Rotation, 'name' | 'summary'>[];
  collections: readonly Pick<Collection, 'name' | 'summary'>[];
}

export interface OptionSpec {
  /** Such as `-o, --output <format>`: an optional value is in brackets. */
  flags: string;
  summary: string;
  choices?: readonly string[];
  default?: string;
}

/** What names an argument may be, for completion. */
export type NameKind = 'processes' | 'processes and services' | 'services' | 'images' | 'shells';

const output = {
  flags: '-o, --output <format>',
  summary: 'format of the result',
  choices: ['table', 'json'],
  default: 'table',
} as const;
const user = {
  flags: '--user <user>',
  summary: 'whose credentials',
  choices: ['admin', 'demo'],
  default: 'admin',
} as const;
const yes = { flags: '-y, --yes', summary: 'do not ask' } as const;
const timeline = {
  flags: '--timeline <file>',
  summary: 'write a picture of where the time went (SVG)',
} as const;
const jobs = {
  flags: '-j, --jobs <n>',
  summary: 'images built at the same time (default: number of cores)',
} as const;
const version = { flags: '--version <version>', summary: 'version tag of the images' } as const;
const runName = { syntax: '<run>', summary: 'id of a run, the beginning of one, or last' } as const;
const imageNames = {
  syntax: '[names...]',
  summary: 'images (default: all but those on demand)',
  names: 'images',
} as const;

/**
 * Every command of the command line but those that services bring: parser, help, completion and the types of the
 * commands are made from this table.
 */
export const commandTable = [
  {
    name: 'up',
    summary: 'bring the cloud up, or to what cloud.yaml says now',
    options: [
      { flags: '--demo', summary: 'then make the demo networks and server, and log in to it' },
      {
        flags: '--install-engine',
        summary: 'install and start Docker Engine first where there is none (Debian, root)',
      },
      { flags: '--dry-run', summary: 'show the plan only' },
      { flags: '--skip-preflight', summary: 'do not check the machine first' },
      { flags: '--force-conflicts', summary: 'on Kubernetes, take over fields that others claim' },
      timeline,
    ],
    reads: '--dry-run',
  },
  {
    name: 'down',
    summary: 'stop and remove the containers; data stays',
    options: [{ flags: '--volumes', summary: 'remove all data and secrets as well' }, yes],
    reads: false,
  },
  {
    name: 'plan',
    summary: 'show what up would do, and why',
    options: [output, { flags: '--detailed-exitcode', summary: 'exit with 2 when there is something to do' }],
    reads: true,
  },
  {
    name: 'render',
    summary: 'print what up would apply to Kubernetes, for those who apply it otherwise; jobs are not in it',
    options: [
      {
        flags: '-o, --output <format>',
        summary: 'format of the manifests',
        choices: ['yaml', 'json'],
        default: 'yaml',
      },
      {
        flags: '--secrets-to <file>',
        summary:
          'write the Secrets, which are not printed, to a file that only you can read; those that there are not yet are made and kept',
      },
    ],
    reads: true,
  },
  {
    name: 'scale',
    summary: 'set how many instances of processes run, in cloud.yaml and in the cloud',
    arguments: [{ syntax: '<process=count...>', summary: 'such as nova-api=5', names: 'processes' }],
    options: [{ flags: '--dry-run', summary: 'show the plan only' }],
    reads: '--dry-run',
  },
  {
    name: 'status',
    summary: 'show every process, its health, and the endpoints',
    options: [
      output,
      {
        flags: '--resources',
        summary: 'show instead what processes may have and use, and which CPUs of each node serve what',
      },
    ],
    reads: true,
  },
  {
    name: 'logs',
    summary: 'show the logs of processes',
    arguments: [
      {
        syntax: '[processes...]',
        summary: 'processes or services (default: all)',
        names: 'processes and services',
      },
    ],
    options: [
      { flags: '-f, --follow', summary: 'go on as lines come' },
      { flags: '--since <time>', summary: 'from a time (2026-11-21T10:00:00Z) or an age (10m)' },
      { flags: '-n, --tail <lines>', summary: 'only the last lines of each' },
    ],
    reads: true,
  },
  {
    name: 'events',
    summary: 'show what happens in the cloud, as its services tell it',
    options: [
      { flags: '-f, --follow', summary: 'go on as they happen' },
      { flags: '--since <time>', summary: 'from a time (2026-11-21T10:00:00Z) or an age (10m)' },
      { flags: '-n, --tail <events>', summary: 'only the last ones' },
      { flags: '--service <service>', summary: 'only those of a service, such as nova' },
      { flags: '--about <text>', summary: 'only those that name it: a server, an address, an id' },
      { flags: '--all', summary: 'also what is told when something begins, and what there are no words for' },
      {
        flags: '-o, --output <format>',
        summary: 'text, or all that is kept: a line of JSON for each',
        choices: ['text', 'json'],
        default: 'text',
      },
    ],
    reads: true,
  },
  {
    name: 'metrics',
    summary: 'print the state of the cloud as Prometheus takes it',
    options: [
      {
        flags: '--to <file>',
        summary: "write it to a file instead, for node_exporter's textfile collector: never half a file",
      },
      {
        flags: '--scrape-config <directory>',
        summary: 'write there instead by what another Prometheus takes all that the one of the cloud has',
      },
    ],
    reads: true,
  },
  {
    name: 'exec',
    summary: 'run a command in the container of a process',
    arguments: [
      {
        syntax: '<process>',
        summary: 'process, such as nova-api, or one instance of it: nova-api-1',
        names: 'processes',
      },
      { syntax: '<command...>', summary: 'command and its arguments' },
    ],
    options: [{ flags: '-u, --user <user>', summary: 'user to run it as' }],
    passThrough: true,
    reads: false,
  },
  {
    name: 'openstack',
    summary: "OpenStack's own client, as the cloud's administrator or the demo's user",
    arguments: [{ syntax: '[arguments...]', summary: 'arguments of the client' }],
    options: [user],
    passThrough: true,
    reads: false,
  },
  {
    name: 'env',
    summary: 'write clouds.yaml and print what makes clients of this machine use it',
    options: [
      user,
      { flags: '--shell <shell>', summary: 'whose syntax', choices: [...shellNames], default: 'sh' },
    ],
    reads: false,
  },
  {
    name: 'demo',
    summary: 'make the demo networks, image, key and server, and log in to it',
    options: [{ flags: '--remove', summary: 'remove them instead' }],
    reads: false,
  },
  {
    name: 'verify',
    summary: 'use the cloud as its users do, and report',
    arguments: [
      { syntax: '[checks...]', summary: 'checks, such as objects, with what they need (default: all)' },
    ],
    options: [
      output,
      {
        flags: '--tempest [tests]',
        summary:
          "run OpenStack's own tests instead: smoke (default), or those that a regular expression finds",
      },
      { flags: '--keep-failed', summary: 'when a check fails, leave what it used, to look at it' },
    ],
    reads: false,
  },
  {
    name: 'explain',
    summary: 'say why something of the cloud is as it is',
    commands: [
      {
        name: 'server',
        summary: 'go through all that a server needs before it answers: what is ok, what is broken',
        arguments: [{ syntax: '<server>', summary: 'name or id of a server of any project' }],
        options: [output],
        reads: true,
      },
    ],
  },
  {
    name: 'volumes',
    summary: 'volumes of servers: what of them was left half done',
    commands: [
      {
        name: 'check',
        summary:
          'compare what Cinder, Nova and the hypervisors say of volumes: what is wrong, what would mend it',
        options: [output],
        reads: true,
      },
      {
        name: 'repair',
        summary: 'mend what check finds, where that takes no disk from a running server',
        options: [yes],
        reads: false,
      },
    ],
  },
  {
    name: 'node',
    summary: 'nodes of a cloud on Kubernetes: list them, take one out',
    commands: [
      {
        name: 'list',
        summary: 'list the nodes with their roles',
        options: [output],
        reads: true,
      },
      {
        name: 'drain',
        summary: 'move its servers elsewhere and take the node out of the cloud',
        arguments: [{ syntax: '<node>', summary: 'name of the node' }],
        reads: false,
      },
    ],
  },
  {
    name: 'label-nodes',
    summary: 'give nodes of a Kubernetes cluster their roles in clouds',
    arguments: [{ syntax: '[nodes...]', summary: 'nodes (default: all)' }],
    options: [
      {
        flags: '--role <roles>',
        summary: `${nodeRoles.join(', ')}, or several separated by commas`,
        default: usualRoles.join(','),
      },
      { flags: '--remove', summary: 'take the roles away instead; "node drain" empties a node first' },
    ],
    reads: false,
  },
  {
    name: 'rotate',
    summary: 'change keys, certificates and passwords of a cloud in use',
    commands: [
      {
        name: 'KEYS',
        summary: 'keys of a service',
        arguments: [{ syntax: '<keys>', summary: 'which of them' }],
        each: 'rotations',
        options: [yes],
        reads: false,
      },
      {
        name: 'certificate',
        summary: "the certificate of the public endpoints, issued by the cloud's own authority",
        options: [yes],
        reads: false,
      },
      {
        name: 'passwords',
        summary: 'what services log in with at the database, the broker and Keystone',
        arguments: [{ syntax: '[services...]', summary: 'services (default: all)', names: 'services' }],
        options: [yes],
        reads: false,
      },
    ],
  },
  {
    name: 'registry',
    summary: "the registry for users' container images",
    commands: [
      {
        name: 'login',
        summary: 'log a client of container images in',
        options: [
          {
            flags: '--client <program>',
            summary: 'which one, such as podman or skopeo',
            default: 'docker',
          },
        ],
        reads: false,
      },
      {
        name: 'settings',
        summary:
          'write what a registry elsewhere needs to give the same images to standard output as an archive',
        reads: true,
      },
    ],
  },
  {
    name: 'image-url',
    summary: 'make a URL by which anybody gets the bytes of an image that is in Swift, for a while',
    arguments: [{ syntax: '<image>', summary: 'name or id of an image of any project' }],
    options: [{ flags: '--valid <time>', summary: 'for how long, such as 10m', default: '1h' }],
    reads: true,
  },
  {
    name: 'collect',
    summary: 'remove what services keep and nothing needs any more',
    commands: [
      {
        name: 'WHAT',
        summary: 'what a service keeps',
        arguments: [{ syntax: '<what>', summary: 'what of it' }],
        each: 'collections',
        options: [yes],
        reads: false,
      },
    ],
  },
  {
    name: 'images',
    summary: 'build, test and publish the container images',
    commands: [
      {
        name: 'build',
        summary: 'build what has changed, in parallel',
        arguments: [imageNames],
        options: [
          jobs,
          version,
          { flags: '--fresh', summary: "build all of them again, with today's packages" },
        ],
        reads: false,
      },
      {
        name: 'test',
        summary: 'run every image and check what is in it',
        arguments: [imageNames],
        options: [jobs, output],
        reads: false,
      },
      {
        name: 'list',
        summary: 'list the images',
        options: [output],
        reads: true,
      },
      {
        name: 'graph',
        summary: 'show which image is built on which',
        options: [{ flags: '--svg <file>', summary: 'as a picture' }],
        reads: true,
      },
      {
        name: 'push',
        summary: 'push the images to a registry',
        arguments: [
          {
            syntax: '[registry]',
            summary: 'such as registry.example.org:5000/cloud (default: images.registry of cloud.yaml)',
          },
          imageNames,
        ],
        options: [version],
        reads: false,
      },
      {
        name: 'publish',
        summary:
          'have Glance keep the disk of an image for servers, such as docker-server, and print its id there',
        arguments: [{ syntax: '<name>', summary: 'image', names: 'images' }],
        reads: false,
      },
      {
        name: 'save',
        summary: 'write an image to standard output as an archive, under the name that nodes know it by',
        arguments: [{ syntax: '<name>', summary: 'image', names: 'images' }],
        reads: false,
      },
      {
        name: 'clean',
        summary: 'remove the images of a version',
        options: [version],
        reads: false,
      },
    ],
  },
  {
    name: 'runs',
    summary: 'the last commands that changed the cloud: how they went, event by event',
    byDefault: 'list',
    commands: [
      {
        name: 'list',
        summary: 'list them, the latest first',
        options: [output],
        reads: true,
      },
      {
        name: 'show',
        summary: 'what was done, and how it ended',
        arguments: [runName],
        options: [output],
        reads: true,
      },
      {
        name: 'timeline',
        summary: 'print a picture of where the time went (SVG)',
        arguments: [runName],
        reads: true,
      },
    ],
  },
  {
    name: 'config',
    summary: 'show or check the configuration',
    commands: [
      {
        name: 'show',
        summary: 'the configuration with defaults filled in, or a file as a process gets it, without secrets',
        arguments: [
          { syntax: '[file]', summary: 'a configuration file, such as nova.conf' },
          { syntax: '[process]', summary: 'the process or job that reads it', names: 'processes' },
        ],
        options: [{ flags: '--show-origin', summary: 'where each value comes from' }, output],
        reads: true,
      },
      {
        name: 'validate',
        summary: 'check cloud.yaml',
        reads: true,
      },
      {
        name: 'schema',
        summary: 'print the JSON Schema of cloud.yaml, for editors',
        reads: true,
      },
    ],
  },
  {
    name: 'doctor',
    summary: 'check the machine or the cluster before anything is changed',
    options: [output],
    reads: true,
  },
  {
    name: 'completion',
    summary: 'print the completion script of a shell',
    arguments: [{ syntax: '<shell>', summary: 'bash, zsh or fish', names: 'shells' }],
    reads: true,
  },
  {
    name: 'version',
    summary: 'print versions',
    options: [output],
    reads: true,
  },
] as const satisfies readonly CommandSpec[];

/** All commands: those of the table, and those that services bring. */
export function commandSpecs(
  brought: Brought,
  rows: readonly CommandSpec[] = commandTable,
): readonly CommandSpec[] {
  return rows.flatMap((row): readonly CommandSpec[] => {
    if ('commands' in row) return [{ ...row, commands: commandSpecs(brought, row.commands) }];
    if (row.each === undefined) return [row];
    const { each, arguments: all = [], ...others } = row;
    return brought[each].map((one) => ({
      ...others,
      name: one.name,
      summary: one.summary,
      arguments: all.slice(1),
      row: row.name,
    }));
  });
}
