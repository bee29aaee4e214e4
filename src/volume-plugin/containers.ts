import { request } from 'node:http';
import { failure } from './problem.ts';

/** A container of this server's Docker Engine. */
export interface Container {
  name: string;
  /** `created`, `running`, `exited` and others. */
  state: string;
}

/** Those that have the volume, whether or not they run. Rejects where Docker does not answer. */
export type ListContainers = (volume: string) => Promise<Container[]>;

const LIMIT_MS = 10_000;

/** Asks Docker Engine at its socket: https://docs.docker.com/reference/api/engine/ */
export function containersAt(socketPath: string): ListContainers {
  return async (volume) => {
    const filters = encodeURIComponent(JSON.stringify({ volume: [volume] }));
    const found = (await getJson(socketPath, `/v1.41/containers/json?all=true&filters=${filters}`)) as {
      Names: string[];
      State: string;
    }[];
    return found.map(({ Names, State }) => ({ name: (Names[0] ?? '').replace(/^\//, ''), state: State }));
  };
}

function getJson(socketPath: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, timeout: LIMIT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(failure('docker', `Docker Engine answers ${response.statusCode}`));
      });
    });
    asked.on('timeout', () => asked.destroy(failure('docker', 'Docker Engine does not answer')));
    asked.on('error', reject);
    asked.end();
  });
}
