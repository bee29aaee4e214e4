import type { Process } from '../../../src/model/workload.ts';
import type { V1Container, V1Probe } from '../api/library.ts';
import { isOwn } from './volumes.ts';

/** Seconds between probes while a process starts, when what waits for it waits. */
const STARTING = 2;
/** Seconds between probes of readiness: each command costs tens of milliseconds of CPU, on every node, for ever. */
const READY_BY_COMMAND = 5;
const READY_BY_PORT = 3;
/** A process that has not answered for this long, as often as asked, is started again. */
const STUCK = { periodSeconds: 20, failureThreshold: 6 };
const DAY = 86_400;

type Probes = Pick<V1Container, 'startupProbe' | 'readinessProbe' | 'livenessProbe'>;

/**
 * Probes from the health check. A port that says the same as the command is asked by the kubelet itself, which costs
 * next to nothing.
 *
 * Only a process that fails for reasons of its own is ever restarted: one whose port is asked and that keeps no data.
 * A check of something else, such as the connection to the broker, would restart everything when the broker is away;
 * and a database that recovers must be left to it, however long that takes.
 */
export function renderProbes({ health, volumes, needs }: Process): Probes {
  const action = actionOf(health, needs);
  const timeoutSeconds = health.timeoutSeconds;
  const keepsData = volumes.some(isOwn);
  const patience = keepsData ? DAY : health.startSeconds;
  return {
    startupProbe: {
      ...action,
      periodSeconds: STARTING,
      timeoutSeconds,
      failureThreshold: Math.ceil(patience / STARTING),
    },
    readinessProbe: {
      ...action,
      periodSeconds: health.asks ? READY_BY_PORT : READY_BY_COMMAND,
      timeoutSeconds,
      failureThreshold: health.retries,
    },
    ...(health.asks && !keepsData ? { livenessProbe: { ...action, ...STUCK, timeoutSeconds } } : {}),
  };
}

/** On the node's own network a process may listen on loopback only, which the kubelet shares with it. */
function actionOf({ asks, command }: Process['health'], { hostNetwork }: Process['needs']): V1Probe {
  if (!asks) return { exec: { command } };
  const target = { port: asks.port, ...(hostNetwork ? { host: '127.0.0.1' } : {}) };
  if (asks.path === undefined) return { tcpSocket: target };
  return { httpGet: { ...target, path: asks.path, scheme: 'HTTP' } };
}
