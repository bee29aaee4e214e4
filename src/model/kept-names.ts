/** Names that each lead to the address that one instance keeps (Needs.keepsAddress), by ordinal: the first has the process's. */
export function keptNames(process: string, replicas: number): string[] {
  return Array.from({ length: replicas }, (_, ordinal) =>
    ordinal === 0 ? process : `${process}-${ordinal}`,
  );
}
