import { join } from 'node:path';
import { expect } from 'vitest';
import { projectRoot } from '../../src/root.ts';
import { type Gantry, waitUntil } from './gantry.ts';
import { expectDone } from './parts/cloud.ts';

/** As small as servers are. */
const small = ['--parameter', 'flavor=m1.nano'];

/** A user of stacks who is no administrator: the demo's. */
export class Stacks {
  constructor(
    private readonly cloud: string,
    private readonly group: () => { gantry: Gantry },
  ) {}

  /** The client's words, with which it is told of this user. */
  words(...args: string[]): string[] {
    return ['openstack', '--os-cloud', `${this.cloud}-demo`, ...args];
  }

  async openstack(...args: string[]): Promise<string> {
    const { stdout } = await expectDone(this.group(), ...this.words(...args));
    return stdout.trim();
  }

  /** Makes a stack and waits for it, or has it become what a template says. */
  async make(action: 'create' | 'update', name: string, template: string, ...more: string[]): Promise<void> {
    await this.openstack('stack', action, '--wait', '-t', template, ...more, name);
  }

  /** Makes a stack of a template in `examples/heat`. */
  async makeExample(name: string, template: string, ...parameters: string[]): Promise<void> {
    await expectDone(this.group(), ...this.exampleWords(name, template, ...parameters));
  }

  /** The words by which that is done. */
  exampleWords(name: string, template: string, ...parameters: string[]): string[] {
    const file = join(projectRoot(), 'examples/heat', template);
    const given = parameters.flatMap((parameter) => ['--parameter', parameter]);
    return this.words('stack', 'create', '--wait', '-t', file, ...small, ...given, name);
  }

  async remove(name: string): Promise<void> {
    await this.openstack('stack', 'delete', '--wait', '--yes', name);
  }

  async output(stack: string, name: string): Promise<string> {
    return this.openstack('stack', 'output', 'show', stack, name, '-f', 'value', '-c', 'output_value');
  }

  async waitForOutput(stack: string, name: string, value: string): Promise<void> {
    await waitUntil(`${name} of ${stack} to be ${value}`, 120_000, async () =>
      (await this.output(stack, name)) === value ? true : undefined,
    );
  }

  /** Such as `CREATE_COMPLETE`. */
  async statusOf(name: string): Promise<string> {
    return this.openstack('stack', 'show', name, '-f', 'value', '-c', 'stack_status');
  }

  async expectStatus(name: string, status: string): Promise<void> {
    expect(await this.statusOf(name)).toBe(status);
  }

  /** Ids of what a stack has made, by the name in its template. */
  async resourcesOf(stack: string): Promise<Record<string, string>> {
    const all = JSON.parse(await this.openstack('stack', 'resource', 'list', stack, '-f', 'json')) as {
      resource_name: string;
      physical_resource_id: string;
    }[];
    return Object.fromEntries(all.map((one) => [one.resource_name, one.physical_resource_id]));
  }
}
