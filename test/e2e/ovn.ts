import { describe, type Gantry, type Result } from './gantry.ts';

const looks: [instance: string, program: string, columns: string, ...rest: string[]][] = [
  [
    'ovn-nb',
    'ovn-nbctl',
    '--columns=name,up,dhcpv4_options,options',
    'find',
    'Logical_Switch_Port',
    'type=""',
  ],
  ['ovn-nb', 'ovn-nbctl', '--columns=_uuid,options', 'list', 'DHCP_Options'],
  [
    'ovn-nb',
    'ovn-nbctl',
    '--columns=external_ip,logical_port,external_mac',
    'find',
    'NAT',
    'type=dnat_and_snat',
  ],
  ['ovn-sb', 'ovn-sbctl', '--columns=logical_port,up,chassis', 'find', 'Port_Binding', 'type=""'],
  ['ovn-sb', 'ovn-sbctl', '--columns=_uuid,hostname', 'list', 'Chassis'],
];

/** Nodes that the gateways of routers are on right now, as OVN calls them. */
export async function gatewayHosts(gantry: Gantry): Promise<string[]> {
  const ask = async (column: string, ...what: string[]): Promise<string[]> => {
    const program = ['ovn-sbctl', '--bare', `--columns=${column}`, ...what];
    return (await gantry.output('exec', 'ovn-sb', '--', ...program)).split(/\s+/).filter(Boolean);
  };
  const chassis = await ask('chassis', 'find', 'Port_Binding', 'type=chassisredirect');
  return chassis.length > 0 ? ask('hostname', 'list', 'Chassis', ...new Set(chassis)) : [];
}

/**
 * A failure of a command that waits for servers, with what OVN knows of their ports and floating IPs, a row a line,
 * whom it gave addresses to, and what the servers wrote last.
 */
export async function describeNetworkFailure(
  gantry: Gantry,
  command: string[],
  result: Result,
): Promise<string> {
  const answers: string[] = [describe(['gantry', ...command], result)];
  const ask = async (...args: string[]): Promise<string> => {
    const { stdout, stderr } = await gantry.run(...args);
    return stdout || stderr;
  };
  for (const [instance, program, columns, ...rest] of looks) {
    const format = ['--no-headings', '--format=csv', columns];
    answers.push(`${rest[1]}\n${await ask('exec', instance, '--', program, ...format, ...rest)}`);
  }
  answers.push(await ask('logs', 'ovn-controller', '--tail', '5'));
  const servers = await ask('openstack', 'server', 'list', '--all-projects', '-f', 'value', '-c', 'ID');
  for (const id of servers.split('\n').filter(Boolean)) {
    answers.push(await ask('openstack', 'console', 'log', 'show', '--lines', '8', id));
  }
  return answers.join('\n');
}
