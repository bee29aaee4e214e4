import { shellNames } from '../model/shell.ts';
import type { Terminal } from './terminal.ts';

export type CommandSpec = Group | Leaf;

/** What a command file exports: runs it and resolves to the exit code. Options are those of its entry in the table. */
export interface CommandModule {
  run(options: never, args: (string | string[] | undefined)[], terminal: Terminal): Promise<number>;
}

/** A command that only has commands below it. */
interface Group {
  name: string;
  summary: string;
  commands: CommandSpec[];
  /** The command below it that runs where none is named. */
  byDefault?: string;
}

/** A command that does something. */
export interface Leaf {
  name: string;
  summary: string;
  arguments?: { syntax: string; summary: string; names?: NameKind }[];
  options?: { flags: string; summary: string; choices?: string[]; default?: string }[];
  /** Options after the first argument belong to what is run, not to Gantry. */
  passThrough?: boolean;
  /**
   * Whether the cloud, the machine and the state directory are as before when it has run, but for files that an option
   * names; or the option with which they are. A test runs all of these.
   */
  reads: boolean | `--${string}`;
  load: () => Promise<CommandModule>;
}

/** What names an argument may be, for completion. */
export type NameKind = 'processes' | 'processes and services' | 'services' | 'images' | 'shells';

const output = {
  flags: '-o, --output <format>',
  summary: 'format of the result',
  choices: ['table', 'json'],
  default: 'table',
};
const user = {
  flags: '--user <user>',
  summary: 'whose credentials',
  choices: ['admin', 'demo'],
  default: 'admin',
};
const yes = { flags: '-y, --yes', summary: 'do not ask' };
const timeline = { flags: '--timeline <file>', summary: 'write a picture of where the time went (SVG)' };
const jobs = { flags: '-j, --jobs <n>', summary: 'images built at the same time (default: number of cores)' };
const version = { flags: '--version <version>', summary: 'version tag of the images' };
const runName = { syntax: '<run>', summary: 'id of a run, the beginning of one, or last' };
const imageNames = { syntax: '[names...]', summary: 'images (default: all)', names: 'images' } as const;

/** Every command of the command line: parser, help and completion are made from this table. */
export const commandSpecs: CommandSpec[] = [
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
    load: () => import('./commands/up.ts'),
  },
  {
    name: 'down',
    summary: 'stop and remove the containers; data stays',
    options: [{ flags: '--volumes', summary: 'remove all data and secrets as well' }, yes],
    reads: false,
    load: () => import('./commands/down.ts'),
  },
  {
    name: 'plan',
    summary: 'show what up would do, and why',
    options: [output, { flags: '--detailed-exitcode', summary: 'exit with 2 when there is something to do' }],
    reads: true,
    load: () => import('./commands/plan.ts'),
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
    load: () => import('./commands/render.ts'),
  },
  {
    name: 'scale',
    summary: 'set how many instances of processes run, in cloud.yaml and in the cloud',
    arguments: [{ syntax: '<process=count...>', summary: 'such as nova-api=5', names: 'processes' }],
    options: [{ flags: '--dry-run', summary: 'show the plan only' }],
    reads: '--dry-run',
    load: () => import('./commands/scale.ts'),
  },
  {
    name: 'status',
    summary: 'show every process, its health, and the endpoints',
    options: [output],
    reads: true,
    load: () => import('./commands/status.ts'),
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
    load: () => import('./commands/logs.ts'),
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
    load: () => import('./commands/exec.ts'),
  },
  {
    name: 'openstack',
    summary: "OpenStack's own client, as the cloud's administrator or the demo's user",
    arguments: [{ syntax: '[arguments...]', summary: 'arguments of the client' }],
    options: [user],
    passThrough: true,
    reads: false,
    load: () => import('./commands/openstack.ts'),
  },
  {
    name: 'env',
    summary: 'write clouds.yaml and print what makes clients of this machine use it',
    options: [
      user,
      { flags: '--shell <shell>', summary: 'whose syntax', choices: [...shellNames], default: 'sh' },
    ],
    reads: false,
    load: () => import('./commands/env.ts'),
  },
  {
    name: 'demo',
    summary: 'make the demo networks, image, key and server, and log in to it',
    options: [{ flags: '--remove', summary: 'remove them instead' }],
    reads: false,
    load: () => import('./commands/demo.ts'),
  },
  {
    name: 'verify',
    summary: 'use the cloud as its users do, and report',
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
    load: () => import('./commands/verify.ts'),
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
        load: () => import('./commands/explain-server.ts'),
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
        load: () => import('./commands/node-list.ts'),
      },
      {
        name: 'drain',
        summary: 'move its servers elsewhere and take the node out of the cloud',
        arguments: [{ syntax: '<node>', summary: 'name of the node' }],
        reads: false,
        load: () => import('./commands/node-drain.ts'),
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
        summary: 'control, compute, network, or several separated by commas',
        default: 'control,compute,network',
      },
      { flags: '--remove', summary: 'take the roles away instead; "node drain" empties a node first' },
    ],
    reads: false,
    load: () => import('./commands/label-nodes.ts'),
  },
  {
    name: 'rotate',
    summary: 'change keys, certificates and passwords of a cloud in use',
    commands: [
      {
        name: 'fernet',
        summary: 'the keys that tokens are made with',
        options: [yes],
        reads: false,
        load: () => import('./commands/rotate-fernet.ts'),
      },
      {
        name: 'credential',
        summary: 'the keys that Keystone stores credentials with',
        options: [yes],
        reads: false,
        load: () => import('./commands/rotate-credential.ts'),
      },
      {
        name: 'certificate',
        summary: "the certificate of the public endpoints, issued by the cloud's own authority",
        options: [yes],
        reads: false,
        load: () => import('./commands/rotate-certificate.ts'),
      },
      {
        name: 'passwords',
        summary: 'what services log in with at the database, the broker and Keystone',
        arguments: [{ syntax: '[services...]', summary: 'services (default: all)', names: 'services' }],
        options: [yes],
        reads: false,
        load: () => import('./commands/rotate-passwords.ts'),
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
        load: () => import('./commands/images-build.ts'),
      },
      {
        name: 'test',
        summary: 'run every image and check what is in it',
        arguments: [imageNames],
        options: [jobs, output],
        reads: false,
        load: () => import('./commands/images-test.ts'),
      },
      {
        name: 'list',
        summary: 'list the images',
        options: [output],
        reads: true,
        load: () => import('./commands/images-list.ts'),
      },
      {
        name: 'graph',
        summary: 'show which image is built on which',
        options: [{ flags: '--svg <file>', summary: 'as a picture' }],
        reads: true,
        load: () => import('./commands/images-graph.ts'),
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
        load: () => import('./commands/images-push.ts'),
      },
      {
        name: 'save',
        summary: 'write an image to standard output as an archive, under the name that nodes know it by',
        arguments: [{ syntax: '<name>', summary: 'image', names: 'images' }],
        reads: false,
        load: () => import('./commands/images-save.ts'),
      },
      {
        name: 'clean',
        summary: 'remove the images of a version',
        options: [version],
        reads: false,
        load: () => import('./commands/images-clean.ts'),
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
        load: () => import('./commands/runs-list.ts'),
      },
      {
        name: 'show',
        summary: 'what was done, and how it ended',
        arguments: [runName],
        options: [output],
        reads: true,
        load: () => import('./commands/runs-show.ts'),
      },
      {
        name: 'timeline',
        summary: 'print a picture of where the time went (SVG)',
        arguments: [runName],
        reads: true,
        load: () => import('./commands/runs-timeline.ts'),
      },
    ],
  },
  {
    name: 'config',
    summary: 'show or check the configuration',
    commands: [
      {
        name: 'show',
        summary: 'the configuration with defaults filled in',
        options: [{ flags: '--show-origin', summary: 'where each value comes from' }, output],
        reads: true,
        load: () => import('./commands/config-show.ts'),
      },
      {
        name: 'validate',
        summary: 'check cloud.yaml',
        reads: true,
        load: () => import('./commands/config-validate.ts'),
      },
    ],
  },
  {
    name: 'doctor',
    summary: 'check the machine or the cluster before anything is changed',
    options: [output],
    reads: true,
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'completion',
    summary: 'print the completion script of a shell',
    arguments: [{ syntax: '<shell>', summary: 'bash, zsh or fish', names: 'shells' }],
    reads: true,
    load: () => import('./commands/completion.ts'),
  },
  {
    name: 'version',
    summary: 'print versions',
    options: [output],
    reads: true,
    load: () => import('./commands/version.ts'),
  },
];
