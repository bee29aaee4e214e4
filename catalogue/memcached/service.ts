import { tcpHealth } from '../../src/model/health.ts';
import { process } from '../../src/model/make.ts';
import { defineService } from '../../src/model/service.ts';
import { userOf } from '../../src/model/users.ts';

export default defineService({
  name: 'memcached',
  summary: 'The cache of tokens and catalogues',
  byDefault: true,
  required: true,
  processNames: { memcached: { replicas: true, cluster: 'any' } },
  declare: () => ({}),
  gives: {
    // What an instance that is lost held is looked up again.
    cache: (context) => ({
      servers: context.hosts('memcached').map((host) => `${host}:11211`),
      after: ['process:memcached'],
      reaches: ['memcached'],
    }),
  },
  render: (context) => ({
    processes: [
      process({
        name: 'memcached',
        service: 'memcached',
        image: 'memcached',
        command: [
          'memcached',
          '-l',
          '0.0.0.0',
          '-p',
          '11211',
          '-U',
          '0',
          '-m',
          '64',
          '-c',
          '2048',
          '-t',
          '2',
        ],
        user: userOf('memcache'),
        replicas: context.replicas('memcached'),
        needs: { reachableFromNode: true },
        ports: [{ name: 'memcache', port: 11211 }],
        health: tcpHealth(11211),
      }),
    ],
    jobs: [],
    tasks: [],
  }),
});
