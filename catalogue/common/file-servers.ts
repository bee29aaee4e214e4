/** What Ceph calls the server of files that is the instance of this ordinal: no name of these may begin with a digit. */
export function serverName(ordinal: number): string {
  return `mds.${String.fromCharCode('a'.charCodeAt(0) + ordinal)}`;
}
