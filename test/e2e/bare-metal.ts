import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, request } from 'undici';
import { type Gantry, waitUntil } from './gantry.ts';

/** Of a node, what the tests look at. */
export interface BareNode {
  uuid: string;
  name: string;
  provision_state: string;
  target_provision_state: string | null;
  power_state: string | null;
  parent_node: string | null;
  last_error: string | null;
  extra: Record<string, unknown>;
  properties: Record<string, unknown>;
  maintenance: boolean;
}

interface VirtualMachine {
  name: string;
  mac: string;
}

const API_PORT = 6385;
const BMC_PORT = 6389;
/** Between two looks at a machine, which needs the processor itself. */
export const LOOK_MS = 1000;

/** The API of an Ironic that is alone, asked as users ask it. */
export class Ironic {
  private constructor(
    private readonly gantry: Gantry,
    /** Of this machine, on the network of the machines. */
    readonly address: string,
    private readonly login: string,
  ) {}

  static async open(gantry: Gantry, address: string): Promise<Ironic> {
    return new Ironic(gantry, address, `admin:${await secretOf(gantry, 'ironic-admin')}`);
  }

  /** @param login `USER:PASSWORD` in place of the right one */
  async ask(method: Dispatcher.HttpMethod, path: string, body?: unknown, login = this.login) {
    const { statusCode, body: answer } = await request(`http://${this.address}:${API_PORT}${path}`, {
      method,
      // One that was killed in between would have left a connection that leads nowhere.
      reset: true,
      headers: {
        authorization: `Basic ${Buffer.from(login).toString('base64')}`,
        'content-type': 'application/json',
        'x-openstack-ironic-api-version': 'latest',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    return { status: statusCode, text: await answer.text() };
  }

  /** As ask, for what must be done. */
  async call<T>(method: Dispatcher.HttpMethod, path: string, body?: unknown): Promise<T> {
    const { status, text } = await this.ask(method, path, body);
    if (status >= 400) throw new Error(`${method} ${path} answered ${status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  node(name: string): Promise<BareNode> {
    return this.call('GET', `/v1/nodes/${name}`);
  }

  async names(): Promise<string[]> {
    const { nodes } = await this.call<{ nodes: { name: string }[] }>('GET', '/v1/nodes');
    return nodes.map(({ name }) => name);
  }

  patch(name: string, changes: { op: string; path: string; value?: unknown }[]): Promise<BareNode> {
    return this.call('PATCH', `/v1/nodes/${name}`, changes);
  }

  /** Makes a node of a virtual machine. */
  async enrol(machine: string, password?: string): Promise<BareNode> {
    const node = await this.call<BareNode>('POST', '/v1/nodes', {
      name: machine,
      driver: 'redfish',
      driver_info: {
        redfish_address: `http://${this.address}:${BMC_PORT}`,
        redfish_system_id: `/redfish/v1/Systems/${machine}`,
        redfish_username: 'admin',
        redfish_password: password ?? (await secretOf(this.gantry, 'virtual-bmc')),
        redfish_auth_type: 'basic',
      },
      properties: { capabilities: 'boot_mode:bios', cpu_arch: 'x86_64' },
    });
    await this.call('POST', '/v1/ports', { node_uuid: node.uuid, address: await this.macOf(machine) });
    return node;
  }

  /** As the machine's controller says, past what Ironic remembers. */
  async powerOf(machine: string): Promise<string> {
    const response = await this.askController('GET', `/${machine}`);
    return ((await response.json()) as { PowerState: string }).PowerState;
  }

  /** Asks the controllers of virtual machines; `login` is the right one unless said. */
  async askController(method: string, path: string, body?: unknown, login?: string) {
    const right = `admin:${await secretOf(this.gantry, 'virtual-bmc')}`;
    return fetch(`http://${this.address}:${BMC_PORT}/redfish/v1/Systems${path}`, {
      method,
      headers: { authorization: `Basic ${Buffer.from(login ?? right).toString('base64')}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
  }

  async macOf(machine: string): Promise<string> {
    const text = await this.gantry.output('exec', 'virtual-bmc', '--', 'cat', '/etc/gantry/machines.json');
    const { machines } = JSON.parse(text) as { machines: VirtualMachine[] };
    return machines.find(({ name }) => name === machine)?.mac ?? '';
  }

  /** Asks for a change of state, such as `manage`, and waits for the state that ends it; any other that stays is a failure. */
  async bring(name: string, target: string, state: string, limitMs: number, more = {}): Promise<BareNode> {
    await this.call('PUT', `/v1/nodes/${name}/states/provision`, { target, ...more });
    return this.reach(name, state, limitMs);
  }

  async reach(name: string, state: string, limitMs: number): Promise<BareNode> {
    let last = '';
    const node = await waitUntil(`${name} is ${state}`, limitMs, async () => {
      await sleep(LOOK_MS);
      const now = await this.node(name);
      last = `${now.provision_state}, power ${now.power_state}: ${now.last_error}`;
      if (now.provision_state === state) return now;
      return now.target_provision_state === null || /fail|error/.test(now.provision_state) ? now : undefined;
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${last}`, { cause: error });
    });
    if (node.provision_state === state) return node;
    throw new Error(`${name} is to be ${state}, and is ${last}`);
  }
}

export async function secretOf(gantry: Gantry, wanted: string): Promise<string> {
  return (await gantry.secrets()).find(({ name }) => name === wanted)?.value ?? '';
}

/** Serves one file to machines, over HTTP at an address of this one. */
export async function serveFile(path: string, address: string): Promise<{ url: string; close(): void }> {
  const server: Server = createServer(async (request, response) => {
    const { size } = await stat(path);
    response.writeHead(200, { 'content-length': size });
    if (request.method === 'HEAD') response.end();
    else createReadStream(path).pipe(response);
  });
  server.listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${address}:${port}/image`,
    close: () => server.closeAllConnections() ?? server.close(),
  };
}
