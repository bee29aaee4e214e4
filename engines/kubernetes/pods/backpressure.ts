import type { Socket } from '../api/client.ts';

/** Bytes under way before what they come from is asked to wait. */
const HIGH_WATER = 1_048_576;

/** Sends on one channel, and holds the source back while much is under way: else all of it would be in memory. */
export function sendHeldBack(
  socket: Pick<Socket, 'send'>,
  channel: number,
  source: { pause(): unknown; resume(): unknown },
): (data: Buffer) => void {
  let underWay = 0;
  return (data) => {
    underWay += data.length;
    if (underWay >= HIGH_WATER) source.pause();
    socket.send(channel, data, () => {
      const full = underWay >= HIGH_WATER;
      underWay -= data.length;
      if (full && underWay < HIGH_WATER) source.resume();
    });
  };
}
